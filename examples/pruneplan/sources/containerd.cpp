// SPDX-License-Identifier: BSL-1.0
// containerd, by its services: https://github.com/containerd/containerd/tree/main/api. The names of images are records
// there; content lives as long as labels lead to it from a record, so that nothing needs the names of anything else.

#include "containerd/client.hpp"
#include "containers.grpc.pb.h"
#include "content.grpc.pb.h"
#include "cri.grpc.pb.h"
#include "images.grpc.pb.h"
#include "introspection.grpc.pb.h"
#include "leases.grpc.pb.h"
#include "namespaces.grpc.pb.h"
#include "snapshots.grpc.pb.h"
#include "source.hpp"
#include "version.grpc.pb.h"

#include <grpc/support/log.h>

#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cli {
namespace {

using namespace containerd::services;
using pruneplan::RemoveOutcome;
using pruneplan::RemoveStatus;

constexpr std::string_view kubernetes = "k8s.io", sha256 = "sha256:";
/// Labels of a blob: the blobs that it leads to, and the snapshot of all layers of an image's configuration.
constexpr std::string_view leads_to = "containerd.io/gc.ref.content.", unpacked_to = "containerd.io/gc.ref.snapshot.";

/// What a target leads to.
struct Image {
    std::vector<std::string> ids{};     ///< digests of manifests and configurations
    std::vector<std::string> chains{};  ///< names of snapshots: the digests of all layers of a configuration
    std::vector<Blob> blobs{};          ///< what is there of content and snapshots
    std::string subject{};

    template <class Test>
    bool any(const std::string& target, Test test) const {
        return test(target) || std::any_of(ids.begin(), ids.end(), test);
    }
};

std::optional<Timestamp> moment(const google::protobuf::Timestamp& time) {
    return time_of({{"seconds", time.seconds()}}, "seconds") && time.nanos() >= 0 && time.nanos() < 1'000'000'000
               ? std::optional(Timestamp{time.seconds(), time.nanos()})
               : std::nullopt;
}

bool is_id(std::string_view name) {
    return name.starts_with(sha256) && name.size() == sha256.size() + 64 &&
           name.find_first_not_of("0123456789abcdef", sha256.size()) == name.npos;
}

class Containerd final : public Source {
public:
    explicit Containerd(const Request& request)
        : namespace_(request.name_space), where_(request.host), applies_(request.apply),
          measures_(request.thresholds.has_value()), client_(where_, namespace_) {}

    Listing list() override {
        Listing listing;
        listing.source = "containerd";
        listing.where = where_;
        listing.version = client_.ask("tell its version", &version::v1::Version::Stub::Version).version();
        if (applies_) check_version(listing.version);
        listing.rule = namespace_ == kubernetes ? "whole_image" : "names_only";
        listing.now = Timestamp::from(std::chrono::system_clock::now());
        const auto images = client_.ask("list images", &images::v1::Images::Stub::List);
        read_content();
        listing.sizes_exact = !shares_content();
        for (const auto& image : images.images()) {
            const std::string& target = image.target().digest();
            if (const auto [found, is_new] = images_.try_emplace(target); is_new) found->second = walk(target);
        }
        add(listing.records, images.images());
        listing.containers = containers();
        measure(listing);
        return listing;
    }

    std::vector<Container> containers() override {
        std::vector<containers::v1::Container> found;
        client_.read("list containers", &containers::v1::Containers::Stub::ListStream, {},
                     [&](const auto& message) { found.push_back(message.container()); });
        std::set<std::string> snapshotters;
        for (const auto& container : found)
            if (!containers_.contains(container.id())) snapshotters.insert(container.snapshotter());
        for (const std::string& snapshotter : snapshotters) read_snapshots(snapshotter);
        std::vector<Container> containers;
        for (const auto& container : found) {
            auto known = containers_.find(container.id());
            if (known == containers_.end()) known = containers_.emplace(container.id(), container_of(container)).first;
            containers.push_back(known->second);
        }
        return containers;
    }

