#ifndef PRUNEPLAN_CLI_LISTING_HPP
#define PRUNEPLAN_CLI_LISTING_HPP

// SPDX-License-Identifier: BSL-1.0

// A listing: the images and containers of an engine or a registry at one moment. Every source makes one, every plan is
// made of one, and it can be saved as JSON (listing.schema.json) and read on another machine.

#include "text.hpp"

#include <pruneplan/pruneplan.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

using nlohmann::json;
using pruneplan::Timestamp;

struct Blob {
    std::string digest;
    std::uint64_t size = 0;  ///< bytes
};

/// One name of an image. All records of an image have the same facts but for the name, and, of containerd, its
/// times.
struct Record {
    std::string name;    ///< a canonical reference; of an untagged image `dangling_name(target)`
    std::string target;  ///< the image's ID as the source deletes it: "sha256:…"; of a registry "team/app@sha256:…"
    std::vector<std::string> ids{};    ///< further digests by which containers may mean the image
    std::vector<std::string> needs{};  ///< targets or IDs of images that it needs
    std::string subject{};             ///< the target of the image that it is attached to, or empty
    std::optional<Timestamp> created{}, last_used{};
    std::optional<Timestamp> tagged{};      ///< when the image last got a name
    std::vector<std::string> past_names{};  ///< all names that it had or has
    bool dangling = false;                  ///< the source lists it as dangling
    bool pinned = false;                    ///< the source cannot delete it, or must not
    std::map<std::string, std::string> labels{};
    bool labels_known = true;   ///< false if the source has no configuration of the image
    std::uint64_t size = 0;     ///< bytes, as the source shows them
    std::vector<Blob> blobs{};  ///< what is freed with the last image that has it; if empty, one blob of `size`
};

struct Container {
    std::string id;        ///< its own ID; empty if it has none
    std::string name{};    ///< its name, or empty
    std::string image_id;  ///< "sha256:…", or empty
    std::string image_ref{};
    std::optional<Timestamp> created{};
    std::vector<std::string> mounts{};   ///< the images that it mounts, as its user named them
    std::vector<std::string> mounted{};  ///< their targets, which `resolve_mounts` finds

    friend bool operator==(const Container&, const Container&) = default;
};

struct Listing {
    std::string source;              ///< "docker", "podman", "registry", "containerd"
    std::string where{};             ///< a socket or a URL
    std::string version{};           ///< "28.5.2", or empty
    std::string rule{};              ///< the source's own rule: a name of `usage_rules`
    std::optional<Timestamp> now{};  ///< when the listing was made, by the source's clock
    /// Whether the blobs say what a deletion frees. Otherwise the space is "at most".
    bool sizes_exact = false;
    std::uint64_t capacity = 0, available = 0;  ///< bytes of the file system of its content; 0 and 0 if unknown
    std::vector<Record> records{};
    std::vector<Container> containers{};
};

/// Returns the name of the record of an untagged image: that of a dangling image in the containerd image store.
inline std::string dangling_name(std::string_view target) { return "moby-dangling@" + std::string(target); }
inline bool is_nameless(const Record& record) { return record.name == dangling_name(record.target); }

/// Adds one record for each name to `records`, with the facts of `image`; without names, one dangling record.
void add_records(std::vector<Record>& records, Record image, const std::vector<std::string>& names);

/// Adds the algorithm to an ID, which some answers omit.
std::string full_id(std::string_view id);

/// Returns the text of a member, or "" if the object has no such text. Sources read answers of others with it.
std::string text_of(const json& object, std::string_view key);
/// Parses a time of RFC 3339, or seconds since 1970. Returns nothing for the year 1, which means never, and if it is not a
/// time up to the year 9999.
std::optional<Timestamp> time_of(const json& object, std::string_view key);
std::uint64_t bytes_of(const json& object, std::string_view key);
/// Returns a member that is a list or an object, or an empty list.
const json& member_of(const json& object, std::string_view key);
/// Returns the texts of a list; a null or missing list is empty.
std::vector<std::string> texts_of(const json& object, std::string_view key);
/// Writes RFC 3339 with nanoseconds, in UTC.
std::string written(Timestamp moment);

json to_json(const Listing& listing);
/// Throws a Failure that names the place of what is wrong: "records[3].target".
Listing listing_of(const json& document);

}  // namespace cli

#endif
