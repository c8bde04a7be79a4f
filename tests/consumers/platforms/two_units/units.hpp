// SPDX-License-Identifier: BSL-1.0
// A store, and the functions that second.cpp defines for first.cpp.
#pragma once

#include <pruneplan/pruneplan.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace two_units {

struct Record {
    std::string_view name, digest;
};

struct Store {
    std::vector<Record> records;

    const std::vector<Record>& images() const { return records; }
    static std::string_view name(const Record& record) { return record.name; }
    static std::string_view target(const Record& record) { return record.digest; }
};

struct Container {
    std::string_view id, ref;

    std::string_view image_id() const { return id; }
    std::string_view image_ref() const { return ref; }
};

// Defined in second.cpp.
pruneplan::Result<pruneplan::PruneOptions> options(std::string_view filter);
pruneplan::PrunePlan plan(const pruneplan::ImageIndex<Store>& index, const std::vector<Container>& containers,
                          const pruneplan::PruneOptions& options);
std::size_t deleted_count(const pruneplan::PrunePlan& plan);

}  // namespace two_units
