// SPDX-License-Identifier: BSL-1.0
// Tests of the containers and records that a host can pass: ranges of any kind, texts of any type and lifetime, IDs in
// several spellings, and containers that match no record.

#include "../support/catch.hpp"
#include "../support/mock.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <forward_list>
#include <iterator>
#include <list>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using pruneplan::DoubtKind;
using pruneplan::PruneOptions;
using pruneplan::PrunePlan;
using pruneplan::Reason;
using pruneplan::Scope;
namespace usage_rules = pruneplan::usage_rules;
using Numbers = std::vector<std::size_t>;

const PruneOptions strict{.scope = Scope::unused};
const PruneOptions every_rule[] = {{.scope = Scope::unused, .usage = usage_rules::strict},
                                   {.scope = Scope::unused, .usage = usage_rules::containerd_snapshotter},
                                   {.scope = Scope::unused, .usage = usage_rules::graph_driver},
                                   {.scope = Scope::unused, .usage = usage_rules::whole_image},
                                   {.scope = Scope::unused, .usage = usage_rules::names_only}};

std::string hex(int number) { return std::string(60, 'a') + std::to_string(1000 + number); }
std::string id_of(int number) { return "sha256:" + hex(number); }
std::string name_of(int number) { return "registry.example.org/an-image-with-a-longer-name:" + std::to_string(number); }

struct Record {
    std::string name, digest;
};

struct Store {
    std::vector<Record> records;
    const std::vector<Record>& images() const { return records; }
    static std::string_view name(const Record& record) { return record.name; }
    static std::string_view target(const Record& record) { return record.digest; }
};

/// Returns a store of `count` images with one name each.
Store images(int count, const std::string& algorithm = "sha256:") {
    Store store;
    for (int number = 0; number < count; ++number) store.records.push_back({name_of(number), algorithm + hex(number)});
    return store;
}

/// Copies a text to the one buffer of this thread, which the next call overwrites, as a wrapped C library does.
const char* in_buffer(std::string_view text) {
    thread_local std::array<char, 128> buffer;
    std::fill(buffer.begin(), buffer.end(), '\0');
    std::copy(text.begin(), text.end(), buffer.begin());
    return buffer.data();
}

/// A container with texts of its own.
struct Spec {
    std::string id, ref;
    std::vector<std::string> mounts{};
    std::string_view image_id() const { return id; }
    std::string_view image_ref() const { return ref; }
    const std::vector<std::string>& mounted_image_ids() const { return mounts; }
};

/// Returns a container that runs image 2n and mounts image 2n + 1.
Spec spec_of(int number) { return {id_of(2 * number), name_of(2 * number), {id_of(2 * number + 1)}}; }

std::vector<Spec> specs(int count) {
    std::vector<Spec> out;
    for (int number = 0; number < count; ++number) out.push_back(spec_of(number));
    return out;
}

/// A range that is read once. `make(n)` returns its element n, by value or by reference to an object that the next call
/// overwrites.
template <class Make>
class ReadOnce {
public:
    ReadOnce(int count, Make make) : count_(count), make_(std::move(make)) {}

    struct Iterator {
        using value_type = std::remove_cvref_t<std::invoke_result_t<Make&, int>>;
        using difference_type = std::ptrdiff_t;
        ReadOnce* range = nullptr;

