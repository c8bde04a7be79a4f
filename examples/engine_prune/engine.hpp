#ifndef ENGINE_PRUNE_ENGINE_HPP
#define ENGINE_PRUNE_ENGINE_HPP

// SPDX-License-Identifier: BSL-1.0

// Reads the images and containers of a running engine, through the engine's own command line. Go templates make it
// print one line for each record.

#include "command.hpp"
#include "listing.hpp"
#include "screen.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace engine_prune {

/// Runs the command with these words added, and returns the lines that it prints.
inline pruneplan::Result<Words> ask(Words command, std::initializer_list<std::string_view> question,
                                    const Words& subjects = {}) {
    command.insert(command.end(), question.begin(), question.end());
    command.insert(command.end(), subjects.begin(), subjects.end());
    const auto output = output_of(command);
    if (!output) return output.error();
    Words lines;
    for (const std::string_view line : split(*output, '\n'))
        if (!line.empty()) lines.emplace_back(line);
    return lines;
}

/// Returns the error for an answer that no engine gives.
inline pruneplan::Error not_understood(const Words& command, std::string_view answer, std::string_view wanted) {
    return failure("\"" + escaped(command[0]) + "\" does not answer as an engine does: \"" + escaped(answer) +
                   "\" is not " + std::string(wanted) + "; give the engine's own command after --");
}

/// Returns one line for each subject. Asks for 500 subjects at a time, since the length of a command line is limited.
inline pruneplan::Result<Words> inspect(const Words& command, std::string_view kind, std::string_view line_template,
                                        const Words& subjects) {
    constexpr std::size_t at_a_time = 500;
    Progress progress;
    Words lines;
    for (std::size_t at = 0; at < subjects.size(); at += at_a_time) {
        if (subjects.size() > at_a_time)
            progress.show("asking " + escaped(command[0]) + ": " + std::to_string(at) + " of " +
                          std::to_string(subjects.size()) + " " + std::string(kind) + "s");
        const auto first = subjects.begin() + static_cast<std::ptrdiff_t>(at);
        const auto last = first + static_cast<std::ptrdiff_t>(std::min(at_a_time, subjects.size() - at));
        auto some = ask(command, {kind, "inspect", "--format", line_template}, Words(first, last));
        if (!some) return some;
        lines.insert(lines.end(), some->begin(), some->end());
    }
    return lines;
}

/// Returns each word once, in the order of first occurrence.
inline Words without_repeats(const Words& words) {
    std::set<std::string_view> seen;
    Words once;
    for (const std::string& word : words)
        if (seen.insert(word).second) once.push_back(word);
    return once;
}

/// Adds the algorithm to an ID, which Podman omits in some places.
inline std::string full_id(std::string_view id) {
    return id.empty() || id.find(':') != id.npos ? std::string(id) : "sha256:" + std::string(id);
}

/// Returns the names of the records of an image: its tags, and one digest of each repository in which it has digests
/// but no tag. An engine removes all digests of a repository at once, with the repository's last tag if there is one,
/// so that other digests are not names of their own.
inline Words names_of(std::string_view target, const Words& tags, const Words& digests) {
    Words names;
    std::set<std::string, std::less<>> repositories;
    for (const std::string& tag : tags) {
        const auto reference = pruneplan::parse_reference(tag);
        names.emplace_back(reference ? reference->canonical() : std::string_view(tag));
        if (reference) repositories.emplace(reference->name());
    }
    for (const std::string& digest : digests) {
        const auto reference = pruneplan::parse_reference(digest);
        if (reference && repositories.emplace(reference->name()).second) names.emplace_back(reference->canonical());
    }
    if (names.empty()) names.push_back(dangling_name(target));
    return names;
}

inline constexpr std::string_view image_template =
    "{{.ID}}\t{{json .Created}}\t{{.Size}}"
    "{{range .RepoTags}}\ttag={{.}}{{end}}{{range .RepoDigests}}\tdigest={{.}}{{end}}"
    "{{with .Config}}{{range $key, $value := .Labels}}\tlabel={{urlquery $key}}={{urlquery $value}}{{end}}"
    "{{else}}\tlabels=unknown{{end}}";

// Fields that only one of the engines has.
inline constexpr std::string_view docker_image_facts = "\ttagged={{json .Metadata.LastTagTime}}";
inline constexpr std::string_view podman_image_facts = "{{range .NamesHistory}}\tpast={{.}}{{end}}";

/// Decodes what the template's urlquery wrote: labels can hold any character.
inline std::optional<std::string> from_query(std::string_view text) {
    std::string spaced(text);
    std::replace(spaced.begin(), spaced.end(), '+', ' ');
    return unescaped(spaced);
}

