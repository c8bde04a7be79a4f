#ifndef PRUNEPLAN_TESTS_MODEL_MODEL_HPP
#define PRUNEPLAN_TESTS_MODEL_MODEL_HPP

// SPDX-License-Identifier: BSL-1.0

// A second planner, slow and obvious, to compare the library's with. Each function states a rule in words, then applies
// it literally. Paragraphs are those of README.md, "The rule". Shares no code with the library.

#include "names.hpp"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace model {

struct Moment {
    std::int64_t seconds = 0;
    std::int32_t nanoseconds = 0;

    friend auto operator<=>(const Moment&, const Moment&) = default;
};

struct Blob {
    std::string digest{};
    std::uint64_t size = 0;

    friend bool operator==(const Blob&, const Blob&) = default;
};

struct Record {
    std::string name{}, target{};
    std::optional<Moment> created{}, last_used{};
    std::vector<std::pair<std::string, std::string>> labels{};
    bool pinned = false, is_dangling = false;
    std::string parent{};
    std::vector<Blob> blobs{};

    friend bool operator==(const Record&, const Record&) = default;
};

struct Container {
    std::string image_id{}, image_ref{};
    std::vector<std::string> mounted{};

    friend bool operator==(const Container&, const Container&) = default;
};

/// The optional members that the host's store and containers have. Without `is_dangling`, the name tells whether a
/// record is dangling.
struct HostMembers {
    bool created = true, last_used = true, label = true, pinned = true, is_dangling = false, parent = true,
         blobs = true, mounted = true;

    friend bool operator==(const HostMembers&, const HostMembers&) = default;
};

/// A usage rule: whether names in use are kept, whether every container puts its image in use (else only those that
/// were created by ID or digest), and whether an image in use keeps all its names (else the last).
struct Rule {
    bool names_in_use = true, every_container = false, all_names = false;

    friend bool operator==(const Rule&, const Rule&) = default;
};

enum class Survivor { last_by_name, first_by_name, newest, oldest, tagged };

struct Options {
    bool only_dangling = false;
    Rule rule{};
    std::vector<std::string> filters{}, keep{};
    std::size_t keep_newest = 0;
    std::optional<Moment> keep_younger_than{};
    std::optional<std::uint64_t> bytes_to_free{};
    Survivor survivor = Survivor::last_by_name;

    friend bool operator==(const Options&, const Options&) = default;
};

struct World {
    HostMembers members{};
    std::vector<Record> records{};
    std::vector<Container> containers{};
    Options options{};

    friend bool operator==(const World&, const World&) = default;
};

struct Decision {
    std::string_view reason{};
    std::optional<std::size_t> container{};
    bool mounted = false;  ///< that container mounts the image, rather than runs it

    bool deletes() const {
        return reason == "unused" || reason == "dangling" || reason == "spare_name" || reason == "unprotected";
    }
    friend bool operator==(const Decision&, const Decision&) = default;
};

struct Plan {
    std::vector<Decision> decisions{};     ///< by record
    std::vector<std::size_t> deletions{};  ///< records, in the order in which they are deleted
    std::vector<std::size_t> unmatched{};  ///< containers

    friend bool operator==(const Plan&, const Plan&) = default;
};

class Planner {
public:
    explicit Planner(const World& world)
        : members_(world.members),
          records_(world.records),
          containers_(world.containers),
          options_(world.options),
          decisions_(world.records.size()) {
        find_images();
        find_ancestors();
        find_depths();
    }

    /// Runs the five stages of paragraph 5. A record gets the first reason that applies.
    Plan plan() {
        choose_candidates();
        protect();
        keep_names_in_use();
        keep_survivors();
        keep_images_beyond_budget();
        report_unprotected();
        return {decisions_, deletions(), unmatched()};
    }

private:
    using Images = std::vector<std::size_t>;

    // Images. An image is all records of one target. It is identified by a number.