        decltype(auto) operator*() const { return range->make_(range->at_); }
        Iterator& operator++() {
            ++range->at_;
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const { return range->at_ == range->count_; }
    };
    Iterator begin() { return {this}; }
    std::default_sentinel_t end() const { return {}; }

private:
    int count_, at_ = 0;
    Make make_;
};

/// Returns what is wrong with a plan of 2n images and n containers, of which container k runs image 2k and mounts image
/// 2k + 1; nothing if all is kept for the right containers.
std::string fault_of(const PrunePlan& plan) {
    if (plan.deleted_count() != 0) return std::to_string(plan.deleted_count()) + " deleted";
    if (!plan.doubts().empty()) return plan.doubts().front().sentence;
    for (const pruneplan::Decision& decision : plan) {
        if (decision.container != decision.record / 2)
            return "wrong container of record " + std::to_string(decision.record);
        if (decision.mounted != (decision.record % 2 == 1))
            return "wrong use of record " + std::to_string(decision.record);
    }
    return {};
}

Numbers numbers_of(const PrunePlan& plan, DoubtKind kind) {
    Numbers numbers;
    for (const pruneplan::Doubt& doubt : plan.doubts())
        if (doubt.kind == kind) numbers.push_back(doubt.number);
    return numbers;
}

template <class Store, class Containers>
Numbers unmatched(const Store& store, const Containers& containers, const PruneOptions& options = strict) {
    return numbers_of(*pruneplan::plan_prune(store, containers, options), DoubtKind::unmatched_container);
}

/// A record as a C program has it: an absent text is null.
struct CRecord {
    const char *name, *digest, *base, *env;
};

struct CStore {
    std::vector<CRecord> records;
    const std::vector<CRecord>& images() const { return records; }
    static const char* name(const CRecord& record) { return record.name; }
    static const char* target(const CRecord& record) { return record.digest; }
    static const char* needs(const CRecord& record) { return record.base; }
    static const char* label(const CRecord& record, std::string_view) { return record.env; }
};

struct CContainer {
    const char *id, *ref;
    std::vector<const char*> mounts{};
    const char* image_id() const { return id; }
    const char* image_ref() const { return ref; }
    const std::vector<const char*>& mounted_image_ids() const { return mounts; }
};

}  // namespace

TEST_CASE("containers of any range and any pointer protect the images that they run and mount") {
    constexpr int count = 100;
    const Store store = images(2 * count);
    const auto index = pruneplan::build_index(store);
    const std::vector<Spec> all = specs(count);
    for (const PruneOptions& options : {every_rule[0], every_rule[1]}) {
        const auto fault = [&](auto&& containers) { return fault_of(plan_prune(*index, containers, options)); };
        CHECK(fault(all) == "");
        CHECK(fault(std::list<Spec>(all.begin(), all.end())) == "");
        CHECK(fault(std::forward_list<Spec>(all.begin(), all.end())) == "");

        std::vector<const Spec*> pointers;
        std::vector<std::unique_ptr<Spec>> owned;
        std::list<std::shared_ptr<const Spec>> shared;
        for (const Spec& spec : all) {
            pointers.push_back(&spec);
            owned.push_back(std::make_unique<Spec>(spec));
            shared.push_back(std::make_shared<const Spec>(spec));
        }
        CHECK(fault(pointers) == "");
        CHECK(fault(owned) == "");
        CHECK(fault(shared) == "");

        // Ranges that are read once.
        CHECK(fault(ReadOnce(count, spec_of)) == "");
        Spec row;
        CHECK(fault(ReadOnce(count, [&row](int number) -> const Spec& { return row = spec_of(number); })) == "");
        CHECK(fault(ReadOnce(count, [&row](int number) { return &(row = spec_of(number)); })) == "");
        CHECK(fault(ReadOnce(count, [](int number) { return std::make_unique<Spec>(spec_of(number)); })) == "");
    }
}

TEST_CASE("containers that share one object that is rewritten while the range is read all count") {
    const Store store = images(6);
    Spec shared;
    const auto rewrite = [&shared](int number) -> const Spec& { return shared = spec_of(number); };
#if !defined(__clang__) || __clang_major__ >= 16 || \
    defined(_LIBCPP_VERSION)  // clang 15 cannot compile libstdc++'s views.
    CHECK(fault_of(*pruneplan::plan_prune(store, std::views::iota(0, 3) | std::views::transform(rewrite), strict)) ==
          "");
#endif
    const std::vector<const Spec*> twice{&shared, &shared};
    rewrite(1);
    const auto plan = pruneplan::plan_prune(store, twice, strict);
    CHECK(plan->deleted_count() == 4);
    CHECK((*plan)[2].container == 0u);
}

