#ifndef PRUNEPLAN_DETAIL_GENERATIONS_HPP
#define PRUNEPLAN_DETAIL_GENERATIONS_HPP

#include <pruneplan/detail/list.hpp>

#include <cstddef>
#include <cstdint>

namespace pruneplan::detail {

/// How many ancestors each image has, by record: a child always has more than its parent. Images that form a circle, as
/// only a broken store can have them, count as having none. Cost: two steps for each image; no recursion.
template <class Index>
constexpr List<std::uint32_t> generations(const Index& index) {
    constexpr std::uint32_t unknown = 0xffffffff, on_the_way = 0xfffffffe;
    List<std::uint32_t> depths(index.size(), unknown);
    List<std::uint32_t> line;  // from a child upwards
    for (std::size_t id = 0; id < index.size(); ++id) {
        std::size_t at = index.target_id(id);
        while (depths[at] == unknown) {
            depths[at] = on_the_way;
            line.push_back(static_cast<std::uint32_t>(at));
            const auto parent = index.parent(at);
            if (!parent) break;
            at = *parent;
        }
        // A circle, entered at `at`: all of it is the line's end.
        if (!line.empty() && depths[at] == on_the_way && index.parent(line.back()) == at)
            for (bool all = false; !all; line.pop_back()) {
                depths[line.back()] = 0;
                all = line.back() == at;
            }
        for (; !line.empty(); line.pop_back()) {
            const auto parent = index.parent(line.back());
            depths[line.back()] = parent ? depths[*parent] + 1 : 0;
        }
        depths[id] = depths[index.target_id(id)];
    }
    return depths;
}

}  // namespace pruneplan::detail

#endif