    void find_images() {
        for (const Record& record : records_) {
            const auto known = std::find(targets_.begin(), targets_.end(), record.target);
            image_of_.push_back(static_cast<std::size_t>(known - targets_.begin()));
            if (known == targets_.end()) targets_.push_back(record.target);
        }
    }

    std::vector<std::size_t> records_of(std::size_t image) const {
        std::vector<std::size_t> out;
        for (std::size_t record = 0; record < records_.size(); ++record)
            if (image_of_[record] == image) out.push_back(record);
        return out;
    }

    /// An ID of 64 hex digits without an algorithm is a sha256 ID.
    static std::string full_id(const std::string& id) { return (is_bare_id(id) ? "sha256:" : "") + id; }

    /// The image that has this ID as its target, else the image whose target is its digits without the algorithm.
    std::optional<std::size_t> image_of_id(const std::string& id) const {
        const std::string full = full_id(id);
        for (std::size_t image = 0; image < targets_.size(); ++image)
            if (targets_[image] == full) return image;
        for (std::size_t image = 0; image < targets_.size(); ++image)
            if (is_bare_id(targets_[image]) && full == "sha256:" + targets_[image]) return image;
        return std::nullopt;
    }

    bool runs(const Container& container, std::size_t image) const { return image_of_id(container.image_id) == image; }

    bool mounts(const Container& container, std::size_t image) const {
        const auto is_this = [&](const std::string& id) { return image_of_id(id) == image; };
        return members_.mounted && std::any_of(container.mounted.begin(), container.mounted.end(), is_this);
    }

    /// The ancestors of an image are the images that its records name as parents, and the ancestors of these.
    void find_ancestors() {
        const std::size_t count = targets_.size();
        is_ancestor_.assign(count, std::vector<bool>(count, false));
        if (!members_.parent) return;
        for (std::size_t record = 0; record < records_.size(); ++record)
            for (std::size_t image = 0; image < count; ++image)
                if (!records_[record].parent.empty() && records_[record].parent == targets_[image])
                    is_ancestor_[image][image_of_[record]] = true;
        for (std::size_t middle = 0; middle < count; ++middle)
            for (std::size_t ancestor = 0; ancestor < count; ++ancestor)
                for (std::size_t descendant = 0; descendant < count; ++descendant)
                    if (is_ancestor_[ancestor][middle] && is_ancestor_[middle][descendant])
                        is_ancestor_[ancestor][descendant] = true;
    }

    /// The depth of an image is the length of its longest line of ancestors. The images of a circle count as one.
    void find_depths() {
        const std::size_t count = targets_.size();
        depth_.assign(count, 0);
        for (std::size_t round = 0; round < count; ++round)
            for (std::size_t descendant = 0; descendant < count; ++descendant)
                for (std::size_t ancestor = 0; ancestor < count; ++ancestor)
                    if (is_ancestor_[ancestor][descendant] && !in_one_circle(ancestor, descendant))
                        depth_[descendant] = std::max(depth_[descendant], depth_[ancestor] + 1);
    }

    /// In a circle of parents, each image is an ancestor of each other.
    bool in_one_circle(std::size_t a, std::size_t b) const {
        return a == b || (is_ancestor_[a][b] && is_ancestor_[b][a]);
    }

    /// Decides on a record, unless it is already kept: its first reason remains.
    void decide(std::size_t record, std::string_view reason, std::optional<std::size_t> container = std::nullopt,
                bool mounted = false) {
        if (decisions_[record].deletes()) decisions_[record] = {reason, container, mounted};
    }
    bool is_deleted(std::size_t record) const { return decisions_[record].deletes(); }

    bool is_dangling(const Record& record) const {
        return members_.is_dangling ? record.is_dangling : record.name == "moby-dangling@" + record.target;
    }

    std::optional<Moment> created(const Record& record) const {
        return members_.created ? record.created : std::nullopt;
    }
    std::optional<Moment> last_used(const Record& record) const {
        return members_.last_used ? record.last_used : std::nullopt;
    }

    // First stage: candidates, paragraph 1.

