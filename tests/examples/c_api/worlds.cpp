// SPDX-License-Identifier: BSL-1.0
// Generates random worlds (records, containers, options), and prints what the C++ library plans and applies for them:
//
//   worlds generate SEED COUNT   prints random worlds
//   worlds plan FILE             plans each world and applies the plan, and prints all results
//   worlds everything FILE       also prints each plan as JSON lines and as a graph, the changes since a plan with the
//                                default options, shards, and what a usage summary leads to
//
// The programs worlds.* in other languages read the same worlds, call the C API, and must print the same bytes as
// `plan`; with the argument "everything", those of `everything` (in C, without summaries).
//
// The fields of a line are separated by tabs. A byte below 0x20 or above 0x7e, and '%', is written as %XX. A line
// "created", "label" and so on belongs to the record before it, "called" and "mount" to the container before it. "end"
// ends a world. A plan with doubts that block is applied twice: the first time, no doubt is accepted.
//
// The store that a plan is applied to returns every possible status. `answer_for` selects it by the name: the sum of
// all bytes, each multiplied by its position from 1, modulo 16. Names with the answer 6 are not in the store any more.

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using pruneplan::Timestamp;
using Fields = std::vector<std::string>;

constexpr Timestamp now{1'719'500'000, 123'456'789};

std::string escaped(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte <= 0x7e && c != '%')
            out += c;
        else
            out += {'%', digits[byte >> 4], digits[byte & 15]};
    }
    return out;
}

std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            out += text[at];
            continue;
        }
        out += static_cast<char>(std::strtoul(std::string(text.substr(at + 1, 2)).c_str(), nullptr, 16));
        at += 2;
    }
    return out;
}

Fields fields_of(const std::string& line) {
    Fields fields;
    std::istringstream in(line);
    for (std::string field; std::getline(in, field, '\t');) fields.push_back(unescaped(field));
    if (line.ends_with('\t')) fields.emplace_back();
    return fields;
}

// Generates worlds.

/// splitmix64, which returns the same numbers on every platform.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::size_t below(std::size_t end) { return static_cast<std::size_t>(next() % end); }
    bool one_in(std::size_t n) { return below(n) == 0; }
    std::int64_t seconds() { return now.seconds - static_cast<std::int64_t>(below(40)) * 3600; }
    template <std::size_t n>
    std::string_view pick(const std::string_view (&texts)[n]) {
        return texts[below(n)];
    }

private:
    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        return z ^ z >> 31;
    }

    std::uint64_t state_;
};

void write(const Fields& fields) {
    const char* tab = "";
    for (const std::string& field : fields) {
        std::cout << tab << escaped(field);
        tab = "\t";
    }
    std::cout << '\n';
}

constexpr std::string_view repositories[] = {"docker.io/library/alpine", "docker.io/library/app", "ghcr.io/team/app",
                                             "ghcr.io/team/tools",       "localhost:5000/x",      "alpine"};
constexpr std::string_view tags[] = {"latest", "1", "2", "3.20", "nightly"};
constexpr std::string_view odd_texts[] = {"",    "UPPER", "tab\tin", "new\nline", "caf\xc3\xa9",
                                          "%41", "\x7f",  "a b",     "::"};
constexpr std::string_view filters[] = {"until=10h",     "until=2024-06-27T12:00:00Z",
                                        "label=env",     "label=env=dev",
                                        "label!=env",    "label!=env=prod",
                                        "reference=app", "reference!=*alpine*",
                                        "before=app",    "since=ghcr.io/team/app:1",
                                        "dangling=true", "dangling=false",
                                        "color=red",     "until=soon",
                                        "reference=[",   "nothing"};
constexpr std::string_view patterns[] = {"*:latest", "ghcr.io/*/*", "alpine", "tools*", "*", "[a", "\xc3\xa9*"};
constexpr std::string_view labels[] = {"env", "team", "\xc3\xbc", ""};
constexpr std::string_view values[] = {"dev", "prod", "", "a=b"};
constexpr std::string_view scopes[] = {"dangling", "unused", "unused", "unused"};
constexpr std::string_view presets[] = {"strict", "containerd_snapshotter", "graph_driver", "whole_image",
                                        "names_only"};