    RemoveOutcome remove(std::string_view name, std::string_view target, std::string_view survivor,
                         bool is_last) override {
        if (!survivor.empty() && target_of(survivor) != target) return RemoveStatus::survivor_gone;
        images::v1::DeleteImageRequest request;
        request.set_name(std::string(name));
        request.set_sync(is_last);
        request.mutable_target()->set_digest(std::string(target));
        google::protobuf::Empty none;
        const auto status = client_.try_to(&images::v1::Images::Stub::Delete, request, none);
        if (status.ok()) return RemoveStatus::removed;
        if (status.error_code() != grpc::StatusCode::NOT_FOUND)
            return {RemoveStatus::failed, client_.failure("delete an image", status).what()};
        return target_of(name) ? RemoveStatus::changed : RemoveStatus::not_found;
    }

    std::string_view caution() const override {
        return "containerd compares and deletes in one step, but does not ask whether a container uses the image: one "
               "that is created in the moment between can lose its name";
    }

private:
    /// Earlier servers do not know the target in a request, and delete whatever the name points at.
    static void check_version(const std::string& version) {
        if (pruneplan::compare_versions(version.substr(0, version.find('~')), "2.0.0") < 0)
            throw Failure("--apply needs containerd 2.0 or newer, and this is " + in_quotes(version) +
                          ": it would delete a name that has moved to another image");
    }

    std::optional<std::string> target_of(std::string_view name) {
        images::v1::GetImageRequest request;
        request.set_name(std::string(name));
        images::v1::GetImageResponse response;
        const auto status = client_.try_to(&images::v1::Images::Stub::Get, request, response);
        if (status.error_code() == grpc::StatusCode::NOT_FOUND) return std::nullopt;
        if (!status.ok()) throw client_.failure("look up an image", status);
        return response.image().target().digest();
    }

    void read_content() {
        std::set<std::string> snapshotters;
        const auto keep = [&](const auto& message) {
            for (const content::v1::Info& info : message.info()) {
                content_.insert_or_assign(info.digest(), info);
                for (const auto& [key, value] : info.labels())
                    if (key.starts_with(unpacked_to)) snapshotters.insert(key.substr(unpacked_to.size()));
            }
        };
        client_.read("list content", &content::v1::Content::Stub::List, {}, keep);
        for (const std::string& snapshotter : snapshotters) read_snapshots(snapshotter);
    }

    /// Namespaces share content: a blob is freed when no namespace has it any more.
    bool shares_content() {
        bool shared = false;
        const auto spaces = client_.ask("list namespaces", &namespaces::v1::Namespaces::Stub::List);
        for (const auto& space : spaces.namespaces()) {
            if (space.name() == namespace_) continue;
            const auto look = [&](const auto& message) {
                for (const auto& info : message.info()) shared = shared || content_.contains(info.digest());
            };
            client_.read("list content", &content::v1::Content::Stub::List, {}, look, space.name());
        }
        return shared;
    }

    void read_snapshots(const std::string& snapshotter) {
        snapshots::v1::ListSnapshotsRequest request;
        request.set_snapshotter(snapshotter);
        auto& parents = parents_[snapshotter];
        const auto keep = [&](const auto& message) {
            for (const auto& info : message.info()) parents.insert_or_assign(info.name(), info.parent());
        };
        // The snapshotter of a label or a container can be one that does not run any more.
        client_.read("list snapshots", &snapshots::v1::Snapshots::Stub::List, request, keep, namespace_,
                     grpc::StatusCode::INVALID_ARGUMENT);
    }

    Image walk(const std::string& target) {
        Image image;
        std::vector<std::string> unread{target};
        std::set<std::string> seen{target};
        while (!unread.empty()) {
            const auto found = content_.find(unread.back());
            unread.pop_back();
            if (found == content_.end()) continue;  // of another platform, or packed layers that are not kept
            const content::v1::Info& info = found->second;
            image.blobs.push_back({info.digest(), static_cast<std::uint64_t>(std::max<std::int64_t>(info.size(), 0))});
            for (const auto& [key, value] : info.labels()) {
                if (key.starts_with(unpacked_to)) add_snapshots(image, key.substr(unpacked_to.size()), value, seen);
                if (!key.starts_with(leads_to) || !seen.insert(value).second) continue;
                unread.push_back(value);
                if (!key.substr(leads_to.size()).starts_with("l.")) image.ids.push_back(value);  // not a layer
            }
        }
        constexpr std::int64_t largest = 8 << 20;  // as containerd reads itself
        if (const auto top = content_.find(target); top != content_.end() && top->second.size() <= largest)
            image.subject = text_of(member_of(read_json(target), "subject"), "digest");
        return image;
    }

