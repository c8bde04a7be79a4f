// SPDX-License-Identifier: BSL-1.0
#include "output.hpp"
#include "view.hpp"

namespace cli {
namespace {

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

std::string_view word_of(MountsKept kept) {
    return kept == MountsKept::all ? "all" : kept == MountsKept::with_name ? "with_name" : "none";
}

Json container_json(const Planned& planned, std::optional<std::size_t> number) {
    if (!number) return {};
    const Container& container = planned.listing.containers[*number];
    return text_or_null(container.name.empty() ? container.id : container.name);
}

Json name_json(const View& view, std::size_t number) {
    const std::string& name = view.record(number).name;
    const bool nameless = is_nameless(view.record(number));
    const pruneplan::Decision decision = view.planned.plan[number];
    return {{"name", nameless ? Json() : Json(name)}, {"familiar_name", nameless ? Json() : Json(familiar(name))},
            {"action", to_string(decision.action)},   {"reason", to_string(decision.reason)},
            {"explanation", view.reason(number)},     {"container", container_json(view.planned, decision.container)}};
}

Json image_json(const View& view, const Image& image) {
    const Record& record = view.first(image);
    Json names = Json::array();
    for (const std::size_t number : image.records) names.push_back(name_json(view, number));
    return {{"id", record.target},
            {"size", record.size},
            {"created", text_or_null(moment(record.created))},
            {"action", image.action()},
            {"needs", record.needs},
            {"attached_to", text_or_null(record.subject)},
            {"names", names}};
}

Json counts_json(const View& view, pruneplan::Action action, std::size_t names, std::size_t images) {
    Json reasons = Json::array();
    for (const auto& [reason, count] : view.reasons(action))
        reasons.push_back({{"reason", to_string(reason)}, {"names", count}});
    return {{"names", names}, {"images", images}, {"reasons", reasons}};
}

Json doubt_json(const Planned& planned, const pruneplan::Doubt& doubt) {
    using enum pruneplan::DoubtKind;
    Json container, pattern, name;
    if (doubt.kind == unmatched_pattern)
        pattern = planned.options.keep[doubt.number].pattern();
    else if (doubt.kind == invalid_name || doubt.kind == same_name)
        name = planned.listing.records[doubt.number].name;
    else
        container = container_json(planned, doubt.number);
    return {{"kind", to_string(doubt.kind)}, {"blocks", doubt.blocks}, {"sentence", printable(doubt.sentence)},
            {"container", container},        {"pattern", pattern},     {"name", name}};
}

}  // namespace

void print_json(std::ostream& out, const Planned& planned) {
    using enum pruneplan::Action;
    const View view(planned);
    const Listing& listing = planned.listing;
    const pruneplan::PrunePlan& plan = planned.plan;
    Json images = Json::array(), doubts = Json::array();
    for (const Image& image : view.images) images.push_back(image_json(view, image));
    for (const pruneplan::Doubt& doubt : plan.doubts()) doubts.push_back(doubt_json(planned, doubt));
    print_line(out, {{"format", 2},
                     {"source", listing.source},
                     {"where", text_or_null(listing.where)},
                     {"version", text_or_null(listing.version)},
                     {"rule", planned.rule},
                     {"mounted_images_kept", word_of(planned.mounts_kept)},
                     {"now", text_or_null(moment(planned.now))},
                     {"doubts", doubts},
                     {"notes", notes_of(planned)},
                     {"images", images},
                     {"delete", counts_json(view, erase, plan.deleted_count(), view.deleted_images)},
                     {"keep", counts_json(view, keep, plan.kept_count(), view.images.size() - view.deleted_images)},
                     {"space", {{"freed", view.space.freed}, {"exact", view.is_exact()}, {"kept", view.space.kept}}}});
}

}  // namespace cli
