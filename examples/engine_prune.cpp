// engine_prune: what `docker image prune` or `podman image prune` would remove, and why; with --apply, it removes that.
//
// The way from an engine to a plan, for a runtime's author to follow: records and containers come from outside (here
// through the engine's command line: engine_prune/engine.hpp), an adapter shows them to the library (EngineStore), and
// what is left is to print the plan, or to apply it
// through a remover (engine_prune/remover.hpp).

#include "engine_prune/engine.hpp"
#include "engine_prune/filters.hpp"
#include "engine_prune/listing.hpp"
#include "engine_prune/mounts.hpp"
#include "engine_prune/remover.hpp"
#include "engine_prune/report.hpp"
#include "engine_prune/table.hpp"

#include <pruneplan/pruneplan.hpp>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <sys/ioctl.h>
#include <unistd.h>

namespace engine_prune {
namespace {

using pruneplan::Result;

/// The adapter: all that the library needs to know of an image. Engines do not tell what an image's layers are, and so
/// each image counts as one blob of its size. Nor does it tell parents: where a child stays, Docker takes the tag off its
/// parent all the same, and Podman removes it, so that a parent that is kept would not be what the engine does.
class EngineStore {
public:
    explicit EngineStore(const Listing& listing) : images_(listing.images) {}

    const std::vector<Image>& images() const { return images_; }
    static std::string_view name(const Image& image) { return image.name; }
    static std::string_view target(const Image& image) { return image.target; }
    static bool is_dangling(const Image& image) { return image.dangling; }
    static std::optional<pruneplan::Timestamp> created(const Image& image) { return image.created; }
    const std::string* label(const Image& image, std::string_view key) const {
        static const std::string yes;
        if (key == tagged_before_until) return image.tagged && until && *image.tagged < *until ? &yes : nullptr;
        if (key == labels_known) return image.labels_known ? &yes : nullptr;
        for (const auto& [known, value] : image.labels)
            if (known == key) return &value;
        return nullptr;
    }
    static std::array<pruneplan::Blob, 1> blobs(const Image& image) { return {{{image.target, image.size}}}; }

    std::optional<pruneplan::Timestamp> until;  ///< what `tagged_before_until` means

private:
    const std::vector<Image>& images_;
};

using Index = pruneplan::ImageIndex<EngineStore>;

// The command line.

struct Request {
    std::string engine, listing, save_listing;
    std::string rule = "engine";
    Words command;  ///< the engine's, where it is not just the engine's name
    Words filters, keep;
    std::string keep_newest, free;
    bool all = false, quiet = false, apply = false, yes = false, json = false, help = false;

