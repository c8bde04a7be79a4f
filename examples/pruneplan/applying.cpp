// SPDX-License-Identifier: BSL-1.0
#include "applying.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <unistd.h>

namespace cli {
namespace {

using Step = pruneplan::PruneReport::Step;

volatile std::sig_atomic_t stopped_by = 0;

/// Remembers SIGINT and SIGTERM in place of ending, until it is destroyed. A second signal ends the program. A reader
/// of the output that ends does not end it.
class Signals {
public:
    Signals() {
        struct sigaction action{};
        action.sa_handler = [](int number) { stopped_by = number; };
        action.sa_flags = static_cast<int>(SA_RESETHAND);
        sigaction(SIGINT, &action, &interrupt_);
        sigaction(SIGTERM, &action, &terminate_);
        std::signal(SIGPIPE, SIG_IGN);
    }
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    ~Signals() {
        sigaction(SIGINT, &interrupt_, nullptr);
        sigaction(SIGTERM, &terminate_, nullptr);
    }

private:
    struct sigaction interrupt_{}, terminate_{};
};

/// Adds a line of JSON for each event to a file, and writes it at once.
class Journal {
public:
    explicit Journal(const std::string& file) {
        if (file.empty()) return;
        out_.open(file, std::ios::binary | std::ios::app);
        if (!out_) throw Failure("cannot write " + in_quotes(file) + ": " + std::strerror(errno));
        std::ifstream written(file, std::ios::binary | std::ios::ate);
        if (written && written.tellg() > 0 && written.seekg(-1, std::ios::end).peek() != '\n') out_ << '\n';
    }

    /// Returns false if the line could not be written.
    bool write(std::string_view event, std::string_view name, std::string_view target, std::string_view error = {}) {
        if (!out_.is_open()) return true;
        json line{{"time", written(Timestamp::from(std::chrono::system_clock::now()))},
                  {"event", event},
                  {"name", name},
                  {"target", target}};
        if (!error.empty()) line["error"] = error;
        out_ << line.dump(-1, ' ', false, json::error_handler_t::replace) << '\n' << std::flush;
        return out_.good();
    }

private:
    std::ofstream out_;
};

/// Knows what the plan would be with the containers of this moment.
class Watch {
public:
    Watch(const Request& request, Source& source, Listing listing, const std::vector<Container>& uses,
          const pruneplan::PrunePlan& plan)
        : request_(request), source_(source), listing_(std::move(listing)), uses_(uses) {
        for (const pruneplan::Decision& decision : plan)
            deletes_.push_back(decision.action == pruneplan::Action::erase);
    }

    /// Returns whether an image may still lose names. If the new plan keeps a name that is to be deleted, it keeps the
    /// rest of the image, too: that name can be gone by now. The doubts of the new plan do not matter: a new container
    /// whose image is not in the listing runs nothing that is deleted.
    bool may_delete(std::string_view target) {
        std::vector<Container> containers = source_.containers();
        containers.insert(containers.end(), uses_.begin(), uses_.end());
        // A container can be made again, with the same ID and another image.
        if (containers != listing_.containers) {
            listing_.containers = std::move(containers);
            const Planned now = plan_listing(request_, listing_);
            in_use_.clear();
            for (const pruneplan::Decision& decision : now.plan)
                if (decision.action == pruneplan::Action::keep && deletes_[decision.record])
                    in_use_.emplace(decision.target);
        }
        return !in_use_.contains(target);
    }

private:
    const Request& request_;
    Source& source_;
    Listing listing_;  ///< with the containers of the last plan
    const std::vector<Container>& uses_;
    std::vector<bool> deletes_;                  ///< by record
    std::set<std::string, std::less<>> in_use_;  ///< targets
};

/// Returns, by target, a name that each image keeps. The library gives it only to steps that need it.
std::map<std::string_view, std::string_view> kept_names(const pruneplan::PrunePlan& plan) {
    std::map<std::string_view, std::string_view> names;
    for (const pruneplan::Decision& decision : plan)
        if (decision.action == pruneplan::Action::keep) names.emplace(decision.target, decision.name);
    return names;
}

}  // namespace

void check_doubts(const Request& request, const pruneplan::PrunePlan& plan) {
    std::set<pruneplan::DoubtKind> blocking;
    for (const pruneplan::Doubt& doubt : plan.doubts())
        if (doubt.blocks) blocking.insert(doubt.kind);
    for (const pruneplan::DoubtKind kind : request.accept) blocking.erase(kind);
    if (blocking.empty()) return;
    std::string options;
    for (const pruneplan::DoubtKind kind : blocking) options += " --accept " + std::string(to_string(kind));
    constexpr int doubtful = 3;
    throw Failure("nothing was deleted, since the plan is doubtful: to delete despite the doubts, give" + options,
                  doubtful);
}

bool confirmed(const Planned& planned) {
    std::cerr << "WARNING! This deletes " << counted(planned.plan.deleted_count(), "name")
              << ". Are you sure you want to continue? [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
}

Applied apply(const Request& request, Source& source, const Listing& listing, const std::vector<Container>& uses,
              const Planned& planned) {
    Applied applied;
    Journal journal(request.journal);
    Watch watch(request, source, listing, uses, planned.plan);
    const std::size_t planned_names = planned.plan.deleted_count();
    const bool shows_progress = !request.quiet && isatty(STDERR_FILENO) != 0;
    const Signals signals;
    const auto kept = kept_names(planned.plan);
    bool journal_works = true;
    pruneplan::ApplyOptions options{.accept = request.accept};
    options.should_stop = [&] { return stopped_by != 0 || !journal_works; };
    options.before = [&](const pruneplan::Decision& decision) {
        if (watch.may_delete(decision.target)) return true;
        std::cerr << "kept: " << printable(decision.name) << ": a container uses it now\n";
        return false;
    };
    options.after = [&](const Step& step) {
        journal_works = journal.write(to_string(step.status), step.name, step.target, step.error);
        if (shows_progress)
            std::cerr << applied.report.steps.size() << '/' << planned_names << ' ' << printable(step.name) << '\n';
    };
    const auto remove = [&](std::string_view name, std::string_view target, std::string_view survivor) {
        journal_works = journal.write("removing", name, target);
        if (const auto found = kept.find(target); survivor.empty() && found != kept.end()) survivor = found->second;
        const auto failed = [](const char* why) {
            return pruneplan::RemoveOutcome{pruneplan::RemoveStatus::failed, why};
        };
        if (!journal_works) return failed("the journal cannot be written");
        try {
            return source.remove(name, target, survivor, applied.report.steps.size() + 1 == planned_names);
        } catch (const Failure& failure) {
            return failed(failure.what());
        }
    };
    try {
        value_of(apply_prune(planned.plan, remove, options, applied.report));
    } catch (const Failure& failure) {  // the containers could not be read again
        applied.error = failure.what();
    }
    if (!journal_works && applied.error.empty())
        applied.error = "the journal " + in_quotes(request.journal) + " cannot be written";
    const std::size_t failures = applied.report.count(pruneplan::RemoveStatus::failed);
    if (applied.error.empty() && failures > 0)
        applied.error = std::to_string(failures) + " of " + counted(planned_names, "name") + " could not be deleted";
    if (!applied.error.empty()) applied.exit_code = 2;
    if (stopped_by != 0) {
        constexpr int shells_add = 128;
        applied.exit_code = shells_add + stopped_by;
        applied.error = "ended by a signal, after " + counted(applied.report.steps.size(), "step") + " of " +
                        std::to_string(planned_names);
    }
    return applied;
}

}  // namespace cli
