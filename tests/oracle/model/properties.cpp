// SPDX-License-Identifier: BSL-1.0
// Properties that must hold in every world, whatever the rules are. PRUNEPLAN_SEED selects the random worlds.

#include "../../support/catch.hpp"
#include "../../support/live_store.hpp"
#include "library.hpp"
#include "model.hpp"
#include "random_worlds.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using library::All;
using model::Container;
using model::Record;
using model::World;
using random_worlds::Maker;

std::uint64_t seed() {
    const char* given = std::getenv("PRUNEPLAN_SEED");
    return given == nullptr ? 1 : std::strtoull(given, nullptr, 10);
}

/// Lets all records of an image need the same, and have the same IDs and blobs, as real stores do.
void make_consistent(World& world) {
    std::map<std::string, Record> first;
    for (Record& record : world.records) {
        const Record& known = first.emplace(record.target, record).first->second;
        record.needs = known.needs;
        record.blobs = known.blobs;
        record.ids = known.ids;
    }
}

/// Calls `check` with random worlds, and with the maker of each for further random choices.
template <class Check>
void for_each_world(std::uint64_t count, const Check& check) {
    for (std::uint64_t number = 0; number < count; ++number) {
        INFO("PRUNEPLAN_SEED=" << seed() << ", world " << number);
        Maker maker(seed(), number);
        World world = maker.make({});
        make_consistent(world);
        check(world, maker);
    }
}

model::Plan planned(const World& world) { return library::planned_by<All>(world, library::in_a_row<library::Lent>); }

/// The library's own plan, with an index.
pruneplan::PrunePlan plan_of(const World& world) {
    const All store(world.records);
    return plan_prune(library::accepted(pruneplan::build_index(store)),
                      library::in_a_row<library::Lent>(world.containers), library::options_of(world.options));
}

std::vector<std::size_t> shuffled(std::size_t count, Maker& maker) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), 0u);
    std::shuffle(order.begin(), order.end(), maker.random());
    return order;
}

template <class T>
std::vector<T> in_order(const std::vector<T>& list, const std::vector<std::size_t>& order) {
    std::vector<T> out;
    for (const std::size_t from : order) out.push_back(list[from]);
    return out;
}

bool keeps_target(const World& world, const model::Plan& plan, const std::string& id) {
    for (std::size_t i = 0; i < world.records.size(); ++i)
        if (world.records[i].target == id && !plan.decisions[i].deletes()) return true;
    return false;
}

std::string full_id(const std::string& id) { return (model::is_bare_id(id) ? "sha256:" : "") + id; }

/// Tells whether an image has an ID, by one of its records.
bool has_id(const Record& record, const std::string& id) {
    const auto is_this = [&](const std::string& other) { return !other.empty() && full_id(other) == full_id(id); };
    return is_this(record.target) || std::any_of(record.ids.begin(), record.ids.end(), is_this);
}

/// Returns the targets of the images that a record is attached to.
std::set<std::string> subjects_of(const World& world, const Record& record) {
    std::set<std::string> out;
    for (const Record& other : world.records)
        if (!record.subject.empty() && has_id(other, record.subject)) out.insert(other.target);
    return out;
}

/// Tells whether an ID is the target of an image. An empty text is no ID.
bool has_target(const World& world, const std::string& id) {
    const auto points_there = [&](const Record& record) { return !id.empty() && record.target == id; };
    return std::any_of(world.records.begin(), world.records.end(), points_there);
}

}  // namespace

TEST_CASE("decisions do not depend on the order of records") {
    for_each_world(2000, [](World& world, Maker& maker) {
        const model::Plan plan = planned(world);
        const auto order = shuffled(world.records.size(), maker);
        World other = world;
        other.records = in_order(world.records, order);
        const model::Plan other_plan = planned(other);
        REQUIRE(other_plan.decisions == in_order(plan.decisions, order));
        REQUIRE(other_plan.rejected == plan.rejected);
    });
}