    void add_snapshots(Image& image, const std::string& snapshotter, const std::string& chain,
                       std::set<std::string>& seen) {
        image.chains.push_back(chain);
        chains_.insert(chain);
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
        snapshots::v1::UsageRequest request;
        request.set_snapshotter(snapshotter);
        request.set_key(name);
        const auto usage = client_.ask("measure a snapshot", &snapshots::v1::Snapshots::Stub::Usage, request);
        return static_cast<std::uint64_t>(std::max<std::int64_t>(usage.size(), 0));
    }

    /// Returns a manifest or an index, or nothing that could be read.
    json read_json(const std::string& digest) {
        content::v1::ReadContentRequest request;
        request.set_digest(digest);
        std::string text;
        client_.read("read a manifest", &content::v1::Content::Stub::Read, request,
                     [&](const auto& message) { text += message.data(); });
        return json::parse(text, nullptr, false);
    }

    /// Returns the digests of what leases hold: content, and snapshots as "SNAPSHOTTER/NAME".
    std::set<std::string> leased() {
        std::set<std::string> held;
        for (const auto& lease : client_.ask("list leases", &leases::v1::Leases::Stub::List).leases()) {
            leases::v1::ListResourcesRequest request;
            request.set_id(lease.id());
            leases::v1::ListResourcesResponse resources;
            const auto status = client_.try_to(&leases::v1::Leases::Stub::ListResources, request, resources);
            if (status.error_code() == grpc::StatusCode::NOT_FOUND) continue;  // it has ended since
            if (!status.ok()) throw client_.failure("list what a lease holds", status);
            for (const auto& resource : resources.resources()) {
                constexpr std::string_view snapshots = "snapshots/";
                const bool snapshot = resource.type().starts_with(snapshots);
                held.insert(snapshot ? resource.type().substr(snapshots.size()) + '/' + resource.id() : resource.id());
            }
        }
        return held;
    }

    /// Returns the name of the image that pods are made with, or "". Only Kubernetes' part of containerd tells it.
    std::string sandbox_image() {
        runtime::v1::StatusRequest request;
        request.set_verbose(true);
        runtime::v1::StatusResponse response;
        const auto status = client_.try_to(&runtime::v1::RuntimeService::Stub::Status, request, response);
        if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) return {};
        if (!status.ok()) throw client_.failure("tell the sandbox image", status);
        const auto config = response.info().find("config");
        return config == response.info().end() ? std::string()
                                               : text_of(json::parse(config->second, nullptr, false), "sandboxImage");
    }

    void add(std::vector<Record>& records, const auto& images) {
        const std::set<std::string> held = leased();
        const std::string sandbox = namespace_ == kubernetes ? sandbox_image() : std::string();
        // Kubernetes knows an image by its configuration: all targets that have it are one image there.
        std::set<std::string> pinned, named;
        for (const auto& image : images) {
            const std::string& target = image.target().digest();
            if (!is_nameless(image.name(), target)) named.insert(target);
            const auto pin = image.labels().find("io.cri-containerd.pinned");
            if ((pin == image.labels().end() || pin->second != "pinned") && image.name() != sandbox) continue;
            pinned.insert(target);
            pinned.insert(images_[target].ids.begin(), images_[target].ids.end());
        }
        for (const auto& image : images) {
            Record record;
            record.name = image.name();
            record.target = image.target().digest();
            const Image& found = images_[record.target];
            record.ids = found.ids;
            record.ids.insert(record.ids.end(), found.chains.begin(), found.chains.end());
            record.subject = found.subject.empty() ? pruneplan::attachment_subject(record.name).value_or("") : found.subject;
            record.created = moment(image.created_at());
            record.last_used = moment(image.updated_at());
            record.dangling = !named.contains(record.target);
            record.pinned = found.any(record.target, [&](const auto& id) { return pinned.contains(id); }) ||
                            std::any_of(found.blobs.begin(), found.blobs.end(),
                                        [&](const Blob& blob) { return held.contains(blob.digest); });
            record.labels.insert(image.labels().begin(), image.labels().end());
            record.blobs = found.blobs;
            for (const Blob& blob : found.blobs) record.size += blob.size;
            records.push_back(std::move(record));
        }
    }

