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
#include <set>
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
    std::vector<std::string> needs{};
    std::vector<Blob> blobs{};
    std::vector<std::string> ids{};
    std::string subject{};

    friend bool operator==(const Record&, const Record&) = default;
};

struct Container {
    std::string image_id{}, image_ref{};
    std::vector<std::string> mounted{};

    friend bool operator==(const Container&, const Container&) = default;
};

/// The optional members that the host's store and containers have. Without `is_dangling`, the name tells whether a
/// record is dangling. A store without `several_needs` tells only the first image that a record needs.
struct HostMembers {
    bool created = true, last_used = true, label = true, pinned = true, is_dangling = false, needs = true,
         several_needs = true, blobs = true, mounted = true, ids = false, subject = false;

    friend bool operator==(const HostMembers&, const HostMembers&) = default;
};

/// The containers that put the digest of their image in use.
enum class DigestUse { created_by_digest, every_container, no_container };

/// A usage rule: whether names in use are kept, which containers put the digest of their image in use, and whether an
/// image in use keeps all its names (else the last). The default is `strict`.
struct Rule {
    bool names_in_use = true;
    DigestUse digests = DigestUse::every_container;
    bool all_names = false;

    friend bool operator==(const Rule&, const Rule&) = default;
};

enum class NewestBy { created, last_used, version, name };

/// A rule that keeps the newest images of each repository.
struct KeepNewest {
    std::size_t count = 0;
    std::optional<std::string> names{};
    NewestBy by = NewestBy::created;

    friend bool operator==(const KeepNewest&, const KeepNewest&) = default;
};

enum class Survivor { last_by_name, first_by_name, newest, oldest, tagged };

struct Options {
    bool only_dangling = false;
    Rule rule{};
    std::vector<std::string> filters{}, keep{};
    std::vector<KeepNewest> keep_newest{};
    std::optional<Moment> keep_younger_than{};
    std::optional<std::int64_t> bytes_to_free{};
    std::optional<Moment> delete_unused_before{};
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
    bool mounted = false;       ///< that container mounts the image, rather than runs it
    std::uint64_t options = 0;  ///< bits: the filters, patterns or rules of newest that can be named as the cause

    bool deletes() const {
        return reason == "unused" || reason == "dangling" || reason == "spare_name" || reason == "unprotected" ||
               reason == "attached_to_deleted";
    }
    friend bool operator==(const Decision&, const Decision&) = default;
};

/// A doubt, without its sentence. The number is that of a container, a pattern or a record.
struct Doubt {
    std::string_view kind{};
    std::size_t number = 0;
    bool blocks = false;

    friend auto operator<=>(const Doubt&, const Doubt&) = default;
};

struct Plan {
    std::vector<Decision> decisions{};     ///< by record
    std::vector<std::size_t> deletions{};  ///< records, in the order in which they are deleted
    std::vector<Doubt> doubts{};           ///< sorted, each once
    bool rejected = false;                 ///< an option is invalid, or the store lacks a member that it needs

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
        find_subjects();
        find_needed();
        find_followers();
        find_depths();
        for (const Record& record : records_) names_.push_back(canonical(record.name));
        for (const Container& container : containers_) uses_.push_back(use_of(container));
        patterns_ = matching_patterns();
    }

    /// Runs the stages of paragraph 5. A record gets the first reason that applies.
    Plan plan() {
        choose_candidates();
        protect();
        keep_names_in_use();
        keep_survivors();
        keep_attachments();
        keep_images_beyond_budget();
        report_unprotected();
        return {decisions_, deletions(), doubts(), has_invalid_option()};
    }