TEST_CASE("the order of containers only changes which of several containers is reported") {
    for_each_world(2000, [](World& world, Maker& maker) {
        const model::Plan plan = planned(world);
        const auto order = shuffled(world.containers.size(), maker);
        World other = world;
        other.containers = in_order(world.containers, order);
        const model::Plan shuffled_plan = planned(other);
        REQUIRE(shuffled_plan.deletions == plan.deletions);
        for (std::size_t i = 0; i < plan.decisions.size(); ++i) {
            const model::Decision &before = plan.decisions[i], &after = shuffled_plan.decisions[i];
            REQUIRE(before.reason == after.reason);
            REQUIRE(before.container.has_value() == after.container.has_value());
            if (!before.container) continue;
            // Each plan reports the first of the same containers, in its own order.
            const auto place_of_before = std::find(order.begin(), order.end(), *before.container) - order.begin();
            REQUIRE(*after.container <= static_cast<std::size_t>(place_of_before));
            REQUIRE(*before.container <= order[*after.container]);
        }
    });
}

TEST_CASE("a container that uses nothing only shifts the numbers of the containers after it") {
    for_each_world(1000, [](World& world, Maker& maker) {
        const model::Plan plan = planned(world);
        const std::size_t place = maker.of(world.containers.size() + 1);
        world.containers.insert(world.containers.begin() + static_cast<std::ptrdiff_t>(place),
                                Container{"sha256:" + std::string(64, '0'), "nothing/of:that-name", {}});
        const model::Plan after = planned(world);
        REQUIRE(after.deletions == plan.deletions);
        for (std::size_t i = 0; i < plan.decisions.size(); ++i) {
            model::Decision expected = plan.decisions[i];
            if (expected.container && *expected.container >= place) ++*expected.container;
            REQUIRE(after.decisions[i] == expected);
        }
    });
}

// What depends on which records exist is left out, since it can delete more once some are deleted: a budget, filters that
// name an image, the newest of images that need each other, and attachments, which are candidates once their subject is
// deleted.
TEST_CASE("planning again after all deletions deletes nothing more") {
    std::size_t deleted = 0;
    for_each_world(2000, [&](World& world, Maker&) {
        world.options.bytes_to_free = std::nullopt;
        std::erase_if(world.options.filters, [](const std::string& filter) {
            return filter.starts_with("before=") || filter.starts_with("since=");
        });
        for (Record& record : world.records)
            if (!world.options.keep_newest.empty()) record.needs.clear();
        for (Record& record : world.records) record.subject.clear();
        const model::Plan plan = planned(world);
        World after = world;
        after.records.clear();
        for (std::size_t i = 0; i < world.records.size(); ++i)
            if (!plan.decisions[i].deletes()) after.records.push_back(world.records[i]);
        deleted += plan.deletions.size();
        REQUIRE(planned(after).deletions.empty());
    });
    CHECK(deleted > 1000);
}

TEST_CASE("a mounted image keeps a name under every rule and an image that runs under DigestUse::every_container") {
    for_each_world(2000, [](World& world, Maker& maker) {
        if (!maker.one_in(4)) world.options.rule.digests = model::DigestUse::every_container;
        const bool every_container = world.options.rule.digests == model::DigestUse::every_container;
        const model::Plan plan = planned(world);
        for (const Container& container : world.containers) {
            if (every_container && has_target(world, container.image_id))
                REQUIRE(keeps_target(world, plan, container.image_id));
            for (const std::string& mounted : container.mounted)
                if (has_target(world, mounted)) REQUIRE(keeps_target(world, plan, mounted));
        }
    });
}

TEST_CASE("strict keeps the names that a container was created from in whatever form the store spells them") {
    std::size_t named = 0;
    for_each_world(2000, [&](World& world, Maker&) {
        world.options.rule = {};
        const model::Plan plan = planned(world);
        for (const Container& container : world.containers) {
            const auto& reference = model::parse_reference(container.image_ref);
            if (!reference) continue;
            const std::string by_tag = reference->repository() + ":" + reference->tag;
            for (std::size_t i = 0; i < world.records.size(); ++i) {
                const auto& name = model::parse_reference(world.records[i].name);
                if (!name || (name->canonical() != reference->canonical() &&
                              (reference->digest.empty() || name->canonical() != by_tag)))
                    continue;
                ++named;
                REQUIRE_FALSE(plan.decisions[i].deletes());
            }
        }
    });
    CHECK(named > 100);
}

