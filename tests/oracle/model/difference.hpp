#ifndef PRUNEPLAN_TESTS_MODEL_DIFFERENCE_HPP
#define PRUNEPLAN_TESTS_MODEL_DIFFERENCE_HPP

// SPDX-License-Identifier: BSL-1.0

// Finds whether the plans of library and model differ, reduces a world in which they do, and writes it as a test.

#include "kinds.hpp"
#include "model.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace difference {

using model::World;

/// A plan names one cause of a decision, and can name any of those that the model finds.
inline bool agree(const model::Decision& planned, const model::Decision& right) {
    return planned.reason == right.reason && planned.container == right.container && planned.mounted == right.mounted &&
           (planned.options & ~right.options) == 0 && (planned.options == 0) == (right.options == 0);
}

inline bool agree(const model::Plan& planned, const model::Plan& right) {
    return std::equal(planned.decisions.begin(), planned.decisions.end(), right.decisions.begin(),
                      right.decisions.end(), [](const auto& a, const auto& b) { return agree(a, b); }) &&
           planned.deletions == right.deletions && planned.doubts == right.doubts && planned.rejected == right.rejected;
}

inline bool differ(const World& world, const library::Kind& kind) {
    return !agree(kind.plan(world), model::plan(world));
}

/// Returns every world with one thing less: a record, a container, a filter, a pattern, or the value of a member or an
/// option.
inline std::vector<World> smaller_worlds(const World& world) {
    std::vector<World> out;
    const auto add = [&](auto change) {
        World smaller = world;
        change(smaller);
        if (smaller != world) out.push_back(std::move(smaller));
    };
    const auto erase = [](auto& list, std::size_t i) { list.erase(list.begin() + static_cast<std::ptrdiff_t>(i)); };

    for (std::size_t i = 0; i < world.records.size(); ++i) add([&](World& w) { erase(w.records, i); });
    for (std::size_t i = 0; i < world.containers.size(); ++i) add([&](World& w) { erase(w.containers, i); });
    for (std::size_t i = 0; i < world.options.filters.size(); ++i) add([&](World& w) { erase(w.options.filters, i); });
    for (std::size_t i = 0; i < world.options.keep.size(); ++i) add([&](World& w) { erase(w.options.keep, i); });
    for (std::size_t i = 0; i < world.options.keep_newest.size(); ++i) {
        add([&](World& w) { erase(w.options.keep_newest, i); });
        add([&](World& w) { w.options.keep_newest[i].names.reset(); });
        add([&](World& w) { w.options.keep_newest[i].by = {}; });
    }
    add([](World& w) { w.options.bytes_to_free.reset(); });
    add([](World& w) { w.options.delete_unused_before.reset(); });
    add([](World& w) { w.options.keep_younger_than.reset(); });
    add([](World& w) { w.options.survivor = {}; });
    add([](World& w) { w.options.only_dangling = false; });
    add([](World& w) { w.options.rule = {}; });
    for (std::size_t i = 0; i < world.containers.size(); ++i) {
        add([&](World& w) { w.containers[i].mounted.clear(); });
        add([&](World& w) { w.containers[i].image_ref.clear(); });
        add([&](World& w) { w.containers[i].image_id.clear(); });
    }
    for (std::size_t i = 0; i < world.records.size(); ++i) {
        add([&](World& w) { w.records[i].blobs.clear(); });
        add([&](World& w) { w.records[i].labels.clear(); });
        for (std::size_t need = 0; need < world.records[i].needs.size(); ++need)
            add([&](World& w) { erase(w.records[i].needs, need); });
        for (std::size_t id = 0; id < world.records[i].ids.size(); ++id)
            add([&](World& w) { erase(w.records[i].ids, id); });
        if (!world.records[i].subject.empty()) add([&](World& w) { w.records[i].subject.clear(); });
        add([&](World& w) { w.records[i].pinned = false; });
        add([&](World& w) { w.records[i].is_dangling = false; });
        add([&](World& w) { w.records[i].created.reset(); });
        add([&](World& w) { w.records[i].last_used.reset(); });
    }
    return out;
}

/// Removes things from a world, one by one, as long as the plans still differ.
inline World shrunk(World world, const library::Kind& kind) {
    for (bool smaller = true; smaller;) {
        smaller = false;
        for (World& next : smaller_worlds(world)) {
            if (!differ(next, kind)) continue;
            world = std::move(next);
            smaller = true;
            break;
        }
    }
    return world;
}

// The world as code.

inline std::string literal(std::string_view text) { return "\"" + std::string(text) + "\""; }
inline std::string code(const model::Moment& moment) {
    return "Moment{" + std::to_string(moment.seconds) + ", " + std::to_string(moment.nanoseconds) + "}";
}

inline std::string text_of(const model::Decision& decision) {
    return std::string(decision.reason) + (decision.container ? " " + std::to_string(*decision.container) : "") +
           (decision.mounted ? " mounted" : "");
}

inline std::string text_of(const model::Doubt& doubt) {
    return std::string(doubt.kind) + " " + std::to_string(doubt.number) + (doubt.blocks ? " blocks" : "");
}

/// The decisions of a plan, such as "last_name 0", in the order of the records.
inline std::vector<std::string> texts_of(const model::Plan& plan) {
    std::vector<std::string> out;
    for (const model::Decision& decision : plan.decisions) out.push_back(text_of(decision));
    return out;
}

/// The doubts of a plan, such as "unmatched_container 0 blocks".
inline std::vector<std::string> doubts_of(const model::Plan& plan) {
    std::vector<std::string> out;
    for (const model::Doubt& doubt : plan.doubts) out.push_back(text_of(doubt));
    return out;
}