    /// In the scope `dangling`, only dangling records are candidates; else all records. A record that does not match
    /// the filters is not a candidate.
    void choose_candidates() {
        for (std::size_t record = 0; record < records_.size(); ++record) {
            const bool dangling = is_dangling(records_[record]);
            decisions_[record] = {dangling ? "dangling" : "unused"};
            if (options_.only_dangling && !dangling)
                decide(record, "not_dangling");
            else if (!matches_filters(records_[record]))
                decide(record, "filtered");
        }
    }

    /// A record must match every filter; of several filters `reference`, one is enough. A record of unknown time
    /// matches no filter on time, a name that is not a valid reference no filter on references, and if the store has no
    /// labels, no record matches a filter on labels.
    bool matches_filters(const Record& record) const {
        bool needs_reference = false, has_reference = false;
        for (const std::string& filter : options_.filters) {
            const std::string key = filter.substr(0, filter.find('=')), value = filter.substr(key.size() + 1);
            if (key == "reference" || key == "reference!") {
                const auto& reference = parse_reference(record.name);
                if (!reference) return false;
                const bool matches = matches_reference(value, *reference);
                if (key == "reference!" && matches) return false;
                if (key == "reference") {
                    needs_reference = true;
                    has_reference = has_reference || matches;
                }
            } else if (key == "label" || key == "label!") {
                if (!matches_label(record, value, key == "label!")) return false;
            } else if (key != "dangling" && !matches_time(record, key, value)) {
                return false;
            }
        }
        return has_reference || !needs_reference;
    }

    /// "KEY" matches records that have the label, "KEY=VALUE" those that have it with this value. A "!" at the end of
    /// the key negates the filter.
    bool matches_label(const Record& record, const std::string& wanted, bool negated) const {
        if (!members_.label) return false;
        std::string key = wanted.substr(0, wanted.find('='));
        const std::optional<std::string> value =
            key.size() < wanted.size() ? std::optional(wanted.substr(key.size() + 1)) : std::nullopt;
        if (key.ends_with('!')) {
            key.pop_back();
            negated = !negated;
        }
        bool has = false;
        for (const auto& [its_key, its_value] : record.labels)
            has = has || (its_key == key && its_value == value.value_or(its_value));
        return has != negated;
    }

    /// `until` and `before` match records created before a moment, `since` those created after it.
    bool matches_time(const Record& record, const std::string& key, const std::string& value) const {
        const auto moment =
            key == "until" ? std::optional(Moment{std::stoll(value)}) : moment_of_image(value, key == "since");
        const auto made = created(record);
        if (!moment || !made) return false;
        return key == "since" ? *moment < *made : *made < *moment;
    }

    /// For `before`, an image was created when its oldest record was; for `since`, when its newest was. If the time of
    /// one record is unknown, so is that of the image.
    std::optional<Moment> moment_of_image(const std::string& typed, bool newest) const {
        const auto image = find_image(typed);
        if (!image) return std::nullopt;
        std::optional<Moment> moment;
        for (const std::size_t record : records_of(*image)) {
            const auto made = created(records_[record]);
            if (!made) return std::nullopt;
            if (!moment || (newest ? *moment < *made : *made < *moment)) moment = made;
        }
        return moment;
    }

    /// Finds an image by a name, else by a reference to a name, else by a target, else by the first digits of a target
    /// if they are the first digits of no other.
    std::optional<std::size_t> find_image(const std::string& typed) const {
        const auto& reference = parse_reference(typed);
        for (std::size_t record = 0; record < records_.size(); ++record)
            if (records_[record].name == typed) return image_of_[record];
        for (std::size_t record = 0; record < records_.size(); ++record)
            if (reference && records_[record].name == reference->canonical()) return image_of_[record];
        Images found;
        for (std::size_t image = 0; image < targets_.size(); ++image) {
            if (targets_[image] == typed) return image;
            const std::string digits = typed.starts_with("sha256:") ? typed.substr(7) : typed;
            if (!digits.empty() && targets_[image].starts_with("sha256:" + digits)) found.push_back(image);
        }
        if (found.size() != 1) return std::nullopt;
        return found.front();
    }