TEST_CASE("strict keeps every image that the image_id or else the digest or ID in the image_ref of a container means") {
    std::size_t by_id = 0, by_text = 0;
    for_each_world(2000, [&](World& world, Maker&) {
        world.options.rule = {};
        const model::Plan plan = planned(world);
        const auto is_meant = [](const Record& record, const std::string& id) {
            const std::string wanted = "sha256:" + (id.starts_with("sha256:") ? id.substr(7) : id);
            const auto begins = [&](const std::string& its) { return full_id(its).starts_with(wanted); };
            return has_id(record, id) || begins(record.target) ||
                   std::any_of(record.ids.begin(), record.ids.end(), begins);
        };
        for (const Container& container : world.containers) {
            const std::string& typed = container.image_ref;
            const std::string wanted = model::digest_in(typed).value_or(typed);
            bool known = false;
            for (const Record& record : world.records)
                if (has_id(record, container.image_id)) {
                    known = true;
                    ++by_id;
                    REQUIRE(keeps_target(world, plan, record.target));
                }
            for (const Record& record : world.records)
                if (!known && model::is_id(wanted) && is_meant(record, wanted)) {
                    ++by_text;
                    REQUIRE(keeps_target(world, plan, record.target));
                }
        }
    });
    CHECK(by_id > 1000);
    CHECK(by_text > 100);
}

// The new container can put another name of an image in use than the one that survived before. With a budget, an image
// that is kept for the new container lets others be deleted instead.
TEST_CASE("under strict one more container leads to no image that keeps fewer names") {
    std::size_t kept_more = 0;
    for_each_world(2000, [&](World& world, Maker& maker) {
        world.options.rule = {};
        world.options.bytes_to_free = std::nullopt;
        const auto kept_names = [&world](const model::Plan& plan) {
            std::map<std::string, std::size_t> names;
            for (std::size_t i = 0; i < world.records.size(); ++i)
                names[world.records[i].target] += !plan.decisions[i].deletes();
            return names;
        };
        const auto before = kept_names(planned(world));
        world.containers.push_back(maker.any_container());
        const auto after = kept_names(planned(world));
        for (const auto& [target, names] : before) REQUIRE(after.at(target) >= names);
        kept_more += before != after;
    });
    CHECK(kept_more > 100);
}

TEST_CASE("an image that a kept image needs keeps a name") {
    std::size_t needed = 0;
    for_each_world(3000, [&](World& world, Maker&) {
        const model::Plan plan = planned(world);
        for (std::size_t i = 0; i < world.records.size(); ++i)
            for (const std::string& needed_id : world.records[i].needs)
                for (const Record& other : world.records)
                    if (!plan.decisions[i].deletes() && has_id(other, needed_id)) {
                        ++needed;
                        REQUIRE(keeps_target(world, plan, other.target));
                    }
    });
    CHECK(needed > 1000);
}

TEST_CASE("no attachment is deleted before its subjects, and none outlives them but for a reason of its own") {
    const std::set<std::string_view> own_reasons{"pinned", "kept_pattern", "name_in_use", "image_in_use", "needed"};
    std::size_t kept_by_subject = 0, deleted_with_subject = 0, kept_alone = 0;
    for_each_world(10000, [&](World& world, Maker&) {
        const model::Plan plan = planned(world);
        for (std::size_t i = 0; i < world.records.size(); ++i) {
            const std::set<std::string> subjects = subjects_of(world, world.records[i]);
            if (subjects.empty()) continue;
            const model::Decision& decision = plan.decisions[i];
            const bool has_subject = std::any_of(subjects.begin(), subjects.end(), [&](const std::string& target) {
                return keeps_target(world, plan, target);
            });
            REQUIRE_FALSE((has_subject && decision.deletes()));
            if (!has_subject && !decision.deletes()) REQUIRE(own_reasons.contains(decision.reason));
            ++(has_subject ? kept_by_subject : decision.deletes() ? deleted_with_subject : kept_alone);
        }
    });
    CHECK(kept_by_subject > 1000);
    CHECK(deleted_with_subject > 150);
    CHECK(kept_alone > 80);
}

