// SPDX-License-Identifier: BSL-1.0
// Docker, by its Engine API: https://docs.docker.com/reference/api/engine/

#include "../files.hpp"
#include "http.hpp"
#include "source.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace cli {
namespace {

using pruneplan::RemoveOutcome;
using pruneplan::RemoveStatus;

/// Returns the address of a context: a file in a folder that is named after the hash of the context's name.
std::string host_of_context(const std::string& name, const std::filesystem::path& config) {
    std::error_code none;
    for (const auto& folder : std::filesystem::directory_iterator(config / "contexts" / "meta", none)) {
        const json meta = json::parse(read_file(folder.path() / "meta.json"), nullptr, false);
        if (text_of(meta, "Name") == name) return text_of(member_of(member_of(meta, "Endpoints"), "docker"), "Host");
    }
    throw Failure("unknown context " + in_quotes(name) + ": \"docker context ls\" shows the known ones");
}

/// Returns where the daemon listens, as Docker's own client finds it.
std::string find_host(const Request& request) {
    if (!request.host.empty()) return request.host;
    if (const auto host = environment("DOCKER_HOST"); !host.empty()) return std::string(host);
    std::filesystem::path config(environment("DOCKER_CONFIG"));
    if (config.empty()) config = std::filesystem::path(environment("HOME")) / ".docker";
    std::string context(environment("DOCKER_CONTEXT"));
    if (context.empty() && std::filesystem::exists(config / "config.json"))
        context = text_of(json::parse(read_file(config / "config.json"), nullptr, false), "currentContext");
    if (!context.empty() && context != "default") return host_of_context(context, config);
    return std::string(unix_scheme) + "/var/run/docker.sock";
}

bool has_containerd_store(const json& info) {
    for (const json& fact : member_of(info, "DriverStatus"))
        if (fact.is_array() && std::find(fact.begin(), fact.end(), "io.containerd.snapshotter.v1") != fact.end())
            return true;
    return false;
}

/// Returns the names of an image: its tags, and one digest of each repository in which it has digests but no tag. The
/// engine removes all digests of a repository at once, with the repository's last tag if there is one, so that other
/// digests are not names of their own.
std::vector<std::string> names_of(const json& image) {
    std::vector<std::string> names;
    std::set<std::string> repositories;
    for (const std::string& tag : texts_of(image, "RepoTags")) {
        const auto reference = pruneplan::parse_reference(tag);
        if (!reference) continue;  // "<none>:<none>"
        names.emplace_back(reference->canonical());
        repositories.emplace(reference->name());
    }
    for (const std::string& digest : texts_of(image, "RepoDigests")) {
        const auto reference = pruneplan::parse_reference(digest);
        if (reference && repositories.emplace(reference->name()).second) names.emplace_back(reference->canonical());
    }
    return names;
}

/// Returns whether a step of a history can have made a layer without content. Instructions that only change the
/// configuration make none.
bool can_make_layer(std::string_view command) {
    constexpr std::string_view none_made[] = {"ARG",         "CMD",   "ENTRYPOINT", "ENV",     "EXPOSE",
                                              "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD", "SHELL",
                                              "STOPSIGNAL",  "USER",  "VOLUME"};
    constexpr std::string_view classic = "#(nop)";
    if (const std::size_t at = command.find(classic); at != command.npos) command.remove_prefix(at + classic.size());
    command.remove_prefix(std::min(command.find_first_not_of(' '), command.size()));
    const std::string_view word = command.substr(0, command.find(' '));
    return std::find(std::begin(none_made), std::end(none_made), word) == std::end(none_made);
}

/// The sizes of an image's layers, the lowest first.
struct LayerSizes {
    std::vector<std::uint64_t> sizes{};
    bool exact = false;

    std::uint64_t sum() const { return std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0}); }
};