    Words engine_command() const { return command.empty() ? Words{engine} : command; }
};

struct Option {
    std::string_view name, short_name;
    std::string_view value;  ///< what follows it, for the help; empty where nothing does
    std::string_view help;
    void (*take)(Request& request, std::string_view value);
};

constexpr Option known_options[] = {
    {"--engine", "", "docker|podman", "ask this engine", [](Request& r, std::string_view v) { r.engine = v; }},
    {"--listing", "", "FILE", "read what an engine had from this file",
     [](Request& r, std::string_view v) { r.listing = v; }},
    {"--save-listing", "", "FILE", "write what the engine has to this file",
     [](Request& r, std::string_view v) { r.save_listing = v; }},
    {"--rule", "", "RULE", "what counts as in use: engine (as the engine's own prune), strict, ...",
     [](Request& r, std::string_view v) { r.rule = v; }},
    {"--all", "-a", "", "consider all unused images, not just dangling ones",
     [](Request& r, std::string_view) { r.all = true; }},
    {"--filter", "", "KEY=VALUE", "consider only what matches, as the engine's own prune does; repeatable",
     [](Request& r, std::string_view v) { r.filters.emplace_back(v); }},
    {"--keep", "", "PATTERN", "keep names that match, such as team/*:1.*; repeatable",
     [](Request& r, std::string_view v) { r.keep.emplace_back(v); }},
    {"--keep-newest", "", "N", "keep the N newest images of each repository",
     [](Request& r, std::string_view v) { r.keep_newest = v; }},
    {"--free", "", "SIZE", "no more than frees SIZE bytes, oldest images first: 500M, 2GiB",
     [](Request& r, std::string_view v) { r.free = v; }},
    {"--quiet", "-q", "", "print only what would go, one name or ID a line",
     [](Request& r, std::string_view) { r.quiet = true; }},
    {"--apply", "", "", "remove what would go, after a question on a terminal",
     [](Request& r, std::string_view) { r.apply = true; }},
    {"--yes", "-y", "", "with --apply: do not ask", [](Request& r, std::string_view) { r.yes = true; }},
    {"--json", "", "", "with --apply: print the report as JSON", [](Request& r, std::string_view) { r.json = true; }},
    {"--help", "-h", "", "print this", [](Request& r, std::string_view) { r.help = true; }},
};

void print_help(std::ostream& out) {
    out << "usage: engine_prune --engine docker|podman [OPTION]... [-- COMMAND [ARGUMENT]...]\n"
           "       engine_prune --listing FILE [OPTION]...\n\n"
           "Prints what the engine's own `image prune` would remove and keep, and why. Without --apply, it removes nothing.\n\n";
    std::vector<Row> rows;
    for (const Option& option : known_options) {
        std::string words = "  " + std::string(option.short_name.empty() ? "    " : option.short_name);
        words += option.short_name.empty() ? "" : ", ";
        words += option.name;
        if (!option.value.empty()) words += " " + std::string(option.value);
        rows.push_back({words, std::string(option.help)});
    }
    print_table(out, rows, std::nullopt);
    out << "\nThe engine is asked through its own command line, in the environment as it is (DOCKER_HOST and\n"
           "so on). What follows -- takes the place of its command:\n"
           "       engine_prune --engine docker --all -- docker -H unix:///run/docker.sock\n\n"
           "Rules: engine, the default, is the engine's own; strict keeps every image that a container runs or mounts, and\n"
           "the name that it was created from; containerd_snapshotter, graph_driver and whole_image are the rules of Docker\n"
           "with the containerd image store, of Docker with a graph driver, and of Podman. Images that containers mount are\n"
           "kept by all rules but engine, which keeps them only for Docker with a graph driver.\n\n"
           "Filters: until, label, label!, reference, reference!, before, since, dangling; several of one kind must all hold,\n"
           "but of several reference one. A pattern matches names as they are shown. SIZE counts in thousands with k, M, G\n"
           "and T, and in powers of 1024 with KiB, MiB, GiB and TiB.\n\n"
           "Exit code: 0, or 2 where something failed; then standard error says what, on one line.\n";
}

const Option* find_option(std::string_view word) {
    for (const Option& option : known_options)
        if (word == option.name || (!word.empty() && word == option.short_name)) return &option;
    return nullptr;
}

Result<Request> parse_command_line(const Words& words) {
    Request request;
    for (std::size_t at = 0; at < words.size(); ++at) {
        if (words[at] == "--") {
            request.command.assign(words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end());
            if (request.command.empty()) return failure("after -- comes the engine's command");
            break;
        }
        const std::size_t equals = words[at].starts_with("--") ? words[at].find('=') : words[at].npos;
        const std::string word = words[at].substr(0, equals);
        const Option* const option = find_option(word);
        if (option == nullptr) return failure("unknown option \"" + escaped(word) + "\"; --help lists what there is");
        const bool has_value = equals != word.npos;
        if (has_value && option->value.empty()) return failure(word + " takes no value");
        if (!has_value && !option->value.empty() && ++at == words.size())
            return failure(word + " needs a value: " + std::string(option->value));
        option->take(request, has_value ? std::string_view(words[at]).substr(equals + 1) : std::string_view(words[at]));
    }
    if (request.help) return request;
    if (request.engine.empty() == request.listing.empty()) return failure("give either --engine or --listing");
    if (request.engine.empty() && !request.command.empty()) return failure("a command after -- needs --engine");
    if (request.apply && request.engine.empty()) return failure("--apply needs --engine: a listing has nothing to remove");
    if ((request.yes || request.json) && !request.apply) return failure("--yes and --json go with --apply");
    if (request.apply && !request.yes && isatty(STDIN_FILENO) == 0)
        return failure("--apply asks before it removes, and there is no terminal to ask on: say --yes");
    return request;
}

// From where the request says to a listing.

std::string trouble_with(const std::string& file) { return "\"" + escaped(file) + "\": " + std::strerror(errno); }

Result<Listing> read_file(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return failure("cannot read " + trouble_with(file));
    auto listing = read_listing(in);
    if (!listing) return failure("\"" + escaped(file) + "\", " + listing.error().message);
    return listing;
}

Result<void> write_file(const std::string& file, const Listing& listing) {
    std::ofstream out(file, std::ios::binary);
    if (out) write_listing(out, listing);
    out.close();
    if (!out) return failure("cannot write " + trouble_with(file));
    return {};
}

Result<Listing> obtain(const Request& request) {
    if (!request.listing.empty()) return read_file(request.listing);
    for (const Engine& engine : engines) {
        if (engine.name != request.engine) continue;
        return ask_engine(engine, request.engine_command());
    }
    return failure("unknown engine \"" + escaped(request.engine) + "\"; it is docker or podman");
}

// From what is asked for to the library's options.

Result<std::uint64_t> parse_number(std::string_view text, std::string_view what) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        return failure("\"" + escaped(text) + "\" is no number for " + std::string(what));
    return number;
}

struct SizeUnit {
    std::string_view name;
    std::uint64_t bytes;
};

/// Longer names before their beginnings.
constexpr SizeUnit size_units[] = {
    {"KiB", 1ull << 10}, {"MiB", 1ull << 20}, {"GiB", 1ull << 30}, {"TiB", 1ull << 40}, {"k", 1000},
    {"M", 1'000'000},    {"G", 1'000'000'000}, {"T", 1'000'000'000'000}, {"", 1},
};

Result<std::uint64_t> parse_size(std::string_view text) {
    for (const SizeUnit& unit : size_units) {
        if (!text.ends_with(unit.name)) continue;
        const auto number = parse_number(text.substr(0, text.size() - unit.name.size()), "--free; give bytes, or 500M, 2GiB");
        if (number && *number > UINT64_MAX / unit.bytes) return failure("\"" + escaped(text) + "\" is too large a size");
        return number.transform([&](std::uint64_t count) { return count * unit.bytes; });
    }
    return failure("unreachable: every text ends with the empty one");
}

Result<pruneplan::UsageRule> parse_rule(std::string_view name, const Listing& listing) {
    if (name == "engine") return listing.usage.rule;
    std::string known = "engine";
    for (const NamedUsage& usage : usages) {
        if (name == usage.name) return usage.rule;
        known += ", " + std::string(usage.name);
    }
    return failure("unknown rule \"" + escaped(name) + "\"; there are " + known);
}

/// As the engine's own prune takes them: --all is the filter dangling=false, and contradicts dangling=true. The engines
/// count durations back from a whole second.
Result<pruneplan::PruneOptions> wanted(const Request& request, const Listing& listing) {
    Words filters = request.filters;
    if (request.all) filters.emplace_back("dangling=false");
    auto now = listing.now.value_or(pruneplan::Timestamp::from(std::chrono::system_clock::now()));
    now.nanoseconds = 0;
    auto options = pruneplan::parse_filters(filters, now);
    if (!options) return options;
    for (const std::string& text : filters)
        if (const auto read = check_reading(*pruneplan::parse_filter(text, now), text, listing); !read) return read.error();
    const auto rule = parse_rule(request.rule, listing);
    if (!rule) return rule.error();
    options->usage = *rule;
    for (const std::string& pattern : request.keep) {
        auto glob = pruneplan::Glob::compile(pattern);
        if (!glob) return glob.error();
        options->keep.push_back(*std::move(glob));
    }
    if (!request.keep_newest.empty()) {
        const auto count = parse_number(request.keep_newest, "--keep-newest");
        if (!count) return count.error();
        options->keep_newest_per_repository = static_cast<std::size_t>(*count);
    }
    if (!request.free.empty()) {
        const auto bytes = parse_size(request.free);
        if (!bytes) return bytes.error();
        options->bytes_to_free = *bytes;
    }
    return options;
}

// From a plan to what people read.

std::string familiar_name(const Image& image) {
    if (image.name == dangling_name(image.target)) return "<none>";
    const auto reference = pruneplan::parse_reference(image.name);
    return escaped(reference ? reference->familiar() : std::string_view(image.name));
}

std::string short_id(std::string_view id) {
    constexpr std::string_view algorithm = "sha256:";
    constexpr std::size_t docker_shows = 12;
    if (id.starts_with(algorithm)) id = id.substr(algorithm.size(), docker_shows);
    return escaped(id);
}

/// The container that decided, as its owner calls it.
std::string container_name(const Listing& listing, const pruneplan::Decision& decision) {
    if (!decision.container) return "";
    const Container& container = listing.containers[*decision.container];
    return container.name.empty() ? "container " + std::to_string(*decision.container) : escaped(container.name);
}

/// The library's sentence, without its first word, which has a column of its own here, and with a short ID.
std::string reason_in_words(const pruneplan::PrunePlan& plan, const Index& index, std::size_t image) {
    std::string sentence = explain(plan, index, image);
    if (const std::size_t colon = sentence.find(": "); colon != sentence.npos) sentence.erase(0, colon + 2);
    const std::string_view target = index.target(image);
    if (const std::size_t id = sentence.find(target); id != sentence.npos)
        sentence.replace(id, target.size(), short_id(target));
    return escaped(sentence);
}

std::optional<std::size_t> terminal_width() {
    winsize size{};
    if (isatty(STDOUT_FILENO) == 0 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return std::nullopt;
    return size.ws_col;
}

void print_plan(std::ostream& out, const pruneplan::PrunePlan& plan, const Index& index, const Listing& listing) {
    std::vector<Row> rows{{"ACTION", "NAME", "IMAGE", "CONTAINER", "REASON"}};
    for (std::size_t i = 0; i < listing.images.size(); ++i) {
        const Image& image = listing.images[i];
        const pruneplan::Decision decision = plan.decisions()[i];
        rows.push_back({std::string(to_string(decision.action)), familiar_name(image), short_id(image.target),
                        container_name(listing, decision), reason_in_words(plan, index, i)});
    }
    print_table(out, rows, terminal_width());
    out << "\nDry run: " << plan.deleted_count() << " of " << listing.images.size() << " names would be deleted, "
        << plan.kept_count() << " kept; that frees at most " << readable_size(estimate_space(plan, index).freed)
        << " (what images share is counted with each). Nothing was removed.\n";
}

/// Canonical names, since what is familiar to Docker means another image to Podman; an untagged image by its ID.
void print_deletions(std::ostream& out, const pruneplan::PrunePlan& plan) {
    for (const pruneplan::PlannedDeletion& deletion : plan.deletions()) {
        const bool untagged = deletion.name == dangling_name(deletion.target);
        out << escaped(untagged ? deletion.target : deletion.name) << '\n';
    }
}

// From a plan to its end.

bool confirmed(std::size_t count) {
    std::cerr << "WARNING! This will remove " << count << " names. Are you sure you want to continue? [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
}

Result<void> apply(const Request& request, const pruneplan::PrunePlan& plan, const Index& index, std::ostream& out) {
    if (!request.yes && plan.deleted_count() > 0 && !confirmed(plan.deleted_count())) return {};
    const bool shows_progress = isatty(STDERR_FILENO) != 0;
    const auto report = apply_prune(
        plan, index, EngineRemover(request.engine_command()),
        pruneplan::ApplyOptions{[](const pruneplan::PlannedDeletion&) { return true; },
                                [&](const pruneplan::AppliedStep& step) {
                                    if (shows_progress)
                                        std::cerr << step.done << '/' << step.total << ' ' << escaped(step.deletion.name) << '\n';
                                },
                                [] { return false; }});
    request.json ? print_json(out, report) : print_report(out, report);
    if (!report.failures.empty())
        return failure(std::to_string(report.failures.size()) + " of " + std::to_string(plan.deleted_count()) +
                       " names could not be removed");
    return {};
}

/// Every rule of the library keeps what is mounted. Of the engines' own prunes only Docker's with a graph driver does,
/// unless the image has no name.
void add_mounts(const Request& request, Listing& listing, const Index& index) {
    const bool own_rule = request.rule == "engine";
    if (own_rule && listing.usage.name != "graph_driver") return;
    const auto keeps = [&](std::size_t image) { return !own_rule || !index.is_dangling(image); };
    for (const std::size_t i : resolve_mounts(listing, index, keeps))
        std::cerr << "note: mounts: container \"" << escaped(listing.containers[i].name)
                  << "\" mounts an image by a name that was moved or deleted since; the plan keeps every image\n";
}

Result<void> run(const Request& request, std::ostream& out) {
    auto listing = obtain(request);
    if (!listing) return listing.error();
    EngineStore store(*listing);
    const auto index = Index::build(store);
    if (!index) return index.error();
    auto options = wanted(request, *listing);
    if (!options) return options.error();
    Reading reading = read_filters(options->filters, *listing);
    options->filters = std::move(reading.filters);
    store.until = reading.until;
    if (auto checked = check_options(*index, *options); !checked) return checked;
    if (!request.save_listing.empty())
        if (auto written = write_file(request.save_listing, *listing); !written) return written;
    for (const std::string& note : reading.notes) std::cerr << "note: " << note << '\n';
    add_mounts(request, *listing, *index);
    const pruneplan::PrunePlan plan = plan_prune(*index, listing->containers, *options);
    if (request.apply) return apply(request, plan, *index, out);
    request.quiet ? print_deletions(out, plan) : print_plan(out, plan, *index, *listing);
    return {};
}

int main(const Words& words) {
    const auto request = parse_command_line(words);
    Result<void> outcome;
    if (!request)
        outcome = request.error();
    else if (request->help)
        print_help(std::cout);
    else
        outcome = run(*request, std::cout);
    if (outcome && !std::cout.flush()) outcome = failure(std::string("cannot print: ") + std::strerror(errno));
    if (outcome) return 0;
    std::cerr << "engine_prune: " << outcome.error().message << '\n';
    return 2;
}

}  // namespace
}  // namespace engine_prune

int main(int count, char** words) { return engine_prune::main({words + (count > 0 ? 1 : 0), words + count}); }