    // Second stage: protection, paragraph 5.

    /// Keeps records that are pinned, match a pattern, are among the newest of their repository, or are young.
    void protect() {
        const std::vector<bool> newest = newest_of_repositories();
        for (std::size_t record = 0; record < records_.size(); ++record) {
            if (members_.pinned && records_[record].pinned) decide(record, "pinned");
            if (matches_keep(records_[record])) decide(record, "kept_pattern");
            if (newest[record]) decide(record, "newest");
            if (is_young(records_[record])) decide(record, "too_young");
        }
    }

    /// A pattern must match one form of the name. A name that is not a valid reference is matched as it is.
    bool matches_keep(const Record& record) const {
        const auto& reference = parse_reference(record.name);
        for (const std::string& pattern : options_.keep)
            if (reference ? matches_reference(pattern, *reference) : matches_pattern(pattern, record.name)) return true;
        return false;
    }

    /// Dangling records, and names that are not valid references, belong to no repository.
    std::optional<std::string> repository_of(const Record& record) const {
        const auto& reference = parse_reference(record.name);
        if (is_dangling(record) || !reference) return std::nullopt;
        return reference->repository();
    }

    /// In a repository, an image is as new as its newest record there. Of two equally new images, the one whose last
    /// name sorts later counts as newer.
    using Newness = std::pair<Moment, std::string_view>;
    std::optional<Newness> newness_in(const std::string& repository, std::size_t image) const {
        std::optional<Moment> newest;
        std::string_view last_name;
        for (std::size_t record = 0; record < records_.size(); ++record) {
            if (image_of_[record] != image || repositories_[record] != repository) continue;
            newest = std::max(newest, created(records_[record]));
            last_name = std::max<std::string_view>(last_name, records_[record].name);
        }
        if (!newest) return std::nullopt;
        return Newness(*newest, last_name);
    }

    /// A record is among the newest if fewer than N images of its repository are newer than its image, or if its own
    /// time is unknown. Images of unknown time do not count.
    std::vector<bool> newest_of_repositories() {
        std::vector<bool> newest(records_.size(), false);
        if (options_.keep_newest == 0) return newest;
        for (const Record& record : records_) repositories_.push_back(repository_of(record));
        for (std::size_t record = 0; record < records_.size(); ++record) {
            if (!repositories_[record]) continue;
            const auto newness = newness_in(*repositories_[record], image_of_[record]);
            std::size_t newer = 0;
            for (std::size_t image = 0; image < targets_.size() && newness; ++image) {
                const auto other = newness_in(*repositories_[record], image);
                if (other && *other > *newness) ++newer;
            }
            newest[record] = !created(records_[record]) || newer < options_.keep_newest;
        }
        return newest;
    }

    /// A record is old if it was used before the moment, or if its use is unknown and it was created before the moment.
    /// All other records are young. So a record is young if both times are unknown.
    bool is_young(const Record& record) const {
        if (!options_.keep_younger_than) return false;
        const auto used = last_used(record), time = used ? used : created(record);
        return !time || *time >= *options_.keep_younger_than;
    }

    // Third stage: usage, paragraphs 2 and 3.

    /// Keeps names in use, if the rule asks for it. The first container that uses a name is reported.
    void keep_names_in_use() {
        for (std::size_t record = 0; record < records_.size(); ++record)
            for (std::size_t container = 0; container < containers_.size(); ++container)
                if (options_.rule.names_in_use && uses_name(containers_[container], record))
                    decide(record, "name_in_use", container);
    }