constexpr std::string_view digest_uses[] = {"created_by_digest", "every_container", "no_container"};
constexpr std::string_view names_kept[] = {"last", "all"};
constexpr std::string_view newest_by[] = {"created", "last_used", "version", "name"};
constexpr std::string_view newest_names[] = {"", "", "app", "ghcr.io/**", "*:[0-9]*", "[b"};
constexpr std::string_view survivors[] = {"last_by_name", "first_by_name", "newest", "oldest", "tagged"};

std::string digest(Random& random) {
    if (random.one_in(20)) return std::string(random.pick(odd_texts));
    return "sha256:" + std::string(64, static_cast<char>("0123456789abcdef"[random.below(6)]));
}

std::string name(Random& random, const std::string& target) {
    if (random.one_in(8)) return "moby-dangling@" + target;
    if (random.one_in(12))
        return std::string(random.pick(odd_texts)) + std::string(1, '\0') + std::to_string(random.below(5));
    std::string name(random.pick(repositories));
    if (random.one_in(6)) return name + "@" + target;
    return name + ":" + std::string(random.pick(tags));
}

void generate_record(Random& random, std::set<std::string>& names) {
    const std::string target = digest(random);
    std::string unique = name(random, target);
    // A duplicate name is an error, which few worlds should have.
    while (!names.insert(unique).second && !random.one_in(40)) unique = name(random, target);
    write({"record", unique, target});
    if (!random.one_in(6)) write({"created", std::to_string(random.seconds()), std::to_string(random.below(3))});
    if (random.one_in(2)) write({"last_used", std::to_string(random.seconds()), "999999999"});
    while (random.one_in(3)) write({"label", std::string(random.pick(labels)), std::string(random.pick(values))});
    if (random.one_in(15)) write({"pinned", "1"});
    if (random.one_in(15)) write({"dangling", random.one_in(2) ? "1" : "0"});
    while (random.one_in(5)) write({"id", digest(random)});
    while (random.one_in(4)) write({"needed", digest(random)});
    if (random.one_in(5)) write({"subject", digest(random)});
    for (std::size_t blobs = random.below(4); blobs > 0; --blobs) {
        const std::size_t blob = random.below(9);
        write({"blob", "blob" + std::to_string(blob),
               random.one_in(40) ? "18446744073709551615" : std::to_string(blob * 100)});
    }
}

void generate_container(Random& random) {
    const std::string id = digest(random);
    std::string ref;
    switch (random.below(6)) {
        case 0: ref = id; break;
        case 1: ref = id.substr(0, 12); break;
        case 2: ref = "app@" + id; break;
        case 3: ref = random.pick(odd_texts); break;
        default: ref = std::string(random.pick(repositories)) + ":" + std::string(random.pick(tags));
    }
    write({"container", id, ref});
    if (random.one_in(3)) write({"called", std::string(random.pick(labels))});
    while (random.one_in(5)) write({"mount", digest(random)});
}

void generate_options(Random& random) {
    write({"scope", std::string(random.pick(scopes))});
    if (random.one_in(4))
        write({"usage", std::to_string(random.below(2)), std::string(random.pick(digest_uses)),
               std::string(random.pick(names_kept))});
    else
        write({"preset", std::string(random.pick(presets))});
    // The last of them are invalid.
    while (random.one_in(3)) write({"filter", std::string(filters[random.below(random.one_in(5) ? 16 : 12)])});
    while (random.one_in(4)) write({"keep", std::string(patterns[random.below(random.one_in(5) ? 7 : 4)])});
    while (random.one_in(4))
        write({"keep_newest", std::to_string(1 + random.below(3)),
               std::string(newest_names[random.below(random.one_in(5) ? 6 : 5)]), std::string(random.pick(newest_by))});
    if (random.one_in(4)) write({"keep_younger_than", std::to_string(random.seconds()), "1"});
    const bool budget = random.one_in(4);
    if (budget) write({"bytes_to_free", random.one_in(20) ? "-1" : std::to_string(random.below(2000))});
    if (random.one_in(budget ? 3 : 60)) write({"delete_unused_before", std::to_string(random.seconds()), "2"});
    if (random.one_in(3)) write({"survivor", std::string(random.pick(survivors))});
}

void generate(std::uint64_t seed, std::size_t count) {
    Random random(seed);
    for (std::size_t world = 0; world < count; ++world) {
        write({"world", std::to_string(world)});
        std::set<std::string> names;
        for (std::size_t records = random.below(11); records > 0; --records) generate_record(random, names);
        for (std::size_t containers = random.below(6); containers > 0; --containers) generate_container(random);
        generate_options(random);
        write({"end"});
    }
}

