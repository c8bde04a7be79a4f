// SPDX-License-Identifier: BSL-1.0

// Tests the concepts of the host's types: which stores, containers and removers are accepted.

#include "../support/check.hpp"
#include "../support/mock.hpp"

#include <pruneplan/host.hpp>

#include <cstddef>
#include <forward_list>
#include <functional>
#include <istream>
#include <list>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using pruneplan::ContainerView;
using pruneplan::ImageRemover;
using pruneplan::ImageStore;
using pruneplan::RemoveOutcome;
using pruneplan::RemoveStatus;

struct Record {
    std::string name, digest;
    friend std::istream& operator>>(std::istream& in, Record&) { return in; }
};

struct Required {
    static const std::string& name(const Record&);
    static std::string_view target(const Record&);
};
template <class Images>
struct WithImages : Required {
    Images images() const;
};
using WithSpan = WithImages<std::span<const Record>>;

struct OtherTexts {
    const std::forward_list<Record>& images() const;
    std::string name(const Record&) const;
    const char* target(const Record&) const;
};
struct MakeRecord {
    Record operator()(int) const { return {}; }
};
struct NoTarget {
    const std::vector<Record>& images() const;
    static std::string_view name(const Record&);
};
struct RecordByValue : WithSpan {
    static std::string_view name(Record);
};
struct RecordConverted : WithSpan {
    static std::string_view target(const std::optional<Record>&);
};

// Each optional member, as it must be.

struct Created {
    static pruneplan::Timestamp created(const Record&);
};
struct LastUsed {
    static std::optional<pruneplan::Timestamp> last_used(const Record&);
};
struct Label {
    static const char* label(const Record&, std::string_view);
};
struct Pinned {
    static bool pinned(const Record&);
};
struct IsDangling {
    static bool is_dangling(const Record&);
};
struct NeedsOne {
    static const char* needs(const Record&);
};
struct NeedsSeveral {
    static std::list<std::string> needs(const Record&);
};
struct Blobs {
    static std::vector<pruneplan::Blob> blobs(const Record&);
};

/// Each optional member, with a parameter that is not the record, or with another type.
struct TakesNumber {
    struct Created {
        static pruneplan::Timestamp created(int);
    };
    struct LastUsed {
        static pruneplan::Timestamp last_used(int);
    };
    struct Label {
        static const char* label(int, std::string_view);
    };
    struct Pinned {
        static bool pinned(int);
    };
    struct IsDangling {
        static bool is_dangling(int);
    };
    struct Needs {
        static const char* needs(int);
    };
    struct Blobs {
        static std::vector<pruneplan::Blob> blobs(int);
    };
};
struct ReturnsAnother {
    struct Created {
        static long created(const Record&);
    };
    struct LastUsed {
        static std::string last_used(const Record&);
    };
    struct Label {
        static bool label(const Record&, std::string_view);
    };
    struct Pinned {
        static int pinned(const Record&);
    };
    struct IsDangling {
        static std::string is_dangling(const Record&);
    };
    struct Needs {
        static std::vector<int> needs(const Record&);
    };
    struct Blobs {
        static std::vector<std::string> blobs(const Record&);
    };
};
struct NearMiss {
    struct Created {
        static pruneplan::Timestamp created_at(const Record&);
    };
    struct LastUsed {
        static pruneplan::Timestamp last_used_at(const Record&);
    };
    struct Label {
        static const char* labels(const Record&);
    };
    struct Pinned {
        static bool is_pinned(const Record&);
    };
    struct IsDangling {
        static bool dangling(const Record&);
    };
    struct Parent {
        static const char* parent(const Record&);
    };
    struct Parents {
        static std::vector<std::string> parents(const Record&);
    };
    struct Blobs {
        static std::vector<pruneplan::Blob> layers(const Record&);
    };
};

template <class Member>
struct With : WithSpan, Member {};
template <class Member>
struct WithPrivate : WithSpan, private Member {};

template <class... Members>
constexpr bool all_accepted = (ImageStore<With<Members>> && ...);
template <class... Members>
constexpr bool all_rejected = (!ImageStore<With<Members>> && ...);
template <class... Members>
constexpr bool all_rejected_if_private = (!ImageStore<WithPrivate<Members>> && ...);

struct NonConstMember : WithSpan {
    bool is_dangling(const Record&);  // a const store cannot call it
};
template <bool able>
struct Constrained : WithSpan {
    static bool pinned(const Record&) requires able;
};

