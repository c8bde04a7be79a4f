// SPDX-License-Identifier: BSL-1.0
// engine_prune: prints what `docker image prune` or `podman image prune` would delete, and why; with --apply, it
// removes that.
//
// A runtime author can copy the steps. Read records and containers (here through the engine's command line:
// engine_prune/engine.hpp). Give them to the library through an adapter (EngineStore, in engine_prune/planning.hpp).
// Print the plan, or apply it through a remover (engine_prune/remover.hpp).

#include "engine_prune/doubts.hpp"
#include "engine_prune/engine.hpp"
#include "engine_prune/filters.hpp"
#include "engine_prune/listing.hpp"
#include "engine_prune/mounts.hpp"
#include "engine_prune/picture.hpp"
#include "engine_prune/plan_json.hpp"
#include "engine_prune/plan_table.hpp"
#include "engine_prune/planning.hpp"
#include "engine_prune/remover.hpp"
#include "engine_prune/question.hpp"
#include "engine_prune/report.hpp"
#include "engine_prune/request.hpp"
#include "engine_prune/screen.hpp"
#include "engine_prune/story.hpp"
#include "engine_prune/view.hpp"

#include <pruneplan/pruneplan.hpp>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <iostream>
#include <istream>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include <unistd.h>

namespace engine_prune {
namespace {

using pruneplan::Result;

// Getting a listing.

std::string file_error(const std::string& file) { return "\"" + escaped(file) + "\": " + std::strerror(errno); }

Result<Listing> read_file(const std::string& file) {
    std::ifstream opened;
    if (file != "-") opened.open(file, std::ios::binary);
    std::istream& in = file == "-" ? std::cin : opened;
    if (file != "-" && !opened) return failure("cannot read " + file_error(file));
    auto listing = read_listing(in);
    if (!listing) return failure("\"" + escaped(file) + "\", " + listing.error().message);
    return listing;
}

Result<void> write_file(const std::string& file, const Listing& listing) {
    std::ofstream out(file, std::ios::binary);
    if (out) write_listing(out, listing);
    out.close();
    if (!out) return failure("cannot write " + file_error(file));
    return {};
}

Result<Listing> obtain(const Request& request) {
    if (!request.listing.empty()) return read_file(request.listing);
    for (const Engine& engine : engines)
        if (engine.name == request.engine) return ask_engine(engine, request.engine_command());
    return failure("unknown engine \"" + escaped(request.engine) + "\": give docker or podman");
}

void warn_of_uncertain_mounts(const View& view) {
    for (const std::size_t number : view.uncertain_mounts)
        std::cerr << "note: mounts: container \"" << escaped(view.listing.containers[number].name)
                  << "\" mounts an image by a name that was moved or deleted since; the plan keeps every image\n";
}

// Printing and applying a plan.

Result<void> apply(const Request& request, const pruneplan::PrunePlan& plan, std::ostream& out) {
    pruneplan::ApplyOptions options{.accept = accepted(request.accept)};
    if (auto checked = check_doubts(plan, options.accept); !checked) return checked;
    if (!request.yes && plan.deleted_count() > 0 && !confirmed(plan.deleted_count(), "name")) return {};
    std::size_t done = 0;
    if (isatty(STDERR_FILENO) != 0)
        options.after = [&](const pruneplan::PruneReport::Step& step) {
            std::cerr << ++done << '/' << plan.deleted_count() << ' ' << escaped(step.name) << '\n';
        };
    const auto report = apply_prune(plan, EngineRemover(request.engine_command()), options);
    if (!report) return report.error();
    if (request.format == "json")
        print_json(out, *report);
    else if (request.format == "names")
        print_names(out, *report);
    else
        print_report(out, *report);
    if (const std::size_t failures = report->count(pruneplan::RemoveStatus::failed); failures > 0)
        return failure(std::to_string(failures) + " of " + counted(plan.deleted_count(), "name") +
                       " could not be removed");
    return {};
}

Result<void> print(const Request& request, const View& view, std::ostream& out) {
    const Screen screen = screen_of(STDOUT_FILENO);
    if (request.explain) return print_story(out, view, *request.explain, screen);
    if (request.format == "json")
        print_plan_json(out, view);
    else if (request.format == "names")
        print_plan_names(out, view.plan);
    else if (request.format == "svg")
        print_picture(out, view);
    else
        print_plan_table(out, view, screen);
    return {};
}

Result<void> run(const Request& request, std::ostream& out) {
    auto listing = obtain(request);
    if (!listing) return listing.error();
    const auto now = listing->now.value_or(pruneplan::Timestamp::from(std::chrono::system_clock::now()));
    auto options = options_of(request, *listing, now);
    if (!options) return options.error();
    const Reading reading = read_filters(options->filters, *listing);  // adds labels to the listing
    options->filters.clear();
    for (const ReadFilter& read : reading.filters) options->filters.push_back(read.filter);
    const EngineStore store(*listing, reading.until);
    const auto index = pruneplan::build_index(store);
    if (!index) return index.error();
    if (auto checked = check_options(*index, *options); !checked) return checked;
    if (!request.save_listing.empty())
        if (auto written = write_file(request.save_listing, *listing); !written) return written;

    for (const std::string& note : reading.notes) std::cerr << "note: " << note << '\n';
    auto uncertain_mounts = resolve_mounts(*listing, *index);
    const MountsKept mounts_kept = mounts_kept_by(request.rule, *listing);
    const pruneplan::PrunePlan plan = plan_prune(*index, containers_of(*listing, mounts_kept), *options);
    const std::string_view rule = rule_of(request, *listing)->name;
    const View view{
        *listing, *index, *options, plan, now, rule, reading.filters, mounts_kept, std::move(uncertain_mounts)};
    if (mounts_kept != MountsKept::none) warn_of_uncertain_mounts(view);
    print_doubts(std::cerr, plan);
    return request.apply ? apply(request, plan, out) : print(request, view, out);
}

int main(const Words& words) {
    const auto request = parse_command_line(words);
    Result<void> outcome;
    if (!request)
        outcome = request.error();
    else if (request->help)
        print_help(std::cout, screen_of(STDOUT_FILENO));
    else if (request->version)
        print_version(std::cout);
    else
        outcome = run(*request, std::cout);
    if (outcome && !std::cout.flush()) outcome = failure(std::string("cannot print: ") + std::strerror(errno));
    if (outcome) return 0;
    std::cerr << "engine_prune: " << outcome.error().message << '\n';
    return exit_code_of(outcome.error());
}

}  // namespace
}  // namespace engine_prune

int main(int count, char** words) { return engine_prune::main({words + (count > 0 ? 1 : 0), words + count}); }
