// SPDX-License-Identifier: BSL-1.0
// An adapter for a daemon that is built on containerd: `docker image prune`, from the filters that a user sends to the
// report and the events. Image service, leases and content store are mocks.
//
// A real one needs containerd 2.0 or newer, and must check what containerd does not: that the server's version is at
// least 2.0, and, before each removal, that no container uses the image by now. Its configuration's digest, which
// Kubernetes reports, is a further member `ids` of the store. pruneplan/sources/containerd.cpp does all that.

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using pruneplan::Timestamp;

/// containerd's images.Image, as far as a prune reads it. Names are unique; several can have one target.
struct Image {
    std::string name, target;
    Timestamp created;
    std::map<std::string, std::string, std::less<>> labels;
};

/// A mock of what a daemon holds. Content lives as long as an image's manifest refers to it.
struct Containerd {
    struct Blob {
        std::uint64_t size;
        int references;
    };

    std::vector<Image> images;
    std::map<std::string, std::vector<std::string>, std::less<>> manifests;  // target: the digests of its content
    std::map<std::string, Blob, std::less<>> content;                        // by digest
    std::set<std::string, std::less<>> leased;                               // targets that a running pull protects

    void create_image(Image image) {
        for (const std::string& digest : manifests.find(image.target)->second)
            ++content.find(digest)->second.references;
        images.push_back(std::move(image));
    }

    auto find(std::string_view name) {
        return std::find_if(images.begin(), images.end(), [&](const Image& image) { return image.name == name; });
    }

    /// Compares and deletes in one transaction, like images.Delete with the options DeleteTarget and SynchronousDelete.
    /// DeleteTarget needs containerd 2.0: earlier servers ignore it, and delete whatever the name points at.
    pruneplan::RemoveOutcome remove(std::string_view name, std::string_view target, std::string_view survivor) {
        using enum pruneplan::RemoveStatus;
        const auto points_at_target = [&](auto image) { return image != images.end() && image->target == target; };
        if (!survivor.empty() && !points_at_target(find(survivor))) return survivor_gone;
        const auto image = find(name);
        if (!points_at_target(image)) return image == images.end() ? not_found : changed;
        for (const std::string& digest : manifests.find(target)->second) {
            const auto blob = content.find(digest);
            if (--blob->second.references == 0) content.erase(blob);
        }
        images.erase(image);
        const bool still_named =
            std::any_of(images.begin(), images.end(), [&](const Image& i) { return i.target == target; });
        return {removed, {}, still_named};
    }
};

/// The adapter. It is read while a plan is made, and not afterwards.
struct ImageStore {
    const Containerd& containerd;

    const std::vector<Image>& images() const { return containerd.images; }
    static const std::string& name(const Image& image) { return image.name; }
    static const std::string& target(const Image& image) { return image.target; }
    static Timestamp created(const Image& image) { return image.created; }
    static const std::string* label(const Image& image, std::string_view key) {
        const auto label = image.labels.find(key);
        return label == image.labels.end() ? nullptr : &label->second;
    }
    bool pinned(const Image& image) const { return containerd.leased.contains(image.target); }
    std::vector<pruneplan::Blob> blobs(const Image& image) const {
        std::vector<pruneplan::Blob> out;
        for (const std::string& digest : containerd.manifests.find(image.target)->second)
            out.push_back({digest, containerd.content.find(digest)->second.size});
        return out;
    }
};

struct Container {
    std::string id, image, typed;
    std::string_view image_id() const { return image; }
    std::string_view image_ref() const { return typed; }
    std::string_view name() const { return id; }
};

void log_event(std::string_view action, std::string_view subject, std::uint64_t reclaimed) {
    std::printf("event: image %.*s %.*s", static_cast<int>(action.size()), action.data(),
                static_cast<int>(subject.size()), subject.data());
    action == "prune" ? std::printf("reclaimed=%llu\n", static_cast<unsigned long long>(reclaimed)) : std::printf("\n");
}