    /// Paragraph 2. A container uses these names: "moby-dangling@" and its image_id; the names of the dangling records
    /// of its image; if its image_ref is a valid reference, its canonical form; and if that has both a tag and a
    /// digest, also the form with the tag alone.
    bool uses_name(const Container& container, std::size_t id) const {
        const Record& record = records_[id];
        if (record.name == "moby-dangling@" + full_id(container.image_id)) return true;
        if (is_dangling(record) && runs(container, image_of_[id])) return true;
        const auto& reference = parse_reference(container.image_ref);
        if (!reference) return false;
        const bool has_both = !reference->tag.empty() && !reference->digest.empty();
        return record.name == reference->canonical() ||
               (has_both && record.name == reference->repository() + ":" + reference->tag);
    }

    /// Paragraph 3. A container puts its image's digest in use if the rule says that every container does; else if its
    /// image_ref is the sha256 ID of the image, whole or truncated, with or without "sha256:" (an empty one counts), or
    /// ends in "@" and the ID.
    bool uses_digest(const Container& container) const {
        if (options_.rule.every_container) return true;
        const std::string id = full_id(container.image_id);
        const std::string& typed = container.image_ref;
        return id.starts_with("sha256:" + (typed.starts_with("sha256:") ? typed.substr(7) : typed)) ||
               typed.ends_with("@" + id);
    }

    struct User {
        std::size_t container;
        bool mounts;
    };

    /// The first container that puts an image in use. A container that mounts an image does so under every rule.
    std::optional<User> user_of(std::size_t image) const {
        for (std::size_t number = 0; number < containers_.size(); ++number) {
            if (runs(containers_[number], image) && uses_digest(containers_[number])) return User{number, false};
            if (mounts(containers_[number], image)) return User{number, true};
        }
        return std::nullopt;
    }

    /// The first container that runs an image, whether or not the rule protects the image for it.
    std::optional<std::size_t> runner_of(std::size_t image) const {
        for (std::size_t number = 0; number < containers_.size(); ++number)
            if (runs(containers_[number], image)) return number;
        return std::nullopt;
    }

    // Fourth stage: survivors, paragraphs 4 and 5.

    bool keeps_a_name(std::size_t image) const {
        for (const std::size_t record : records_of(image))
            if (!is_deleted(record)) return true;
        return false;
    }

    /// An image is needed if it is in use, or if it is an ancestor of an image that is in use or keeps a name. A needed
    /// image keeps all its names if the rule says so; else it keeps at least one: the survivor, if no name is kept yet.
    void keep_survivors() {
        std::vector<bool> kept, is_needed_parent(targets_.size(), false);
        for (std::size_t image = 0; image < targets_.size(); ++image)
            kept.push_back(user_of(image) || keeps_a_name(image));
        for (std::size_t image = 0; image < targets_.size(); ++image)
            for (std::size_t descendant = 0; descendant < targets_.size(); ++descendant)
                if (kept[descendant] && is_ancestor_[image][descendant]) is_needed_parent[image] = true;

        for (std::size_t image = 0; image < targets_.size(); ++image) {
            const auto user = user_of(image);
            if (!user && !is_needed_parent[image]) continue;
            const auto decide_needed = [&](std::size_t record, std::string_view if_used, std::string_view if_parent) {
                if (user)
                    decide(record, if_used, user->container, user->mounts);
                else
                    decide(record, if_parent);
            };
            if (!options_.rule.all_names && !keeps_a_name(image))
                decide_needed(survivor_of(image), "last_name", "parent");
            for (const std::size_t record : records_of(image)) {
                if (options_.rule.all_names)
                    decide_needed(record, "image_in_use", "parent");
                else
                    decide_needed(record, "spare_name", "spare_name");
            }
        }
    }

    std::size_t survivor_of(std::size_t image) const {
        const std::vector<std::size_t> records = records_of(image);
        return *std::max_element(records.begin(), records.end(), [&](std::size_t a, std::size_t b) {
            return is_better_survivor(records_[b], records_[a]);
        });
    }