/// Parses a time in JSON, which is in quotes.
inline std::optional<pruneplan::Timestamp> from_json_time(std::string_view text) {
    return text.size() > 2 ? read_moment(text.substr(1, text.size() - 2)) : std::nullopt;
}

/// Adds the records of one image, from a line that `image_template` and the engine's `image_facts` made. In the
/// containerd image store, an image with names can also have a dangling record; it then also lists the image as
/// dangling.
inline bool add_records(std::vector<Image>& images, std::string_view line,
                        const std::set<std::string_view>& are_dangling, bool dangling_beside_names) {
    constexpr std::string_view tag = "tag=", digest = "digest=", label = "label=", tagged = "tagged=", past = "past=";
    const auto fields = split(line, '\t');
    if (fields.size() < 3) return false;
    Image image;
    image.target = full_id(fields[0]);
    image.dangling = are_dangling.contains(image.target);
    image.created = from_json_time(fields[1]);
    std::from_chars(fields[2].data(), fields[2].data() + fields[2].size(), image.size);
    Words tags, digests;
    for (const std::string_view field : fields) {
        if (field.starts_with(tag)) tags.emplace_back(field.substr(tag.size()));
        if (field.starts_with(digest)) digests.emplace_back(field.substr(digest.size()));
        if (field.starts_with(tagged)) image.tagged = from_json_time(field.substr(tagged.size()));
        if (image.tagged && image.tagged->seconds < 0) image.tagged.reset();  // the year 1 means never
        if (field.starts_with(past)) image.past_names.emplace_back(field.substr(past.size()));
        if (field == "labels=unknown") image.labels_known = false;
        if (field.starts_with(label)) {
            const std::size_t equals = std::min(field.find('=', label.size()), field.size() - 1);
            auto key = from_query(field.substr(label.size(), equals - label.size()));
            auto value = from_query(field.substr(equals + 1));
            if (!key || !value) return false;
            if (key->find('=') != key->npos || key->starts_with('\0')) continue;  // no filter can name it
            image.labels.emplace_back(*std::move(key), *std::move(value));
        }
    }
    const std::string untagged = dangling_name(image.target);
    Words names = names_of(image.target, tags, digests);
    const bool dangling = image.dangling;
    const bool both = dangling && dangling_beside_names && names.front() != untagged;
    if (both) names.push_back(untagged);
    for (std::string& name : names) {
        image.dangling = dangling && (!both || name == untagged);
        image.name = std::move(name);
        images.push_back(image);
    }
    return true;
}

/// Parses lines of an image's ID, the reference that the user typed, the container's name, and optional fields.
inline pruneplan::Result<std::vector<Container>> containers_in(const Words& command,
                                                               const pruneplan::Result<Words>& lines) {
    constexpr std::string_view created = "created=", mount = "mount=";
    if (!lines) return lines.error();
    std::vector<Container> containers;
    for (const std::string& line : *lines) {
        const auto fields = split(line, '\t');
        if (fields.size() < 3) return not_understood(command, line, "a container's line");
        const std::string_view name = fields[2].substr(fields[2].starts_with('/') ? 1 : 0);  // Docker prints "/web"
        Container container{full_id(fields[0]), std::string(fields[1]), std::string(name)};
        for (const std::string_view field : fields) {
            if (field.starts_with(created)) container.created = from_json_time(field.substr(created.size()));
            if (field.starts_with(mount)) container.mounts.emplace_back(field.substr(mount.size()));
        }
        containers.push_back(std::move(container));
    }
    return containers;
}

inline pruneplan::Result<std::vector<Container>> docker_containers(const Words& command) {
    const auto ids = ask(command, {"ps", "--all", "--quiet", "--no-trunc"});
    if (!ids) return ids.error();
    return containers_in(command, inspect(command, "container",
                                          "{{.Image}}\t{{.Config.Image}}\t{{.Name}}\tcreated={{json .Created}}"
                                          "{{range .Mounts}}{{if eq .Type \"image\"}}\tmount={{.Name}}{{end}}{{end}}",
                                          *ids));
}

/// Returns all containers, also those of other tools ("external", such as a build's). `podman container inspect` does
/// not know these, so their mounts are unknown.
inline pruneplan::Result<std::vector<Container>> podman_containers(const Words& command) {
    auto containers = containers_in(command, ask(command, {"ps", "--all", "--external", "--no-trunc", "--format",
                                                           "{{.ImageID}}\t{{.Image}}\t{{.Names}}"}));
    if (!containers) return containers;
    const auto ids = ask(command, {"ps", "--all", "--quiet", "--no-trunc"});
    if (!ids) return ids.error();
    const auto mounting =
        containers_in(command, inspect(command, "container",
                                       "{{.Image}}\t{{.ImageName}}\t{{.Name}}\tcreated={{json .Created}}"
                                       "{{range .Mounts}}{{if eq .Type \"image\"}}\tmount={{.Source}}{{end}}{{end}}",
                                       *ids));
    if (!mounting) return mounting.error();
    std::map<std::string_view, const Container*> by_name;
    for (const Container& container : *mounting) by_name.emplace(container.name, &container);
    for (Container& container : *containers) {
        const auto known = by_name.find(container.name);
        if (known == by_name.end()) continue;
        container.created = known->second->created;
        container.mounts = known->second->mounts;
    }
    return containers;
}

