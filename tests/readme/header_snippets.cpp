// SPDX-License-Identifier: BSL-1.0
// Checks the code in the comments of the headers, which header_snippets.sh copied verbatim to header_snippets.inc: the
// library must accept a host with the members that they list, and write the JSON that they show.
#include <pruneplan/pruneplan.hpp>

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace snippet {

using pruneplan::AppliedStep, pruneplan::Blob, pruneplan::PlannedDeletion, pruneplan::RemoveOutcome, pruneplan::Timestamp;
struct Record {};
#include "header_snippets.inc"

}  // namespace snippet

static_assert(pruneplan::ImageStore<snippet::ImageStore>);
static_assert(pruneplan::knows_created<snippet::ImageStore> && pruneplan::knows_last_used<snippet::ImageStore> &&
              pruneplan::knows_label<snippet::ImageStore> && pruneplan::knows_pinned<snippet::ImageStore> &&
              pruneplan::knows_is_dangling<snippet::ImageStore> && pruneplan::knows_parent<snippet::ImageStore> &&
              pruneplan::knows_blobs<snippet::ImageStore>);
static_assert(pruneplan::ContainerView<snippet::ContainerView> && pruneplan::knows_mounted_images<snippet::ContainerView>);
static_assert(pruneplan::ImageRemover<snippet::ImageRemover> && pruneplan::checks_survivors<snippet::ImageRemover>);

// `apply_prune` must accept the callbacks; it rejects invalid ones at compile time.
using Index = pruneplan::ImageIndex<snippet::ImageStore>;
static_assert(requires(const pruneplan::PrunePlan& plan, const Index& index, snippet::ImageRemover& remover,
                       snippet::ApplyOptions& callbacks) { pruneplan::apply_prune(plan, index, remover, callbacks); });

namespace {

struct Store {
    using Image = std::pair<std::string, std::string>;
    std::vector<Image> all;

    const std::vector<Image>& images() const { return all; }
    static const std::string& name(const Image& image) { return image.first; }
    static const std::string& target(const Image& image) { return image.second; }
};

struct Container {
    std::string id;
    std::string ref;

    const std::string& image_id() const { return id; }
    const std::string& image_ref() const { return ref; }
};

}  // namespace

int main() {
    const Store store{{{"alpine:3.20", "sha256:82d1e9d7"}}};
    const std::vector<Container> containers{{}, {}, {}, {"sha256:82d1e9d7", "82d1e9d7"}};
    const auto index = pruneplan::build_index(store);
    if (!index) return 1;
    std::string written;
    pruneplan::write_json_lines(pruneplan::plan_prune(*index, containers, {.scope = pruneplan::Scope::unused}), *index,
                                [&](std::string_view piece) { written += piece; });
    if (written == std::string(snippet::json_lines) + "\n") return 0;
    std::printf("the comment shows: %s\nwrite_json_lines writes: %s", snippet::json_lines, written.c_str());
    return 1;
}