/// Reads the sizes of layers from a history, which does not say which steps without content made a layer. If that is
/// unclear, sizes are given to lower layers, which more images share: a deletion then frees as much, or more.
LayerSizes layer_sizes(const json& history, std::size_t layers, std::uint64_t total) {
    LayerSizes likely, filled;
    for (auto step = history.rbegin(); step != history.rend(); ++step) {
        const std::uint64_t size = bytes_of(*step, "Size");
        if (size > 0) filled.sizes.push_back(size);
        if (size > 0 || can_make_layer(text_of(*step, "CreatedBy"))) likely.sizes.push_back(size);
    }
    LayerSizes found = likely.sizes.size() == layers ? std::move(likely) : std::move(filled);
    found.exact = (found.sizes.size() == layers || total == 0) && found.sum() == total;
    found.sizes.resize(layers);
    if (const std::uint64_t sum = found.sum(); sum < total) found.sizes.front() += total - sum;
    return found;
}

/// Returns whether an image has no other tag. With the last one, the containerd image store also deletes its digests.
bool is_last_tag(std::string_view name, const std::vector<std::string>& names) {
    const auto is_tag = [](std::string_view one) { return one.find('@') == one.npos; };
    return is_tag(name) && std::count_if(names.begin(), names.end(), is_tag) == 1;
}

class Docker final : public Source {
public:
    explicit Docker(const Request& request) : where_(find_host(request)), budget_(request.free.has_value()) {
        details_ = !request.filters.empty() || !request.keep_newest.empty() || !request.keep_younger.empty() ||
                   !request.save_listing.empty() || !request.explain.empty() || budget_;
        const Endpoint endpoint = parse_endpoint("Docker", where_);
        if (endpoint.socket.empty() && !environment("DOCKER_TLS_VERIFY").empty())
            throw Failure("DOCKER_TLS_VERIFY asks for TLS with " + in_quotes(where_) +
                          ": forward the socket, and give unix://PATH");
        base_ = endpoint.url;
        http_.emplace(Http::Options{.socket = endpoint.socket});
    }

    Listing list() override {
        Listing listing;
        const json version = http_->get(base_ + "/version");
        for (const json& component : member_of(version, "Components"))
            if (text_of(component, "Name") == "Podman Engine")
                throw Failure(printable(where_) + " is Podman's: give \"podman\" in place of \"docker\"");
        const std::string newest = text_of(version, "ApiVersion");
        api_ = base_ + "/v" + (pruneplan::compare_versions(newest, known_api) < 0 ? newest : std::string(known_api));
        const json info = get("/info");
        if (text_of(info, "Driver").empty()) throw Failure(in_quotes(where_) + " does not say how it stores images");
        containerd_ = has_containerd_store(info);
        listing.source = "docker";
        listing.where = where_;
        listing.version = text_of(version, "Version");
        listing.rule = containerd_ ? "containerd_snapshotter" : "graph_driver";
        listing.now = time_of(info, "SystemTime").value_or(Timestamp::from(std::chrono::system_clock::now()));
        constexpr int attempts = 3;
        for (int attempt = 1; !read(listing); ++attempt)
            if (attempt == attempts) throw Failure("images are deleted while they are listed: try again");
        return listing;
    }

    std::vector<Container> containers() override {
        std::vector<Container> containers;
        for (const json& found : http_->list(api_ + "/containers/json?all=true")) {
            const std::string id = text_of(found, "Id");
            auto known = containers_.find(id);
            if (known == containers_.end()) {
                const Answer details = http_->ask("GET", api_ + "/containers/" + id + "/json");
                if (details.status == 404) continue;  // it was removed since
                if (details.status != 200) throw Failure(details.complaint("GET"));
                known = containers_.emplace(id, container_of(details.document_of(id))).first;
            }
            containers.push_back(known->second);
        }
        return containers;
    }

