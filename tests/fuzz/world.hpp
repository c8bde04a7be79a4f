#ifndef PRUNEPLAN_TESTS_FUZZ_WORLD_HPP
#define PRUNEPLAN_TESTS_FUZZ_WORLD_HPP

// SPDX-License-Identifier: BSL-1.0

// Reads a world from arbitrary bytes: a store, containers and options. Most texts come from short lists, so that
// records and containers often have them in common.

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fuzz {

/// Reads values from the front of a text. At its end, reads zeros.
class Input {
public:
    explicit Input(std::string_view bytes) : left_(bytes) {}

    bool empty() const { return left_.empty(); }
    /// Reads a number less than `end`, which is at most 256.
    std::size_t below(std::size_t end) { return byte() % end; }
    bool flip() { return byte() % 2 == 1; }

    /// Reads up to 31 bytes as they are.
    std::string raw() {
        const std::size_t wanted = byte() % 32;  // read first, since it shortens what is left
        const std::size_t size = std::min(wanted, left_.size());
        const std::string text(left_.substr(0, size));
        left_.remove_prefix(size);
        return text;
    }

    template <std::size_t Count>
    std::string one_of(const char* const (&texts)[Count]) {
        return texts[below(Count)];
    }

private:
    std::size_t byte() {
        if (left_.empty()) return 0;
        const auto value = static_cast<unsigned char>(left_.front());
        left_.remove_prefix(1);
        return value;
    }

    std::string_view left_;
};

struct Record {
    std::string name, target;
    std::vector<std::string> needs{};
    std::optional<pruneplan::Timestamp> created{}, last_used{};
    std::optional<std::string> label{};
    bool pinned = false;
};

inline constexpr std::string_view blob_digests[] = {"b0", "b1", "b2", "b3", "b4", "b5", "b6", "b7"};

/// Returns the blobs of an image as a set of bits. All records of a target have the same.
inline unsigned blob_bits(std::string_view target) {
    unsigned bits = 1;
    for (const char c : target) bits = bits * 31 + static_cast<unsigned char>(c);
    return (bits >> 8) & (bits >> 16) & 0xff;
}

struct Store {
    std::vector<Record> records;

    const std::vector<Record>& images() const { return records; }
    static const std::string& name(const Record& record) { return record.name; }
    static const std::string& target(const Record& record) { return record.target; }
    static std::optional<pruneplan::Timestamp> created(const Record& record) { return record.created; }
    static std::optional<pruneplan::Timestamp> last_used(const Record& record) { return record.last_used; }
    static std::optional<std::string_view> label(const Record& record, std::string_view key) {
        if (key == "keep" && record.label) return *record.label;
        return std::nullopt;
    }
    static bool pinned(const Record& record) { return record.pinned; }
    static const std::vector<std::string>& needs(const Record& record) { return record.needs; }
    static std::vector<pruneplan::Blob> blobs(const Record& record) {
        std::vector<pruneplan::Blob> out;
        for (std::size_t i = 0; i < std::size(blob_digests); ++i)
            if (blob_bits(record.target) >> i & 1) out.push_back({blob_digests[i], std::uint64_t{1} << i});
        return out;
    }
};

using Index = pruneplan::ImageIndex<Store>;

struct Container {
    std::string id, ref;
    std::vector<std::string> mounted{};

    std::string_view image_id() const { return id; }
    std::string_view image_ref() const { return ref; }
    const std::vector<std::string>& mounted_image_ids() const { return mounted; }
    static std::string name() { return "web"; }
};

struct World {
    Store store;
    std::vector<Container> containers;
    pruneplan::PruneOptions options;
};

namespace world {

inline std::string digest(std::size_t number) {
    static constexpr const char* beginnings[] = {"82d1e9d7", "82d1e9d8", "5e1ec7ed",
                                                 "00000000", "ffffffff", "12345678"};
    return "sha256:" + std::string(beginnings[number % 6]) + std::string(56, static_cast<char>('0' + number % 10));
}

inline std::string target(Input& input) {
    const std::size_t kind = input.below(8);
    return kind < 6 ? digest(kind) : kind == 6 ? "sha256:82d1" : input.raw();
}

inline std::string name(Input& input) {
    static constexpr const char* repositories[] = {
        "docker.io/library/alpine", "docker.io/team/app",      "ghcr.io/x/y", "localhost:5000/a", "alpine", "a_b.c/d",
        "docker.io/library/82d1",   "index.docker.io/team/app"};
    static constexpr const char* tags[] = {":latest", ":1", ":2", ":3", "", ":1@", "@"};
    const std::size_t kind = input.below(8);
    if (kind == 0) return "moby-dangling@" + target(input);
    if (kind == 1) return input.raw();
    // In two statements, so that every compiler reads in the same order.
    std::string text = input.one_of(repositories);
    text += input.one_of(tags);
    if (text.ends_with('@')) text += digest(input.below(6));
    return text;
}

inline std::string familiar(const std::string& name) {
    const auto reference = pruneplan::parse_reference(name);
    return reference ? std::string(reference->familiar()) : name;
}

inline std::optional<pruneplan::Timestamp> moment(Input& input) {
    const std::size_t seconds = input.below(16);
    if (seconds == 0) return std::nullopt;
    return pruneplan::Timestamp{static_cast<std::int64_t>(seconds), 0};
}

inline Container container(Input& input, const std::vector<Record>& records) {
    Container made;
    made.id = records.empty() || input.below(8) == 0 ? target(input) : records[input.below(records.size())].target;
    const std::string bare = made.id.starts_with("sha256:") ? made.id.substr(7) : made.id;
    const std::string named = records.empty() ? name(input) : records[input.below(records.size())].name;
    switch (input.below(10)) {
        case 0: made.ref = made.id; break;
        case 1: made.ref = bare; break;
        case 2: made.ref = bare.substr(0, input.below(16)); break;
        case 3: made.ref = familiar(named); break;
        case 4: made.ref = familiar(named).substr(0, familiar(named).find_first_of(":@")) + "@" + made.id; break;
        case 5: made.ref = familiar(named) + "@" + made.id; break;
        case 6: made.ref = input.raw(); break;
        case 7: break;
        default: made.ref = named; break;
    }
    if (input.below(4) == 0) made.mounted.push_back(target(input));
    return made;
}

inline pruneplan::PruneOptions options(Input& input) {
    static constexpr const char* filters[] = {
        "until=8",       "label=keep",       "label!=keep",        "label=keep=yes", "until=4",
        "reference=*/*", "reference!=alp*",  "reference=*[^x]*:*", "before=82d1e9d", "before=alpine",
        "since=82d1",    "since=team/app:1", "before=82d1",        "reference=a*:1", "reference!=*[/x]y"};
    static constexpr const char* patterns[] = {"alpine", "*/*:1", "*[/]x*", "docker.io/*/*", "a?b*", "*", "*:*"};
    pruneplan::PruneOptions made;
    made.scope = input.below(4) == 0 ? pruneplan::Scope::dangling : pruneplan::Scope::unused;
    made.usage.names_in_use = input.flip();
    made.usage.digests_in_use =
        input.flip() ? pruneplan::DigestUse::every_container : pruneplan::DigestUse::created_by_digest;
    made.usage.names_kept = input.below(3) == 0 ? pruneplan::NamesKept::all : pruneplan::NamesKept::last;
    made.survivor = static_cast<pruneplan::Survivor>(input.below(5));
    for (std::size_t left = input.below(4); left > 0; --left) {
        auto filter = pruneplan::parse_filter(input.below(8) == 0 ? input.raw() : input.one_of(filters), {});
        if (filter) made.filters.push_back(*std::move(filter));
    }
    for (std::size_t left = input.below(4) / 2; left > 0; --left) {
        auto pattern = pruneplan::Glob::compile(input.below(8) == 0 ? input.raw() : input.one_of(patterns));
        if (pattern) made.keep.push_back(*std::move(pattern));
    }
    if (const std::size_t count = input.below(6) % 3; count > 0) made.keep_newest.push_back({count});
    if (input.below(4) == 0) made.keep_younger_than = moment(input);
    if (input.below(4) == 0) made.bytes_to_free = static_cast<std::int64_t>(input.below(256));
    return made;
}

/// Reads a pattern, or nothing if it is invalid.
inline std::optional<pruneplan::Glob> pattern(Input& input) {
    static constexpr const char* patterns[] = {"library/alpine:1", "docker.io/a*", "**/app:*", "82d1",
                                               "ghcr.io/**",       "alpine",       "*:1"};
    auto glob = pruneplan::Glob::compile(input.below(8) == 7 ? input.raw() : input.one_of(patterns));
    if (!glob) return std::nullopt;
    return *std::move(glob);
}

/// Changes options. A 0 changes nothing.
inline void change(Input& input, pruneplan::PruneOptions& options) {
    switch (input.below(8)) {
        case 1: options.usage = pruneplan::usage_rules::strict; break;
        case 2: options.usage.digests_in_use = pruneplan::DigestUse::no_container; break;
        default: break;
    }
    for (std::size_t left = input.below(3); left > 0; --left)
        if (auto glob = pattern(input)) options.keep.push_back(*std::move(glob));
    for (std::size_t left = input.below(3); left > 0; --left) {
        const std::size_t count = input.below(4);
        options.keep_newest.push_back({count, std::nullopt, static_cast<pruneplan::NewestBy>(input.below(4))});
        if (input.below(3) == 1) options.keep_newest.back().names = pattern(input);
    }
    if (input.below(4) == 1) options.delete_unused_before = moment(input);
    if (input.below(32) == 1) options.bytes_to_free = -1;
}

/// Changes the name of a record to another form, a version or an ID, and adds what it needs. A 0 changes nothing.
inline void change(Input& input, Record& record) {
    switch (input.below(16)) {
        case 1: record.name = familiar(record.name); break;
        case 2: record.name = "docker.io/" + record.name; break;
        case 3: record.name = digest(input.below(6)); break;
        case 4: record.name = "library/" + record.name; break;
        case 5: record.name = "alpine:v1." + std::to_string(input.below(12)); break;
        default: break;
    }
    if (input.below(4) == 1) record.needs.push_back(target(input));
}

}  // namespace world

/// Prints the world to stderr if PRUNEPLAN_PRINT is set, to show what a file in corpus/ or faults/ contains.
inline void print_if_asked(const World& made) {
    if (!std::getenv("PRUNEPLAN_PRINT")) return;
    const auto seconds = [](const auto& moment) { return moment ? static_cast<long long>(moment->seconds) : -1; };
    for (const Record& record : made.store.records) {
        std::string needs;
        for (const std::string& needed : record.needs) needs += needed + " ";
        std::fprintf(stderr, "record \"%s\" -> %s, needs %s, created %lld, used %lld, label %s%s\n",
                     record.name.c_str(), record.target.c_str(), needs.empty() ? "none" : needs.c_str(),
                     seconds(record.created), seconds(record.last_used), record.label.value_or("none").c_str(),
                     record.pinned ? ", pinned" : "");
    }
    for (const Container& container : made.containers)
        std::fprintf(stderr, "container %s \"%s\", mounts %s\n", container.id.c_str(), container.ref.c_str(),
                     container.mounted.empty() ? "none" : container.mounted[0].c_str());
    const pruneplan::PruneOptions& options = made.options;
    std::fprintf(stderr, "scope %d, names in use %d, digests in use %d, names kept %d, survivor %d\n",
                 static_cast<int>(options.scope), static_cast<int>(options.usage.names_in_use),
                 static_cast<int>(options.usage.digests_in_use), static_cast<int>(options.usage.names_kept),
                 static_cast<int>(options.survivor));
    const auto text = [](std::string_view view) { return std::string(view); };
    for (const pruneplan::Filter& filter : options.filters)
        std::fprintf(stderr, "filter %s\n", text(filter.text()).c_str());
    for (const pruneplan::Glob& glob : options.keep) std::fprintf(stderr, "keep %s\n", text(glob.pattern()).c_str());
    for (const pruneplan::KeepNewest& rule : options.keep_newest)
        std::fprintf(stderr, "newest %zu by %d of %s\n", rule.count, static_cast<int>(rule.by),
                     rule.names ? text(rule.names->pattern()).c_str() : "all");
    std::fprintf(stderr, "younger than %lld, bytes %lld, unused before %lld\n", seconds(options.keep_younger_than),
                 options.bytes_to_free ? static_cast<long long>(*options.bytes_to_free) : -2,
                 seconds(options.delete_unused_before));
}

/// Reads a world. With `unique`, leaves out records whose name another record has. What `world::change` changes is read
/// last: it changes nothing in inputs that end before, so that the files in corpus/ and faults/ keep their meaning.
inline World read_world(Input& input, bool unique) {
    World made;
    made.options = world::options(input);
    const std::size_t records = input.below(14), containers = input.below(6);
    std::set<std::string> names;
    for (std::size_t i = 0; i < records; ++i) {
        Record record{world::name(input), world::target(input)};
        if (input.below(3) == 0) record.needs.push_back(world::target(input));
        record.created = world::moment(input);
        record.last_used = world::moment(input);
        if (input.below(4) == 0) record.label = input.flip() ? "yes" : "no";
        record.pinned = input.below(16) == 1;
        if (names.insert(record.name).second || !unique) made.store.records.push_back(std::move(record));
    }
    for (std::size_t i = 0; i < containers; ++i) made.containers.push_back(world::container(input, made.store.records));
    world::change(input, made.options);
    for (Record& record : made.store.records) world::change(input, record);
    names.clear();
    if (unique)
        std::erase_if(made.store.records, [&](const Record& record) { return !names.insert(record.name).second; });
    print_if_asked(made);
    return made;
}

}  // namespace fuzz

#endif