struct FinalRecord final {
    std::string name, digest;
};
struct FinalStore final {
    const std::vector<FinalRecord>& images() const;
    static std::string_view name(const FinalRecord&);
    static std::string_view target(const FinalRecord&);
    static bool pinned(const FinalRecord&);
};

struct ByValue {
    std::string image_id() const;
    std::string image_ref() const;
};
struct NoRef {
    std::string image_id() const;
};
struct Mounts {
    std::vector<std::string> mounted_image_ids() const;
};
struct MountsOne {
    std::string mounted_image_ids(int) const;
};
struct MountsNearly {
    std::vector<std::string> mounted_images() const;
};
struct Named {
    const char* name() const;
};
template <class Member>
struct ContainerWith : ByValue, Member {};
struct MountsPrivately : ByValue, private Mounts {};
struct FinalContainer final : ByValue, Mounts, Named {};

struct Remover {
    RemoveOutcome remove(std::string_view, std::string_view, std::string_view);
};
struct FinalRemover final : Remover {};
struct RemovesWithoutSurvivor {
    RemoveOutcome remove(std::string_view, std::string_view);
};
struct ReturnsBool {
    bool remove(std::string_view, std::string_view, std::string_view);
};
struct RemovesPrivately : private Remover {};
struct Call {
    RemoveStatus operator()(std::string_view, std::string_view, std::string_view);
};

template <class Store>
constexpr bool knows_all_but_is_dangling =
    pruneplan::knows_created<Store> && pruneplan::knows_last_used<Store> && pruneplan::knows_label<Store> &&
    pruneplan::knows_pinned<Store> && pruneplan::knows_needs<Store> && pruneplan::knows_blobs<Store>;
template <class Store>
constexpr bool knows_any =
    pruneplan::knows_created<Store> || pruneplan::knows_last_used<Store> || pruneplan::knows_label<Store> ||
    pruneplan::knows_pinned<Store> || pruneplan::knows_needs<Store> || pruneplan::knows_blobs<Store> ||
    pruneplan::knows_is_dangling<Store>;

}  // namespace

TEST_CASE("a store is accepted with any forward range of records or pointers to them that it lends or creates") {
    CHECK_TWICE(ImageStore<mock::Store>);
    CHECK_TWICE(ImageStore<OtherTexts>);
    CHECK_TWICE(ImageStore<WithImages<std::span<const Record>>>);
    CHECK_TWICE(ImageStore<WithImages<std::vector<Record>>>);
    CHECK_TWICE(ImageStore<WithImages<const std::list<const Record*>&>>);
    CHECK_TWICE(ImageStore<WithImages<const std::vector<std::unique_ptr<Record>>&>>);
    CHECK_TWICE(ImageStore<WithImages<std::vector<std::shared_ptr<const Record>>>>);
    CHECK_TWICE(ImageStore<WithImages<decltype(std::views::iota(0, 3) | std::views::transform(MakeRecord()))>>);
}

TEST_CASE("stores and records and containers and removers can be final") {
    CHECK_TWICE(ImageStore<FinalStore> && pruneplan::knows_pinned<FinalStore>);
    CHECK_TWICE(ContainerView<FinalContainer> && pruneplan::knows_mounted_image_ids<FinalContainer>);
    CHECK_TWICE(ImageRemover<FinalRemover>);
}

TEST_CASE("a store is rejected if it lacks a required member or lends its records in a single pass") {
    CHECK_TWICE(!ImageStore<NoTarget>);
    CHECK_TWICE(!ImageStore<int>);
    CHECK_TWICE(!ImageStore<WithImages<std::ranges::istream_view<Record>>>);
    CHECK_TWICE(!ImageStore<WithImages<int>>);
}

TEST_CASE("a store is rejected if its name or target takes a copy of the record or a conversion of it") {
    CHECK_TWICE(!ImageStore<RecordByValue>);
    CHECK_TWICE(!ImageStore<RecordConverted>);
}

TEST_CASE("a store is accepted with each optional member") {
    CHECK_TWICE(all_accepted<Created, LastUsed, Label, Pinned, IsDangling, NeedsOne, NeedsSeveral, Blobs>);
    CHECK_TWICE(knows_all_but_is_dangling<mock::FullStore>);
    CHECK_TWICE(pruneplan::knows_is_dangling<With<IsDangling>>);
    CHECK_TWICE(pruneplan::knows_needs<With<NeedsOne>> && pruneplan::knows_needs<With<NeedsSeveral>>);
    CHECK_TWICE(!knows_any<mock::Store>);
}

