#ifndef ENGINE_PRUNE_REQUEST_HPP
#define ENGINE_PRUNE_REQUEST_HPP

// SPDX-License-Identifier: BSL-1.0

// Parses the command line.

#include "command.hpp"
#include "doubts.hpp"
#include "listing.hpp"
#include "question.hpp"
#include "screen.hpp"
#include "table.hpp"

#include <pruneplan/pruneplan.hpp>

#include <cstddef>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>


namespace engine_prune {

struct Request {
    std::string engine, listing, save_listing;
    Words command;  ///< the engine's command; if empty, the engine's name
    Words filters, keep, accept;
    std::optional<std::string> keep_newest, free, explain;
    std::string rule = "engine", format = "table";
    bool all = false, apply = false, yes = false, help = false, version = false;

    Words engine_command() const { return command.empty() ? Words{engine} : command; }
};

struct Option {
    std::string_view name, short_name;
    std::string_view value;  ///< the kind of its value, for the help; empty if it takes none
    std::string_view help;
    void (*take)(Request& request, std::string_view value);
};

inline constexpr Option known_options[] = {
    {"--engine", "", "docker|podman", "ask this engine", [](Request& r, std::string_view v) { r.engine = v; }},
    {"--listing", "", "FILE", "read a saved listing in place of asking an engine; - is standard input",
     [](Request& r, std::string_view v) { r.listing = v; }},
    {"--save-listing", "", "FILE", "write what the engine has to this file",
     [](Request& r, std::string_view v) { r.save_listing = v; }},
    {"--all", "-a", "", "consider all unused images, not just dangling ones",
     [](Request& r, std::string_view) { r.all = true; }},
    {"--rule", "", "RULE",
     "the rule for what is in use: engine (the default: that of the engine's own prune), strict, ...",
     [](Request& r, std::string_view v) { r.rule = v; }},
    {"--filter", "", "KEY=VALUE", "consider only what matches, as the engine's own prune does; repeatable",
     [](Request& r, std::string_view v) { r.filters.emplace_back(v); }},
    {"--keep", "", "PATTERN", "keep names that match, such as team/*:1.*; repeatable",
     [](Request& r, std::string_view v) { r.keep.emplace_back(v); }},
    {"--keep-newest", "", "N", "keep the N newest images of each repository",
     [](Request& r, std::string_view v) { r.keep_newest = v; }},
    {"--free", "", "SIZE", "delete the oldest images until SIZE is freed, and keep the others: 500MB, 1.5GB, 2GiB",
     [](Request& r, std::string_view v) { r.free = v; }},
    {"--format", "", "table|json|names|svg",
     "print the plan as a table (the default), as JSON, as the names to delete, or as a picture",
     [](Request& r, std::string_view v) { r.format = v; }},
    {"--quiet", "-q", "", "the same as --format names", [](Request& r, std::string_view) { r.format = "names"; }},
    {"--json", "", "", "the same as --format json", [](Request& r, std::string_view) { r.format = "json"; }},
    {"--explain", "", "NAME",
     "print all about one image, by its name or ID: its names, its containers, what would change the plan for it",
     [](Request& r, std::string_view v) { r.explain = v; }},
    {"--apply", "", "", "remove what the plan deletes, after a question on a terminal",
     [](Request& r, std::string_view) { r.apply = true; }},
    {"--accept", "", "DOUBT",
     "with --apply: remove despite doubts of this kind, such as unmatched_container; repeatable",
     [](Request& r, std::string_view v) { r.accept.emplace_back(v); }},
    {"--yes", "-y", "", "with --apply: do not ask", [](Request& r, std::string_view) { r.yes = true; }},
    {"--force", "-f", "", "the same as --yes", [](Request& r, std::string_view) { r.yes = true; }},
    {"--version", "", "", "print the version", [](Request& r, std::string_view) { r.version = true; }},
    {"--help", "-h", "", "print this", [](Request& r, std::string_view) { r.help = true; }},
};

inline constexpr std::string_view help_summary =
    "Prints what the engine's own `image prune` would delete and keep, and why. Without --apply, it removes nothing.";

inline constexpr std::string_view help_paragraphs[] = {
    "Options of one letter can stand together: -aq.",
    "The engine is asked through its own command line, in the current environment (DOCKER_HOST and so on). The words "
    "after -- replace its command:",
    "       engine_prune --engine docker --all -- docker -H unix:///run/docker.sock",
    "Rules: engine is the engine's own. strict keeps every image that a container runs or mounts, and the name that it "
    "was created from. containerd_snapshotter, graph_driver and whole_image are the rules of Docker with the "
    "containerd "
    "image store, of Docker with a graph driver, and of Podman. All rules but engine keep images that containers "
    "mount; engine keeps those that have a name, and only for Docker with a graph driver.",
    "Filters: until, label, label!, reference, reference!, before, since, dangling. A record must match the filters of "
    "every kind; of several reference filters, one.",
    "A pattern of --keep matches names as they are shown. SIZE counts in thousands with kB, MB, GB, TB and PB, and in "
    "powers of 1024 with KiB, MiB, GiB, TiB and PiB.",
    "Colours need a terminal; NO_COLOR turns them off. Lines wrap at a terminal's width, elsewhere at COLUMNS if that "
    "is "
    "set.",
    "What a plan is not sure of is a line on standard error: doubt: KIND: SENTENCE. Doubts of the kinds "
    "unmatched_container, unprotected_image and invalid_image_ref keep --apply from removing anything, unless --accept "
    "names the kind.",
    "Exit code: 0; 2 if something failed, and then standard error says what, on one line; 3 if --apply removed "
    "nothing, since the plan is doubtful.",
};

inline void print_version(std::ostream& out) { out << "engine_prune " PRUNEPLAN_VERSION "\n"; }

inline void print_help(std::ostream& out, const Screen& screen) {
    out << "usage: engine_prune --engine docker|podman [OPTION]... [-- COMMAND [ARGUMENT]...]\n"
           "       engine_prune --listing FILE [OPTION]...\n\n";
    print_prose(out, std::string(help_summary), screen);
    out << '\n';
    std::vector<Row> rows;
    for (const Option& option : known_options) {
        std::string words = "  " + std::string(option.short_name.empty() ? "    " : option.short_name);
        words += option.short_name.empty() ? "" : ", ";
        words += option.name;
        if (!option.value.empty()) words += " " + std::string(option.value);
        rows.push_back({{words, std::string(option.help)}});
    }
    print_table(out, rows, screen);
    for (const std::string_view paragraph : help_paragraphs) {
        out << '\n';
        paragraph.starts_with(' ') ? void(out << paragraph << '\n') : print_prose(out, std::string(paragraph), screen);
    }
}

inline const Option* find_option(std::string_view word) {
    for (const Option& option : known_options)
        if (word == option.name || (!word.empty() && word == option.short_name)) return &option;
    return nullptr;
}

/// Splits "-aq" into "-a" and "-q"; returns any other word unchanged.
inline Words unbundled(const std::string& word) {
    if (word.size() < 3 || word[0] != '-' || word[1] == '-') return {word};
    Words letters;
    for (const char letter : word.substr(1)) letters.push_back({'-', letter});
    for (const std::string& letter : letters)
        if (find_option(letter) == nullptr) return {word};
    return letters;
}

inline pruneplan::Result<void> take_option(Request& request, const Words& words, std::size_t& at) {
    const std::string& given = words[at];
    const std::size_t equals = given.starts_with("--") ? given.find('=') : given.npos;
    const std::string word = given.substr(0, equals);
    if (!word.starts_with('-')) return failure("unexpected \"" + escaped(word) + "\": give options; --help lists them");
    for (const std::string& name : unbundled(word)) {
        const Option* const option = find_option(name);
        if (option == nullptr) return failure("unknown option \"" + escaped(word) + "\": --help lists the options");
        const bool has_value = equals != given.npos;
        if (option->value.empty()) {
            if (has_value) return failure("\"" + escaped(given) + "\": " + word + " takes no value; leave the = off");
            option->take(request, "");
            continue;
        }
        const std::string wanted = word + " needs a value: give " + word + " " + std::string(option->value);
        if (!has_value && ++at == words.size()) return failure(wanted);
        const std::string value = has_value ? given.substr(equals + 1) : words[at];
        if (value.empty()) return failure("\"\" after " + wanted);
        option->take(request, value);
    }
    return {};
}

/// Rejects options that contradict each other.
inline pruneplan::Result<void> check_request(const Request& request) {
    constexpr std::string_view formats[] = {"table", "json", "names", "svg"};
    bool known = false;
    for (const std::string_view format : formats) known |= request.format == format;
    if (!known) return failure("unknown format \"" + escaped(request.format) + "\": give table, json, names or svg");
    if (request.engine.empty() == request.listing.empty()) return failure("give either --engine or --listing");
    if (request.engine.empty() && !request.command.empty()) return failure("a command after -- needs --engine");
    if (request.apply && request.engine.empty())
        return failure("--apply needs --engine: from a listing, nothing can be removed");
    if (request.yes && !request.apply) return failure("--yes and --force need --apply: without it, nothing is removed");
    if (!request.accept.empty() && !request.apply)
        return failure("--accept needs --apply: without it, nothing is removed");
    for (const std::string& text : request.accept)
        if (const auto kind = parse_doubt_kind(text); !kind) return kind.error();
    if (request.explain && (request.apply || request.format != "table"))
        return failure("--explain prints text and removes nothing: leave --apply and --format off");
    if (request.apply && request.format == "svg")
        return failure("--apply prints no picture: give --format table, json or names");
    if (request.apply && !request.yes)
        if (const auto terminal = can_ask(); !terminal) return terminal.error();
    return {};
}

inline pruneplan::Result<Request> parse_command_line(const Words& words) {
    Request request;
    for (std::size_t at = 0; at < words.size(); ++at) {
        if (words[at] == "--") {
            request.command.assign(words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end());
            if (request.command.empty()) return failure("nothing after --: give the engine's command, or leave -- off");
            if (request.command[0].empty()) return failure("\"\" after --: give the engine's command");
            break;
        }
        if (const auto taken = take_option(request, words, at); !taken) return taken.error();
    }
    if (request.help || request.version) return request;
    if (const auto checked = check_request(request); !checked) return checked.error();
    return request;
}

}  // namespace engine_prune

#endif
