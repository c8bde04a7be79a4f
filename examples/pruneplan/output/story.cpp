// SPDX-License-Identifier: BSL-1.0
#include "output.hpp"
#include "table.hpp"
#include "view.hpp"

#include <algorithm>
#include <utility>

namespace cli {
namespace {

std::string rule_in_words(const Planned& planned) {
    using pruneplan::DigestUse;
    const pruneplan::UsageRule& rule = planned.options.usage;
    std::string use = rule.digests_in_use == DigestUse::every_container     ? "runs"
                      : rule.digests_in_use == DigestUse::created_by_digest ? "was created from by ID or digest"
                                                                            : "";
    if (planned.mounts_kept == MountsKept::all) use += use.empty() ? "mounts" : ", or mounts";
    if (planned.mounts_kept == MountsKept::with_name) use += ", or of a named image that a container mounts";
    std::string words = planned.rule + " keeps ";
    if (rule.names_in_use) words += "the names that containers were created from";
    if (rule.names_in_use && !use.empty()) words += ", and ";
    if (!use.empty())
        words += (rule.names_kept == pruneplan::NamesKept::all ? "all names of an image that a container "
                                                               : "the last name of an image that a container ") +
                 use;
    return words + (planned.mounts_kept == MountsKept::none ? "; it ignores mounts." : ".");
}

/// A plan with one difference, for the section "What would change this".
struct Variation {
    std::string what;
    Request request;
};

/// Returns the request without each option that is given, with and without --all, and with each other rule.
std::vector<Variation> variations_of(const Request& request, const Listing& listing) {
    std::vector<Variation> variations{{request.all ? "without --all" : "with --all", request}};
    variations.back().request.all = !request.all;
    Variation bare{"", request};
    int given = 0;
    const auto drop = [&](const std::string& option, bool is_given, auto member) {
        if (!is_given) return;
        ++given;
        bare.what += (given == 1 ? "without " : ", ") + option;
        variations.push_back({"without " + option, request});
        for (Request* const without : {&variations.back().request, &bare.request}) {
            (without->*member) = {};
            if (!without->free && !without->thresholds) without->delete_unused.clear();
        }
    };
    drop("--filter", !request.filters.empty(), &Request::filters);
    drop("--keep", !request.keep.empty(), &Request::keep);
    drop("--keep-newest", !request.keep_newest.empty(), &Request::keep_newest);
    drop("--keep-younger", !request.keep_younger.empty(), &Request::keep_younger);
    drop("--repository", !request.repositories.empty(), &Request::repositories);
    drop("--free", request.free.has_value(), &Request::free);
    drop("--high, --low", request.thresholds.has_value(), &Request::thresholds);
    const bool adds_all = !request.all && listing.source != "registry";
    if (given > (adds_all ? 0 : 1)) {
        bare.request.all = request.all || adds_all;
        if (adds_all) bare.what = "with --all, " + bare.what;
        variations.push_back(std::move(bare));
    }
    variations.push_back({"with --rule engine", request});
    variations.back().request.rule = "engine";
    for (const NamedRule& rule : rules()) {
        variations.push_back({"with --rule " + std::string(rule.name), request});
        variations.back().request.rule = rule.name;
    }
    return variations;
}

class Story {
public:
    Story(std::ostream& out, const View& view, std::size_t image, const Screen& screen)
        : out_(out), view_(view), position_(image), image_(view.images[image]), screen_(screen) {}

    void print_facts() const {
        const Record& record = view_.first(image_);
        print_prose(out_,
                    "Image " + printable(record.target) + ", " + readable_size(record.size) + ", created " +
                        created_since(record, view_.planned.now) + (record.pinned ? ", pinned" : ""),
                    screen_);
    }

    void print_names() const {
        std::vector<Row> rows;
        for (const std::size_t number : image_.records)
            rows.push_back(
                {{"  " + std::string(to_string(view_.action(number))), view_.name(number), view_.reason(number)},
                 colour_of(view_.action(number))});
        print_section("Names", rows);
    }

    /// Prints the images that it needs or is attached to, and those that need it or are attached to it.
    void print_graph() const {
        std::vector<Row> rows;
        const auto add = [&](const char* words, const std::string& id) {
            const auto found = view_.images_with(id);
            for (const std::size_t other : found) add_related(rows, words, other);
            if (found.empty()) rows.push_back({{words, "", short_id(id) + ", which is not listed"}});
        };
        const Record& record = view_.first(image_);
        for (const std::string& id : record.needs) add("  needs", id);
        if (!record.subject.empty()) add("  is attached to", record.subject);
        for (std::size_t other = 0; other < view_.images.size(); ++other) {
            const Record& of_other = view_.first(view_.images[other]);
            const auto is_this = [&](const std::string& id) { return view_.images_with(id).contains(position_); };
            if (std::any_of(of_other.needs.begin(), of_other.needs.end(), is_this))
                add_related(rows, "  is needed by", other);
            if (is_this(of_other.subject)) add_related(rows, "  has attached", other);
        }
        if (!rows.empty()) print_section("Other images", rows);
    }

