#ifndef PRUNEPLAN_PLANNER_SHARED_IDS_HPP
#define PRUNEPLAN_PLANNER_SHARED_IDS_HPP

// SPDX-License-Identifier: BSL-1.0

// Containers that mean several images by one ID, so that many of them need not look at many images each.

#include <pruneplan/detail/index/flat_index.hpp>
#include <pruneplan/detail/index/image_lookups.hpp>
#include <pruneplan/detail/index/records.hpp>
#include <pruneplan/detail/vector.hpp>
#include <pruneplan/planner/image_use.hpp>

#include <array>
#include <bit>
#include <cstdint>

namespace pruneplan::detail {

/// Remembers how containers use the images of shared IDs, and finds images that two texts mean.
class SharedIds {
public:
    using Meaning = Records::Meaning;

    constexpr SharedIds(const Records& records, ImageLookups& lookups)
        : records_(records), lookups_(lookups), uses_(records.ids.size()) {}

    /// Adds a container that uses the images of an ID. Returns false if earlier containers used them alike.
    constexpr bool add(const Meaning& meaning, std::uint32_t container, bool mounts, bool in_use) {
        if (!is_shared(meaning)) return true;
        const ImageUse::State before = uses_[meaning.further_id];
        uses_.add(meaning.further_id, container, mounts, in_use);
        return !(uses_[meaning.further_id] == before);
    }

    /// Returns true at the first call for a range.
    constexpr bool add(ImageLookups::Range range) { return find_or_add({no_record, range.begin, range.end}).is_new; }

    /// Calls `visit(image)` for each image that two IDs mean, the first time that it is called for two shared ones.
    /// Returns whether there is such an image.
    template <class Visit>
    constexpr bool for_each_common(const Meaning& a, const Meaning& b, const Visit& visit) {
        if (b.image == no_record) return false;
        const bool a_is_smaller = records_.sharing(a) < records_.sharing(b);
        const Meaning &smaller = a_is_smaller ? a : b, &larger = a_is_smaller ? b : a;
        const auto compute = [&] {
            return visit_if(smaller, visit, [&](std::uint32_t image) { return records_.means(larger, image); });
        };
        return is_shared(smaller) ? once({a.further_id, b.further_id, no_record}, compute) : compute();
    }
    /// The same for an ID and a range of IDs.
    template <class Visit>
    constexpr bool for_each_common(const Meaning& meaning, ImageLookups::Range range, const Visit& visit) {
        if (range.empty()) return false;
        const auto compute = [&] {
            if (lookups_.has_more_images(range, records_.sharing(meaning)))
                return visit_if(meaning, visit, [&](std::uint32_t image) { return lookups_.has_any(image, range); });
            bool any = false;
            lookups_.for_each_image(range, [&](std::uint32_t image) {
                if (records_.means(meaning, image)) {
                    visit(image);
                    any = true;
                }
                return true;
            });
            return any;
        };
        return is_shared(meaning) ? once({meaning.further_id, range.begin, range.end}, compute) : compute();
    }

private:
    struct Key {
        std::uint32_t id, begin, end;

        friend constexpr bool operator==(const Key&, const Key&) = default;
    };

    constexpr bool is_shared(const Meaning& meaning) const noexcept { return records_.sharing(meaning) > 0; }

    template <class Visit, class Condition>
    constexpr bool visit_if(const Meaning& meaning, const Visit& visit, const Condition& condition) {
        bool any = false;
        records_.for_each(meaning, [&](std::uint32_t image) {
            if (!condition(image)) return;
            visit(image);
            any = true;
        });
        return any;
    }

    struct Found {
        std::uint32_t number;
        bool is_new;
    };

    constexpr Found find_or_add(const Key& key) {
        done_.make_room(keys_.size(), 1, [this](std::uint32_t number) { return hash(keys_[number]); });
        const auto next = static_cast<std::uint32_t>(keys_.size());
        FlatIndex::Search search = done_.search(hash(key));
        done_.advance(search);
        const auto is_this = [&](std::uint32_t other) { return keys_[other] == key; };
        const std::uint32_t number = done_.find_or_insert(search, next, is_this);
        if (number != next) return {number, false};
        keys_.push_back(key);
        results_.push_back(false);
        return {number, true};
    }

    /// Returns what `compute()` returned for this key.
    template <class Compute>
    constexpr bool once(const Key& key, const Compute& compute) {
        const Found found = find_or_add(key);
        if (found.is_new) results_[found.number] = compute();
        return results_[found.number] != 0;
    }
    constexpr std::uint64_t hash(const Key& key) const noexcept {
        const auto bytes = std::bit_cast<std::array<char, sizeof key>>(key);
        return records_.hash({bytes.data(), bytes.size()});
    }

    const Records& records_;
    ImageLookups& lookups_;
    ImageUse uses_;  // by shared ID
    FlatIndex done_;
    Vector<Key> keys_;
    Vector<char> results_;  // by key
};

}  // namespace pruneplan::detail

#endif