inline pruneplan::Result<std::string> docker_usage(const Words& command) {
    const auto lines = ask(command, {"info", "--format", "{{.DriverStatus}}"});
    if (!lines) return lines.error();
    for (const std::string& line : *lines)
        if (line.find("io.containerd.snapshotter.v1") != line.npos) return std::string("containerd_snapshotter");
    return std::string("graph_driver");
}

inline pruneplan::Result<std::string> podman_usage(const Words&) { return std::string("whole_image"); }

/// Returns the engine's time, which filters count back from: the engine can be on another machine.
inline std::optional<pruneplan::Timestamp> docker_clock(const Words& command) {
    const auto lines = ask(command, {"info", "--format", "{{.SystemTime}}"});
    return lines && lines->size() == 1 ? read_moment(lines->front()) : std::nullopt;
}

/// Podman does not print its time. Except for its remote client, it is that of this machine.
inline std::optional<pruneplan::Timestamp> podman_clock(const Words&) { return std::nullopt; }

/// What differs between the engines. Docker does not list an untagged image that others were made from
/// ("intermediate"), and deletes it with the last of these; Podman's prune of all images treats it like any other.
struct Engine {
    std::string_view name;  ///< also the command, unless the user gives one
    std::string_view version_template;
    std::string_view images;       ///< the option that lists what a prune of all images considers
    std::string_view image_facts;  ///< what is added to `image_template`
    pruneplan::Result<std::string> (*usage)(const Words& command);
    pruneplan::Result<std::vector<Container>> (*containers)(const Words& command);
    std::optional<pruneplan::Timestamp> (*clock)(const Words& command);
};

inline constexpr Engine engines[] = {
    {"docker", "{{.Server.Version}}", "--all=false", docker_image_facts, docker_usage, docker_containers, docker_clock},
    {"podman", "{{.Client.Version}}", "--all=true", podman_image_facts, podman_usage, podman_containers, podman_clock},
};

/// Adds the images, then the containers: in this order, a container that is created between both protects its image.
inline pruneplan::Result<Listing> ask_once(const Engine& engine, const Words& command, Listing listing) {
    const auto dangling = ask(command, {"images", "--filter", "dangling=true", "--quiet", "--no-trunc"});
    if (!dangling) return dangling.error();
    auto ids = ask(command, {"images", engine.images, "--quiet", "--no-trunc"});
    if (!ids) return ids.error();
    ids->insert(ids->end(), dangling->begin(), dangling->end());  // where a client leaves these out above

    const auto lines =
        inspect(command, "image", std::string(image_template) + std::string(engine.image_facts), without_repeats(*ids));
    if (!lines) return lines.error();
    const std::set<std::string_view> are_dangling(dangling->begin(), dangling->end());
    for (const std::string& line : *lines)
        if (!add_records(listing.images, line, are_dangling, listing.usage.name == "containerd_snapshotter"))
            return not_understood(command, line, "an image's line");

    auto containers = engine.containers(command);
    if (!containers) return containers.error();
    listing.containers = *std::move(containers);
    return listing;
}

/// Returns a listing of the engine. `command` is the engine's command, with the options that precede a subcommand:
/// {"docker", "-H", "unix:///run/docker.sock"}.
inline pruneplan::Result<Listing> ask_engine(const Engine& engine, const Words& command) {
    Listing listing;
    listing.engine = engine.name;
    const auto own_clock = pruneplan::Timestamp::from(std::chrono::system_clock::now());
    const auto version = ask(command, {"version", "--format", engine.version_template});
    if (!version) return version.error();
    std::string said;
    for (const std::string& line : *version) said += (said.empty() ? "" : " ") + line;
    if (said.empty() || said.find_first_of(" {<") != said.npos) return not_understood(command, said, "a version");
    listing.version = said;
    listing.now = engine.clock(command).value_or(own_clock);
    const auto usage = engine.usage(command);
    if (!usage) return usage.error();
    for (const NamedUsage& known : usages)
        if (known.name == *usage) listing.usage = known;

    // On a busy host, an image or a container is often removed between its listing and its inspection.
    constexpr int attempts = 3;
    for (int attempt = 1;; ++attempt) {
        auto answer = ask_once(engine, command, listing);
        if (answer || attempt == attempts) return answer;
    }
}

}  // namespace engine_prune

#endif