// An ID can make a record an attachment, another image needed in place of one, or a container's image known, so that strict
// does not look at its image_ref any more. Where it can do neither, it only keeps more images, perhaps by other names.
TEST_CASE(
    "another ID of a record keeps every image that was kept, without attachments, budgets, and typed IDs under "
    "strict") {
    std::size_t kept_more = 0;
    for_each_world(10000, [&](World& world, Maker& maker) {
        if (world.records.empty()) return;
        world.options.bytes_to_free.reset();
        world.options.delete_unused_before.reset();
        std::erase_if(world.options.filters, [](const std::string& filter) {
            return filter.starts_with("before=") || filter.starts_with("since=");
        });
        for (Record& record : world.records) {
            record.subject.clear();
            if (!world.options.keep_newest.empty()) record.needs.clear();
        }
        if (world.options.rule == model::Rule{})
            for (Container& container : world.containers)
                if (model::is_id(model::digest_in(container.image_ref).value_or(container.image_ref)))
                    container.image_ref = "app:1";
        const model::Plan plan = planned(world);
        World more = world;
        more.records[maker.of(world.records.size())].ids.push_back(maker.any_id());
        const model::Plan with_id = planned(more);
        for (const Record& record : world.records)
            if (keeps_target(world, plan, record.target)) REQUIRE(keeps_target(more, with_id, record.target));
        kept_more += with_id.deletions.size() < plan.deletions.size();
    });
    CHECK(kept_more > 50);
}

TEST_CASE("a budget that is never reached deletes what no budget deletes but for names of images that keep another") {
    std::size_t deleted = 0, attached = 0;
    for_each_world(3000, [&](World& world, Maker&) {
        world.options.bytes_to_free.reset();
        world.options.delete_unused_before.reset();
        const model::Plan plan = planned(world);
        world.options.bytes_to_free = std::numeric_limits<std::int64_t>::max();
        for (Record& record : world.records) record.blobs = {{record.target, 1}};
        const model::Plan with_budget = planned(world);
        for (std::size_t i = 0; i < world.records.size(); ++i) {
            const bool is_attachment = !subjects_of(world, world.records[i]).empty();
            const bool expected =
                plan.decisions[i].deletes() && (is_attachment || !keeps_target(world, plan, world.records[i].target));
            REQUIRE(with_budget.decisions[i].deletes() == expected);
            deleted += expected;
            attached += expected && is_attachment;
        }
    });
    CHECK(deleted > 1000);
    CHECK(attached > 50);
}

TEST_CASE("a budget is met if deleting all images without a limit meets it") {
    for_each_world(10000, [&](World& world, Maker& maker) {
        for (Record& record : world.records) record.blobs = {{record.target, 10}};
        world.options.bytes_to_free = std::numeric_limits<std::int64_t>::max();
        world.options.delete_unused_before.reset();
        const std::uint64_t most = plan_of(world).space().freed;
        const std::size_t wanted = maker.of(100);
        world.options.bytes_to_free = static_cast<std::int64_t>(wanted);
        REQUIRE(plan_of(world).space().freed >= std::min<std::uint64_t>(wanted, most));
    });
}

TEST_CASE("a greater budget deletes all that a lesser one does") {
    std::size_t more = 0;
    for_each_world(10000, [&](World& world, Maker& maker) {
        for (Record& record : world.records) record.blobs = {{record.target, 10}, {"base", 3}};
        world.options.bytes_to_free = static_cast<std::int64_t>(maker.of(60));
        const model::Plan lesser = planned(world);
        *world.options.bytes_to_free += static_cast<std::int64_t>(maker.of(60));
        const model::Plan greater = planned(world);
        for (std::size_t i = 0; i < world.records.size(); ++i)
            if (lesser.decisions[i].deletes()) REQUIRE(greater.decisions[i].deletes());
        more += greater.deletions.size() > lesser.deletions.size();
    });
    CHECK(more > 300);
}

TEST_CASE("an attachment is removed only when all names of its subjects are gone") {
    std::size_t removed = 0, left = 0;
    for_each_world(10000, [&](World& world, Maker& maker) {
        const pruneplan::PrunePlan plan = plan_of(world);
        std::set<std::string> names;
        for (const Record& record : world.records) names.insert(record.name);
        pruneplan::PruneReport report;
        const auto remove = [&](std::string_view name, std::string_view, std::string_view) {
            const auto record = std::find_if(world.records.begin(), world.records.end(),
                                             [&](const Record& its) { return its.name == name; });
            const std::set<std::string> subjects = subjects_of(world, *record);
            for (const Record& other : world.records)
                if (subjects.contains(other.target)) REQUIRE_FALSE(names.contains(other.name));
            if (maker.one_in(8)) return pruneplan::RemoveStatus::in_use;
            names.erase(std::string(name));
            removed += !subjects.empty();
            return pruneplan::RemoveStatus::removed;
        };
        const pruneplan::ApplyOptions options{.accept = {pruneplan::DoubtKind::unmatched_container,
                                                         pruneplan::DoubtKind::unprotected_image,
                                                         pruneplan::DoubtKind::invalid_image_ref}};
        REQUIRE(apply_prune(plan, remove, options, report));
        left += report.count(pruneplan::RemoveStatus::attached);
    });
    CHECK(removed > 100);
    CHECK(left > 20);
}