private:
    /// What a container uses.
    struct Use {
        std::string id{}, dangling_name{};   // its image_id with the algorithm, and "moby-dangling@" and that
        std::set<std::size_t> images{};      // that its image_id is an ID of
        std::vector<bool> runs{}, mounts{};  // by image
        std::vector<bool> protects{};        // by image: it runs the image, and the usage rule protects that
        std::optional<std::string> name{}, name_by_tag{};  // in canonical form, that its image_ref means
    };

    // Images. An image is all records of one target. It is identified by a number.

    void find_images() {
        for (const Record& record : records_) {
            const auto known = std::find(targets_.begin(), targets_.end(), record.target);
            image_of_.push_back(static_cast<std::size_t>(known - targets_.begin()));
            if (known == targets_.end()) targets_.push_back(record.target);
        }
        ids_.resize(targets_.size());
        for (std::size_t record = 0; record < records_.size(); ++record)
            for (const std::string& id : records_[record].ids)
                if (members_.ids && !id.empty()) ids_[image_of_[record]].insert(full_id(id));
    }

    std::vector<std::size_t> records_of(std::size_t image) const {
        std::vector<std::size_t> out;
        for (std::size_t record = 0; record < records_.size(); ++record)
            if (image_of_[record] == image) out.push_back(record);
        return out;
    }

    /// An ID of 64 hex digits without an algorithm is a sha256 ID.
    static std::string full_id(const std::string& id) { return (is_bare_id(id) ? "sha256:" : "") + id; }

    /// All images that have this ID: as their target, or as a further ID. An empty text is no ID.
    std::set<std::size_t> images_of_id(const std::string& id) const {
        std::set<std::size_t> images;
        for (std::size_t image = 0; image < targets_.size() && !id.empty(); ++image)
            if (full_id(targets_[image]) == full_id(id) || ids_[image].count(full_id(id)) > 0) images.insert(image);
        return images;
    }

    /// Tells whether a typed text is an ID of an image, whole or truncated. A truncated ID is the beginning of an ID of
    /// sha256, with or without its algorithm.
    bool has_id(std::size_t image, const std::string& typed) const {
        const std::string digits = typed.starts_with("sha256:") ? typed.substr(7) : typed;
        const auto is_this = [&](const std::string& id) { return id == typed || id.starts_with("sha256:" + digits); };
        return is_id(typed) && (targets_[image] == typed || is_this(full_id(targets_[image])) ||
                                std::any_of(ids_[image].begin(), ids_[image].end(), is_this));
    }

    /// The images that a typed ID means: all that have it; if none has, all that have a sha256 ID that begins with it.
    std::set<std::size_t> images_meant_by(const std::string& typed) const {
        if (!is_id(typed)) return {};
        std::set<std::size_t> images = images_of_id(typed);
        if (!images.empty()) return images;
        for (std::size_t image = 0; image < targets_.size(); ++image)
            if (has_id(image, typed)) images.insert(image);
        return images;
    }

    /// A record is attached to all images that have its subject as an ID.
    void find_subjects() {
        for (const Record& record : records_)
            subjects_.push_back(members_.subject && !record.subject.empty() ? images_of_id(record.subject)
                                                                            : std::set<std::size_t>());
    }
    bool is_attachment(std::size_t record) const { return !subjects_[record].empty(); }

    /// The canonical form of a valid reference.
    static std::optional<std::string> canonical(const std::string& text) {
        const auto& reference = parse_reference(text);
        return reference ? std::optional(reference->canonical()) : std::nullopt;
    }

    /// An image needs the images that its records name, and those that these need.
    void find_needed() {
        const std::size_t count = targets_.size();
        needs_itself_.assign(count, std::vector<bool>(count, false));
        for (std::size_t record = 0; record < records_.size(); ++record)
            for (std::size_t image = 0; image < count; ++image)
                if (states_need(records_[record], image)) needs_itself_[image_of_[record]][image] = true;
    }

    bool states_need(const Record& record, std::size_t image) const {
        for (const std::string& needed : record.needs) {
            if (!members_.needs) return false;
            if (!needed.empty() && images_of_id(needed).count(image) > 0) return true;
            if (!members_.several_needs) return false;
        }
        return false;
    }

    /// An image is followed by what it needs and by what is attached to it, and by what follows these.
    void find_followers() {
        follows_ = needs_itself_;
        for (std::size_t record = 0; record < records_.size(); ++record)
            for (const std::size_t subject : subjects_[record]) follows_[subject][image_of_[record]] = true;
        close(follows_);
        needs_in_turn_ = needs_itself_;
        close(needs_in_turn_);
    }

    using Links = std::vector<std::vector<bool>>;

    /// Adds a link from the first to the last image of every chain of links.
    static void close(Links& links) {
        for (std::size_t middle = 0; middle < links.size(); ++middle)
            for (std::size_t a = 0; a < links.size(); ++a)
                for (std::size_t b = 0; b < links.size(); ++b)
                    if (links[a][middle] && links[middle][b]) links[a][b] = true;
    }

    /// The depth of an image is the length of the longest chain of images that follow it. A circle counts as one image.
    void find_depths() {
        const std::size_t count = targets_.size();
        depth_.assign(count, 0);
        for (std::size_t round = 0; round < count; ++round)
            for (std::size_t image = 0; image < count; ++image)
                for (std::size_t needed = 0; needed < count; ++needed)
                    if (follows_[image][needed] && !in_one_circle(image, needed))
                        depth_[image] = std::max(depth_[image], depth_[needed] + 1);
    }

    /// In a circle, each image leads to each other.
    static bool in_circle(const Links& links, std::size_t a, std::size_t b) {
        return a == b || (links[a][b] && links[b][a]);
    }
    bool in_one_circle(std::size_t a, std::size_t b) const { return in_circle(follows_, a, b); }

    /// Decides on a record, unless it is already kept: its first reason remains.
    void decide(std::size_t record, std::string_view reason, std::optional<std::size_t> container = std::nullopt,
                bool mounted = false) {
        if (decisions_[record].deletes()) decisions_[record] = {reason, container, mounted};
    }
    void decide_by_options(std::size_t record, std::string_view reason, std::uint64_t options) {
        if (options != 0 && decisions_[record].deletes()) decisions_[record] = {reason, std::nullopt, false, options};
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

    /// In the scope `dangling`, only dangling records are candidates; else all records. A record that a filter rejects
    /// is not a candidate. Attachments are no candidates of their own.
    void choose_candidates() {
        for (std::size_t record = 0; record < records_.size(); ++record) {
            if (is_attachment(record)) {
                decisions_[record] = {"attached_to_deleted"};
                continue;
            }
            const bool dangling = is_dangling(records_[record]);
            decisions_[record] = {dangling ? "dangling" : "unused"};
            if (options_.only_dangling && !dangling) decide(record, "not_dangling");
            decide_by_options(record, "filtered", rejecting_filters(records_[record]));
        }
    }

    /// The filters that reject a record, as bits. A record must match every filter; of several filters `reference`, one
    /// is enough. A record of unknown time matches no filter on time, a name that is not a valid reference no filter on
    /// references, and if the store has no labels, no record matches a filter on labels.
    std::uint64_t rejecting_filters(const Record& record) const {
        std::uint64_t rejecting = 0, references = 0;
        bool has_reference = false;
        for (std::size_t number = 0; number < options_.filters.size(); ++number) {
            const std::string& filter = options_.filters[number];
            const std::uint64_t bit = std::uint64_t{1} << number;
            const std::string key = filter.substr(0, filter.find('=')), value = filter.substr(key.size() + 1);
            if (key == "reference" || key == "reference!") {
                const auto& reference = parse_reference(record.name);
                const bool matches = reference && matches_filter(value, *reference);
                if (!reference || (key == "reference!" && matches)) rejecting |= bit;
                if (key == "reference") references |= bit;
                if (key == "reference") has_reference = has_reference || matches;
            } else if (key == "label" || key == "label!" ? !matches_label(record, value, key == "label!")
                                                         : !matches_time(record, key, value)) {
                rejecting |= bit;
            }
        }
        return has_reference ? rejecting : rejecting | references;
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

    /// Finds an image by a name, else by a reference to a name, else by an ID, else by a truncated ID. A reference or a
    /// truncated ID that several images have names none.
    std::optional<std::size_t> find_image(const std::string& typed) const {
        const auto reference = canonical(typed);
        std::set<std::size_t> named, found;
        for (std::size_t record = 0; record < records_.size(); ++record) {
            if (records_[record].name == typed) return image_of_[record];
            if (reference && names_[record] == reference) named.insert(image_of_[record]);
        }
        if (!named.empty()) return the_only(named);
        std::set<std::size_t> targeted;
        for (std::size_t image = 0; image < targets_.size(); ++image) {
            if (targets_[image] == typed) return image;
            if (full_id(targets_[image]) == full_id(typed)) targeted.insert(image);
            if (has_id(image, typed)) found.insert(image);
        }
        return targeted.empty() ? the_only(found) : the_only(targeted);
    }
    static std::optional<std::size_t> the_only(const std::set<std::size_t>& images) {
        return images.size() == 1 ? std::optional(*images.begin()) : std::nullopt;
    }

    // Second stage: protection, paragraph 5.

    /// Keeps records that are pinned, match a pattern, are among the newest of their repository, or are young.
    void protect() {
        const std::vector<std::uint64_t> rules = rules_of_newest();
        for (std::size_t record = 0; record < records_.size(); ++record) {
            if (members_.pinned && records_[record].pinned) decide(record, "pinned");
            decide_by_options(record, "kept_pattern", patterns_[record]);
            decide_by_options(record, "newest", rules[record]);
            if (!is_attachment(record) && is_young(records_[record])) decide(record, "too_young");
        }
    }

    /// The patterns that keep each record, as bits. A pattern that matches no name can be an ID, whole or truncated: it
    /// keeps all records of the images that it means.
    std::vector<std::uint64_t> matching_patterns() const {
        std::vector<std::uint64_t> matching(records_.size(), 0);
        for (std::size_t number = 0; number < options_.keep.size(); ++number) {
            const std::string& pattern = options_.keep[number];
            const bool names_any = std::any_of(records_.begin(), records_.end(), [&](const Record& record) {
                return matches_name(pattern, record.name);
            });
            const std::set<std::size_t> images = images_meant_by(pattern);
            for (std::size_t record = 0; record < records_.size(); ++record) {
                if (names_any ? matches_name(pattern, records_[record].name) : images.count(image_of_[record]) > 0)
                    matching[record] |= std::uint64_t{1} << number;
            }
        }
        return matching;
    }

    /// Attachments, dangling records, names that are not valid references, and IDs belong to no repository.
    std::optional<std::string> repository_of(std::size_t number) const {
        const Record& record = records_[number];
        const auto& reference = parse_reference(record.name);
        if (is_attachment(number) || is_dangling(record) || !reference || is_whole_id(record.name)) return std::nullopt;
        return reference->repository();
    }

    /// How new an image is in a repository: its latest time, its highest version or neither, then its last name. Only
    /// records that belong to the repository and match the names of the rule count.
    struct Newness {
        Moment time{};
        std::string tag{};
        std::string_view last_name{};

        bool less_than(const Newness& other) const {
            if (time != other.time) return time < other.time;
            if (tag != other.tag)
                if (const auto order = compare_tags(tag, other.tag); order != 0) return order < 0;
            return last_name < other.last_name;
        }
    };

    /// The time by which a rule orders records, if it is known.
    std::optional<Moment> time_for(const KeepNewest& rule, const Record& record) const {
        const auto used = last_used(record);
        return rule.by == NewestBy::last_used && used ? used : created(record);
    }
    static bool is_by_time(const KeepNewest& rule) {
        return rule.by == NewestBy::created || rule.by == NewestBy::last_used;
    }

    /// The newness of an image among some records of a repository. By a time, records of unknown time do not count, but
    /// for their names, and an image that has no others has none.
    std::optional<Newness> newness_of(std::size_t image, const std::vector<std::size_t>& records,
                                      const KeepNewest& rule) const {
        std::optional<Newness> newness;
        bool known = !is_by_time(rule);
        for (const std::size_t record : records) {
            if (image_of_[record] != image) continue;
            if (!newness) newness = Newness{{std::numeric_limits<std::int64_t>::min(), 0}};
            newness->last_name = std::max<std::string_view>(newness->last_name, records_[record].name);
            if (rule.by == NewestBy::version) {
                const std::string& tag = parse_reference(records_[record].name)->tag;
                if (compare_tags(newness->tag, tag) < 0) newness->tag = tag;
            }
            const auto time = time_for(rule, records_[record]);
            if (!is_by_time(rule) || !time) continue;
            known = true;
            newness->time = std::max(newness->time, *time);
        }
        return known ? newness : std::nullopt;
    }

    /// The rules of newest that keep each record, as bits.
    std::vector<std::uint64_t> rules_of_newest() const {
        std::vector<std::uint64_t> rules(records_.size(), 0);
        if (options_.keep_newest.empty()) return rules;
        std::vector<std::optional<std::string>> repositories;
        for (std::size_t record = 0; record < records_.size(); ++record) repositories.push_back(repository_of(record));
        for (std::size_t number = 0; number < options_.keep_newest.size(); ++number) {
            const KeepNewest& rule = options_.keep_newest[number];
            for (std::size_t first = 0; first < records_.size(); ++first) {
                // Each repository once, with the first of its records.
                if (!repositories[first] ||
                    std::find(repositories.begin(), repositories.end(), repositories[first]) - repositories.begin() !=
                        static_cast<std::ptrdiff_t>(first))
                    continue;
                std::vector<std::size_t> counted;
                for (std::size_t record = first; record < records_.size(); ++record)
                    if (repositories[record] == repositories[first] &&
                        (!rule.names || matches_name(*rule.names, records_[record].name)))
                        counted.push_back(record);
                for (const std::size_t record : counted)
                    if (is_newest(record, counted, rule)) rules[record] |= std::uint64_t{1} << number;
            }
        }
        return rules;
    }

    /// A record is among the newest if fewer images of its repository than the rule keeps are newer than its image, or
    /// if its own time is unknown. An image that another one of the repository needs, outside of a circle, does not
    /// count for those that no other one needs: it is kept with that other one. A rule with a count of 0 keeps nothing.
    bool is_newest(std::size_t record, const std::vector<std::size_t>& counted, const KeepNewest& rule) const {
        if (rule.count == 0) return false;
        if (is_by_time(rule) && !time_for(rule, records_[record])) return true;
        const auto is_needed = [&](std::size_t image) {
            return std::any_of(counted.begin(), counted.end(), [&](std::size_t other) {
                return needs_itself_[image_of_[other]][image] && !in_circle(needs_in_turn_, image_of_[other], image);
            });
        };
        const std::size_t its_image = image_of_[record];
        const auto newness = newness_of(its_image, counted, rule);
        std::size_t newer = 0;
        for (std::size_t image = 0; image < targets_.size(); ++image) {
            if (image == its_image || (is_needed(image) && !is_needed(its_image))) continue;
            const auto other = newness_of(image, counted, rule);
            if (other && newness->less_than(*other)) ++newer;
        }
        return newer < rule.count;
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
                if (options_.rule.names_in_use && uses_name(container, record))
                    decide(record, "name_in_use", container);
    }

    Use use_of(const Container& container) const {
        Use use;
        use.id = full_id(container.image_id);
        use.dangling_name = "moby-dangling@" + use.id;
        use.images = images_of_id(container.image_id);
        for (std::size_t image = 0; image < targets_.size(); ++image) {
            use.runs.push_back(use.images.count(image) > 0 ||
                               (use.images.empty() && is_meant(image, container.image_ref)));
            use.protects.push_back(use.runs.back() && uses_digest(image, container.image_ref));
            use.mounts.push_back(mounts(container, image));
        }
        use.name = canonical(container.image_ref);
        const auto& reference = parse_reference(container.image_ref);
        if (reference && !reference->tag.empty() && !reference->digest.empty())
            use.name_by_tag = reference->repository() + ":" + reference->tag;
        return use;
    }

    /// Under `strict`, a container whose image_id is the ID of no image runs the images that have the digest or the ID
    /// in its image_ref.
    bool is_meant(std::size_t image, const std::string& typed) const {
        return options_.rule == Rule{} && images_meant_by(digest_in(typed).value_or(typed)).count(image) > 0;
    }

    bool mounts(const Container& container, std::size_t image) const {
        const auto is_this = [&](const std::string& id) { return images_of_id(id).count(image) > 0; };
        return members_.mounted && std::any_of(container.mounted.begin(), container.mounted.end(), is_this);
    }

    /// Paragraph 2. A container uses these names: "moby-dangling@" and its image_id; the names of the dangling records
    /// of its image; and the names that its image_ref means.
    bool uses_name(std::size_t container, std::size_t record) const {
        return records_[record].name == uses_[container].dangling_name ||
               (is_dangling(records_[record]) && uses_[container].runs[image_of_[record]]) ||
               means_name(container, record);
    }

    /// An image_ref means a name that is the same text, or that has the same canonical form; and if it has both a tag
    /// and a digest, also the name with the tag alone.
    bool means_name(std::size_t container, std::size_t record) const {
        const Use& use = uses_[container];
        return records_[record].name == containers_[container].image_ref ||
               (names_[record] && (names_[record] == use.name || names_[record] == use.name_by_tag));
    }

    /// Paragraph 3. A container puts the digest of the image that it runs in use if the rule says that every container
    /// does; or, if the rule says that containers created by a digest do, if its image_ref is a sha256 ID of the
    /// image, whole or truncated, with or without "sha256:" (an empty one counts), or ends in "@" and an ID of it.
    bool uses_digest(std::size_t image, const std::string& typed) const {
        if (options_.rule.digests != DigestUse::created_by_digest)
            return options_.rule.digests == DigestUse::every_container;
        const auto is_meant = [&](const std::string& id) {
            return id.starts_with("sha256:" + (typed.starts_with("sha256:") ? typed.substr(7) : typed)) ||
                   (!id.empty() && typed.ends_with("@" + id));
        };
        return is_meant(full_id(targets_[image])) || std::any_of(ids_[image].begin(), ids_[image].end(), is_meant);
    }

    struct User {
        std::size_t container;
        bool mounts;
    };

    /// The first container that puts an image in use. A container that mounts an image does so under every rule.
    std::optional<User> user_of(std::size_t image) const {
        for (std::size_t number = 0; number < containers_.size(); ++number) {
            if (uses_[number].protects[image]) return User{number, false};
            if (uses_[number].mounts[image]) return User{number, true};
        }
        return std::nullopt;
    }

    /// The first container that runs an image, whether or not the rule protects the image for it.
    std::optional<std::size_t> runner_of(std::size_t image) const {
        for (std::size_t number = 0; number < containers_.size(); ++number)
            if (uses_[number].runs[image]) return number;
        return std::nullopt;
    }

    // Fourth stage: survivors, paragraphs 4 and 5.

    bool keeps_a_name(std::size_t image) const {
        for (const std::size_t record : records_of(image))
            if (!is_deleted(record)) return true;
        return false;
    }

    /// Attachments of which none is deleted first: all records without a subject are deleted, then attachments as long as
    /// all images that one is attached to have no record left. The rest is in circles, or attached to them.
    std::vector<bool> circular_attachments() const {
        std::vector<bool> left;
        for (std::size_t record = 0; record < records_.size(); ++record) left.push_back(is_attachment(record));
        const auto has_record = [&](std::size_t image) {
            const auto records = records_of(image);
            return std::any_of(records.begin(), records.end(), [&](std::size_t record) { return left[record]; });
        };
        for (bool changes = true; changes;) {
            changes = false;
            for (std::size_t record = 0; record < records_.size(); ++record) {
                if (!left[record] || std::any_of(subjects_[record].begin(), subjects_[record].end(), has_record))
                    continue;
                left[record] = false;
                changes = true;
            }
        }
        return left;
    }

    /// An image is kept if it is in use, keeps a name, is needed by an image that is kept, or is attached to one or to
    /// images in a circle.
    void find_kept_images() {
        is_needed_.assign(targets_.size(), false);
        for (std::size_t image = 0; image < targets_.size(); ++image)
            is_kept_.push_back(user_of(image) || keeps_a_name(image));
        const std::vector<bool> circular = circular_attachments();
        for (std::size_t record = 0; record < records_.size(); ++record)
            if (circular[record]) is_kept_[image_of_[record]] = true;
        for (bool changes = true; changes;) {
            const auto before = is_kept_;
            for (std::size_t image = 0; image < targets_.size(); ++image)
                for (std::size_t other = 0; other < targets_.size(); ++other)
                    if (is_kept_[other] && needs_itself_[other][image]) is_kept_[image] = is_needed_[image] = true;
            for (std::size_t record = 0; record < records_.size(); ++record)
                if (has_kept_subject(record)) is_kept_[image_of_[record]] = true;
            changes = before != is_kept_;
        }
    }
    bool has_kept_subject(std::size_t record) const {
        return std::any_of(subjects_[record].begin(), subjects_[record].end(),
                           [&](std::size_t image) { return is_kept_[image]; });
    }

    /// An image that is in use or needed keeps its attachments, which are no candidates, and all its names if the rule says
    /// so; else it keeps at least one: the survivor, if no name is kept yet.
    void keep_survivors() {
        find_kept_images();
        for (std::size_t image = 0; image < targets_.size(); ++image) {
            const auto user = user_of(image);
            if (!user && !is_needed_[image]) continue;
            const auto keep = [&](std::size_t record, std::string_view if_used, std::string_view if_needed) {
                if (user)
                    decide(record, if_used, user->container, user->mounts);
                else
                    decide(record, if_needed);
            };
            for (const std::size_t record : records_of(image))
                if (is_attachment(record)) keep(record, "image_in_use", "needed");
            if (!options_.rule.all_names && !keeps_a_name(image)) keep(survivor_of(image), "last_name", "needed");
            for (const std::size_t record : records_of(image)) {
                if (options_.rule.all_names)
                    keep(record, "image_in_use", "needed");
                else
                    keep(record, "spare_name", "spare_name");
            }
        }
    }

    /// A record that is attached to a kept image is kept.
    void keep_attachments() {
        for (std::size_t record = 0; record < records_.size(); ++record)
            if (has_kept_subject(record)) decide(record, "attached");
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

    /// For `tagged`: a name with a tag is best, then one with a digest only, then an ID, then one that is not a valid
    /// reference, then a dangling one. A name with neither tag nor digest has the default tag.
    int rank(const Record& record) const {
        if (is_dangling(record)) return 0;
        if (is_whole_id(record.name)) return 2;
        const auto& reference = parse_reference(record.name);
        if (!reference) return 1;
        return reference->tag.empty() && !reference->digest.empty() ? 3 : 4;
    }

    // Last stage: budget, paragraph 5.

    /// Deletes whole images, least recently used first, until enough bytes are freed and no other was last used before
    /// `delete_unused_before`; the greatest number is never freed. An image that keeps a name keeps all names. If no
    /// blob has a size, all images are kept.
    void keep_images_beyond_budget() {
        if (!options_.bytes_to_free) return;
        const auto bytes = static_cast<std::uint64_t>(std::max(*options_.bytes_to_free, std::int64_t{0}));
        std::vector<bool> chosen(targets_.size(), false), taken = chosen, deletable = chosen;
        for (std::size_t image = 0; image < targets_.size(); ++image) deletable[image] = !keeps_a_name(image);
        const bool unlimited = *options_.bytes_to_free == std::numeric_limits<std::int64_t>::max();
        const bool sized = members_.blobs && freed_by(std::vector<bool>(targets_.size(), true)) > 0;
        while ((sized || unlimited) && chosen != deletable) {
            const std::size_t next = next_image(deletable, chosen);
            const bool is_unused =
                options_.delete_unused_before && newest_use(next, deletable).first < *options_.delete_unused_before;
            if (!unlimited && freed_by(taken) >= bytes && !is_unused) break;
            for (std::size_t image = 0; image < targets_.size(); ++image)
                if (in_one_circle(image, next)) chosen[image] = true;
            taken = taken_with(chosen);
        }
        for (std::size_t record = 0; record < records_.size(); ++record) {
            if (is_attachment(record)) {
                const std::size_t image = image_of_[record];
                if (deletable[image] && is_needed_by_untaken(image, taken)) decide(record, "needed");
                if (has_untaken_subject(record, taken)) decide(record, "attached");
            } else if (!taken[image_of_[record]]) {
                decide(record, deletable[image_of_[record]] ? "enough_freed" : "image_stays");
            }
        }
    }

    /// The images that lose all names if all names of the chosen ones are deleted but for attachments, and then every
    /// attachment that has no subject left and whose image no remaining image needs. Starts with all images, and takes out
    /// each that must remain.
    std::vector<bool> taken_with(const std::vector<bool>& chosen) const {
        std::vector<bool> taken(targets_.size(), true);
        const auto is_gone = [&](std::size_t record) {
            return is_deleted(record) &&
                   (is_attachment(record) ? !has_untaken_subject(record, taken) : chosen[image_of_[record]] == true);
        };
        for (bool changes = true; changes;) {
            changes = false;
            for (std::size_t image = 0; image < targets_.size(); ++image) {
                const auto records = records_of(image);
                const bool can_go =
                    std::all_of(records.begin(), records.end(), is_gone) && !is_needed_by_untaken(image, taken);
                if (!taken[image] || can_go) continue;
                taken[image] = false;
                changes = true;
            }
        }
        return taken;
    }
    bool has_untaken_subject(std::size_t record, const std::vector<bool>& taken) const {
        return std::any_of(subjects_[record].begin(), subjects_[record].end(),
                           [&](std::size_t image) { return !taken[image]; });
    }
    bool is_needed_by_untaken(std::size_t image, const std::vector<bool>& taken) const {
        for (std::size_t other = 0; other < targets_.size(); ++other)
            if (!taken[other] && needs_itself_[other][image]) return true;
        return false;
    }

    /// The image that is deleted next, with all images that are in a circle with it.
    std::size_t next_image(const std::vector<bool>& deletable, const std::vector<bool>& taken) const {
        std::optional<std::size_t> next;
        for (std::size_t image = 0; image < targets_.size(); ++image)
            if (deletable[image] && !taken[image] && (!next || comes_first(image, *next, deletable))) next = image;
        return *next;
    }

    /// Tells whether image `a` is deleted before image `b`: the one that was used longest ago, then the one that was
    /// created first, then the deepest, then the one whose first name sorts first.
    bool comes_first(std::size_t a, std::size_t b, const std::vector<bool>& deletable) const {
        const auto use_a = newest_use(a, deletable), use_b = newest_use(b, deletable);
        if (use_a != use_b) return use_a < use_b;
        if (depth_[a] != depth_[b]) return depth_[a] > depth_[b];
        return first_name(a) < first_name(b);
    }

    /// When an image was used, and when it was created: the latest times of its records, or those of a deletable image
    /// that it follows, if that was used later. An unknown time counts as now. If the store has no `last_used`, an image
    /// counts as used when it was created.
    std::pair<Moment, Moment> newest_use(std::size_t image, const std::vector<bool>& deletable) const {
        constexpr Moment now{std::numeric_limits<std::int64_t>::max(), 0};
        std::optional<std::pair<Moment, Moment>> newest;
        for (std::size_t other = 0; other < targets_.size(); ++other) {
            if (!deletable[other] || (other != image && !follows_[other][image])) continue;
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

    std::vector<Doubt> doubts() const {
        std::vector<Doubt> out;
        for (std::size_t number = 0; number < containers_.size(); ++number) {
            if (is_unmatched(number)) out.push_back({"unmatched_container", number, true});
            const std::string& typed = containers_[number].image_ref;
            const bool is_beginning = typed == "sha256:" && uses_[number].id.starts_with(typed);
            if (!typed.empty() && !uses_[number].name && !is_id(typed) && !is_beginning)
                out.push_back({"invalid_image_ref", number, uses_[number].images.empty() || !protects_any(number)});
        }
        for (const Decision& decision : decisions_)
            if (decision.reason == "unprotected") out.push_back({"unprotected_image", *decision.container, true});
        for (std::size_t number = 0; number < options_.keep.size(); ++number)
            if (std::none_of(patterns_.begin(), patterns_.end(),
                             [&](std::uint64_t matching) { return (matching >> number & 1) != 0; }))
                out.push_back({"unmatched_pattern", number, false});
        for (std::size_t record = 0; record < records_.size(); ++record) {
            if (!names_[record] && !is_whole_id(records_[record].name) && !is_dangling(records_[record]))
                out.push_back({"invalid_name", record, false});
            if (names_[record] && std::find(names_.begin(), names_.end(), names_[record]) - names_.begin() !=
                                      static_cast<std::ptrdiff_t>(record))
                out.push_back({"same_name", record, false});
        }
        std::sort(out.begin(), out.end());
        out.erase(std::unique(out.begin(), out.end()), out.end());
        return out;
    }

    bool protects_any(std::size_t number) const {
        const auto& protects = uses_[number].protects;
        return std::find(protects.begin(), protects.end(), true) != protects.end();
    }

    /// A container is unmatched if the store lacks the image that it runs, or one that it mounts. If its image_id is
    /// empty, a record that its image_ref means is enough. If its image_id is unknown, and its image_ref is a truncated
    /// ID, that does not tell which image it runs if a record has that name.
    bool is_unmatched(std::size_t number) const {
        const Container& container = containers_[number];
        for (const std::string& mounted : container.mounted)
            if (members_.mounted && !mounted.empty() && images_of_id(mounted).empty()) return true;
        bool is_named = false, runs = false;
        for (std::size_t record = 0; record < records_.size(); ++record)
            if (means_name(number, record)) is_named = true;
        for (std::size_t image = 0; image < targets_.size(); ++image)
            if (uses_[number].runs[image]) runs = true;
        const std::string& typed = container.image_ref;
        const bool is_whole = digest_in(typed).has_value() || is_whole_id(typed);
        if (runs && (!uses_[number].images.empty() || is_whole || !is_named)) return false;
        return !(container.image_id.empty() && is_named);
    }

    /// An option is invalid if the store lacks a member that it needs, if it names an image that the store lacks, if it
    /// is negative, or if it has no effect without another.
    bool has_invalid_option() const {
        bool needs_created = options_.survivor == Survivor::newest || options_.survivor == Survivor::oldest;
        bool needs_any_time = options_.keep_younger_than.has_value(), invalid = false;
        for (const std::string& filter : options_.filters) {
            const std::string key = filter.substr(0, filter.find('=')), value = filter.substr(key.size() + 1);
            if (key == "until" || key == "before" || key == "since") needs_created = true;
            if ((key == "before" || key == "since") && !find_image(value)) invalid = true;
            if ((key == "label" || key == "label!") && !members_.label) invalid = true;
        }
        for (const KeepNewest& rule : options_.keep_newest) {
            if (rule.by == NewestBy::created) needs_created = true;
            if (rule.by == NewestBy::last_used) needs_any_time = true;
        }
        if (options_.bytes_to_free && (!members_.blobs || *options_.bytes_to_free < 0)) invalid = true;
        if (options_.delete_unused_before && !options_.bytes_to_free) invalid = true;
        return invalid || (needs_created && !members_.created) ||
               (needs_any_time && !members_.created && !members_.last_used);
    }

    /// Returns by image how many steps of attachments lead from it to others of its circle, at most.
    std::vector<std::size_t> depths_in_circles() const {
        std::vector<std::size_t> depths(targets_.size(), 0);
        for (std::size_t round = 0; round < targets_.size(); ++round)
            for (std::size_t record = 0; record < records_.size(); ++record)
                for (const std::size_t subject : subjects_[record])
                    if (const std::size_t image = image_of_[record];
                        is_deleted(record) && in_one_circle(subject, image))
                        depths[subject] = std::max(depths[subject], depths[image] + 1);
        return depths;
    }

    /// Paragraph 6. Deletions list an image before what follows it; in a circle, an image before what is attached to it;
    /// then by name.
    std::vector<std::size_t> deletions() const {
        const std::vector<std::size_t> in_circle = depths_in_circles();
        std::vector<std::size_t> order;
        for (std::size_t record = 0; record < records_.size(); ++record)
            if (is_deleted(record)) order.push_back(record);
        std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            const std::size_t image_a = image_of_[a], image_b = image_of_[b];
            if (depth_[image_a] != depth_[image_b]) return depth_[image_a] > depth_[image_b];
            if (in_circle[image_a] != in_circle[image_b]) return in_circle[image_a] > in_circle[image_b];
            return records_[a].name < records_[b].name;
        });
        return order;
    }

    const HostMembers& members_;
    const std::vector<Record>& records_;
    const std::vector<Container>& containers_;
    const Options& options_;
    std::vector<std::string> targets_{};               // by image
    std::vector<std::size_t> image_of_{};              // by record
    std::vector<std::optional<std::string>> names_{};  // by record: the canonical form of its name
    std::vector<Use> uses_{};                          // by container
    std::vector<std::vector<bool>> needs_itself_{};    // by image, then by the image that its records name
    std::vector<std::set<std::string>> ids_{};         // by image: further IDs, with their algorithm
    std::vector<std::set<std::size_t>> subjects_{};    // by record: the images that it is attached to
    Links follows_{};                                  // by image, then by the image that follows it
    Links needs_in_turn_{};                            // by image, then by the image that it needs, directly or not
    std::vector<bool> is_needed_{}, is_kept_{};        // by image
    std::vector<std::size_t> depth_{};                 // by image
    std::vector<std::uint64_t> patterns_{};            // by record: the patterns that match it, as bits
    std::vector<Decision> decisions_{};                // by record
};

inline Plan plan(const World& world) { return Planner(world).plan(); }

}  // namespace model

#endif
