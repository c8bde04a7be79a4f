#ifndef PRUNEPLAN_CLI_OUTPUT_VIEW_HPP
#define PRUNEPLAN_CLI_OUTPUT_VIEW_HPP

// SPDX-License-Identifier: BSL-1.0

// Orders the records of a plan and puts its reasons in words, for all output formats.

#include "../planning.hpp"
#include "screen.hpp"

#include <pruneplan/pruneplan.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cli {

using Json = nlohmann::ordered_json;

/// One image of a plan, and its records: deletions first, then by name.
struct Image {
    std::vector<std::size_t> records{};
    std::size_t deleted = 0;  ///< how many of its records

    bool is_deleted() const { return deleted == records.size(); }
    std::string_view action() const { return is_deleted() ? "delete" : "keep"; }
};

/// How a container is tied to an image.
struct Tie {
    bool runs = false, mounts = false;
    bool named = false;  ///< the name that the container was created from is a name of the image now
};

/// A plan for printing. It borrows what it is made of.
struct View {
    explicit View(const Planned& of);

    const Record& record(std::size_t number) const { return planned.listing.records[number]; }
    /// Returns the first record of an image, for the facts that its records share.
    const Record& first(const Image& image) const { return record(image.records[0]); }
    pruneplan::Action action(std::size_t number) const { return planned.plan[number].action; }
    /// Returns the familiar name of a record. Docker shows "<none>" for an image without a name.
    std::string name(std::size_t number) const;
    /// Returns the library's explanation with familiar names, short IDs and filters as they were typed, and without
    /// "kept: " or "deleted: ", which each format shows in its own way.
    std::string reason(std::size_t number) const;
    /// Returns how many records have each reason, the most frequent first.
    std::vector<std::pair<pruneplan::Reason, std::size_t>> reasons(pruneplan::Action action) const;
    /// Returns the positions of the images with this target or ID.
    std::set<std::size_t> images_with(std::string_view id) const;
    /// Returns the images that a container is tied to, by position.
    std::map<std::size_t, Tie> ties(const Container& container) const;
    /// Returns "container" and its name, or its number if it has no name.
    std::string container(std::size_t number) const;
    /// Returns "mounts", or "may mount" if the name that the container mounts has moved since.
    std::string_view mounts_in_words(std::size_t container) const;
    /// Returns "frees 2.2MB", or "frees at most 2.2MB" if the source does not tell what is freed.
    std::string freed() const;
    bool is_exact() const { return planned.listing.sizes_exact && space.inconsistent_blobs == 0; }

    const Planned& planned;
    const pruneplan::SpaceEstimate space;
    /// First those that are deleted, then those that lose names, then the others; in each part by name, images without
    /// a name last.
    std::vector<Image> images{};
    std::vector<std::size_t> image_of{};  ///< by record: the position of its image
    std::size_t deleted_images = 0;

private:
    std::string familiar_word(std::string_view word) const;

    std::map<std::string_view, std::size_t> records_by_name_{};
    std::map<std::string_view, std::set<std::size_t>> images_by_id_{};
};

inline Colour colour_of(pruneplan::Action action) {
    return action == pruneplan::Action::keep ? Colour::green : Colour::red;
}
/// Returns where the plan deletes less than the engine, or keeps every image: "CAUSE: " and a sentence.
Words notes_of(const Planned& planned);
/// Returns a name in its familiar form, unescaped.
std::string familiar(const std::string& name);
/// Returns what an engine's client and the API of a registry take to delete a record: its name, or the image's ID.
std::string_view deletable(std::string_view name, std::string_view target);
/// Returns the part of an ID that Docker shows.
std::string short_id(std::string_view id);
/// Returns a size as Docker prints it: with three digits in a list of images and four in a sum.
std::string readable_size(std::uint64_t bytes, int digits = 3);
/// Returns what Docker shows below CREATED, in whole seconds; "N/A" if the time is unknown.
std::string created_since(const Record& record, Timestamp now);
/// Returns a time as RFC 3339, in UTC and whole seconds; "" if it is unknown.
std::string moment(std::optional<Timestamp> time);
/// Escapes a text for XML and HTML, between tags or in quotes.
std::string markup(std::string_view text);
/// Prints JSON on one line. JSON holds UTF-8 only: each invalid byte becomes U+FFFD.
void print_line(std::ostream& out, const Json& document);

}  // namespace cli

#endif