// Plans worlds with the C++ library.

struct Blob {
    std::string digest;
    std::uint64_t size;
};

struct Record {
    std::string name, target;
    std::optional<Timestamp> created{}, last_used{};
    std::vector<std::pair<std::string, std::string>> labels{};
    std::vector<Blob> blobs{};
    std::vector<std::string> ids{}, needed{};
    std::string subject{};
    std::optional<bool> dangling{};
    bool pinned = false;
};

struct Container {
    std::string id, ref, called{};
    std::vector<std::string> mounts{};

    const std::string& image_id() const { return id; }
    const std::string& image_ref() const { return ref; }
    const std::string& name() const { return called; }
    const std::vector<std::string>& mounted_image_ids() const { return mounts; }
};

struct Store {
    std::vector<Record> records;

    const std::vector<Record>& images() const { return records; }
    static const std::string& name(const Record& record) { return record.name; }
    static const std::string& target(const Record& record) { return record.target; }
    static std::optional<Timestamp> created(const Record& record) { return record.created; }
    static std::optional<Timestamp> last_used(const Record& record) { return record.last_used; }
    static std::optional<std::string_view> label(const Record& record, std::string_view key) {
        for (const auto& [known, value] : record.labels)
            if (known == key) return value;
        return std::nullopt;
    }
    static bool pinned(const Record& record) { return record.pinned; }
    static bool is_dangling(const Record& record) {
        return record.dangling.value_or(record.name == "moby-dangling@" + record.target);
    }
    static const std::vector<std::string>& ids(const Record& record) { return record.ids; }
    static const std::string& subject(const Record& record) { return record.subject; }
    static const std::vector<std::string>& needs(const Record& record) { return record.needed; }
    static const std::vector<Blob>& blobs(const Record& record) { return record.blobs; }
};

struct World {
    Store store;
    std::vector<Container> containers;
    Fields filters;
    pruneplan::PruneOptions options;
    std::optional<pruneplan::Error> error;
};

template <class Number>
Number number(const std::string& text) {
    Number value{};
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

template <std::size_t n>
std::size_t position(const std::string_view (&words)[n], const std::string& word) {
    return static_cast<std::size_t>(std::find(words, words + n, word) - words);
}

Timestamp moment(const Fields& fields) { return {number<std::int64_t>(fields[1]), number<std::int32_t>(fields[2])}; }

std::optional<pruneplan::Glob> compiled(World& world, const std::string& pattern) {
    auto glob = pruneplan::Glob::compile(pattern);
    if (glob) return *std::move(glob);
    world.error = glob.error();
    return std::nullopt;
}

void read_option(World& world, const Fields& fields) {
    const std::string& key = fields[0];
    auto& options = world.options;
    if (key == "scope") {
        options.scope = fields[1] == "unused" ? pruneplan::Scope::unused : pruneplan::Scope::dangling;
    } else if (key == "usage") {
        options.usage = {fields[1] == "1", static_cast<pruneplan::DigestUse>(position(digest_uses, fields[2])),
                         static_cast<pruneplan::NamesKept>(position(names_kept, fields[3]))};
    } else if (key == "preset") {
        using namespace pruneplan::usage_rules;
        constexpr pruneplan::UsageRule rules[] = {strict, containerd_snapshotter, graph_driver, whole_image,
                                                  names_only};
        options.usage = rules[position(presets, fields[1])];
    } else if (key == "filter") {
        world.filters.push_back(fields[1]);
        auto parsed = pruneplan::parse_filters(world.filters, now);
        if (!parsed) {
            world.error = parsed.error();
            return;
        }
        options.filters = std::move(parsed->filters);
        if (fields[1].starts_with("dangling")) options.scope = parsed->scope;
    } else if (key == "keep") {
        if (auto glob = compiled(world, fields[1])) options.keep.push_back(*std::move(glob));
    } else if (key == "keep_newest") {
        pruneplan::KeepNewest rule{number<std::size_t>(fields[1])};
        if (!fields[2].empty()) rule.names = compiled(world, fields[2]);
        rule.by = static_cast<pruneplan::NewestBy>(position(newest_by, fields[3]));
        options.keep_newest.push_back(std::move(rule));
    } else if (key == "keep_younger_than") {
        options.keep_younger_than = moment(fields);
    } else if (key == "bytes_to_free") {
        options.bytes_to_free = number<std::int64_t>(fields[1]);
    } else if (key == "delete_unused_before") {
        options.delete_unused_before = moment(fields);
    } else if (key == "survivor") {
        options.survivor = static_cast<pruneplan::Survivor>(position(survivors, fields[1]));
    } else {
        std::cerr << "unknown line: " << key << '\n';
        std::exit(1);
    }
}

void read_line(World& world, const Fields& fields) {
    const std::string& key = fields[0];
    auto& records = world.store.records;
    if (world.error) return;
    if (key == "record")
        records.push_back({fields[1], fields[2]});
    else if (key == "created")
        records.back().created = moment(fields);
    else if (key == "last_used")
        records.back().last_used = moment(fields);
    else if (key == "label")
        records.back().labels.emplace_back(fields[1], fields[2]);
    else if (key == "pinned")
        records.back().pinned = fields[1] == "1";
    else if (key == "dangling")
        records.back().dangling = fields[1] == "1";
    else if (key == "id")
        records.back().ids.push_back(fields[1]);
    else if (key == "subject")
        records.back().subject = fields[1];
    else if (key == "needed")
        records.back().needed.push_back(fields[1]);
    else if (key == "blob")
        records.back().blobs.push_back({fields[1], number<std::uint64_t>(fields[2])});
    else if (key == "container")
        world.containers.push_back({fields[1], fields[2]});
    else if (key == "called")
        world.containers.back().called = fields[1];
    else if (key == "mount")
        world.containers.back().mounts.push_back(fields[1]);
    else
        read_option(world, fields);
}

/// Selects what the store does with a name.
unsigned answer_for(std::string_view name) {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < name.size(); ++i) sum += (i + 1) * static_cast<unsigned char>(name[i]);
    return static_cast<unsigned>(sum % 16);
}