TEST_CASE("containers that return each text in one buffer of the thread protect their own images") {
    struct Container {
        int number;
        const char* image_id() const { return in_buffer(id_of(2 * number)); }
        const char* image_ref() const { return in_buffer(name_of(2 * number)); }
        const char* name() const { return in_buffer("web-" + std::to_string(number)); }
        auto mounted_image_ids() const {
            return ReadOnce(1, [image = 2 * number + 1](int) { return in_buffer(id_of(image)); });
        }
    };
    std::vector<Container> containers;
    for (int number = 0; number < 100; ++number) containers.push_back({number});
    for (const PruneOptions& options : {every_rule[0], every_rule[1]}) {
        const auto plan = *pruneplan::plan_prune(images(200), containers, options);
        CHECK(fault_of(plan) == "");
        CHECK(explain(plan, 199) ==
              "kept: container web-99 mounts " + id_of(199) + ", and this is the last name of that image");
    }
    const auto summary = pruneplan::summarize_usage(containers);
    CHECK(summary.size() == 100);
    CHECK(fault_of(*pruneplan::plan_prune(images(200), summary, strict)) == "");
}

TEST_CASE("a store that returns each text in one buffer of the thread is planned by the texts of each record") {
    struct OneBuffer {
        std::vector<int> numbers;
        const std::vector<int>& images() const { return numbers; }
        static const char* name(int number) { return in_buffer(name_of(number)); }
        static const char* target(int number) { return in_buffer(id_of(number)); }
        static std::optional<const char*> label(int number, std::string_view key) {
            if (key != "odd" || number % 2 == 0) return std::nullopt;
            return in_buffer("yes");
        }
        /// Image 9 needs the images 3 and 5.
        static std::vector<std::string> needs(int number) {
            return number == 9 ? std::vector{id_of(3), id_of(5)} : std::vector<std::string>();
        }
        struct Blob {
            const char* digest;
            long size;
        };
        static std::list<Blob> blobs(int number) {
            return {{in_buffer("layer " + std::to_string(number)), 1L << number}};
        }
    };
    const OneBuffer store{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}};
    PruneOptions options = strict;
    options.filters.push_back(*pruneplan::parse_filter("label=odd=yes", {}));
    const auto plan = *pruneplan::plan_prune(store, {Spec{id_of(9), name_of(9)}}, options);
    Numbers deleted;
    for (const pruneplan::Decision& decision : plan.deletions()) {
        deleted.push_back(decision.record);
        CHECK(decision.name == name_of(static_cast<int>(decision.record)));
        CHECK(decision.target == id_of(static_cast<int>(decision.record)));
    }
    CHECK(deleted == Numbers{1, 7});
    CHECK(plan.space().freed == (1u << 1) + (1u << 7));
    CHECK(plan[3].reason == Reason::needed);
    CHECK(plan[5].reason == Reason::needed);
}

TEST_CASE("records of any range and any pointer and of final types are planned alike") {
    struct FinalRecord final {
        std::string name, digest;
    };
    struct Members {
        static std::string name(const FinalRecord& record) { return record.name; }
        static const char* target(const FinalRecord& record) { return in_buffer(record.digest); }
        static bool pinned(const FinalRecord& record) { return record.name == name_of(1); }
    };
    struct ByReference final : Members {
        std::vector<FinalRecord> records;
        const std::vector<FinalRecord>& images() const { return records; }
    } by_reference;
    struct ByValue final : Members {
        std::vector<FinalRecord> records;
        std::list<FinalRecord> images() const { return {records.begin(), records.end()}; }
    } by_value;
    struct ByPointer final : Members {
        std::vector<FinalRecord> records;
        std::vector<const FinalRecord*> images() const {
            std::vector<const FinalRecord*> out;
            for (const FinalRecord& record : records) out.push_back(&record);
            return out;
        }
    } by_pointer;
    struct Owned final : Members {
        std::vector<std::unique_ptr<FinalRecord>> records;
        const std::vector<std::unique_ptr<FinalRecord>>& images() const { return records; }
    } owned;
    for (int number = 0; number < 4; ++number) {
        const FinalRecord record{name_of(number), id_of(number)};
        by_reference.records.push_back(record);
        by_value.records.push_back(record);
        by_pointer.records.push_back(record);
        owned.records.push_back(std::make_unique<FinalRecord>(record));
    }
    struct Container final {
        static std::string image_id() { return id_of(2); }
        static std::string image_ref() { return {}; }
    };
    const auto plan = *pruneplan::plan_prune(by_reference, {Container()}, strict);
    CHECK(plan[0].reason == Reason::unused);
    CHECK(plan[1].reason == Reason::pinned);
    CHECK(plan[2].reason == Reason::last_name);
    CHECK(plan[3].reason == Reason::unused);
    const auto plan_of = [](const auto& store) { return *pruneplan::plan_prune(store, {Container()}, strict); };
    CHECK(plan_of(by_value) == plan);
    CHECK(plan_of(by_pointer) == plan);
    CHECK(plan_of(owned) == plan);

    CHECK(pruneplan::build_index(by_value)->record(3).name == name_of(3));
    CHECK(&pruneplan::build_index(by_reference)->record(3) == &by_reference.records[3]);
    CHECK(&pruneplan::build_index(by_pointer)->record(3) == &by_pointer.records[3]);
    CHECK(&pruneplan::build_index(owned)->record(3) == owned.records[3].get());
}

