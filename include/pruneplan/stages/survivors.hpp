#ifndef PRUNEPLAN_STAGES_SURVIVORS_HPP
#define PRUNEPLAN_STAGES_SURVIVORS_HPP

#include <pruneplan/detail/flat_index.hpp>
#include <pruneplan/detail/target_use.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/plan.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pruneplan::stages {

/// Fourth stage: an image in use keeps a name. Where all its names would go, the one that sorts last (bytewise) stays;
/// or all of them do, if the usage rule says so. Cost: two looks at each record.
/// Rule: pruneplan's design, section 3, 4.
template <class Store>
constexpr void survivors(const ImageIndex<Store>& index, const detail::TargetUse& use, const UsageRule& rule,
                         Decisions& decisions) {
    if (!use.any_in_use()) return;
    const detail::RecordTable& table = index.table();
    const auto for_each_in_use = [&](auto visit) {
        for (std::size_t id = 0; id < index.size(); ++id)
            if (const std::uint32_t target = table.target_id(id); use.in_use(target)) visit(id, target);
    };

    if (rule.names_kept == NamesKept::all) {
        for_each_in_use([&](std::size_t id, std::uint32_t target) {
            decisions.decide(id, Reason::image_in_use, use.container(target));
        });
        return;
    }

    // By target: the record that holds it, once all are seen. One that stays anyway comes before any that would go.
    std::vector<std::uint32_t> holders(index.size(), detail::no_record);
    for_each_in_use([&](std::size_t id, std::uint32_t target) {
        std::uint32_t& holder = holders[target];
        if (holder != detail::no_record && !decisions.deletes(holder)) return;
        if (holder == detail::no_record || !decisions.deletes(id) || index.name(holder) < index.name(id))
            holder = static_cast<std::uint32_t>(id);
    });
    for_each_in_use([&](std::size_t id, std::uint32_t target) {
        decisions.decide(id, id == holders[target] ? Reason::last_name : Reason::spare_name, use.container(target));
    });
}

}  // namespace pruneplan::stages

#endif