struct Remover {
    std::map<std::string, std::string, std::less<>> names{};
    std::size_t steps = 0;

    bool holds_now(std::string_view name, std::string_view target) const {
        const auto found = names.find(name);
        return found != names.end() && found->second == target;
    }

    pruneplan::RemoveOutcome remove(std::string_view name, std::string_view target, std::string_view survivor) {
        using pruneplan::RemoveStatus;
        if (!survivor.empty() && !holds_now(survivor, target)) return RemoveStatus::survivor_gone;
        switch (answer_for(name)) {
            case 0: return {RemoveStatus::failed, "cannot remove " + std::string(name)};
            case 1: return RemoveStatus::changed;
            case 2: return {RemoveStatus::in_use, {}, true};
            case 3: return RemoveStatus::not_found;
        }
        if (!holds_now(name, target)) return RemoveStatus::changed;
        names.erase(names.find(name));
        return {RemoveStatus::removed, {}, answer_for(name) == 5};
    }
};

template <std::unsigned_integral Number>
std::string text(Number number) {
    return std::to_string(number);
}
std::string text(std::string_view view) { return std::string(view); }
std::string text(std::optional<std::size_t> number) { return number ? std::to_string(*number) : "-"; }
std::string text(bool is) { return is ? "1" : "0"; }

void write_plan(const pruneplan::PrunePlan& plan) {
    for (const auto& decision : plan)
        write({"decision", text(decision.record), text(decision.name), text(decision.target),
               text(to_string(decision.action)), text(to_string(decision.reason)), text(decision.container),
               text(decision.mounted), text(decision.option), explain(plan, decision.record)});
    for (const auto& decision : plan) write({"count", text(plan.count(decision.reason))});
    for (const auto& doubt : plan.doubts())
        write({"doubt", text(to_string(doubt.kind)), text(doubt.number), text(doubt.blocks), doubt.sentence});
    for (const auto& deletion : plan.deletions()) write({"deletion", text(deletion.record)});
    write({"counts", text(plan.kept_count()), text(plan.deleted_count())});
    const auto space = plan.space();
    write({"space", text(space.freed), text(space.shared), text(space.kept), text(space.inconsistent_blobs)});
    write({"summary", summary(plan)});
}

void write_step(std::string_view kind, const pruneplan::PruneReport::Step& step) {
    write({text(kind), step.name, step.familiar, step.target, text(to_string(step.status)), step.error,
           text(step.image_deleted), text(step.reclaimed)});
}

void write_report(const pruneplan::PruneReport& report) {
    for (const auto& step : report.steps) write_step("reported", step);
    using enum pruneplan::RemoveStatus;
    for (const auto status : {failed, removed, not_found, changed, survivor_gone, in_use, vetoed, needed, attached})
        write({"status", text(to_string(status)), text(report.count(status))});
    write({"report", text(report.space_reclaimed), text(report.cancelled)});
}

