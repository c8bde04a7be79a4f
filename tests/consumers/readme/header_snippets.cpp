// SPDX-License-Identifier: BSL-1.0
// Checks the code in the comments of the headers, which header_snippets.sh copied verbatim to header_snippets.inc: the
// library must accept a host with the members that they list, and write the JSON that they show.
#include <pruneplan/pruneplan.hpp>

#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace snippet {

using pruneplan::Blob, pruneplan::RemoveOutcome, pruneplan::Timestamp;
struct Record {};
#include "header_snippets.inc"

}  // namespace snippet

static_assert(pruneplan::ImageStore<snippet::ImageStore>);
static_assert(pruneplan::knows_created<snippet::ImageStore> && pruneplan::knows_last_used<snippet::ImageStore> &&
              pruneplan::knows_label<snippet::ImageStore> && pruneplan::knows_pinned<snippet::ImageStore> &&
              pruneplan::knows_is_dangling<snippet::ImageStore> && pruneplan::knows_needs<snippet::ImageStore> &&
              pruneplan::knows_blobs<snippet::ImageStore>);
static_assert(pruneplan::ContainerView<snippet::ContainerView> &&
              pruneplan::knows_mounted_image_ids<snippet::ContainerView> &&
              pruneplan::knows_name<snippet::ContainerView>);
static_assert(pruneplan::ImageRemover<snippet::ImageRemover>);

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

std::string written_json() {
    const Store store{{{"alpine:3.20", "sha256:82d1e9d7"}}};
    const std::string id = "sha256:82d1e9d7";
    const std::vector<Container> containers{{id, "a"}, {id, "b"}, {id, "c"}, {id, "82d1e9d7"}};
    pruneplan::PruneOptions options;
    options.scope = pruneplan::Scope::unused;
    options.usage = pruneplan::usage_rules::containerd_snapshotter;
    options.keep = {*pruneplan::Glob::compile("debian")};
    std::string written;
    if (const auto plan = pruneplan::plan_prune(store, containers, options))
        pruneplan::write_json_lines(*plan, [&](std::string_view piece) { written += piece; });
    return written;
}

/// Tells whether a text is what is shown, in which "…" stands for any text within a line.
bool is_shown(std::string_view text, std::string_view shown) {
    constexpr std::string_view omission = "…";
    while (!text.empty() && !shown.empty()) {
        const std::string_view line = shown.substr(0, shown.find('\n')), written = text.substr(0, text.find('\n'));
        const std::size_t omitted = line.find(omission);
        const bool same = omitted == line.npos ? line == written
                                               : written.starts_with(line.substr(0, omitted)) &&
                                                     written.ends_with(line.substr(omitted + omission.size()));
        if (!same || written.size() == text.size()) return false;
        text.remove_prefix(written.size() + 1);
        shown.remove_prefix(line.size() + 1);
    }
    return text.empty() && shown.empty();
}

}  // namespace

int main() {
    const std::string written = written_json();
    if (!snippet::json_lines.empty() && is_shown(written, snippet::json_lines)) return 0;
    std::printf("the comment shows:\n%s\nwrite_json_lines writes:\n%s", std::string(snippet::json_lines).c_str(),
                written.c_str());
    return 1;
}
