// SPDX-License-Identifier: BSL-1.0
// Instantiates the planner for each kind of store.
#include "kinds.hpp"

#include "library.hpp"

#include <deque>
#include <forward_list>
#include <list>
#include <string>
#include <string_view>
#include <vector>

namespace library {

namespace {

using model::HostMembers;

template <class Text, class... Members>
using Vector = Store<std::vector<Record>, Text, Members...>;
template <class Text, class... Members>
using List = Store<std::list<Record>, Text, Members...>;

template <class Store, class Container>
model::Plan plan_row(const World& world) {
    return planned_by<Store>(world, in_a_row<Container>);
}
template <class Store, class Container>
model::Plan plan_list(const World& world) {
    return planned_by<Store>(world, listed<Container>);
}
template <class Store, class Reader>
model::Plan plan_once(const World& world) {
    return planned_by<Store>(world, [](const auto& containers) { return ReadOnce<Reader>(containers); });
}
template <class Store, class Container>
model::Plan plan_pointers(const World& world) {
    return planned_by<Store>(world, pointed_at<Container>);
}

}  // namespace

const std::array<Kind, 10> kinds{{
    {"everything", HostMembers{.ids = true, .subject = true}, plan_row<All, Lent>},
    {"names and targets by value",
     HostMembers{.created = false,
                 .last_used = false,
                 .label = false,
                 .pinned = false,
                 .needs = false,
                 .blobs = false,
                 .mounted = false},
     plan_row<Vector<std::string>, Made>},
    {"a list with is_dangling", HostMembers{.is_dangling = true, .ids = true},
     plan_list<List<std::string_view, WithCreated, WithLastUsed, WithLabel, WithPinned, WithIsDangling, WithNeeds,
                    WithMadeBlobs, WithIds>,
               Lent>},
    {"a deque with created and one need",
     HostMembers{.last_used = false, .label = false, .pinned = false, .several_needs = false, .blobs = false},
     plan_once<Store<std::deque<Record>, std::string, WithCreated, WithOneNeed>, Cursor>},
    {"a forward list with last_used, needs and blobs",
     HostMembers{.created = false, .label = false, .pinned = false, .mounted = false, .subject = true},
     plan_once<Store<std::forward_list<Record>, std::string_view, WithLastUsed, WithNeeds, WithMaybeSubject, WithBlobs>,
               ByValue>},
    {"a vector with created, last_used and blobs", HostMembers{.label = false, .pinned = false, .needs = false},
     plan_row<Vector<std::string, WithCreated, WithLastUsed, WithMadeBlobs>, Lent>},
    {"a list with label, pinned and is_dangling",
     HostMembers{
         .created = false, .last_used = false, .is_dangling = true, .needs = false, .blobs = false, .mounted = false},
     plan_list<List<std::string, WithLabel, WithPinned, WithIsDangling>, Made>},
    {"a vector with created, label, one need and blobs",
     HostMembers{.last_used = false, .pinned = false, .several_needs = false},
     plan_once<Vector<std::string_view, WithCreated, WithLabel, WithOneNeed, WithMadeBlobs>, Cursor>},
    {"pointers to records, with all texts in one buffer",
     HostMembers{.is_dangling = true, .ids = true, .subject = true},
     plan_pointers<Pointing<WithCreated, WithLastUsed, WithLabel, WithPinned, WithIsDangling, WithNeeds, WithBlobs,
                            WithIds, WithMaybeSubject>,
                   Buffered>},
    {"records that are created while they are read", HostMembers{.created = false, .label = false, .pinned = false},
     plan_pointers<Creating, Lent>},
}};

}  // namespace library