    /// Tells whether record `a` survives rather than record `b`. For `newest` and `oldest`, any known time is better
    /// than an unknown one. Of equal records, the one whose name sorts last survives.
    bool is_better_survivor(const Record& a, const Record& b) const {
        const auto made_a = created(a), made_b = created(b);
        switch (options_.survivor) {
            case Survivor::last_by_name: break;
            case Survivor::first_by_name: return a.name < b.name;
            case Survivor::newest:
            case Survivor::oldest:
                if (made_a == made_b) break;
                if (!made_a || !made_b) return made_a.has_value();
                return options_.survivor == Survivor::newest ? *made_a > *made_b : *made_a < *made_b;
            case Survivor::tagged:
                if (rank(a) != rank(b)) return rank(a) > rank(b);
                break;
        }
        return a.name > b.name;
    }

    /// For `tagged`: a name with a tag is best, then one with a digest only, then one that is not a valid reference,
    /// then a dangling one. A name with neither tag nor digest has the default tag.
    int rank(const Record& record) const {
        if (is_dangling(record)) return 0;
        const auto& reference = parse_reference(record.name);
        if (!reference) return 1;
        return reference->tag.empty() && !reference->digest.empty() ? 2 : 3;
    }

    // Fifth stage: budget, paragraph 5.

    /// Deletes whole images, least recently used first, until enough bytes are freed. An image that keeps a name keeps
    /// all names. If the store does not list blobs, all images are kept.
    void keep_images_beyond_budget() {
        if (!options_.bytes_to_free) return;
        std::vector<bool> taken(targets_.size(), false), deletable(targets_.size(), false);
        for (std::size_t image = 0; image < targets_.size(); ++image) deletable[image] = !keeps_a_name(image);
        while (members_.blobs && freed_by(taken) < *options_.bytes_to_free && taken != deletable)
            take_next(deletable, taken);
        for (std::size_t record = 0; record < records_.size(); ++record)
            if (!taken[image_of_[record]])
                decide(record, deletable[image_of_[record]] ? "enough_freed" : "image_stays");
    }

    /// Takes the image that is deleted next, and all images that are in a circle of parents with it.
    void take_next(const std::vector<bool>& deletable, std::vector<bool>& taken) const {
        std::optional<std::size_t> next;
        for (std::size_t image = 0; image < targets_.size(); ++image)
            if (deletable[image] && !taken[image] && (!next || comes_first(image, *next, deletable))) next = image;
        for (std::size_t image = 0; image < targets_.size(); ++image)
            if (in_one_circle(image, *next)) taken[image] = true;
    }

    /// Tells whether image `a` is deleted before image `b`: the one that was used longest ago, then the one that was
    /// created first, then the deepest, then the one whose first name sorts first.
    bool comes_first(std::size_t a, std::size_t b, const std::vector<bool>& deletable) const {
        const auto use_a = newest_use(a, deletable), use_b = newest_use(b, deletable);
        if (use_a != use_b) return use_a < use_b;
        if (depth_[a] != depth_[b]) return depth_[a] > depth_[b];
        return first_name(a) < first_name(b);
    }

    /// When an image was used, and when it was created: the latest times of its records, or those of a deletable
    /// descendant if that was used later. An unknown time counts as now. If the store has no `last_used`, an image
    /// counts as used when it was created.
    std::pair<Moment, Moment> newest_use(std::size_t image, const std::vector<bool>& deletable) const {
        constexpr Moment now{std::numeric_limits<std::int64_t>::max(), 0};
        std::optional<std::pair<Moment, Moment>> newest;
        for (std::size_t other = 0; other < targets_.size(); ++other) {
            if (!deletable[other] || (other != image && !is_ancestor_[image][other])) continue;
            std::optional<Moment> used, made;
            for (const std::size_t record : records_of(other)) {
                const Moment its_creation = created(records_[record]).value_or(now);
                made = std::max(made, std::optional(its_creation));
                used = std::max(
                    used, std::optional(members_.last_used ? last_used(records_[record]).value_or(now) : its_creation));
            }
            newest = std::max(newest, std::optional(std::pair(*used, *made)));
        }
        return *newest;
    }

