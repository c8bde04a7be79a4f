#ifndef PRUNEPLAN_CLI_STORE_HPP
#define PRUNEPLAN_CLI_STORE_HPP

// SPDX-License-Identifier: BSL-1.0

// The adapter, which gives the library all facts about an image. This is what a runtime author writes.

#include "listing.hpp"

#include <pruneplan/pruneplan.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

class Store {
public:
    explicit Store(const std::vector<Record>& records) : records_(records) {}

    const std::vector<Record>& images() const { return records_; }
    static const std::string& name(const Record& record) { return record.name; }
    static const std::string& target(const Record& record) { return record.target; }
    static const std::vector<std::string>& ids(const Record& record) { return record.ids; }
    static const std::vector<std::string>& needs(const Record& record) { return record.needs; }
    static const std::string& subject(const Record& record) { return record.subject; }
    static std::optional<Timestamp> created(const Record& record) { return record.created; }
    static std::optional<Timestamp> last_used(const Record& record) { return record.last_used; }
    static bool pinned(const Record& record) { return record.pinned; }
    static bool is_dangling(const Record& record) { return record.dangling; }
    static const std::string* label(const Record& record, std::string_view key) {
        const auto found = record.labels.find(std::string(key));
        return found == record.labels.end() ? nullptr : &found->second;
    }
    static std::vector<Blob> blobs(const Record& record) {
        return record.blobs.empty() ? std::vector<Blob>{{record.target, record.size}} : record.blobs;
    }

private:
    const std::vector<Record>& records_;
};

using Index = pruneplan::ImageIndex<Store>;

}  // namespace cli

#endif
