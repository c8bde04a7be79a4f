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

struct OfAList {
    const std::forward_list<Record>& images() const;
    std::string name(const Record&) const;
    const char* target(const Record&) const;
};
struct OfASpan {
    std::span<const Record> images() const;
    static const std::string& name(const Record&);
    static std::string_view target(const Record&);
    static bool is_dangling(const Record&);
};
struct GoneAtOnce {
    std::vector<Record> images() const;
    static std::string_view name(const Record&);
    static std::string_view target(const Record&);
};
struct NoTarget {
    const std::vector<Record>& images() const;
    static std::string_view name(const Record&);
};
struct WrongAbility : OfASpan {
    static std::string is_dangling(const Record&);
};
struct UnreachableAbility : OfASpan {
    bool is_dangling(const Record&);  // not const, so that a const store cannot be asked
};

static_assert(ImageStore<mock::Store>);
static_assert(ImageStore<OfAList>);
static_assert(ImageStore<OfASpan>);
static_assert(!ImageStore<GoneAtOnce>);
static_assert(!ImageStore<NoTarget>);
static_assert(!ImageStore<WrongAbility>);
static_assert(!ImageStore<UnreachableAbility>);
static_assert(!ImageStore<int>);

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

}  // namespace

TEST_CASE("a text is borrowed where it stays, and copied where it would go") {
    using pruneplan::detail::borrowed_text;
    CHECK_TWICE(borrowed_text<std::string_view>);
    CHECK_TWICE(borrowed_text<const std::string&>);
    CHECK_TWICE(borrowed_text<const char*>);
    CHECK_TWICE(!borrowed_text<std::string>);
    CHECK_TWICE(!borrowed_text<const std::string>);
}
