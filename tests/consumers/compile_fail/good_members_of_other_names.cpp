// A member of a name that is often written in place of another is accepted next to that.
#include "parts.hpp"

struct Store : GoodStore {
    static bool pinned(const Record&) { return true; }
    static bool is_pinned(const Record&) { return true; }
    static std::vector<std::string> needs(const Record&) { return {}; }
    static std::string_view parent(const Record&) { return {}; }
    std::string created_at, labels, layers;
    static bool dangling() { return true; }
};
static_assert(!pruneplan::knows_created<Store> && !pruneplan::knows_label<Store> && !pruneplan::knows_blobs<Store>);

struct Container : GoodContainer {
    int name = 0;
};
static_assert(!pruneplan::knows_name<Container>);

void plan() { plan_all(Store{}, std::vector<Container>{}); }

// SPDX-License-Identifier: BSL-1.0