TEST_CASE("containers can be passed as a view or as a braced list") {
    const Store store = images(3);
    const auto index = pruneplan::build_index(store);
    const std::string id = id_of(1);
    const mock::Containers containers{{id, "x"}, {"sha256:0", "x"}};
#if !defined(__clang__) || __clang_major__ >= 16 || \
    defined(_LIBCPP_VERSION)  // clang 15 cannot compile libstdc++'s views.
    CHECK(plan_prune(*index, containers | std::views::filter([](const auto& c) { return c.ref == "x"; }), strict)
              .deleted_count() == 2);
    auto filtered = containers | std::views::filter([](const auto& c) { return c.id != "sha256:0"; });
    CHECK(plan_prune(*index, filtered, strict).deleted_count() == 2);
#endif
    CHECK(plan_prune(*index, {mock::Container{id, "x"}}, strict).deleted_count() == 2);
    CHECK(plan_prune(*index, {}, strict).deleted_count() == 3);
    CHECK(plan_prune(*index, {}).deleted_count() == 0);
    CHECK(pruneplan::plan_prune(store, {mock::Container{id, "x"}}, strict)->deleted_count() == 2);
    CHECK(pruneplan::plan_prune(store, {}, strict)->deleted_count() == 3);
    CHECK(pruneplan::plan_prune(store, {})->deleted_count() == 0);
}

TEST_CASE("a container ID of 64 hex digits matches its target with and without the prefix sha256") {
    const std::string bare = hex(1), full = id_of(1);
    for (const std::string algorithm : {"sha256:", ""}) {
        const Store store = images(3, algorithm);
        for (const std::string& id : {bare, full})
            for (const auto& rule : {usage_rules::containerd_snapshotter, usage_rules::graph_driver,
                                     usage_rules::whole_image, usage_rules::strict}) {
                INFO(algorithm << " " << id);
                const auto plan =
                    *pruneplan::plan_prune(store, {mock::Container{id, ""}}, {.scope = Scope::unused, .usage = rule});
                CHECK(plan.deleted_count() == 2);
                CHECK(plan[1].action == pruneplan::Action::keep);
                CHECK(plan.doubts().empty());
            }
        const auto plan = *pruneplan::plan_prune(store, {Spec{id_of(0), "", {bare, full}}}, strict);
        CHECK(plan[1].reason == Reason::last_name);
        CHECK(plan.doubts().empty());
    }
}

TEST_CASE("a container of which no image has the ID is unmatched under every rule although its name is known") {
    const Store store = images(3);
    const std::string id = id_of(0), name = name_of(1), other_kind = "sha512:" + hex(0) + hex(0), no_name = name_of(9);
    const mock::Containers containers{{id, "x"}, {"82d1e9d7", "x"}, {other_kind, name}, {id, name},
                                      {"", ""},  {"", name},        {"", no_name}};
    for (const PruneOptions& options : every_rule) {
        CHECK(unmatched(store, containers, options) == Numbers{1, 2, 4, 6});
        CHECK(unmatched(Store{}, containers, options) == Numbers{0, 1, 2, 3, 4, 5, 6});
        const std::vector<Spec> mounting{{id, "", {id_of(2)}}, {id, "", {id_of(2), "sha256:9"}}, {id, "", {"", ""}}};
        CHECK(unmatched(store, mounting, options) == Numbers{1});
    }
    const auto plan = *pruneplan::plan_prune(store, containers, strict);
    for (const pruneplan::Doubt& doubt : plan.doubts()) CHECK(doubt.blocks);
    CHECK(plan.doubts()[0].sentence ==
          "container 1 uses \"82d1e9d7\", which no record has: show the planner all records, and "
          "the digests that the runtime reports");
}

