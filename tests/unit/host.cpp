// SPDX-License-Identifier: BSL-1.0

// Tests the concepts of the host's types: which stores, containers and removers are accepted.

#include "../support/check.hpp"
#include "../support/mock.hpp"

#include <pruneplan/host.hpp>

#include <forward_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using pruneplan::ContainerView;
using pruneplan::ImageStore;

struct Record {
    std::string name, digest;
};

struct WithList {
    const std::forward_list<Record>& images() const;
    std::string name(const Record&) const;
    const char* target(const Record&) const;
};
struct WithSpan {
    std::span<const Record> images() const;
    static const std::string& name(const Record&);
    static std::string_view target(const Record&);
    static bool is_dangling(const Record&);
};
struct ImagesByValue {
    std::vector<Record> images() const;
    static std::string_view name(const Record&);
    static std::string_view target(const Record&);
};
struct NoTarget {
    const std::vector<Record>& images() const;
    static std::string_view name(const Record&);
};
struct WrongMemberType : WithSpan {
    static std::string is_dangling(const Record&);
};
struct NonConstMember : WithSpan {
    bool is_dangling(const Record&);  // not const, so a const store cannot call it
};

// Each optional member, with a parameter that is not the record.

struct Created { static pruneplan::Timestamp created(int); };
struct LastUsed { static pruneplan::Timestamp last_used(int); };
struct Label { static const char* label(int, std::string_view); };
struct Pinned { static bool pinned(int); };
struct IsDangling { static bool is_dangling(int); };
struct Parent { static const char* parent(int); };
struct Blobs { static std::vector<pruneplan::Blob> blobs(int); };

template <class Member>
struct TakesAnother : WithSpan, Member {};
template <class Member>
struct IsPrivate : WithSpan, private Member {};

template <class Member>
constexpr bool is_rejected = !ImageStore<TakesAnother<Member>> && !ImageStore<IsPrivate<Member>>;

/// Like `WithSpan`, without `is_dangling`, which a second one would make ambiguous.
struct WithoutDangling {
    std::span<const Record> images() const;
    static const std::string& name(const Record&);
    static std::string_view target(const Record&);
};
struct DanglingTakesAnother : WithoutDangling, IsDangling {};
struct DanglingIsPrivate : WithoutDangling, private IsDangling {};

template <bool able>
struct Constrained : WithoutDangling {
    static bool pinned(const Record&) requires able;
};

struct Final final : WithoutDangling {};

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
struct MountsPublicly : ByValue, Mounts {};
struct MountsPrivately : ByValue, private Mounts {};

struct Remover {
    pruneplan::RemoveOutcome remove(std::string_view, std::string_view);
};
struct Holds {
    bool holds(std::string_view, std::string_view);
};
struct HoldsPublicly : Remover, Holds {};
struct HoldsPrivately : Remover, private Holds {};
struct WithSurvivor : Remover {
    using Remover::remove;
    pruneplan::RemoveOutcome remove(std::string_view, std::string_view, std::string_view);
};

template <class Store>
constexpr bool knows_all_but_is_dangling =
    pruneplan::knows_created<Store> && pruneplan::knows_last_used<Store> && pruneplan::knows_label<Store> &&
    pruneplan::knows_pinned<Store> && pruneplan::knows_parent<Store> && pruneplan::knows_blobs<Store>;
template <class Store>
constexpr bool knows_any = pruneplan::knows_created<Store> || pruneplan::knows_last_used<Store> ||
                           pruneplan::knows_label<Store> || pruneplan::knows_pinned<Store> ||
                           pruneplan::knows_parent<Store> || pruneplan::knows_blobs<Store> ||
                           pruneplan::knows_is_dangling<Store>;

}  // namespace

TEST_CASE("a store is accepted if it lends its records in any range and returns each name and target as text") {
    CHECK_TWICE(ImageStore<mock::Store>);
    CHECK_TWICE(ImageStore<WithList>);
    CHECK_TWICE(ImageStore<WithSpan>);
    CHECK_TWICE(ImageStore<WithoutDangling>);
}

TEST_CASE("a store is rejected if it returns its records by value or lacks a required member or is final") {
    CHECK_TWICE(!ImageStore<ImagesByValue>);
    CHECK_TWICE(!ImageStore<NoTarget>);
    CHECK_TWICE(!ImageStore<int>);
    CHECK_TWICE(!ImageStore<Final>);
}

TEST_CASE("a store is rejected if an optional member has another type or is private or not const or constrained away") {
    CHECK_TWICE(!ImageStore<WrongMemberType>);
    CHECK_TWICE(!ImageStore<NonConstMember>);
    CHECK_TWICE(is_rejected<Created>);
    CHECK_TWICE(is_rejected<LastUsed>);
    CHECK_TWICE(is_rejected<Label>);
    CHECK_TWICE(is_rejected<Pinned>);
    CHECK_TWICE(is_rejected<Parent>);
    CHECK_TWICE(is_rejected<Blobs>);
    CHECK_TWICE(!ImageStore<DanglingTakesAnother>);
    CHECK_TWICE(!ImageStore<DanglingIsPrivate>);
    CHECK_TWICE(ImageStore<Constrained<true>> && pruneplan::knows_pinned<Constrained<true>>);
    CHECK_TWICE(!ImageStore<Constrained<false>>);
}

TEST_CASE("the optional members of a store are found by their names") {
    CHECK_TWICE(knows_all_but_is_dangling<mock::FullStore>);
    CHECK_TWICE(pruneplan::knows_is_dangling<WithSpan>);
    CHECK_TWICE(!knows_any<mock::Store>);
}

TEST_CASE("a container needs image_id and image_ref and its mounted_image_ids must be public if there are any") {
    CHECK_TWICE(ContainerView<mock::Container>);
    CHECK_TWICE(ContainerView<ByValue>);
    CHECK_TWICE(!ContainerView<NoRef>);
    CHECK_TWICE(ContainerView<MountsPublicly> && pruneplan::knows_mounted_images<MountsPublicly>);
    CHECK_TWICE(!ContainerView<MountsPrivately>);
    CHECK_TWICE(!pruneplan::knows_mounted_images<mock::Container>);
}

TEST_CASE("a remover checks survivors if it has holds or a remove that takes the survivor") {
    CHECK_TWICE(pruneplan::ImageRemover<Remover> && !pruneplan::checks_survivors<Remover>);
    CHECK_TWICE(pruneplan::ImageRemover<HoldsPublicly> && pruneplan::checks_survivors<HoldsPublicly>);
    CHECK_TWICE(pruneplan::ImageRemover<WithSurvivor> && pruneplan::checks_survivors<WithSurvivor>);
    CHECK_TWICE(!pruneplan::ImageRemover<HoldsPrivately>);
}

TEST_CASE("a text is borrowed if it is a view or pointer or lvalue and copied if it is a string by value") {
    using pruneplan::detail::borrowed_text;
    CHECK_TWICE(borrowed_text<std::string_view>);
    CHECK_TWICE(borrowed_text<const std::string&>);
    CHECK_TWICE(borrowed_text<const char*>);
    CHECK_TWICE(!borrowed_text<std::string>);
    CHECK_TWICE(!borrowed_text<const std::string>);
}

TEST_CASE("a default-constructed blob has no digest and size 0") {
    CHECK_TWICE(pruneplan::Blob().size == 0);
    CHECK_TWICE(pruneplan::Blob().digest.empty());
}