TEST_CASE("a plan and its copies are equal and read the same when all that it was made of is gone") {
    for_each_world(500, [](World& world, Maker&) {
        const auto text_of = [](const pruneplan::PrunePlan& plan) {
            std::string text = summary(plan);
            for (const pruneplan::Decision& decision : plan) text += explain(plan, decision.record);
            for (const pruneplan::Doubt& doubt : plan.doubts()) text += doubt.sentence;
            write_json_lines(plan, [&](std::string_view part) { text += part; });
            return text;
        };
        World spoilt = world;
        std::string before;
        auto plan = std::make_unique<pruneplan::PrunePlan>();
        {
            All store(spoilt.records);
            const auto index = library::accepted(pruneplan::build_index(store));
            *plan = plan_prune(index, library::in_a_row<library::Lent>(spoilt.containers),
                               library::options_of(spoilt.options));
            before = text_of(*plan);
            library::spoil(store);
            for (Container& container : spoilt.containers) container = {"spoilt", "spoilt", {"spoilt"}};
        }
        REQUIRE(text_of(*plan) == before);
        const pruneplan::PrunePlan copy = *plan;
        REQUIRE(copy == *plan);
        REQUIRE(copy == plan_of(world));
        const pruneplan::PrunePlan moved = std::move(*plan);
        plan.reset();
        REQUIRE(moved == copy);
        REQUIRE(text_of(copy) == before);
        REQUIRE(text_of(moved) == before);
    });
}

TEST_CASE("a plan with a blocking doubt is applied only if that is accepted") {
    std::size_t doubtful = 0;
    for_each_world(1000, [&](World& world, Maker&) {
        std::erase_if(world.records, [](const Record& record) { return record.name.empty(); });  // it is no survivor
        const pruneplan::PrunePlan plan = plan_of(world);
        std::set<pruneplan::DoubtKind> blocking;
        for (const pruneplan::Doubt& doubt : plan.doubts())
            if (doubt.blocks) blocking.insert(doubt.kind);
        std::size_t removals = 0;
        const auto remover = [&](std::string_view, std::string_view, std::string_view) {
            ++removals;
            return pruneplan::RemoveStatus::removed;
        };
        pruneplan::ApplyOptions options{.accept = {blocking.begin(), blocking.end()}};
        for (const pruneplan::DoubtKind missing : blocking) {
            ++doubtful;
            pruneplan::ApplyOptions others = options;
            std::erase(others.accept, missing);
            const auto refused = apply_prune(plan, remover, others);
            REQUIRE_FALSE(refused);
            REQUIRE(refused.error().code == pruneplan::ErrorCode::doubtful_plan);
        }
        REQUIRE(removals == 0);
        const auto report = apply_prune(plan, remover, options);
        REQUIRE(report);
        REQUIRE(report->count(pruneplan::RemoveStatus::removed) == plan.deleted_count());
        REQUIRE(removals == plan.deleted_count());
    });
    CHECK(doubtful > 100);
}

TEST_CASE("an image is deleted before what it needs and names of images without needs in sorted order") {
    for_each_world(2000, [](World& world, Maker& maker) {
        // Images need images of lesser targets, so that there are no circles.
        const bool has_needs = !maker.one_in(4);
        for (Record& record : world.records)
            std::erase_if(record.needs,
                          [&](const auto& needed) { return !has_needs || full_id(needed) >= full_id(record.target); });
        for (Record& record : world.records) {
            record.ids.clear();
            record.subject.clear();
        }
        const model::Plan plan = planned(world);
        std::vector<std::string> names;
        std::set<std::string> deleted;
        for (const std::size_t id : plan.deletions) {
            const Record& record = world.records[id];
            names.push_back(record.name);
            for (const std::string& needed : record.needs)
                if (!needed.empty()) REQUIRE_FALSE(deleted.contains(full_id(needed)));
            deleted.insert(full_id(record.target));
        }
        if (!has_needs) REQUIRE(std::is_sorted(names.begin(), names.end()));
    });
}