std::string json_lines(const pruneplan::PrunePlan& plan) {
    std::string out;
    write_json_lines(plan, [&out](std::string_view piece) { out += piece; });
    return out;
}

void write_change(const pruneplan::RecordChange& change) {
    const auto word = [](std::optional<pruneplan::Reason> reason) { return reason ? text(to_string(*reason)) : ""; };
    write({"change", text(to_string(change.kind)), text(change.name), text(change.before), text(change.after),
           word(change.reason_before), word(change.reason_after), text(change.target_changed)});
}

std::string netstring(std::string_view bytes) { return std::to_string(bytes.size()) + ":" + std::string(bytes) + ","; }

void write_usage(const World& world) {
    const pruneplan::UsageSummary usage = pruneplan::summarize_usage(world.containers);
    std::string bytes = "pruneplan usage 1\n";
    for (const auto& use : usage) {
        bytes += netstring(use.image_id()) + netstring(use.image_ref());
        for (const std::string_view mounted : use.mounted_image_ids()) bytes += netstring(mounted);
        bytes += "\n";
    }
    bytes += "end\n";
    write({"usage", bytes});
    if (const auto plan = pruneplan::plan_prune(world.store, usage, world.options))
        write({"usage_json_lines", json_lines(*plan)});
}

void write_everything(const World& world, const pruneplan::PrunePlan& plan) {
    write({"json_lines", json_lines(plan)});
    std::string dot;
    write_dot(plan, [&dot](std::string_view piece) { dot += piece; });
    write({"dot", dot});
    if (const auto by_default = pruneplan::plan_prune(world.store, world.containers, {}))
        static_cast<void>(diff(*by_default, plan, write_change));
    for (const Record& record : world.store.records) write({"shard", text(pruneplan::shard_of(record.target, 7))});
    write_usage(world);
}

void plan_and_apply(World& world, bool everything) {
    const auto plan = pruneplan::plan_prune(world.store, world.containers, world.options);
    if (!plan) {
        world.error = plan.error();
        return;
    }
    write_plan(*plan);
    if (everything) write_everything(world, *plan);

    Remover remover;
    for (const Record& record : world.store.records)
        if (answer_for(record.name) != 6) remover.names.emplace(record.name, record.target);
    pruneplan::ApplyOptions options;
    options.before = [](const pruneplan::Decision& decision) {
        write({"before", text(decision.record), text(decision.name), text(to_string(decision.reason))});
        return answer_for(decision.name) != 4;
    };
    options.after = [](const pruneplan::PruneReport::Step& step) { write_step("step", step); };
    options.should_stop = [&] { return remover.steps++ == 4; };
    auto report = apply_prune(*plan, remover, options);
    if (!report) {
        write({"refused", text(to_string(report.error().code)), report.error().message});
        for (const auto& doubt : plan->doubts())
            if (doubt.blocks) options.accept.push_back(doubt.kind);
        report = apply_prune(*plan, remover, options);
    }
    write_report(*report);
    for (const Record& record : world.store.records)
        if (remover.names.contains(record.name)) write({"left", record.name});
}

int plan(const char* file, bool everything) {
    std::ifstream in(file, std::ios::binary);
    World world;
    std::size_t worlds = 0;
    for (std::string line; std::getline(in, line);) {
        const Fields fields = fields_of(line);
        if (fields[0] == "world") {
            world = World();
            write(fields);
        } else if (fields[0] == "end") {
            if (!world.error) plan_and_apply(world, everything);
            if (world.error) write({"error", std::string(to_string(world.error->code)), world.error->message});
            ++worlds;
        } else {
            read_line(world, fields);
        }
    }
    return worlds > 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
    const Fields arguments(words + (count > 0 ? 1 : 0), words + count);
    if (arguments.size() == 3 && arguments[0] == "generate") {
        generate(number<std::uint64_t>(arguments[1]), number<std::size_t>(arguments[2]));
        return 0;
    }
    if (arguments.size() == 2 && (arguments[0] == "plan" || arguments[0] == "everything"))
        return plan(arguments[1].c_str(), arguments[0] == "everything");
    std::cerr << "usage: worlds generate SEED COUNT | worlds plan FILE | worlds everything FILE\n";
    return 2;
}