TEST_CASE("a container whose ID is spelled unlike the targets is unmatched although its name is known") {
    const std::string id = hex(0), short_id = id.substr(0, 12), name = name_of(1);
    std::string upper = "sha256:" + id;
    for (char& c : upper)
        if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
    for (const std::string& spelled : {upper, "sha256-" + id, "SHA256:" + id, short_id, "sha256:" + short_id,
                                       "sha256:" + id + "\n", " sha256:" + id, "docker-pullable://a@sha256:" + id})
        for (const PruneOptions& options : every_rule) {
            INFO(spelled);
            CHECK(unmatched(images(2), std::vector<Spec>{{spelled, name}}, options) == Numbers{0});
        }
}

TEST_CASE("under strict alone the digest or ID that a container was created from stands for an unknown image ID") {
    const Store store = images(2);
    const std::string id = id_of(0);
    for (const std::string& typed : {id, hex(0), "app@" + id, "app:1@" + id})
        for (const std::string& unknown : {std::string("sha256:9"), std::string()}) {
            INFO(typed << " " << unknown);
            const auto plan = *pruneplan::plan_prune(store, {Spec{unknown, typed}}, strict);
            CHECK(plan[0].reason == Reason::last_name);
            CHECK(plan[1].reason == Reason::unused);
            CHECK(plan.doubts().empty());
            for (const PruneOptions& options : every_rule)
                if (options.usage != usage_rules::strict)
                    CHECK(unmatched(store, std::vector<Spec>{{unknown, typed}}, options) == Numbers{0});
        }
}

TEST_CASE("under strict a truncated ID that several images have stands for all of them") {
    const std::string truncated = hex(0).substr(0, 63), unknown = "sha256:9";
    const auto plan = *pruneplan::plan_prune(images(2), {Spec{unknown, truncated}}, strict);
    CHECK(plan.deleted_count() == 0);
    CHECK(plan.doubts().empty());
}

TEST_CASE("a container keeps the dangling name of its image ID that points at another image and is unmatched") {
    const mock::Store store{{{"moby-dangling@sha256:1", "sha256:2"}}};
    const mock::Containers containers{{"sha256:1", "x"}, {"sha256:3", "x"}};
    const auto plan = *pruneplan::plan_prune(store, containers, strict);
    CHECK(plan[0].reason == Reason::name_in_use);
    CHECK(plan[0].container == 0u);
    CHECK(numbers_of(plan, DoubtKind::unmatched_container) == Numbers{0, 1});
}

TEST_CASE("doubts give positions in the whole list when containers are read in batches") {
    mock::Containers containers(100, {"sha256:9", ""});
    const std::string id = id_of(0);
    containers[40].id = id;
    const auto numbers = unmatched(images(1), containers);
    CHECK(numbers.size() == 99);
    CHECK(numbers[39] == 39);
    CHECK(numbers[40] == 41);
    CHECK(numbers.back() == 99);
}

TEST_CASE("a null text of a store or a container counts as empty or as absent") {
    const CStore store{{{"a", "sha256:1", nullptr, nullptr}, {nullptr, nullptr, nullptr, "dev"}}};
    const auto index = pruneplan::build_index(store);
    REQUIRE(index);
    CHECK(index->name(1).empty());
    CHECK(index->target(1).empty());
    PruneOptions options = strict;
    options.filters.push_back(*pruneplan::parse_filter("label=env", {}));
    const std::vector<CContainer> containers{{nullptr, nullptr, {nullptr}}, {"sha256:1", nullptr}};
    const auto plan = plan_prune(*index, containers, options);
    CHECK(plan[0].reason == Reason::filtered);
    CHECK(plan[1].container == 0u);
    const auto parsed = pruneplan::parse_filters(std::vector<const char*>{nullptr}, {});
    CHECK(parsed.error().code == pruneplan::ErrorCode::bad_filter);
}
