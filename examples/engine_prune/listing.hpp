#ifndef ENGINE_PRUNE_LISTING_HPP
#define ENGINE_PRUNE_LISTING_HPP

// SPDX-License-Identifier: BSL-1.0

// A listing: the images and containers of an engine, and a text format for them, so that a plan can be made on a
// machine without an engine. Tabs separate the fields; a byte below 0x20, 0x7f and '%' are written as %XX:
//
//   engine     NAME      USAGE_RULE  [KEY=VALUE …]     the first line, and only that; keys: version, now
//   image      NAME      TARGET      [KEY=VALUE …]     one line for each name; keys: dangling, created, tagged, size;
//                                                      labels=unknown; past, once for each name that the image had;
//                                                      and label, once for each label, whose value is LABEL=ITS VALUE
//   container  IMAGE_ID  IMAGE_REF   [KEY=VALUE …]     either can be empty; keys: name, created; and mount, once for
//                                                      each image that is mounted, as the container's user named it
//
// A reader ignores unknown keys, so that later versions can add some.

#include <pruneplan/pruneplan.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace engine_prune {

/// Returns an error of this program. Only its message is used, not its code.
inline pruneplan::Error failure(std::string message) { return {pruneplan::ErrorCode{}, std::move(message)}; }

struct Image {
    std::string name;        ///< a canonical reference; of an untagged image "moby-dangling@" + target
    std::string target;      ///< the image's ID, "sha256:…"
    bool dangling = false;   ///< the engine lists it as dangling
    std::optional<pruneplan::Timestamp> created{};  ///< empty if unknown
    /// When the image last got a name; empty if unknown.
    std::optional<pruneplan::Timestamp> tagged{};
    std::vector<std::string> past_names{};          ///< all names that it had or has; only Podman lists them
    std::uint64_t size = 0;                         ///< bytes, as the engine counts them
    /// A key that begins with a zero byte is not a label of the image, but was added by filters.hpp.
    std::vector<std::pair<std::string, std::string>> labels{};
    bool labels_known = true;  ///< false if the engine has no configuration of the image
};

struct Container {
    std::string id, ref;
    std::string name{};  ///< the container's name, or empty
    std::optional<pruneplan::Timestamp> created{};
    std::vector<std::string> mounts{};   ///< the images that it mounts, as its user named them
    std::vector<std::string> mounted{};  ///< their targets, which `resolve_mounts` found
};

struct NamedUsage {
    std::string_view name;
    pruneplan::UsageRule rule;
};

inline constexpr NamedUsage usages[] = {
    {"containerd_snapshotter", pruneplan::usage_rules::containerd_snapshotter},
    {"graph_driver", pruneplan::usage_rules::graph_driver},
    {"whole_image", pruneplan::usage_rules::whole_image},
    {"strict", pruneplan::usage_rules::strict},
};

struct Listing {
    std::string engine;   ///< "docker"
    std::string version;  ///< "20.10.24", or empty
    std::optional<pruneplan::Timestamp> now{};  ///< when the listing was made
    NamedUsage usage = usages[0];
    std::vector<Image> images;
    std::vector<Container> containers;
};

/// Returns the name of the record of an untagged image: that of a dangling image in the containerd image store.
inline std::string dangling_name(std::string_view target) { return "moby-dangling@" + std::string(target); }

// Escaping the bytes of a field.

inline bool stands_for_itself(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7f && c != '%';
}

inline std::string escaped(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        if (stands_for_itself(c)) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return out;
}

/// Escapes a text for one line of a terminal, except for %: the library has escaped some parts already.
inline std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text) out += c == '%' ? "%" : escaped({&c, 1});
    return out;
}

inline std::optional<std::string> unescaped(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (stands_for_itself(text[at])) {
            out += text[at];
            continue;
        }
        const std::string_view hex = text.substr(at + 1, 2);
        unsigned byte = 0;
        const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), byte, 16);
        if (text[at] != '%' || error != std::errc() || end != hex.data() + 2) return std::nullopt;
        out += static_cast<char>(byte);
        at += 2;
    }
    return out;
}