/// Does what the daemon's API handler does. `filters` are the texts that the user sent. The usage rule is the default,
/// strict, which keeps the image of every container; Docker's own rule is usage_rules::containerd_snapshotter.
template <class Filters>
pruneplan::Result<pruneplan::PruneReport> prune(Containerd& containerd, const std::vector<Container>& containers,
                                                const Filters& filters, Timestamp now) {
    const auto options = parse_filters(filters, now);
    if (!options) return options.error();
    const auto plan = pruneplan::plan_prune(ImageStore{containerd}, containers, *options);
    if (!plan) return plan.error();
    std::printf("%s\n", summary(*plan).c_str());
    for (const pruneplan::Doubt& doubt : plan->doubts()) std::printf("doubt: %s\n", doubt.sentence.c_str());

    // Containers can be created after planning.
    const auto is_still_unused = [&](const pruneplan::Decision& deletion) {
        return std::none_of(containers.begin(), containers.end(), [&](const Container& container) {
            return deletion.reason != pruneplan::Reason::spare_name && container.image == deletion.target;
        });
    };
    const auto tell = [](const pruneplan::PruneReport::Step& step) {
        if (step.status != pruneplan::RemoveStatus::removed) return;
        log_event("untag", step.name, 0);
        if (step.image_deleted) log_event("delete", step.target, 0);
    };
    auto report = apply_prune(*plan, containerd, {.before = is_still_unused, .after = tell});
    if (report) log_event("prune", "", report->space_reclaimed);
    return report;
}

}  // namespace

int main() {
    constexpr Timestamp now{1'000'000, 0}, lately{999'000, 0}, long_ago{1'000, 0};
    Containerd containerd;
    containerd.manifests = {
        {"sha256:a1", {"base", "app-1"}}, {"sha256:a2", {"base", "app-2"}}, {"sha256:db", {"db"}},
        {"sha256:ci", {"base", "ci"}},    {"sha256:pu", {"base", "new"}},   {"sha256:keep", {"kept"}}};
    containerd.content = {{"base", {1000, 0}}, {"app-1", {100, 0}}, {"app-2", {200, 0}}, {"db", {4000, 0}},
                          {"ci", {30, 0}},     {"new", {50, 0}},    {"kept", {70, 0}}};
    containerd.create_image({"docker.io/library/app:1", "sha256:a1", long_ago, {}});
    containerd.create_image({"docker.io/library/app:old", "sha256:a1", long_ago, {}});
    containerd.create_image({"docker.io/library/app:2", "sha256:a2", lately, {}});
    containerd.create_image({"docker.io/library/db:16", "sha256:db", long_ago, {}});
    containerd.create_image({"moby-dangling@sha256:ci", "sha256:ci", long_ago, {}});
    containerd.create_image({"docker.io/library/pulled:1", "sha256:pu", long_ago, {}});
    containerd.create_image({"docker.io/library/tools:1", "sha256:keep", long_ago, {{"keep", "yes"}}});
    containerd.leased = {"sha256:pu"};
    const std::vector<Container> containers{{"c1", "sha256:a1", "a1"}};  // docker create a1

    const std::array<std::string_view, 3> filters{"dangling=false", "until=24h", "label!=keep"};
    const auto report = prune(containerd, containers, filters, now);
    if (!report) {
        std::fprintf(stderr, "%s\n", report.error().message.c_str());
        return 1;
    }
    for (const std::string& name : report->untagged()) std::printf("untagged: %s\n", name.c_str());
    for (const std::string& digest : report->deleted()) std::printf("deleted: %s\n", digest.c_str());

    // Left are one name of the image that the container runs, the images that are too young, leased or labelled, and
    // the content of all of these.
    std::set<std::string> left;
    for (const Image& image : containerd.images) left.insert(image.name);
    const std::set<std::string> wanted{"docker.io/library/app:old", "docker.io/library/app:2",
                                       "docker.io/library/pulled:1", "docker.io/library/tools:1"};
    if (left != wanted || report->space_reclaimed != 4030 || containerd.content.size() != 5) return 1;

    // A container whose image the store does not have: the plan is doubtful, and nothing is removed.
    const auto doubtful = prune(containerd, {{"c2", "sha256:gone", "app:2"}}, std::array{"dangling=false"}, now);
    const bool is_rejected = !doubtful && doubtful.error().code == pruneplan::ErrorCode::doubtful_plan;
    return is_rejected && containerd.images.size() == wanted.size() ? 0 : 1;
}
