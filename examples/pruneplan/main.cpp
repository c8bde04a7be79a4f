// SPDX-License-Identifier: BSL-1.0
// pruneplan: prints which images of an engine, a registry or a saved listing can be deleted, and why; with --apply, it
// deletes them.
//
// A runtime author can copy the steps. Read records and containers (sources/). Give them to the library through an
// adapter (store.hpp). Print the plan (output/), or apply it through a remover (applying.cpp).

#include "applying.hpp"
#include "files.hpp"
#include "listing.hpp"
#include "metrics.hpp"
#include "output/output.hpp"
#include "planning.hpp"
#include "request.hpp"
#include "sources/source.hpp"
#include "uses.hpp"

#include <cerrno>
#include <cstring>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include <unistd.h>

namespace cli {
namespace {

std::unique_ptr<Source> source_of(const Request& request) {
    if (request.source == "docker") return docker_source(request);
    if (request.source == "podman") return podman_source(request);
    if (request.source == "containerd") return containerd_source(request);
    if (request.source == "registry") return registry_source(request);
    return nullptr;
}

void print(const Request& request, const Listing& listing, const Planned& planned) {
    const Screen screen = screen_of(STDOUT_FILENO);
    if (!request.explain.empty()) return print_story(std::cout, request, listing, planned, screen);
    if (request.summary) return print_summary(std::cout, planned, screen);
    switch (request.format) {
        case Format::table: return print_table(std::cout, planned, screen);
        case Format::json_document: return print_json(std::cout, planned);
        case Format::names: return print_names(std::cout, planned);
        case Format::svg: return print_svg(std::cout, planned);
        case Format::html: return print_html(std::cout, planned);
    }
}

/// A failure here does not change the exit code: what matters more has happened.
void write_metrics(const Request& request, const std::string& metrics) try {
    if (!request.metrics.empty()) write_file(request.metrics, metrics);
} catch (const Failure& failure) {
    std::cerr << "pruneplan: " << failure.what() << '\n';
}

/// Shows the plan before it asks, and returns the exit code.
int apply_plan(const Request& request, Source& source, const Listing& listing, const std::vector<Container>& uses,
               const Planned& planned) {
    check_doubts(request, planned.plan);
    if (!request.yes && planned.plan.deleted_count() > 0) {
        print_table(std::cerr, planned, screen_of(STDERR_FILENO));
        if (!confirmed(planned)) return 0;
    }
    if (!request.quiet && !source.caution().empty()) std::cerr << "note: apply: " << source.caution() << '\n';
    const Applied applied = apply(request, source, listing, uses, planned);
    print_report(std::cout, request.format, applied.report, planned.listing.sizes_exact);
    std::cout.flush();
    write_metrics(request, metrics_of(&planned, &applied, !applied.error.empty()));
    if (!applied.error.empty()) std::cerr << "pruneplan: " << applied.error << '\n';
    return applied.exit_code;
}

int plan_and_apply(const Request& request, std::optional<Planned>& planned) {
    const auto source = source_of(request);
    Listing listing = source ? source->list() : read_listing(request.file);
    if (!request.save_listing.empty()) write_listing(request.save_listing, listing);
    if (request.save_listing == "-") return 0;
    const std::vector<Container> uses = read_uses(request, listing);
    listing.containers.insert(listing.containers.end(), uses.begin(), uses.end());
    planned = plan_listing(request, listing);
    print_doubts(std::cerr, *planned, request.quiet);
    if (request.apply) return apply_plan(request, *source, listing, uses, *planned);
    print(request, listing, *planned);
    write_metrics(request, metrics_of(&*planned, nullptr, false));
    return request.exit_code && planned->plan.deleted_count() > 0 ? 1 : 0;
}

/// Metrics say that a run failed, also if there is no plan.
int run(const Request& request) {
    std::optional<Planned> planned;
    try {
        return plan_and_apply(request, planned);
    } catch (const Failure&) {
        write_metrics(request, metrics_of(planned ? &*planned : nullptr, nullptr, true));
        throw;
    }
}

int main(int count, const char* const* words) {
    try {
        const auto request = parse_command_line(count, words);
        const int exit_code = request ? run(*request) : 0;
        if (!std::cout.flush()) throw Failure(std::string("cannot print: ") + std::strerror(errno));
        return exit_code;
    } catch (const Failure& failure) {
        std::cout.flush();
        std::cerr << "pruneplan: " << failure.what() << '\n';
        return failure.exit_code();
    } catch (const std::exception& error) {
        std::cerr << "pruneplan: " << printable(error.what()) << '\n';
        return 2;
    }
}

}  // namespace
}  // namespace cli

int main(int count, char** words) { return cli::main(count, words); }