inline std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == text.npos) return parts;
        text.remove_prefix(end + 1);
    }
}

/// Returns the seconds since 1970, with nine digits after the point: "-0.500000000" is half a second before 1970.
inline std::string written(pruneplan::Timestamp moment) {
    const bool negative = moment.seconds < 0;
    // In a negative number, both parts count downwards, while nanoseconds of a Timestamp count upwards.
    const bool borrows = negative && moment.nanoseconds > 0;
    const std::int64_t seconds = moment.seconds + (borrows ? 1 : 0);
    const std::string digits = std::to_string(borrows ? pruneplan::Timestamp::billion - moment.nanoseconds : moment.nanoseconds);
    std::string whole = std::to_string(seconds);
    if (negative && seconds == 0) whole = "-0";
    return whole + "." + std::string(9 - digits.size(), '0') + digits;
}

/// Parses what `written` returns, also with fewer digits after the point or none, or a date with a time.
inline std::optional<pruneplan::Timestamp> read_moment(std::string_view text) {
    if (text.find('T') != text.npos) {
        const auto date = pruneplan::parse_timestamp(text, {});
        return date ? std::optional(*date) : std::nullopt;
    }
    pruneplan::Timestamp moment;
    const char* const last = text.data() + text.size();
    auto [end, error] = std::from_chars(text.data(), last, moment.seconds);
    if (error != std::errc()) return std::nullopt;
    if (end == last) return moment;
    std::string digits(end + 1, last);
    if (*end != '.' || digits.empty() || digits.size() > 9) return std::nullopt;
    digits.append(9 - digits.size(), '0');
    std::uint32_t nanoseconds = 0;
    const auto fraction = std::from_chars(digits.data(), digits.data() + digits.size(), nanoseconds);
    if (fraction.ec != std::errc() || fraction.ptr != digits.data() + digits.size()) return std::nullopt;
    moment.nanoseconds = static_cast<std::int32_t>(nanoseconds);
    if (text.starts_with('-') && nanoseconds > 0) {
        if (moment.seconds == INT64_MIN) return std::nullopt;
        --moment.seconds;
        moment.nanoseconds = static_cast<std::int32_t>(pruneplan::Timestamp::billion - nanoseconds);
    }
    return moment;
}

// Reading: each function returns what is wrong with its line, or nothing.

using Fault = std::optional<std::string>;
using Facts = std::vector<std::pair<std::string, std::string>>;

inline Fault add_image(Listing& listing, Image image, const Facts& facts) {
    if (image.name.empty() || image.target.empty()) return "an image needs a name and a target";
    for (const auto& [key, value] : facts) {
        if (key == "dangling") {
            if (value != "0" && value != "1") return "dangling is 0 or 1";
            image.dangling = value == "1";
        } else if (key == "created") {
            image.created = read_moment(value);
            if (!image.created) return "created is seconds since 1970";
        } else if (key == "tagged") {
            image.tagged = read_moment(value);
            if (!image.tagged) return "tagged is seconds since 1970";
        } else if (key == "labels") {
            if (value != "unknown") return "labels is unknown, or left out";
            image.labels_known = false;
        } else if (key == "past") {
            image.past_names.push_back(value);
        } else if (key == "label") {
            const std::size_t equals = value.find('=');
            if (equals == value.npos) return "a label is KEY=VALUE";
            if (!value.starts_with('\0')) image.labels.emplace_back(value.substr(0, equals), value.substr(equals + 1));
        } else if (key == "size") {
            const char* const last = value.data() + value.size();
            const auto [end, error] = std::from_chars(value.data(), last, image.size);
            if (error != std::errc() || end != last) return "size is a number of bytes";
        }
    }
    listing.images.push_back(std::move(image));
    return std::nullopt;
}

