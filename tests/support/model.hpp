#ifndef PRUNEPLAN_TESTS_SUPPORT_MODEL_HPP
#define PRUNEPLAN_TESTS_SUPPORT_MODEL_HPP

// The rule of the design's section 3, written down as plainly as it reads: what the planner is held against.

#include "mock.hpp"

#include <pruneplan/options.hpp>
#include <pruneplan/syntax/reference.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace model {

inline bool is_dangling(const mock::Record& record) {
    return record.name == "moby-dangling@" + std::string(record.digest);
}

inline bool created_by_digest(const std::string& id, std::string ref) {
    if (ref.ends_with("@" + id)) return true;
    if (ref.starts_with("sha256:")) ref.erase(0, 7);
    return id.starts_with("sha256:" + ref);
}

inline std::set<std::string> names_in_use(const mock::Container& container) {
    std::set<std::string> names{"moby-dangling@" + std::string(container.id)};
    if (const auto reference = pruneplan::parse_reference(container.ref)) {
        names.emplace(reference->with_default_tag().canonical());
        if (!reference->tag().empty() && !reference->digest().empty())
            names.insert(std::string(reference->name()) + ":" + std::string(reference->tag()));
    }
    return names;
}

/// The names that go.
inline std::set<std::string> deleted(const std::vector<mock::Record>& records, const mock::Containers& containers,
                                     const pruneplan::PruneOptions& options) {
    std::set<std::string> candidates;
    for (const mock::Record& record : records)
        if (options.scope == pruneplan::Scope::unused || is_dangling(record)) candidates.emplace(record.name);

    std::set<std::string> digests_in_use;
    for (const mock::Container& container : containers) {
        if (options.usage.names_in_use)
            for (const std::string& name : names_in_use(container)) candidates.erase(name);
        if (options.usage.digests_in_use == pruneplan::DigestUse::every_container ||
            created_by_digest(std::string(container.id), std::string(container.ref)))
            digests_in_use.emplace(container.id);
    }

    for (const std::string& digest : digests_in_use) {
        std::set<std::string> going, staying;
        for (const mock::Record& record : records)
            if (record.digest == digest)
                (candidates.contains(std::string(record.name)) ? going : staying).emplace(record.name);
        if (options.usage.names_kept == pruneplan::NamesKept::all)
            for (const std::string& name : going) candidates.erase(name);
        else if (staying.empty() && !going.empty())
            candidates.erase(*going.rbegin());
    }
    return candidates;
}

}  // namespace model

#endif
