#ifndef PRUNEPLAN_TESTS_SUPPORT_LIVE_STORE_HPP
#define PRUNEPLAN_TESTS_SUPPORT_LIVE_STORE_HPP

// SPDX-License-Identifier: BSL-1.0

// A thread-safe store whose names and containers change while a plan is applied. Like a real store, it never removes
// the last name of an image that a container runs. It does remove the last name of an image that another needs, but not
// when a user moves or removes a name.

#include <pruneplan/pruneplan.hpp>

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace live {

struct Record {
    std::string name, target;
    std::vector<pruneplan::Blob> content;
    std::string needs;
};

/// A copy of the store's records at one moment, for the planner.
struct Snapshot {
    std::vector<Record> records;

    const std::vector<Record>& images() const { return records; }
    static const std::string& name(const Record& record) { return record.name; }
    static const std::string& target(const Record& record) { return record.target; }
    static const std::vector<pruneplan::Blob>& blobs(const Record& record) { return record.content; }
    static std::string_view needs(const Record& record) { return record.needs; }
};

using Index = pruneplan::ImageIndex<Snapshot>;

struct Container {
    std::string id, ref;
    std::string_view image_id() const { return id; }
    std::string_view image_ref() const { return ref; }
};

class Store {
public:
    struct Image {
        std::vector<pruneplan::Blob> blobs{};
        std::string needs{};
    };

    /// Adds an image. Images are never removed, only their names.
    void add_image(const std::string& target, Image image) { images_[target] = std::move(image); }

    void tag(const std::string& name, const std::string& target) {
        const std::lock_guard lock(mutex_);
        move_name(name, target);
    }

    /// Gives an image one more name, if it has one.
    void tag_again(const std::string& name, const std::string& target) {
        const std::lock_guard lock(mutex_);
        if (is_named(target)) move_name(name, target);
    }

    void untag(const std::string& name) {
        const std::lock_guard lock(mutex_);
        const auto known = names_.find(name);
        if (known != names_.end() && !is_last_that_matters(name, known->second)) names_.erase(known);
    }

    /// Creates a container from a name, if the store has that name.
    void create_container(const std::string& name) {
        const std::lock_guard lock(mutex_);
        const auto known = names_.find(name);
        if (known != names_.end()) containers_.push_back({known->second, known->second});
    }

    void add_container(Container container) { containers_.push_back(std::move(container)); }

    Snapshot snapshot() const {
        const std::lock_guard lock(mutex_);
        Snapshot out;
        for (const auto& [name, target] : names_) {
            const Image& image = images_.at(target);
            out.records.push_back({name, target, image.blobs, image.needs});
        }
        return out;
    }

    std::vector<Container> containers() const {
        const std::lock_guard lock(mutex_);
        return containers_;
    }

    pruneplan::RemoveOutcome remove(std::string_view name, std::string_view target, std::string_view survivor) {
        const std::lock_guard lock(mutex_);
        const auto known = names_.find(name);
        if (known == names_.end()) return {pruneplan::RemoveStatus::not_found, {}, is_named(target)};
        if (known->second != target) return {pruneplan::RemoveStatus::changed, {}, is_named(target)};
        if (!survivor.empty() && !points_at(survivor, target)) return pruneplan::RemoveStatus::survivor_gone;
        if (is_last_name(name, target) && is_used(target)) return pruneplan::RemoveStatus::in_use;
        names_.erase(known);
        return {pruneplan::RemoveStatus::removed, {}, is_named(target)};
    }

    std::set<std::string> names() const {
        const std::lock_guard lock(mutex_);
        std::set<std::string> out;
        for (const auto& [name, target] : names_) out.insert(name);
        return out;
    }

    std::set<std::string> targets() const {
        const std::lock_guard lock(mutex_);
        std::set<std::string> out;
        for (const auto& [name, target] : names_) out.insert(target);
        return out;
    }

    /// Returns the bytes of all blobs of images that have a name.
    std::uint64_t bytes() const {
        std::map<std::string_view, std::uint64_t> blobs;
        for (const std::string& target : targets())
            for (const pruneplan::Blob& blob : images_.at(target).blobs) blobs[blob.digest] = blob.size;
        std::uint64_t sum = 0;
        for (const auto& [digest, size] : blobs) sum += size;
        return sum;
    }

    /// Returns the images that containers run and that have no name.
    std::set<std::string> lost() const {
        std::set<std::string> out;
        const auto named = targets();
        for (const Container& container : containers())
            if (images_.contains(container.id) && !named.contains(container.id)) out.insert(container.id);
        return out;
    }

    /// Returns the images that have a name and need an image that has none.
    std::set<std::string> broken() const {
        std::set<std::string> out;
        const auto named = targets();
        for (const std::string& target : named)
            if (const std::string& needed = images_.at(target).needs; !needed.empty() && !named.contains(needed))
                out.insert(target);
        return out;
    }

private:
    void move_name(const std::string& name, const std::string& target) {
        const auto known = names_.find(name);
        if (known != names_.end() && known->second != target && is_last_that_matters(name, known->second))
            names_["moby-dangling@" + known->second] = known->second;
        names_[name] = target;
    }

    bool points_at(std::string_view name, std::string_view target) const {
        const auto known = names_.find(name);
        return known != names_.end() && known->second == target;
    }

    bool is_named(std::string_view target) const { return !is_last_name("", target); }

    /// Tells whether no other name points at the image.
    bool is_last_name(std::string_view name, std::string_view target) const {
        for (const auto& [other, its] : names_)
            if (its == target && other != name) return false;
        return true;
    }

    bool is_used(std::string_view target) const {
        for (const Container& container : containers_)
            if (container.id == target) return true;
        return false;
    }

    bool is_needed(std::string_view target) const {
        for (const auto& [other, its] : names_)
            if (images_.at(its).needs == target) return true;
        return false;
    }

    bool is_last_that_matters(std::string_view name, std::string_view target) const {
        return is_last_name(name, target) && (is_used(target) || is_needed(target));
    }

    mutable std::mutex mutex_;
    std::map<std::string, std::string, std::less<>> names_;
    std::map<std::string, Image, std::less<>> images_;
    std::vector<Container> containers_;
};

}  // namespace live

#endif