template <class List>
std::string code_of_list(const List& list) {
    std::string out = "{";
    for (const auto& text : list) out += (out.size() > 1 ? ", " : "") + literal(text);
    return out + "}";
}

inline std::string code(const model::Record& record) {
    std::string out = "{.name = " + literal(record.name) + ", .target = " + literal(record.target);
    if (record.created) out += ", .created = " + code(*record.created);
    if (record.last_used) out += ", .last_used = " + code(*record.last_used);
    if (!record.labels.empty()) {
        out += ", .labels = {";
        for (const auto& [key, value] : record.labels) out += "{" + literal(key) + ", " + literal(value) + "}, ";
        out += "}";
    }
    if (record.pinned) out += ", .pinned = true";
    if (record.is_dangling) out += ", .is_dangling = true";
    if (!record.needs.empty()) out += ", .needs = " + code_of_list(record.needs);
    if (!record.blobs.empty()) {
        out += ", .blobs = {";
        for (const model::Blob& blob : record.blobs)
            out += "{" + literal(blob.digest) + ", " + std::to_string(blob.size) + "u}, ";
        out += "}";
    }
    if (!record.ids.empty()) out += ", .ids = " + code_of_list(record.ids);
    if (!record.subject.empty()) out += ", .subject = " + literal(record.subject);
    return out + "}";
}

inline std::string code(const model::Container& container) {
    std::string out = "{.image_id = " + literal(container.image_id) + ", .image_ref = " + literal(container.image_ref);
    if (!container.mounted.empty()) out += ", .mounted = " + code_of_list(container.mounted);
    return out + "}";
}

inline std::string code(const model::Rule& rule) {
    static const char* const digests[] = {"created_by_digest", "every_container", "no_container"};
    return std::string("{.names_in_use = ") + (rule.names_in_use ? "true" : "false") +
           ", .digests = DigestUse::" + digests[static_cast<std::size_t>(rule.digests)] +
           ", .all_names = " + (rule.all_names ? "true" : "false") + "}";
}

inline std::string code(const model::KeepNewest& rule) {
    static const char* const orders[] = {"created", "last_used", "version", "name"};
    return "{.count = " + std::to_string(rule.count) + (rule.names ? ", .names = " + literal(*rule.names) : "") +
           ", .by = NewestBy::" + orders[static_cast<std::size_t>(rule.by)] + "}";
}

inline std::string code(const World& world, const library::Kind& kind) {
    static const char* const survivors[] = {"last_by_name", "first_by_name", "newest", "oldest", "tagged"};
    const model::Options& options = world.options;
    std::string out = "TEST_CASE(\"NAME\") {\n    World world;\n";
    for (const model::Record& record : world.records) out += "    world.records.push_back(" + code(record) + ");\n";
    for (const model::Container& container : world.containers)
        out += "    world.containers.push_back(" + code(container) + ");\n";
    if (options.only_dangling) out += "    world.options.only_dangling = true;\n";
    if (options.rule != model::Rule{}) out += "    world.options.rule = " + code(options.rule) + ";\n";
    if (!options.filters.empty()) out += "    world.options.filters = " + code_of_list(options.filters) + ";\n";
    if (!options.keep.empty()) out += "    world.options.keep = " + code_of_list(options.keep) + ";\n";
    for (const model::KeepNewest& rule : options.keep_newest)
        out += "    world.options.keep_newest.push_back(" + code(rule) + ");\n";
    if (options.keep_younger_than)
        out += "    world.options.keep_younger_than = " + code(*options.keep_younger_than) + ";\n";
    if (options.bytes_to_free)
        out += "    world.options.bytes_to_free = " + std::to_string(*options.bytes_to_free) + ";\n";
    if (options.delete_unused_before)
        out += "    world.options.delete_unused_before = " + code(*options.delete_unused_before) + ";\n";
    if (options.survivor != model::Survivor::last_by_name)
        out += std::string("    world.options.survivor = Survivor::") +
               survivors[static_cast<std::size_t>(options.survivor)] + ";\n";
    const model::Plan planned = kind.plan(world), right = model::plan(world);
    out += "    // The library: " + code_of_list(texts_of(planned)) + "\n";
    out += "    CHECK(planned(world, " + literal(kind.name) + ") == Texts" + code_of_list(texts_of(right)) + ");\n";
    if (planned.deletions != right.deletions) {
        std::vector<std::string> wrong, order;
        for (const std::size_t record : planned.deletions) wrong.push_back(world.records[record].name);
        for (const std::size_t record : right.deletions) order.push_back(world.records[record].name);
        out += "    // The library: " + code_of_list(wrong) + "\n";
        out += "    CHECK(deleted(world, " + literal(kind.name) + ") == Texts" + code_of_list(order) + ");\n";
    }
    if (planned.doubts != right.doubts) {
        out += "    // The library: " + code_of_list(doubts_of(planned)) + "\n";
        out += "    CHECK(doubts(world, " + literal(kind.name) + ") == Texts" + code_of_list(doubts_of(right)) + ");\n";
    }
    for (std::size_t i = 0; i < planned.decisions.size() && i < right.decisions.size(); ++i)
        if (!agree(planned.decisions[i], right.decisions[i]) &&
            planned.decisions[i].options != right.decisions[i].options)
            out += "    // Options that decide on record " + std::to_string(i) +
                   ", as bits: " + std::to_string(right.decisions[i].options) +
                   "; the library: " + std::to_string(planned.decisions[i].options) + "\n";
    if (planned.rejected != right.rejected)
        out += std::string("    // The options must be ") + (right.rejected ? "rejected" : "accepted") + ".\n";
    return out + "}\n";
}

}  // namespace difference

#endif