    /// The name that sorts first among the names of an image and of the images in a circle with it.
    std::string_view first_name(std::size_t image) const {
        std::optional<std::string_view> first;
        for (std::size_t record = 0; record < records_.size(); ++record)
            if (in_one_circle(image_of_[record], image) && (!first || records_[record].name < *first))
                first = records_[record].name;
        return *first;
    }

    /// Bytes that are freed if the taken images are deleted. A blob is freed if all images that list it are taken. If
    /// they state different sizes of it, the smallest counts. An image has the blobs that its first record lists. A sum
    /// that overflows is the largest number.
    std::uint64_t freed_by(const std::vector<bool>& taken) const {
        struct Listed {
            std::string_view digest;
            std::uint64_t size;
            bool is_kept;
        };
        std::vector<Listed> blobs;
        for (std::size_t image = 0; image < targets_.size(); ++image)
            for (const Blob& blob : records_[records_of(image).front()].blobs) {
                auto listed = std::find_if(blobs.begin(), blobs.end(),
                                           [&](const Listed& its) { return its.digest == blob.digest; });
                if (listed == blobs.end()) listed = blobs.insert(listed, {blob.digest, blob.size, false});
                listed->size = std::min(listed->size, blob.size);
                listed->is_kept = listed->is_kept || !taken[image];
            }
        std::uint64_t sum = 0;
        for (const Listed& blob : blobs)
            if (!blob.is_kept)
                sum = blob.size > std::numeric_limits<std::uint64_t>::max() - sum
                          ? std::numeric_limits<std::uint64_t>::max()
                          : sum + blob.size;
        return sum;
    }

    // What the plan reports.

    /// A record that is deleted although a container runs its image has the reason `spare_name` if the image keeps
    /// another name, else `unprotected`.
    void report_unprotected() {
        for (std::size_t image = 0; image < targets_.size(); ++image) {
            const auto runner = runner_of(image);
            if (!runner) continue;
            for (const std::size_t record : records_of(image))
                if (decisions_[record].reason != "spare_name")
                    decide(record, keeps_a_name(image) ? "spare_name" : "unprotected", runner);
        }
    }

    /// A container is matched if the store has the image that it runs and all images that it mounts. If the rule
    /// protects names but not the image of this container, a name that it uses is enough instead of the image that it
    /// runs.
    std::vector<std::size_t> unmatched() const {
        std::vector<std::size_t> out;
        for (std::size_t number = 0; number < containers_.size(); ++number) {
            const Container& container = containers_[number];
            bool is_matched = image_of_id(container.image_id).has_value();
            for (std::size_t record = 0; record < records_.size(); ++record)
                if (options_.rule.names_in_use && !uses_digest(container) && uses_name(container, record))
                    is_matched = true;
            for (const std::string& mounted : container.mounted)
                if (members_.mounted && !mounted.empty() && !image_of_id(mounted)) is_matched = false;
            if (!is_matched) out.push_back(number);
        }
        return out;
    }

    /// Paragraph 6. Deletions are listed children before parents, then by name.
    std::vector<std::size_t> deletions() const {
        std::vector<std::size_t> order;
        for (std::size_t record = 0; record < records_.size(); ++record)
            if (is_deleted(record)) order.push_back(record);
        std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            const std::size_t depth_a = depth_[image_of_[a]], depth_b = depth_[image_of_[b]];
            return depth_a != depth_b ? depth_a > depth_b : records_[a].name < records_[b].name;
        });
        return order;
    }

    const HostMembers& members_;
    const std::vector<Record>& records_;
    const std::vector<Container>& containers_;
    const Options& options_;
    std::vector<std::string> targets_{};                      // by image
    std::vector<std::size_t> image_of_{};                     // by record
    std::vector<std::vector<bool>> is_ancestor_{};            // by image, then by descendant
    std::vector<std::size_t> depth_{};                        // by image
    std::vector<std::optional<std::string>> repositories_{};  // by record
    std::vector<Decision> decisions_{};                       // by record
};

inline Plan plan(const World& world) { return Planner(world).plan(); }

}  // namespace model

#endif