    /// Returns whether no user gives such a name: an ID, or what builders give to an image without a name.
    bool is_nameless(std::string_view name, const std::string& target) const {
        if (name == dangling_name(target) || is_id(name)) return true;
        const std::size_t at = name.find('@');
        return at != name.npos && name.substr(at + 1) == target && parents_.contains(std::string(name.substr(0, at)));
    }

    Container container_of(const containers::v1::Container& found) const {
        Container container;
        container.id = container.name = found.id();
        container.created = moment(found.created_at());
        const auto extension = found.extensions().find("io.cri-containerd.container.metadata");
        if (extension == found.extensions().end()) {
            if (const auto name = found.labels().find("nerdctl/name"); name != found.labels().end())
                container.name = name->second;
            container.image_ref = found.image();
            container.image_id = chain_of(found);
            return container;
        }
        const json metadata = member_of(json::parse(extension->second.value(), nullptr, false), "Metadata");
        const json& config = member_of(metadata, "Config");
        const json& image = member_of(config, "image");
        container.name = text_of(metadata, "Name");
        container.image_id = text_of(metadata, "ImageRef");
        container.image_ref = text_of(image, "user_specified_image");
        if (container.image_ref.empty()) container.image_ref = text_of(image, "image");
        if (container.image_id.empty() || container.image_ref.empty())
            throw Failure("container " + in_quotes(container.id) + ": its extension does not say which image it runs");
        for (const json& mount : member_of(config, "mounts"))
            if (const json& mounted = member_of(mount, "image"); mounted.is_object()) add_mount(container, mount, mounted);
        if (container.mounted.size() < container.mounts.size()) container.mounted.clear();  // they are looked up
        return container;
    }

    /// An image that is mounted is a folder on the host, which has the name of the image's target.
    static void add_mount(Container& container, const json& mount, const json& image) {
        const std::string path = text_of(mount, "host_path");
        const std::string target = std::string(sha256) + path.substr(path.rfind('/') + 1);
        container.mounts.push_back(text_of(image, "image"));
        if (is_id(target)) container.mounted.push_back(target);
    }

    /// Returns the name of the snapshot that a container's own one was made on, or of one below it if that is an image's.
    /// A container without a snapshot and an image runs none.
    std::string chain_of(const containers::v1::Container& found) const {
        const std::string lost = found.image().empty() ? "" : found.snapshotter() + '/' + found.snapshot_key();
        const auto snapshots = parents_.find(found.snapshotter());
        if (snapshots == parents_.end()) return lost;
        const auto& parents = snapshots->second;
        const auto own = parents.find(found.snapshot_key());
        if (own == parents.end() || own->second.empty()) return lost;
        std::string name = own->second;
        for (std::size_t left = parents.size(); left > 0 && !chains_.contains(name); --left) {
            const auto below = parents.find(name);
            if (below == parents.end() || below->second.empty()) return own->second;
            name = below->second;
        }
        return name;
    }

    /// Says how full the file system of the content store is.
    void measure(Listing& listing) {
        std::string root;
        const auto plugins = client_.ask("list its plugins", &introspection::v1::Introspection::Stub::Plugins);
        for (const auto& plugin : plugins.plugins())
            if (const auto exported = plugin.exports().find("root");
                plugin.type() == "io.containerd.content.v1" && exported != plugin.exports().end())
                root = exported->second;
        struct statvfs found {};
        if (statvfs(root.c_str(), &found) == 0) {
            listing.capacity = std::uint64_t{found.f_frsize} * found.f_blocks;
            listing.available = std::uint64_t{found.f_frsize} * found.f_bavail;
        } else if (measures_) {
            throw Failure("--high: the content store " + in_quotes(root) + " cannot be measured: " + std::strerror(errno));
        }
    }

    std::string namespace_, where_;
    bool applies_, measures_;
    ContainerdClient client_;
    std::unordered_map<std::string, content::v1::Info> content_;              // by digest
    std::map<std::string, std::map<std::string, std::string>> parents_;       // of snapshots, by snapshotter and name
    std::map<std::string, std::uint64_t> snapshot_sizes_;                     // by "SNAPSHOTTER/NAME"
    std::set<std::string> chains_;                                            // of all images
    std::map<std::string, Image> images_;                                     // by target
    std::map<std::string, Container> containers_;                             // by ID
};

}  // namespace

std::unique_ptr<Source> containerd_source(const Request& request) {
    gpr_set_log_function([](gpr_log_func_args*) {});
    return std::make_unique<Containerd>(request);
}

}  // namespace cli