    RemoveOutcome remove(std::string_view name, std::string_view target, std::string_view survivor, bool) override {
        const auto path_of = [&](std::string_view one) {
            return "/images/" + url_part(one == dangling_name(target) ? target : one);
        };
        if (!survivor.empty()) {
            const auto kept = find(path_of(survivor) + "/json");
            if (!kept || text_of(*kept, "Id") != target) return RemoveStatus::survivor_gone;
        }
        const auto image = find(path_of(name) + "/json");
        if (!image) return RemoveStatus::not_found;
        // Removal by ID would also remove a name that the image got since.
        const bool named_since = name == dangling_name(target) && !names_of(*image).empty();
        if (text_of(*image, "Id") != target || named_since) return RemoveStatus::changed;
        if (containerd_ && !survivor.empty() && is_last_tag(name, names_of(*image))) {
            const auto runs = [&](const auto& known) { return known.second.image_id == target; };
            if (std::any_of(containers_.begin(), containers_.end(), runs)) return RemoveStatus::in_use;
            return {RemoveStatus::failed, "with its last tag, Docker would delete " + in_quotes(survivor) + ", too"};
        }
        const Answer answer = http_->ask("DELETE", api_ + path_of(name));
        if (answer.status == 404) return RemoveStatus::not_found;
        if (answer.status == 409) return RemoveStatus::in_use;
        if (!answer.ok()) return {RemoveStatus::failed, answer.complaint("DELETE")};
        const json steps = answer.document();
        if (!steps.is_array())
            return {RemoveStatus::failed, answer.complaint("DELETE") + ": the answer is not a list of steps"};
        bool deleted = false;
        for (const json& step : steps) deleted = deleted || text_of(step, "Deleted") == target;
        return {RemoveStatus::removed, {}, !deleted};
    }

    std::string_view caution() const override {
        return "Docker deletes in a step after the comparison: a name that is moved to another image in between is "
               "deleted nevertheless";
    }

private:
    static constexpr std::string_view known_api = "1.51";

    json get(const std::string& path) { return http_->get(api_ + path); }

    /// Returns nothing if there is no such image.
    std::optional<json> find(const std::string& path) {
        const Answer answer = http_->ask("GET", api_ + path);
        if (answer.status == 404) return std::nullopt;
        if (answer.status != 200) throw Failure(answer.complaint("GET"));
        return answer.document();
    }

    /// Reads images and containers. Returns false if an image was deleted since.
    bool read(Listing& listing) {
        listing.records.clear();
        containers_.clear();
        layers_.clear();
        known_.clear();
        listing.sizes_exact = !containerd_;
        const json images = http_->list(api_ + "/images/json?manifests=true");
        std::set<std::string> dangling;
        for (const json& image : http_->list(api_ + "/images/json?filters=" + url_part(R"({"dangling":["true"]})")))
            dangling.insert(text_of(image, "Id"));
        for (const json& image : images) {
            known_.insert(text_of(image, "Id"));
            for (const json& manifest : member_of(image, "Manifests")) known_.insert(text_of(manifest, "ID"));
        }
        listing.containers = containers();
        const std::set<std::string> mounted = mounted_names(listing.containers);
        const auto is_mounted = [&](const std::string& name) { return mounted.contains(name); };
        for (const json& image : images) {
            Record record = record_of(image);
            const auto names = names_of(image);
            // With the containerd image store, an inspection takes 10 ms; with a graph driver, less than 1 ms.
            if (details_ || !containerd_ || std::any_of(names.begin(), names.end(), is_mounted)) {
                const auto details = find("/images/" + record.target + "/json");
                if (!details || !add_details(listing, record, *details)) return false;
            }
            const bool is_dangling = dangling.contains(record.target);
            add(listing, std::move(record), names, is_dangling);
        }
        add_unlisted(listing);
        return true;
    }

    /// Returns the names by which containers mount images: which images these were depends on when they got the names.
    static std::set<std::string> mounted_names(const std::vector<Container>& containers) {
        std::set<std::string> names;
        for (const Container& container : containers)
            for (const std::string& typed : container.mounts)
                if (const auto reference = pruneplan::parse_reference(typed))
                    names.emplace(reference->with_default_tag().canonical());
        return names;
    }

    static Record record_of(const json& image) {
        Record record;
        record.target = text_of(image, "Id");
        record.created = time_of(image, "Created");
        record.size = bytes_of(image, "Size");
        read_labels(record, image);
        for (const json& manifest : member_of(image, "Manifests"))
            if (const std::string id = text_of(manifest, "ID"); id != record.target) record.ids.push_back(id);
        return record;
    }

