#ifndef PRUNEPLAN_TESTS_BENCHMARK_UNORDERED_MAP_HPP
#define PRUNEPLAN_TESTS_BENCHMARK_UNORDERED_MAP_HPP

// SPDX-License-Identifier: BSL-1.0

// A rival to compare the library with: the rule of Docker's image_prune.go, translated from Go's maps to
// std::unordered_map, as a programmer would write it in an hour. It reports no reasons. It parses references with the
// library, which is in its favor.

#include "population.hpp"

#include <pruneplan/syntax/reference.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace benchmark {

/// `Key` is std::string, as a plain translation has it, or std::string_view, which copies no text.
template <class Key>
struct UnorderedMapPlan {
    std::unordered_map<Key, const Record*> to_prune;

    explicit UnorderedMapPlan(const Population& population) {
        // For each target, the number of its names that are not deleted.
        std::unordered_map<Key, std::size_t> names_left;
        for (const Record& record : population.store.records) {
            ++names_left[record.digest];
            to_prune.emplace(record.name, &record);
        }

        // Targets in use by digest, each with the candidate whose name sorts last.
        std::unordered_map<Key, const Record*> used_digests;
        for (const Container& container : population.containers) {
            erase("moby-dangling@" + container.id);
            const bool whole = container.ref.starts_with("sha256:");
            const std::string normalized = whole ? container.ref : "sha256:" + container.ref;
            if (container.id.starts_with(normalized) || container.ref.ends_with('@' + container.id))
                used_digests.emplace(container.id, nullptr);
            const auto reference = pruneplan::parse_reference(container.ref);
            if (!reference) continue;
            erase(reference->with_default_tag().canonical());
            if (!reference->tag().empty() && !reference->digest().empty())
                erase(std::string(reference->name()) + ':' + std::string(reference->tag()));
        }

        for (const auto& [name, record] : to_prune) {
            --names_left[record->digest];
            const auto used = used_digests.find(record->digest);
            if (used != used_digests.end() && (!used->second || used->second->name < record->name))
                used->second = record;
        }
        for (const auto& [digest, last] : used_digests)
            if (last && names_left[digest] == 0) to_prune.erase(last->name);
    }

    std::size_t deleted_count() const { return to_prune.size(); }

private:
    void erase(std::string_view name) { to_prune.erase(Key(name)); }
};

}  // namespace benchmark

#endif
