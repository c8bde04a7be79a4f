// A text can be a view, a string, a pointer or an array; a label can also be optional.
#include "parts.hpp"

struct CRecord {
    char name[32], digest[72];
};

struct Store {
    std::vector<CRecord> records;
    const std::vector<CRecord>& images() const { return records; }
    static const char (&name(const CRecord& record))[32] { return record.name; }
    static const char* target(const CRecord& record) { return record.digest; }
    static const std::string* label(const CRecord&, std::string_view) { return nullptr; }
    static std::vector<const char*> needs(const CRecord&) { return {}; }
};

struct OtherStore : WithImages, WithTarget {
    static std::string name(const Record& record) { return record.name; }
    static const char* label(const Record&, std::string_view) { return nullptr; }
    static std::string needs(const Record&) { return {}; }
};

struct Container {
    char id[72], typed[32];
    const char (&image_id() const)[72] { return id; }
    std::string image_ref() const { return typed; }
    std::vector<std::string> mounted_image_ids() const { return {}; }
    const char* name() const { return typed; }
};

void plan() {
    plan_all(Store{}, std::vector<Container>{});
    plan_all(OtherStore{}, std::vector<Container>{});
}

// SPDX-License-Identifier: BSL-1.0
