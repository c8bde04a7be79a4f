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

static_assert(ImageStore<mock::Store>);
static_assert(ImageStore<WithList>);
static_assert(ImageStore<WithSpan>);
static_assert(!ImageStore<ImagesByValue>);
static_assert(!ImageStore<NoTarget>);
static_assert(!ImageStore<WrongMemberType>);
static_assert(!ImageStore<NonConstMember>);
static_assert(!ImageStore<int>);

// Stores with an optional member that takes another type or is private are rejected, for every optional member.

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

static_assert(is_rejected<Created> && is_rejected<LastUsed> && is_rejected<Label> && is_rejected<Pinned> &&
              is_rejected<Parent> && is_rejected<Blobs>);
static_assert(!ImageStore<DanglingTakesAnother> && !ImageStore<DanglingIsPrivate>);

template <bool able>
struct Constrained : WithoutDangling {
    static bool pinned(const Record&) requires able;
};
static_assert(ImageStore<Constrained<true>> && pruneplan::knows_pinned<Constrained<true>>);
static_assert(!ImageStore<Constrained<false>>);

struct Final final : WithoutDangling {};
static_assert(ImageStore<WithoutDangling> && !ImageStore<Final>);

static_assert(pruneplan::knows_created<mock::FullStore> && pruneplan::knows_last_used<mock::FullStore> &&
              pruneplan::knows_label<mock::FullStore> && pruneplan::knows_pinned<mock::FullStore> &&
              pruneplan::knows_parent<mock::FullStore> && pruneplan::knows_blobs<mock::FullStore> &&
              pruneplan::knows_is_dangling<WithSpan>);
static_assert(!pruneplan::knows_created<mock::Store> && !pruneplan::knows_last_used<mock::Store> &&
              !pruneplan::knows_label<mock::Store> && !pruneplan::knows_pinned<mock::Store> &&
              !pruneplan::knows_parent<mock::Store> && !pruneplan::knows_blobs<mock::Store> &&
              !pruneplan::knows_is_dangling<mock::Store>);

struct ByValue {
    std::string image_id() const;
    std::string image_ref() const;
};
struct NoRef {
    std::string image_id() const;
};

static_assert(ContainerView<mock::Container>);
static_assert(ContainerView<ByValue>);
static_assert(!ContainerView<NoRef>);

struct Mounts {
    std::vector<std::string> mounted_image_ids() const;
};
struct MountsPublicly : ByValue, Mounts {};
struct MountsPrivately : ByValue, private Mounts {};
static_assert(ContainerView<MountsPublicly> && pruneplan::knows_mounted_images<MountsPublicly>);
static_assert(!ContainerView<MountsPrivately> && !pruneplan::knows_mounted_images<mock::Container>);

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
static_assert(pruneplan::ImageRemover<Remover> && !pruneplan::checks_survivors<Remover>);
static_assert(pruneplan::ImageRemover<HoldsPublicly> && pruneplan::checks_survivors<HoldsPublicly>);
static_assert(pruneplan::ImageRemover<WithSurvivor> && pruneplan::checks_survivors<WithSurvivor>);
static_assert(!pruneplan::ImageRemover<HoldsPrivately>);

}  // namespace

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