TEST_CASE("a store is rejected if an optional member has another type or is private or not const or constrained away") {
    using T = TakesNumber;
    using R = ReturnsAnother;
    CHECK_TWICE(all_rejected<T::Created, T::LastUsed, T::Label, T::Pinned, T::IsDangling, T::Needs, T::Blobs>);
    CHECK_TWICE(all_rejected<R::Created, R::LastUsed, R::Label, R::Pinned, R::IsDangling, R::Needs, R::Blobs>);
    CHECK_TWICE(all_rejected_if_private<Created, LastUsed, Label, Pinned, IsDangling, NeedsOne, Blobs>);
    CHECK_TWICE(!ImageStore<NonConstMember>);
    CHECK_TWICE(ImageStore<Constrained<true>> && pruneplan::knows_pinned<Constrained<true>>);
    CHECK_TWICE(!ImageStore<Constrained<false>>);
}

TEST_CASE("a store is rejected if it has a member whose name is often written in place of an optional one") {
    using N = NearMiss;
    CHECK_TWICE(all_rejected<N::Created, N::LastUsed, N::Label, N::Pinned, N::IsDangling, N::Blobs>);
    CHECK_TWICE(all_rejected<N::Parent, N::Parents>);
}

TEST_CASE("a container needs image_id and image_ref and can have a name and mounted_image_ids") {
    CHECK_TWICE(ContainerView<mock::Container>);
    CHECK_TWICE(ContainerView<ByValue>);
    CHECK_TWICE(!ContainerView<NoRef>);
    CHECK_TWICE(ContainerView<ContainerWith<Mounts>> && pruneplan::knows_mounted_image_ids<ContainerWith<Mounts>>);
    CHECK_TWICE(ContainerView<ContainerWith<Named>> && pruneplan::knows_name<ContainerWith<Named>>);
    CHECK_TWICE(!ContainerView<ContainerWith<MountsOne>>);
    CHECK_TWICE(!ContainerView<ContainerWith<MountsNearly>>);
    CHECK_TWICE(!ContainerView<MountsPrivately>);
    CHECK_TWICE(!pruneplan::knows_mounted_image_ids<mock::Container> && !pruneplan::knows_name<mock::Container>);
}

TEST_CASE("a remover is an object with a member or a callable that takes name and target and survivor") {
    CHECK_TWICE(ImageRemover<Remover>);
    CHECK_TWICE(ImageRemover<Call>);
    CHECK_TWICE(ImageRemover<RemoveStatus (*)(std::string_view, std::string_view, std::string_view)>);
    CHECK_TWICE(ImageRemover<std::function<RemoveOutcome(std::string_view, std::string_view, std::string_view)>>);
    CHECK_TWICE(!ImageRemover<RemovesWithoutSurvivor>);
    CHECK_TWICE(!ImageRemover<ReturnsBool>);
    CHECK_TWICE(!ImageRemover<RemovesPrivately>);
    CHECK_TWICE(!ImageRemover<int>);
}

TEST_CASE("a default-constructed blob has no digest and size 0") {
    CHECK_TWICE(pruneplan::Blob().size == 0);
    CHECK_TWICE(pruneplan::Blob().digest.empty());
}

TEST_CASE("a status converts to an outcome and a default-constructed outcome is a failure") {
    const RemoveOutcome outcome = RemoveStatus::changed;
    CHECK(outcome.status == RemoveStatus::changed);
    CHECK(outcome.error.empty());
    CHECK_FALSE(outcome.still_named);
    CHECK(RemoveOutcome().status == RemoveStatus::failed);
    CHECK(RemoveOutcome(RemoveStatus::failed, "why").error == "why");
    CHECK(RemoveOutcome(RemoveStatus::removed, {}, true).still_named);
}

TEST_CASE("the words of statuses are the names of the enumerators") {
    std::string words;
    for (std::size_t i = 0; i < pruneplan::remove_status_count; ++i)
        words += std::string(to_string(static_cast<RemoveStatus>(i))) + " ";
    CHECK(words == "removed not_found changed survivor_gone in_use failed vetoed needed attached ");
    CHECK(to_string(static_cast<RemoveStatus>(pruneplan::remove_status_count)) == "unknown");
}
