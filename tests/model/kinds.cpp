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

}  // namespace

const std::array<Kind, 8> kinds{{
    {"everything", HostMembers{},
     [](const World& world) { return planned_by<All>(world, in_a_row<Lent>(world.containers)); }},
    {"names and targets by value",
     HostMembers{.created = false,
                 .last_used = false,
                 .label = false,
                 .pinned = false,
                 .parent = false,
                 .blobs = false,
                 .mounted = false},
     [](const World& world) { return planned_by<Vector<std::string>>(world, in_a_row<Made>(world.containers)); }},
    {"a list with is_dangling", HostMembers{.is_dangling = true},
     [](const World& world) {
         return planned_by<List<std::string_view, WithCreated, WithLastUsed, WithLabel, WithPinned, WithIsDangling,
                                WithParent, WithMadeBlobs>>(world, listed<Lent>(world.containers));
     }},
    {"a deque with created and parent",
     HostMembers{.last_used = false, .label = false, .pinned = false, .blobs = false},
     [](const World& world) {
         return planned_by<Store<std::deque<Record>, std::string, WithCreated, WithParent>>(
             world, ReadOnce<Cursor>(world.containers));
     }},
    {"a forward list with last_used, parent and blobs",
     HostMembers{.created = false, .label = false, .pinned = false, .mounted = false},
     [](const World& world) {
         return planned_by<Store<std::forward_list<Record>, std::string_view, WithLastUsed, WithParent, WithBlobs>>(
             world, ReadOnce<ByValue>(world.containers));
     }},
    {"a vector with created, last_used and blobs", HostMembers{.label = false, .pinned = false, .parent = false},
     [](const World& world) {
         return planned_by<Vector<std::string, WithCreated, WithLastUsed, WithMadeBlobs>>(
             world, in_a_row<Lent>(world.containers));
     }},
    {"a list with label, pinned and is_dangling",
     HostMembers{
         .created = false, .last_used = false, .is_dangling = true, .parent = false, .blobs = false, .mounted = false},
     [](const World& world) {
         return planned_by<List<std::string, WithLabel, WithPinned, WithIsDangling>>(world,
                                                                                     listed<Made>(world.containers));
     }},
    {"a vector with created, label, parent and blobs", HostMembers{.last_used = false, .pinned = false},
     [](const World& world) {
         return planned_by<Vector<std::string_view, WithCreated, WithLabel, WithParent, WithMadeBlobs>>(
             world, ReadOnce<Cursor>(world.containers));
     }},
}};

}  // namespace library