inline Fault add_container(Listing& listing, Container container, const Facts& facts) {
    for (const auto& [key, value] : facts) {
        if (key == "name") container.name = value;
        if (key == "created" && !(container.created = read_moment(value))) return "created is seconds since 1970";
        if (key == "mount") container.mounts.push_back(value);
    }
    listing.containers.push_back(std::move(container));
    return std::nullopt;
}

inline Fault set_engine(Listing& listing, std::string name, std::string_view usage, const Facts& facts) {
    listing.engine = std::move(name);
    for (const auto& [key, value] : facts) {
        if (key == "version") listing.version = value;
        if (key == "now" && !(listing.now = read_moment(value))) return "now is seconds since 1970";
    }
    for (const NamedUsage& known : usages) {
        if (known.name != usage) continue;
        listing.usage = known;
        return std::nullopt;
    }
    return "unknown usage rule \"" + escaped(usage) + "\"";
}

inline Fault read_line(Listing& listing, std::string_view line, bool first) {
    std::vector<std::string> fields;
    Facts facts;
    for (const std::string_view part : split(line, '\t')) {
        auto field = unescaped(part);
        if (!field) return "a control byte, or % without two hex digits";
        if (fields.size() < 3) {
            fields.push_back(*std::move(field));
            continue;
        }
        const std::size_t equals = field->find('=');
        if (equals == field->npos) return "after the first three fields each is KEY=VALUE";
        facts.emplace_back(field->substr(0, equals), field->substr(equals + 1));
    }
    const std::string_view kind = fields[0];
    if (first != (kind == "engine")) return "a listing begins with its one engine line";
    if (kind != "engine" && kind != "image" && kind != "container") return "a line begins with image or container";
    if (fields.size() < 3) return "a line has at least three fields";
    if (kind == "engine") return set_engine(listing, std::move(fields[1]), fields[2], facts);
    if (kind == "image") return add_image(listing, {std::move(fields[1]), std::move(fields[2])}, facts);
    return add_container(listing, {std::move(fields[1]), std::move(fields[2])}, facts);
}

/// Reads what `write_listing` wrote. Returns an error with the number of the first invalid line, if there is one.
inline pruneplan::Result<Listing> read_listing(std::istream& in) {
    Listing listing;
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (const Fault fault = read_line(listing, line, number == 1))
            return failure("line " + std::to_string(number) + ": " + *fault);
    }
    if (in.bad()) return failure("cannot be read to its end");
    if (number == 0) return failure("line 1: a listing begins with its one engine line");
    return listing;
}

inline void write_listing(std::ostream& out, const Listing& listing) {
    out << "engine\t" << escaped(listing.engine) << '\t' << listing.usage.name;
    if (!listing.version.empty()) out << "\tversion=" << escaped(listing.version);
    if (listing.now) out << "\tnow=" << written(*listing.now);
    out << '\n';
    for (const Image& image : listing.images) {
        out << "image\t" << escaped(image.name) << '\t' << escaped(image.target);
        if (image.dangling) out << "\tdangling=1";
        if (image.created) out << "\tcreated=" << written(*image.created);
        if (image.tagged) out << "\ttagged=" << written(*image.tagged);
        out << "\tsize=" << image.size;
        if (!image.labels_known) out << "\tlabels=unknown";
        for (const std::string& past : image.past_names) out << "\tpast=" << escaped(past);
        for (const auto& [key, value] : image.labels)
            if (!key.starts_with('\0')) out << "\tlabel=" << escaped(key) << '=' << escaped(value);
        out << '\n';
    }
    for (const Container& container : listing.containers) {
        out << "container\t" << escaped(container.id) << '\t' << escaped(container.ref);
        if (!container.name.empty()) out << "\tname=" << escaped(container.name);
        if (container.created) out << "\tcreated=" << written(*container.created);
        for (const std::string& mount : container.mounts) out << "\tmount=" << escaped(mount);
        out << '\n';
    }
}

}  // namespace engine_prune

#endif