    static void read_labels(Record& record, const json& object) {
        for (const auto& [key, value] : member_of(object, "Labels").items())
            if (value.is_string() && !key.starts_with('\0'))
                record.labels.insert_or_assign(key, value.get<std::string>());
    }

    /// Adds what only an inspection tells. Returns false if the image was deleted since.
    bool add_details(Listing& listing, Record& record, const json& details) {
        record.created = time_of(details, "Created");
        record.tagged = time_of(member_of(details, "Metadata"), "LastTagTime");
        record.labels_known = member_of(details, "Config").is_object();
        read_labels(record, member_of(details, "Config"));
        const auto layers = texts_of(member_of(details, "RootFS"), "Layers");
        if (layers.empty() || (containerd_ && !budget_)) return true;
        const auto history = find("/images/" + record.target + "/history");
        if (!history) return false;
        const auto found = layer_sizes(*history, layers.size(), containerd_ ? 0 : record.size);
        listing.sizes_exact = listing.sizes_exact && found.exact;
        if (containerd_ && found.sum() == 0) return true;
        // The containerd image store also has each layer packed, and does not tell that size.
        const double factor = containerd_ ? static_cast<double>(record.size) / static_cast<double>(found.sum()) : 1;
        std::string below;
        for (std::size_t i = 0; i < layers.size(); ++i) {
            const auto size = static_cast<std::uint64_t>(static_cast<double>(found.sizes[i]) * factor);
            record.blobs.push_back(layer(below, layers[i], size));
            listing.sizes_exact = listing.sizes_exact && record.blobs.back().size == size;
            below = record.blobs.back().digest;
        }
        return true;
    }

    /// Returns the blob of a layer. The engine stores layers with the same content on different ones separately.
    const Blob& layer(const std::string& below, const std::string& digest, std::uint64_t size) {
        const auto [found, is_new] = layers_.try_emplace({below, digest});
        if (is_new) found->second = {below.empty() ? digest : digest + '+' + std::to_string(layers_.size()), size};
        return found->second;
    }

    /// In the containerd image store, an image with names can also have a dangling record.
    void add(Listing& listing, Record record, std::vector<std::string> names, bool dangling) const {
        if (dangling && containerd_ && !names.empty()) {
            add_records(listing.records, record, names);
            names.clear();
        }
        record.dangling = dangling;
        add_records(listing.records, std::move(record), names);
    }

    /// Adds the images that containers run and that the engine does not list: those without a name that others were
    /// made from. It does not delete them, either.
    void add_unlisted(Listing& listing) {
        for (const Container& container : listing.containers) {
            if (container.image_id.empty() || !known_.insert(container.image_id).second) continue;
            const auto image = find("/images/" + container.image_id + "/json");
            if (!image || text_of(*image, "Id") != container.image_id) continue;
            Record record = record_of(*image);
            record.pinned = true;
            add_details(listing, record, *image);
            add(listing, std::move(record), {}, true);
        }
    }

    Container container_of(const json& details) const {
        Container container;
        container.id = text_of(details, "Id");
        const std::string name = text_of(details, "Name");
        container.name = name.substr(name.starts_with('/') ? 1 : 0);
        container.image_id = text_of(details, "Image");
        const std::string manifest = text_of(member_of(details, "ImageManifestDescriptor"), "digest");
        if (!known_.contains(container.image_id) && known_.contains(manifest)) container.image_id = manifest;
        container.image_ref = text_of(member_of(details, "Config"), "Image");
        container.created = time_of(details, "Created");
        for (const json& mount : member_of(details, "Mounts"))
            if (text_of(mount, "Type") == "image") container.mounts.push_back(text_of(mount, "Name"));
        return container;
    }

    std::string where_, base_, api_;
    bool budget_, details_ = false, containerd_ = false;
    std::optional<Http> http_;
    std::set<std::string> known_;                                 // targets and manifests of listed images
    std::map<std::pair<std::string, std::string>, Blob> layers_;  // by the layer below and the own digest
    std::map<std::string, Container> containers_;                 // by ID
};

}  // namespace

std::unique_ptr<Source> docker_source(const Request& request) { return std::make_unique<Docker>(request); }

}  // namespace cli