    /// Prints the containers that are tied to the image, and returns their numbers.
    std::vector<std::size_t> print_containers() const {
        const auto& containers = view_.planned.listing.containers;
        std::vector<std::size_t> tied;
        std::vector<Row> rows;
        for (std::size_t number = 0; number < containers.size(); ++number) {
            const auto ties = view_.ties(containers[number]);
            const auto tie = ties.find(position_);
            if (tie == ties.end()) continue;
            tied.push_back(number);
            rows.push_back({{"  " + view_.container(number), in_words(number, ties, tie->second)}});
        }
        if (rows.empty()) rows.push_back({{"  no container runs it, mounts it, or was created from one of its names"}});
        print_section("Containers", rows);
        return tied;
    }

    void print_rule() const { print_section("Rule", {{{"", rule_in_words(view_.planned)}}}); }

    void print_changes(const Request& request, const Listing& unplanned, const std::vector<std::size_t>& tied) const {
        std::vector<Row> rows;
        if (!tied.empty()) {
            Listing others = unplanned;
            for (auto number = tied.rbegin(); number != tied.rend(); ++number)
                others.containers.erase(others.containers.begin() + static_cast<std::ptrdiff_t>(*number));
            add_changes(rows,
                        "without " + (tied.size() == 1 ? view_.container(tied[0])
                                                       : "these " + counted(tied.size(), "container")),
                        plan_listing(request, others).plan);
        }
        for (const Variation& variation : variations_of(request, unplanned)) {
            try {
                add_changes(rows, variation.what, plan_listing(variation.request, unplanned).plan);
            } catch (const Failure&) {  // options that contradict each other are no variation
            }
        }
        if (rows.empty())
            rows.push_back(
                {{"  nothing: the plan is the same under every rule, without its containers, and without each "
                  "option"}});
        print_section("What would change this", rows);
    }

private:
    void print_section(std::string_view title, const std::vector<Row>& rows) const {
        out_ << '\n' << title << ":\n";
        print_table(out_, rows, screen_);
    }

    void add_related(std::vector<Row>& rows, const char* words, std::size_t other) const {
        const Image& image = view_.images[other];
        const std::string id = short_id(view_.first(image).target);
        rows.push_back({{words, std::string(image.action()), view_.name(image.records[0]) + ' ' + id}});
    }

    /// Returns how a container is tied to the image; `ties` are all its ties.
    std::string in_words(std::size_t number, const std::map<std::size_t, Tie>& ties, const Tie& tie) const {
        const Container& container = view_.planned.listing.containers[number];
        const std::string origin = "created from " + printable(container.image_ref);
        std::string words;
        if (tie.runs) {
            words = "runs it";
            if (!container.image_ref.empty()) words += ", " + origin;
            const bool moved =
                std::any_of(ties.begin(), ties.end(), [](const auto& other) { return other.second.named; });
            if (moved && !tie.named) words += ", which is another image now";
        } else if (tie.named) {
            words = container.image_id.empty() ? "was " : "runs " + short_id(container.image_id) + ", ";
            words += origin + ", which is this image now";
        }
        if (tie.mounts) words += (words.empty() ? "" : "; ") + std::string(view_.mounts_in_words(number)) + " it";
        return words;
    }

    /// Adds a row for each record of the image that the other plan decides differently.
    void add_changes(std::vector<Row>& rows, std::string what, const pruneplan::PrunePlan& plan) const {
        for (const std::size_t number : image_.records) {
            const pruneplan::Action action = plan[number].action;
            if (action == view_.action(number)) continue;
            rows.push_back({{"  " + std::exchange(what, ""), std::string(to_string(action)), view_.name(number)}});
        }
    }

    std::ostream& out_;
    const View& view_;
    std::size_t position_;
    const Image& image_;
    const Screen& screen_;
};

}  // namespace

void print_story(std::ostream& out, const Request& request, const Listing& unplanned, const Planned& planned,
                 const Screen& screen) {
    const View view(planned);
    const Story story(out, view, view.image_of[find_image(planned.listing, request.explain)], screen);
    story.print_facts();
    story.print_names();
    story.print_graph();
    const auto tied = story.print_containers();
    story.print_rule();
    story.print_changes(request, unplanned, tied);
}

}  // namespace cli