TEST_CASE("space equals a sum over all blobs") {
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    const auto add = [](std::uint64_t& sum, std::uint64_t more) { sum = more > most - sum ? most : sum + more; };
    for_each_world(2000, [&](World& world, Maker&) {
        const pruneplan::PrunePlan plan = plan_of(world);
        struct Count {
            std::set<std::uint64_t> sizes;
            bool on_kept = false, on_deleted = false;
        };
        std::map<std::string, Count> blobs;
        std::set<std::string> kept;
        for (std::size_t i = 0; i < world.records.size(); ++i)
            if (plan[i].action == pruneplan::Action::keep) kept.insert(world.records[i].target);
        for (const Record& record : world.records)
            for (const model::Blob& blob : record.blobs) {
                Count& count = blobs[blob.digest];
                count.sizes.insert(blob.size);
                (kept.contains(record.target) ? count.on_kept : count.on_deleted) = true;
            }
        pruneplan::SpaceEstimate expected;
        for (const auto& [digest, count] : blobs) {
            if (count.sizes.size() > 1) {
                ++expected.inconsistent_blobs;
                continue;
            }
            const std::uint64_t size = *count.sizes.begin();
            if (!count.on_kept) add(expected.freed, size);
            if (count.on_kept) add(expected.kept, size);
            if (count.on_kept && count.on_deleted) add(expected.shared, size);
        }
        REQUIRE(plan.space() == expected);
    });
}

namespace {

using pruneplan::RemoveOutcome;
using pruneplan::RemoveStatus;

/// A remover for a live store that fails at random, and changes the store as other processes can between two removals.
/// Records what its own removals change.
struct UnreliableRemover {
    live::Store& store;
    Maker& maker;
    bool fails, interferes;
    std::set<std::string> removed{}, deleted{};
    std::uint64_t reclaimed = 0;
    std::size_t failures = 0;
    int changes_by_others = 0;
    bool can_regain_name = false;  ///< others can have given a new name to an image that lost its planned names

    void interfere(std::string_view name) {
        if (!interferes || !maker.one_in(4)) return;
        ++changes_by_others;
        const std::string text(name), another = "docker.io/library/app:" + std::to_string(maker.of(40));
        switch (maker.of(6)) {
            case 0: store.untag(text); break;
            case 1: store.untag(another); break;
            case 2: store.tag(another, "sha256:new"); break;
            case 3:
                store.tag(another, "sha256:" + std::to_string(maker.of(12)));
                can_regain_name = true;
                break;
            case 4:
                // Engines create dangling names themselves: users do not tag them.
                if (!text.starts_with("moby-dangling@")) store.tag(text, "sha256:new");
                break;
            default:
                store.create_container(text);
                can_regain_name = true;
                break;
        }
    }

