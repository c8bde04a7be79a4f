// SPDX-License-Identifier: BSL-1.0
// containerd, by its services. The names of images are records there. Content lives as long as labels lead to it from a
// record: no image needs the names of another one.

#include "api.pb.h"
#include "containerd/client.hpp"
#include "source.hpp"

#include <google/protobuf/empty.pb.h>
#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <openssl/evp.h>

#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cli {
namespace {

namespace api = containerd_api;
using pruneplan::RemoveOutcome;
using pruneplan::RemoveStatus;

const google::protobuf::Empty no_request;

/// Labels of a blob: the blobs that it leads to, and the snapshot of all layers of an image's configuration. A name
/// follows, after "." or "/".
constexpr std::string_view leads_to = "containerd.io/gc.ref.content", unpacked_to = "containerd.io/gc.ref.snapshot.";

/// What a target leads to.
struct Image {
    std::vector<std::string> ids{};     ///< digests of manifests and configurations
    std::vector<std::string> chains{};  ///< names of snapshots: the digests of all layers of a configuration
    std::vector<Blob> blobs{};          ///< what is there of content and snapshots
    std::string subject{};
};

std::optional<Timestamp> moment(bool is_known, const google::protobuf::Timestamp& time) {
    const auto seconds = time_of({{"seconds", time.seconds()}}, "seconds");
    if (!is_known || !seconds || time.nanos() < 0 || time.nanos() >= 1'000'000'000) return std::nullopt;
    return Timestamp{seconds->seconds, time.nanos()};
}

std::uint64_t bytes(std::int64_t size) { return static_cast<std::uint64_t>(std::max<std::int64_t>(size, 0)); }

bool is_id(std::string_view name) { return name.starts_with("sha256:") && is_digest(name); }

/// Returns the digest of all layers of a configuration, which is the name of their snapshot, or "" if it has none.
/// Source: OCI image specification, config.md, "Layer ChainID".
std::string chain_id(const json& config) {
    std::string chain;
    for (const std::string& layer : texts_of(member_of(config, "rootfs"), "diff_ids")) {
        const std::string both = chain + ' ' + layer;
        unsigned char hash[EVP_MAX_MD_SIZE];
        unsigned size = 0;
        if (!chain.empty() && EVP_Digest(both.data(), both.size(), hash, &size, EVP_sha256(), nullptr) != 1)
            throw Failure("SHA-256 is not available");
        chain = chain.empty() ? layer : "sha256:";
        for (unsigned i = 0; i < size; ++i)
            for (const unsigned half : {hash[i] / 16u, hash[i] % 16u}) chain += "0123456789abcdef"[half];
    }
    return chain;
}

class Containerd final : public Source {
public:
    explicit Containerd(const Request& request) : request_(request), client_(request.host, request.name_space) {}

    Listing list() override {
        Listing listing;
        listing.source = "containerd";
        listing.where = request_.host;
        listing.version = client_.ask<api::VersionAnswer>("version.v1.Version/Version", no_request).version();
        // Earlier servers do not know the target in a request, and delete whatever the name points at.
        const std::string version = listing.version.substr(0, listing.version.find('~'));
        if (request_.apply && pruneplan::compare_versions(version, "2.0.0") < 0)
            throw Failure("--apply needs containerd 2.0 or newer, and this is " + in_quotes(listing.version) +
                          ": it would delete a name that has moved to another image");
        listing.rule = request_.name_space == "k8s.io" ? "whole_image" : "names_only";
        listing.now = Timestamp::from(std::chrono::system_clock::now());
        const auto images = client_.ask<api::ImagesAnswer>("images.v1.Images/List", no_request);
        read_content();
        listing.sizes_exact = !shares_content();
        for (const auto& image : images.images()) {
            const std::string& target = image.target().digest();
            if (const auto [found, is_new] = images_.try_emplace(target); is_new) found->second = walk(target);
        }
        add_records(listing.records, images);
        listing.containers = containers();
        measure(listing);
        return listing;
    }

    std::vector<Container> containers() override {
        std::vector<api::Container> found;
        std::set<std::string> snapshotters;
        const auto add = [&](const auto& message) {
            found.push_back(message.container());
            snapshotters.insert(message.container().snapshotter());
        };
        client_.read<api::ContainerAnswer>("containers.v1.Containers/ListStream", no_request, add);
        for (const std::string& snapshotter : snapshotters) read_snapshots(snapshotter);
        std::vector<Container> containers;
        for (const auto& container : found) add_container(containers, container);
        return containers;
    }

    RemoveOutcome remove(std::string_view name, std::string_view target, std::string_view survivor,
                         bool is_last) override {
        if (const auto id = targets_of_ids_.find(target); id != targets_of_ids_.end()) target = id->second;
        if (!survivor.empty() && target_of(survivor) != target) return RemoveStatus::survivor_gone;
        api::ImageDeletion deletion;
        deletion.set_name(std::string(name));
        deletion.set_sync(is_last);
        deletion.mutable_target()->set_digest(std::string(target));
        const std::string method = "images.v1.Images/Delete";
        const auto status = client_.try_read<google::protobuf::Empty>(method, deletion, [](const auto&) {});
        // After the last deletion, it can take long until space is free. The name is gone before.
        const bool is_late = status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
        if (status.ok() || (is_late && target_of(name) != target)) return RemoveStatus::removed;
        if (status.error_code() != grpc::StatusCode::NOT_FOUND)
            return {RemoveStatus::failed, client_.failure(method, status).what()};
        return target_of(name) ? RemoveStatus::changed : RemoveStatus::not_found;
    }

    std::string_view caution() const override {
        return "containerd compares and deletes in one step, but does not ask whether a container uses the image: one "
               "that is created in the moment between can lose its name";
    }

private:
    std::optional<std::string> target_of(std::string_view name) {
        api::Named request;
        request.set_name(std::string(name));
        std::optional<std::string> target;
        const auto keep = [&](const auto& answer) { target = answer.image().target().digest(); };
        client_.read<api::ImageAnswer>("images.v1.Images/Get", request, keep, grpc::StatusCode::NOT_FOUND);
        return target;
    }

    void read_content() {
        std::set<std::string> snapshotters;
        const auto keep = [&](const auto& message) {
            for (const auto& blob : message.info()) {
                content_.insert_or_assign(blob.digest(), blob);
                for (const auto& [key, value] : blob.labels())
                    if (key.starts_with(unpacked_to)) snapshotters.insert(snapshotter_of(key));
            }
        };
        client_.read<api::ContentAnswer>("content.v1.Content/List", no_request, keep);
        for (const std::string& snapshotter : snapshotters) read_snapshots(snapshotter);
    }

    static std::string snapshotter_of(const std::string& label) {
        const std::string name = label.substr(unpacked_to.size());
        return name.substr(0, name.find('/'));
    }

    /// Returns whether a blob can stay, since another namespace has it, too. Throws a Failure if there is no such
    /// namespace: containerd would show an empty one.
    bool shares_content() {
        bool shared = false, exists = false;
        std::string known;
        const auto look = [&](const auto& message) {
            for (const auto& blob : message.info()) shared = shared || content_.contains(blob.digest());
        };
        const auto all = client_.ask<api::NamesAnswer>("namespaces.v1.Namespaces/List", no_request);
        for (const auto& one : all.names()) {
            known += (known.empty() ? "" : ", ") + one.name();
            exists = exists || one.name() == request_.name_space;
            if (one.name() != request_.name_space)
                client_.read<api::ContentAnswer>("content.v1.Content/List", no_request, look, grpc::StatusCode::OK,
                                                 one.name());
        }
        if (!exists)
            throw Failure("containerd has no namespace " + in_quotes(request_.name_space) + ", but " +
                          (known.empty() ? "none" : printable(known)) + ": --namespace names one");
        return shared;
    }

    void read_snapshots(const std::string& snapshotter) {
        api::Named request;  // its field has the number of the snapshotter's
        request.set_name(snapshotter);
        auto& parents = parents_[snapshotter];
        const auto keep = [&](const auto& message) {
            for (const auto& snapshot : message.info()) parents.insert_or_assign(snapshot.name(), snapshot.parent());
        };
        // The snapshotter of a label or a container can be one that does not run any more.
        client_.read<api::SnapshotsAnswer>("snapshots.v1.Snapshots/List", request, keep,
                                           grpc::StatusCode::INVALID_ARGUMENT);
    }

    Image walk(const std::string& target) {
        Image image;
        std::vector<std::string> unread{target}, layers;
        std::set<std::string> seen{target};
        while (!unread.empty()) {
            const std::string digest = std::move(unread.back());
            unread.pop_back();
            const auto found = content_.find(digest);
            if (found == content_.end()) {  // of another platform
                image.ids.push_back(digest);
                continue;
            }
            const api::Content& blob = found->second;
            image.blobs.push_back({blob.digest(), bytes(blob.size())});
            bool is_layer = false, is_unpacked = false;
            for (const auto& [key, value] : blob.labels()) {
                is_layer = is_layer || key == "containerd.io/uncompressed";
                if (key.starts_with(unpacked_to)) {
                    add_snapshots(image, snapshotter_of(key), value, seen);
                    is_unpacked = true;
                }
                const std::string end = key.substr(std::min(leads_to.size(), key.size()));
                const bool leads = key.starts_with(leads_to) && (end.empty() || end[0] == '.' || end[0] == '/');
                if (leads && seen.insert(value).second) (end.starts_with(".l.") ? layers : unread).push_back(value);
            }
            if (is_layer) continue;
            if (blob.digest() != target) image.ids.push_back(blob.digest());
            if (is_unpacked) continue;
            // The snapshot of a configuration can be there without a label, if another image made it.
            const json document = read_json(blob);
            if (blob.digest() == target) image.subject = text_of(member_of(document, "subject"), "digest");
            if (const std::string chain = chain_id(document); !chain.empty()) add_chain(image, chain);
        }
        for (const std::string& layer : layers)
            if (const auto found = content_.find(layer); found != content_.end())
                image.blobs.push_back({layer, bytes(found->second.size())});
        return image;
    }

    /// Returns a manifest or a configuration, or nothing that could be read.
    json read_json(const api::Content& blob) {
        constexpr std::int64_t largest = 8 << 20;  // as containerd reads itself
        if (blob.size() > largest) return nullptr;
        api::Named request;
        request.set_name(blob.digest());
        std::string text;
        client_.read<api::DataAnswer>(
            "content.v1.Content/Read", request, [&](const auto& part) { text += part.data(); },
            grpc::StatusCode::NOT_FOUND);
        return json::parse(text, nullptr, false);
    }

    void add_chain(Image& image, const std::string& chain) {
        image.chains.push_back(chain);
        chains_.insert(chain);
    }

    void add_snapshots(Image& image, const std::string& snapshotter, const std::string& chain,
                       std::set<std::string>& seen) {
        add_chain(image, chain);
        const auto& parents = parents_[snapshotter];
        for (auto at = parents.find(chain); at != parents.end(); at = parents.find(at->second)) {
            const std::string key = snapshotter + '/' + at->first;
            if (!seen.insert(key).second) return;
            const auto [size, is_new] = snapshot_sizes_.try_emplace(key);
            if (is_new) size->second = snapshot_size(snapshotter, at->first);
            image.blobs.push_back({key, size->second});
        }
    }

    std::uint64_t snapshot_size(const std::string& snapshotter, const std::string& name) {
        api::SnapshotKey request;
        request.set_snapshotter(snapshotter);
        request.set_key(name);
        const std::string method = "snapshots.v1.Snapshots/Usage";
        return bytes(client_.ask<api::UsageAnswer>(method, request, grpc::StatusCode::NOT_FOUND).size());
    }

    /// Returns what leases hold: digests of content, names of images, and snapshots as "SNAPSHOTTER/NAME".
    std::set<std::string> leased() {
        std::set<std::string> held;
        const auto all = client_.ask<api::NamesAnswer>("leases.v1.Leases/List", no_request);
        for (const auto& lease : all.names()) {  // one can have ended since
            const std::string method = "leases.v1.Leases/ListResources";
            const auto resources = client_.ask<api::ResourcesAnswer>(method, lease, grpc::StatusCode::NOT_FOUND);
            for (const auto& resource : resources.resources()) {
                constexpr std::string_view snapshots = "snapshots/";
                const bool is_snapshot = resource.type().starts_with(snapshots);
                held.insert((is_snapshot ? resource.type().substr(snapshots.size()) + '/' : "") + resource.id());
            }
        }
        return held;
    }

    /// containerd itself labels the image that pods are made with.
    void add_records(std::vector<Record>& records, const api::ImagesAnswer& images) {
        const std::set<std::string> held = leased();
        // Kubernetes knows an image by its configuration: all targets that have it are one image there.
        std::set<std::string> pinned, named, named_ids;
        for (const auto& image : images.images()) {
            const std::string& target = image.target().digest();
            if (!is_nameless(image.name(), target)) {
                named.insert(target);
                named_ids.insert(images_[target].ids.begin(), images_[target].ids.end());
            }
            const auto pin = image.labels().find("io.cri-containerd.pinned");
            if (pin == image.labels().end() || pin->second != "pinned") continue;
            pinned.insert(target);
            pinned.insert(images_[target].ids.begin(), images_[target].ids.end());
        }
        const auto is_pinned = [&](const std::string& id) { return pinned.contains(id); };
        const auto is_held = [&](const Blob& blob) { return held.contains(blob.digest); };
        for (const auto& image : images.images()) {
            Record& record = records.emplace_back();
            record.name = image.name();
            record.target = image.target().digest();
            if (record.name.empty() || record.target.empty())
                throw Failure("containerd has an image without a name or a target: " + in_quotes(record.name));
            const Image& found = images_[record.target];
            record.ids = found.ids;
            record.ids.insert(record.ids.end(), found.chains.begin(), found.chains.end());
            record.subject =
                found.subject.empty() ? pruneplan::attachment_subject(record.name).value_or("") : found.subject;
            record.created = moment(image.has_created_at(), image.created_at());
            record.last_used = moment(image.has_updated_at(), image.updated_at());
            record.dangling = !named.contains(record.target);
            record.pinned = is_pinned(record.target) || held.contains(record.name) ||
                            std::any_of(found.ids.begin(), found.ids.end(), is_pinned) ||
                            std::any_of(found.blobs.begin(), found.blobs.end(), is_held);
            // Kubernetes' part of containerd needs the ID of an image as a name while any target that has it has another
            // name: here, it is attached to all of these.
            if (is_id(record.name) && named_ids.contains(record.name)) {
                record.subject = record.name;
                record.ids.clear();
                record.dangling = false;
                targets_of_ids_["id@" + record.name] = std::exchange(record.target, "id@" + record.name);
            }
            record.blobs = found.blobs;
            for (const Blob& blob : found.blobs) record.size += blob.size;
        }
    }

    /// Returns whether no user gives such a name: an ID, or what builders give to an image without a name.
    bool is_nameless(std::string_view name, const std::string& target) const {
        if (name == dangling_name(target) || is_id(name)) return true;
        const std::size_t at = name.find('@');
        return at != name.npos && name.substr(at + 1) == target && parents_.contains(std::string(name.substr(0, at)));
    }

    void add_container(std::vector<Container>& containers, const api::Container& found) const {
        Container container{.id = found.id(), .name = found.id(), .image_id{}};
        container.created = moment(found.has_created_at(), found.created_at());
        const auto extension = found.extensions().find("io.cri-containerd.container.metadata");
        if (extension != found.extensions().end())
            return add_pod_container(containers, container, json::parse(extension->second.value(), nullptr, false));
        if (const auto name = found.labels().find("nerdctl/name"); name != found.labels().end())
            container.name = name->second;
        container.image_ref = found.image();
        container.image_id = chain_of(found);
        if (!container.image_ref.empty() || !container.image_id.empty()) containers.push_back(container);
    }

    /// Reads what Kubernetes' part of containerd writes. A container there uses several names, to be made again: what its
    /// user typed, the image's ID, and the same for all that it mounts. Each is the name of a container here. Throws a
    /// Failure if it is not clear what is in use.
    void add_pod_container(std::vector<Container>& containers, Container container, const json& extension) const {
        const json& metadata = member_of(extension, "Metadata");
        const json& config = member_of(metadata, "Config");
        const json& mounts = member_of(config, "mounts");
        const std::string id = text_of(metadata, "ImageRef");
        container.name = text_of(metadata, "Name");
        bool is_clear = !id.empty() && (mounts.is_array() || mounts.is_null());
        const auto add_names = [&](const json& image, const std::string& image_id) {
            std::set<std::string> names{image_id, text_of(image, "image"), text_of(image, "user_specified_image")};
            is_clear = is_clear && !text_of(image, "image").empty();
            names.erase("");
            container.image_id = image_id;
            for (const std::string& name : names) {
                container.image_ref = name;
                containers.push_back(container);
            }
        };
        add_names(member_of(config, "image"), id);
        for (const json& mount : mounts) {
            const json& mounted = member_of(mount, "image");
            is_clear = is_clear && mount.is_object();
            if (mounted.empty()) continue;
            const std::string target = mounted_target(text_of(mount, "host_path"));
            container.mounts = {text_of(mounted, "image")};
            container.mounted.assign(is_id(target) ? 1 : 0, target);
            // Kubernetes knows it by its configuration.
            if (const auto known = images_.find(target); known != images_.end())
                container.mounted.insert(container.mounted.end(), known->second.ids.begin(), known->second.ids.end());
            add_names(mounted, "");
        }
        if (!is_clear)
            throw Failure("container " + in_quotes(container.id) +
                          ": its extension does not say which images it uses; remove the container");
    }

    /// Returns the digest in "…/image-volumes/SANDBOX/HEX", to which a path in the image can be added.
    static std::string mounted_target(const std::string& folder) {
        constexpr std::string_view volumes = "/image-volumes/";
        const std::size_t at = folder.find(volumes);
        const std::size_t hex = at == folder.npos ? at : folder.find('/', at + volumes.size());
        return hex == folder.npos ? "" : "sha256:" + folder.substr(hex + 1, 64);
    }

    /// Returns the name of the snapshot that a container's own one was made on, or of one below it if that is an image's.
    /// A container without a snapshot and an image runs none.
    std::string chain_of(const api::Container& found) const {
        const auto& parents = parents_.at(found.snapshotter());
        const auto own = parents.find(found.snapshot_key());
        if (own == parents.end()) return found.image().empty() ? "" : found.snapshotter() + '/' + found.snapshot_key();
        if (own->second.empty()) return "";  // made on no layer: only the name tells its image
        auto below = own;
        for (std::size_t left = parents.size(); left > 0 && below != parents.end(); --left) {
            if (chains_.contains(below->second)) return below->second;
            below = parents.find(below->second);
        }
        return own->second;
    }

    /// Says how full the file system of the content store is.
    void measure(Listing& listing) {
        const auto all = client_.ask<api::PluginsAnswer>("introspection.v1.Introspection/Plugins", no_request);
        std::string root;
        for (const auto& plugin : all.plugins())
            if (const auto exported = plugin.exports().find("root");
                plugin.type() == "io.containerd.content.v1" && exported != plugin.exports().end())
                root = exported->second;
        struct statvfs found{};
        if (statvfs(root.c_str(), &found) == 0) {
            listing.capacity = std::uint64_t{found.f_frsize} * found.f_blocks;
            listing.available = std::uint64_t{found.f_frsize} * found.f_bavail;
        } else if (request_.thresholds) {
            throw Failure("--high: the content store " + in_quotes(root) + " cannot be measured: " +
                          std::strerror(errno) + "; in a container, mount it at the same path");
        }
    }

    const Request& request_;
    ContainerdClient client_;
    std::map<std::string, api::Content> content_;                        // by digest
    std::map<std::string, std::map<std::string, std::string>> parents_;  // of snapshots, by snapshotter and name
    std::map<std::string, std::uint64_t> snapshot_sizes_;                // by "SNAPSHOTTER/NAME"
    std::set<std::string> chains_;                                       // of all images
    std::map<std::string, Image> images_;                                // by target
    std::map<std::string, std::string, std::less<>> targets_of_ids_;     // for IDs that are attached to their image
};

}  // namespace

std::unique_ptr<Source> containerd_source(const Request& request) {
    gpr_set_log_function([](gpr_log_func_args*) {});
    google::protobuf::SetLogHandler(nullptr);
    return std::make_unique<Containerd>(request);
}

}  // namespace cli