    RemoveOutcome remove(std::string_view name, std::string_view target, std::string_view survivor) {
        interfere(name);
        if (fails && maker.one_in(5)) {
            ++failures;
            return {RemoveStatus::failed, "the disk is full"};
        }
        const std::string text(name), image(target);
        const std::uint64_t before = store.bytes();
        const RemoveOutcome outcome = store.remove(name, target, survivor);
        if (outcome.status != RemoveStatus::removed) return outcome;
        removed.insert(text);
        if (!store.targets().contains(image)) deleted.insert(image);
        reclaimed += before - store.bytes();
        return outcome;
    }
};

/// Counts what callbacks, which veto deletions and stop the run at random, were called with.
struct Calls {
    std::size_t vetoed = 0, steps = 0, after = 0;
};

pruneplan::ApplyOptions random_callbacks(Maker& maker, Calls& calls) {
    const bool vetoes = maker.one_in(2), cancels = maker.one_in(3);
    return {.before =
                [&maker, &calls, vetoes](const pruneplan::Decision&) {
                    const bool veto = vetoes && maker.one_in(5);
                    if (veto) ++calls.vetoed;
                    return !veto;
                },
            .after = [&calls](const pruneplan::PruneReport::Step&) { ++calls.after; },
            .should_stop =
                [&maker, &calls, cancels] {
                    if (cancels && maker.one_in(10)) return true;
                    ++calls.steps;
                    return false;
                }};
}

void populate(live::Store& store, Maker& maker) {
    static const std::vector<std::string> digests{"p", "q", "r", "s", "t", "u", "v", "w"};
    for (std::size_t i = 0; i < 12; ++i) {
        live::Store::Image image;
        for (std::size_t blob = 0; blob < digests.size(); ++blob)
            if (maker.one_in(3)) image.blobs.push_back({digests[blob], std::uint64_t{1} << blob});
        if (i > 0 && maker.one_in(3)) image.needs = "sha256:" + std::to_string(maker.of(i));
        store.add_image("sha256:" + std::to_string(i), image);
    }
    store.add_image("sha256:new", {{{"x", 1 << 10}}, ""});
    for (std::size_t i = 0; i < 12; ++i)
        store.tag("docker.io/library/image:" + std::to_string(i), "sha256:" + std::to_string(i));
    for (std::size_t i = 0; i < 27; ++i)
        store.tag("docker.io/library/app:" + std::to_string(i), "sha256:" + std::to_string(maker.of(12)));
    for (std::size_t i = 0; i < 3; ++i)
        store.tag("moby-dangling@sha256:" + std::to_string(i), "sha256:" + std::to_string(i));
    const auto records = store.snapshot().records;
    for (std::size_t i = 0; i < 5; ++i) {
        const std::string& target = records[maker.of(records.size())].target;
        store.add_container({target, i % 2 ? target : "app:" + std::to_string(maker.of(27))});
    }
}

}  // namespace

TEST_CASE("apply_prune reports what it changes in a store despite vetoes and failures and changes by others") {
    int changes_by_others = 0;
    std::size_t failures = 0, vetoes = 0, cancelled = 0, needed = 0;
    for (std::uint64_t number = 0; number < 1000; ++number) {
        INFO("PRUNEPLAN_SEED=" << seed() << ", store " << number);
        Maker maker(seed(), number);
        live::Store store;
        populate(store, maker);
        const auto plan = library::accepted(
            pruneplan::plan_prune(store.snapshot(), store.containers(), {.scope = pruneplan::Scope::unused}));
        UnreliableRemover remover{store, maker, maker.one_in(2), maker.one_in(2)};
        Calls calls;
        const auto names = store.names(), targets = store.targets();
        const std::uint64_t bytes = store.bytes();
        const auto report = library::accepted(apply_prune(plan, remover, random_callbacks(maker, calls)));

        REQUIRE(store.lost().empty());
        std::set<std::string> untagged;
        for (const auto& step : report.steps)
            if (step.status == RemoveStatus::removed) untagged.insert(step.name);
        REQUIRE(untagged == remover.removed);
        const auto list = report.deleted();
        const std::set<std::string> deleted(list.begin(), list.end());
        REQUIRE(deleted.size() == list.size());
        REQUIRE(std::includes(remover.deleted.begin(), remover.deleted.end(), deleted.begin(), deleted.end()));
        REQUIRE(report.count(RemoveStatus::failed) == remover.failures);
        REQUIRE(report.count(RemoveStatus::vetoed) == calls.vetoed);
        REQUIRE(report.cancelled == (calls.steps < plan.deleted_count()));
        REQUIRE(report.steps.size() == calls.steps);
        REQUIRE(calls.after == calls.steps);
        if (remover.changes_by_others == 0) {
            // What a named image needs has a name, and the report lists all that changed.
            REQUIRE(store.broken().empty());
            REQUIRE(deleted == remover.deleted);
            REQUIRE(report.space_reclaimed == remover.reclaimed);
            REQUIRE(report.space_reclaimed == bytes - store.bytes());
            REQUIRE(store.names().size() + untagged.size() == names.size());
            REQUIRE(store.targets().size() + deleted.size() == targets.size());
        } else if (!remover.can_regain_name) {
            // apply_prune does not know which names others have removed, so it can report fewer bytes.
            REQUIRE(report.space_reclaimed <= remover.reclaimed);
        }
        changes_by_others += remover.changes_by_others;
        failures += remover.failures;
        vetoes += calls.vetoed;
        cancelled += report.cancelled;
        needed += report.count(RemoveStatus::needed);
    }
    CHECK(changes_by_others > 100);
    CHECK(failures > 100);
    CHECK(vetoes > 100);
    CHECK(cancelled > 100);
    CHECK(needed > 100);
}
