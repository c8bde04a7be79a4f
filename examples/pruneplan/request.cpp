// SPDX-License-Identifier: BSL-1.0
#include "request.hpp"

#include "planning.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <istream>
#include <numeric>
#include <string_view>
#include <system_error>
#include <utility>

#include <unistd.h>

namespace cli {
namespace {

constexpr std::string_view sources = "docker, podman, containerd, registry or listing";
constexpr std::array<std::string_view, 5> formats = {"table", "json", "names", "svg", "html"};

constexpr const char* description = R"(Prints which images can be deleted, and why. Without --apply, it deletes nothing.

  pruneplan docker                    Docker, through its socket
  pruneplan podman                    Podman, through its socket or a service of its own
  pruneplan containerd                containerd, and Kubernetes' nodes
  pruneplan registry URL              a registry; every tag is considered
  pruneplan listing FILE              what --save-listing wrote; - is standard input
)";

constexpr const char* footer = R"(
Examples:
  pruneplan docker --all                             what is unused, and why the rest is kept
  pruneplan docker --all --explain app:1             all about one image
  pruneplan podman --all --free 5GB --apply          delete the least recently used images; asks first
  pruneplan registry https://r.example.com --keep '**:release-*' --keep-newest 5:version --used used.txt
  pruneplan docker --save-listing - | ssh host pruneplan listing - --all

Rules: strict keeps each image that a container runs or mounts, and the name it was created from. engine is the
source's own rule; containerd_snapshotter, graph_driver, whole_image and names_only are those of Docker with the
containerd image store, of Docker with a graph driver, of Podman and Kubernetes, and of nerdctl.

Of containerd, --namespace is k8s.io, or what CONTAINERD_NAMESPACE says. As on Kubernetes' nodes, --high and --low
free space once a file system is full, --keep-younger is the least age, and --delete-unused the highest.

Filters: until, label, label!, reference, reference!, before, since, dangling, with the running engine's meaning.
SIZE counts in thousands with kB, MB, GB, TB, and in powers of 1024 with KiB, MiB, GiB, TiB.

A policy file (--config) has the same names without dashes, and sections for repositories, as they are shown:
  all = true
  keep = ["**:release-*", "base/*"]
  ["team/app"]
  keep-newest = "5:version"

A line of a --used file is a name, a digest or an ID; # begins a comment.

What the plan is not sure of is a line on standard error: doubt: KIND: SENTENCE. --apply refuses doubts of the kinds
unmatched_container, unprotected_image and invalid_image_ref, unless --accept names the kind.

Exit codes: 0; 1 with --exit-code, if something would be deleted; 2 if something failed, and standard error says
what, on one line; 3 if --apply deleted nothing, since the plan is doubtful; 130 and 143 after SIGINT and SIGTERM.
)";

/// Returns how many letters have to be changed, added or left out to make one word of the other.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t before = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t changed = before + (a[i] == b[j] ? 0 : 1);
            before = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, before + 1});
        }
    }
    return row.back();
}

[[noreturn]] void reject_word(const CLI::App& app, const std::string& typed) {
    const std::string word = typed.substr(0, typed.find('='));
    if (!word.starts_with('-')) throw Failure("unexpected " + in_quotes(word) + ": --help lists the options");
    std::string nearest;
    std::size_t least = std::min<std::size_t>(4, 1 + word.size() / 3);
    for (const CLI::Option* const option : app.get_options())
        for (const std::string& name : option->get_lnames())
            if (const std::size_t letters = distance(word, "--" + name); letters < least) {
                least = letters;
                nearest = name;
            }
    throw Failure("unknown option " + in_quotes(word) + ": " +
                  (nearest.empty() ? "--help lists the options" : "did you mean --" + nearest + "?"));
}

/// Options that can be repeated. What the policy file has adds to what the command line has: CLI11 would replace it.
constexpr const char* lists[] = {"repository", "used", "used-by", "filter", "keep", "keep-newest", "accept"};
constexpr const char* policy_prefix = "policy-";

/// A section of the policy file is a repository: its "keep" and "keep-newest" get the repository's name.
class PolicyFile : public CLI::ConfigTOML {
public:
    explicit PolicyFile(const CLI::App& app) : app_(app) { parentSeparator('\x1f'); }  // a repository's name has dots

    std::vector<CLI::ConfigItem> from_config(std::istream& in) const override {
        std::vector<CLI::ConfigItem> flat;
        for (CLI::ConfigItem& item : CLI::ConfigTOML::from_config(in)) {
            if (item.name == "++" || item.name == "--") continue;  // a section begins or ends
            if (!item.parents.empty()) restrict_to(item, item.parents.front());
            item.parents.clear();
            if (app_.get_option_no_throw("--" + item.name) == nullptr) reject_word(app_, "--" + item.name);
            if (std::find(std::begin(lists), std::end(lists), item.name) != std::end(lists))
                item.name = policy_prefix + item.name;
            const auto same =
                std::find_if(flat.begin(), flat.end(), [&](const auto& o) { return o.name == item.name; });
            if (same == flat.end())
                flat.push_back(std::move(item));
            else
                same->inputs.insert(same->inputs.end(), item.inputs.begin(), item.inputs.end());
        }
        return flat;
    }

private:
    static void restrict_to(CLI::ConfigItem& item, const std::string& repository) {
        if (item.name != "keep" && item.name != "keep-newest")
            throw Failure("--config: a section of a repository has keep and keep-newest, and not " +
                          in_quotes(item.name));
        for (std::string& input : item.inputs) {
            const auto colons = std::count(input.begin(), input.end(), ':');
            if (item.name == "keep" ? colons > 0 || input.find('/') != input.npos : colons > 1)
                throw Failure("--config: " + in_quotes(input) + " in the section of " + in_quotes(repository) +
                              ": give a pattern of tags for keep, such as \"1.*\", and N or N:BY for keep-newest");
            if (item.name == "keep")
                input = repository + ':' + input;
            else
                input += (colons == 0 ? ":created:" : ":") + repository + ":*";
        }
    }

    const CLI::App& app_;
};

/// The texts of options that are parsed further.
struct Texts {
    std::string where, format = "table", free, high, low;
    Words keep, keep_newest, accept;
    bool version = false;
};

void declare_options(CLI::App& app, Request& request, Texts& texts) {
    app.name("pruneplan");
    app.description(description);
    app.footer(footer);
    app.config_formatter(std::make_shared<PolicyFile>(app));
    app.allow_extras();  // reject_word says more
    app.get_formatter()->column_width(30);
    app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    app.add_option("SOURCE", request.source, std::string(sources));
    app.add_option("WHERE", texts.where, "the registry's URL, or the listing's file");
    const auto list = [&](const char* name, Words& words, const char* help) {
        const auto add = [&](const std::string& of) {
            const auto append = [&words](const Words& values) {
                words.insert(words.end(), values.begin(), values.end());
                return true;
            };
            return app.add_option("--" + of, append, help)
                ->expected(1)
                ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
        };
        add(policy_prefix + std::string(name))->group("");
        return add(name);
    };

    const auto in = [](CLI::Option* option, const char* group, const char* value = nullptr) {
        option->group(group);
        if (value != nullptr) option->type_name(value);
    };
    const char* const source = "Source";
    in(app.add_option("--host,--address", request.host,
                      "the engine's socket, in place of the one that its client uses"),
       source, "unix://PATH");
    in(app.add_option("--namespace", request.name_space, "containerd's namespace, in place of k8s.io"), source, "NAME");
    in(app.add_option("--name", request.name, "what references call the registry; else its host and port"), source,
       "HOST");
    in(list("repository", request.repositories, "consider only this repository; repeatable"), source, "NAME");
    in(app.add_option("--ca", request.ca, "certificates to trust"), source, "FILE");
    in(list("used", request.used, "keep what this file names; repeatable"), source, "FILE");
    in(list("used-by", request.used_by, "keep what the containers of this listing use; repeatable"), source, "LISTING");
    in(app.add_option("--save-listing", request.save_listing, "write what the source has; - is standard output"),
       source, "FILE");

    const char* const policy = "What is deleted";
    in(app.add_flag("-a,--all", request.all, "consider all unused images, not just dangling ones"), policy);
    in(app.add_option("--rule", request.rule, "when an image is in use: strict (the default), engine, ..."), policy,
       "RULE");
    in(list("filter", request.filters, "consider only what matches; repeatable"), policy, "KEY=VALUE");
    in(list("keep", texts.keep, "keep names that match, such as team/*:1.*; repeatable"), policy, "PATTERN");
    in(list("keep-newest", texts.keep_newest,
            "keep the N newest images of each repository, by created, last_used, version or name"),
       policy, "N[:BY[:PATTERN]]");
    in(app.add_option("--keep-younger", request.keep_younger, "keep what was used within this time, such as 24h"),
       policy, "DURATION");
    in(app.add_option("--free", texts.free, "delete the least recently used images until this much is freed"), policy,
       "SIZE");
    in(app.add_option("--high", texts.high, "free space only if so much of the file system is used; with --low"),
       policy, "PERCENT");
    in(app.add_option("--low", texts.low, "delete the least recently used images until so much is used"), policy,
       "PERCENT");
    in(app.add_option("--delete-unused", request.delete_unused,
                      "with --free or --high: also delete what was last used before, such as 720h"),
       policy, "DURATION");

    const char* const output = "Output";
    in(app.add_option("--format", texts.format, "table (the default), json, names, svg or html"), output, "FORMAT");
    in(app.add_flag("--summary", request.summary, "print counts and sizes only"), output);
    in(app.add_option("--explain", request.explain, "print all about one image, by its name or ID"), output, "NAME");
    in(app.add_flag("-q,--quiet", request.quiet, "print no notes and no progress"), output);
    in(app.add_flag("--exit-code", request.exit_code, "end with 1 if something would be deleted"), output);
    in(app.add_option("--metrics", request.metrics, "write counts for Prometheus"), output, "FILE");

    const char* const applying = "Deleting";
    in(app.add_flag("--apply", request.apply, "delete what the plan deletes, after a question"), applying);
    in(app.add_flag("-y,--yes", request.yes, "with --apply: do not ask"), applying);
    in(list("accept", texts.accept, "with --apply: delete despite doubts of this kind; repeatable"), applying, "KIND");
    in(app.add_option("--journal", request.journal, "with --apply: add a line before and after each removal"), applying,
       "FILE");

    app.set_help_flag("-h,--help", "print this");
    app.add_flag("--version", texts.version, "print the version")->configurable(false);
    app.set_config("--config", "", "read options from this policy file")
        ->type_name("FILE")
        ->multi_option_policy(CLI::MultiOptionPolicy::Throw);
}

/// CLI11 takes any value of a flag.
void check_flag(const CLI::App& app, const std::string& word) {
    const std::string name = word.substr(0, word.find('='));
    if (name == word || !name.starts_with("--")) return;
    const CLI::Option* const option = app.get_option_no_throw(name);
    if (option != nullptr && option->get_items_expected_max() == 0) throw Failure(name + " takes no value");
}

/// Returns the name that the user knows: CLI11 has none for a hidden option.
std::string shown_name(const CLI::Option& option) {
    if (option.get_lnames().empty()) return option.get_name();
    const std::string& name = option.get_lnames().front();
    return "--" + (name.starts_with(policy_prefix) ? name.substr(std::string_view(policy_prefix).size()) : name);
}

/// An empty value, such as that of an unset variable, would silently drop a protection.
void check_values(const CLI::App& app) {
    for (const CLI::Option* const option : app.get_options())
        for (const std::string& value : option->results())
            if (value.empty() || value.starts_with("--"))
                throw Failure(shown_name(*option) + " needs a value, and not " + in_quotes(value));
}

std::int64_t parse_size(const std::string& text) {
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    std::string unit = lower(end);
    if (unit.starts_with(' ')) unit.erase(0, 1);
    if (unit.ends_with('b')) unit.pop_back();
    const bool binary = unit.size() == 2 && unit[1] == 'i';
    if (binary) unit.pop_back();
    const std::size_t power = unit.empty() ? 0 : std::string_view(" kmgtp").find(unit);
    const bool digits = !text.empty() && text.find_first_not_of("0123456789.") == text.find_first_of(" bBkKmMgGtTpP");
    if (!digits || end == text.c_str() || unit.size() > 1 || power == std::string_view::npos || text[0] == '.')
        throw Failure("invalid size " + in_quotes(text) + ": give bytes, or a size such as 1.5GB, 500MB or 2GiB");
    const double bytes = std::round(number * std::pow(binary ? 1024.0 : 1000.0, static_cast<double>(power)));
    if (bytes >= 9.2e18) throw Failure("invalid size " + in_quotes(text) + ": give less than 9.2EB");
    return static_cast<std::int64_t>(bytes);
}

unsigned parse_percent(const char* option, const std::string& text) {
    unsigned percent = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
    if (error != std::errc() || end != text.data() + text.size() || percent > 100)
        throw Failure(std::string(option) + ' ' + in_quotes(text) + ": give a percentage, such as 85");
    return percent;
}

Thresholds parse_thresholds(const Texts& texts) {
    if (texts.high.empty() || texts.low.empty())
        throw Failure("--high and --low belong together, such as --high 85 --low 80");
    if (!texts.free.empty()) throw Failure("--free and --high both say how much is freed: give one of them");
    const Thresholds thresholds{parse_percent("--high", texts.high), parse_percent("--low", texts.low)};
    if (thresholds.low > thresholds.high)
        throw Failure("--low " + in_quotes(texts.low) + " must not be more than --high " + in_quotes(texts.high));
    return thresholds;
}

pruneplan::KeepNewest parse_newest(const std::string& text) {
    constexpr std::pair<std::string_view, pruneplan::NewestBy> orders[] = {
        {"created", pruneplan::NewestBy::created},
        {"last_used", pruneplan::NewestBy::last_used},
        {"version", pruneplan::NewestBy::version},
        {"name", pruneplan::NewestBy::name},
    };
    const auto invalid = [&](const char* why) { return Failure("--keep-newest " + in_quotes(text) + ": " + why); };
    pruneplan::KeepNewest newest;
    const std::size_t first = std::min(text.find(':'), text.size());
    const auto [end, error] = std::from_chars(text.data(), text.data() + first, newest.count);
    if (error != std::errc() || end != text.data() + first || newest.count == 0)
        throw invalid("give a number from 1 on, such as 5, 5:version or 5:created:team/*");
    if (first == text.size()) return newest;
    const std::size_t second = std::min(text.find(':', first + 1), text.size());
    const std::string by = text.substr(first + 1, second - first - 1);
    const auto order = std::find_if(std::begin(orders), std::end(orders), [&](const auto& o) { return o.first == by; });
    if (order == std::end(orders)) throw invalid("images are ordered by created, last_used, version or name");
    newest.by = order->second;
    if (second + 1 == text.size()) throw invalid("leave the last \":\" off, or give a pattern after it");
    if (second < text.size()) newest.names = value_of(pruneplan::Glob::compile(text.substr(second + 1)));
    return newest;
}

pruneplan::DoubtKind parse_doubt_kind(const std::string& text) {
    std::string known;
    for (std::size_t i = 0; i < pruneplan::doubt_kind_count; ++i) {
        const auto kind = static_cast<pruneplan::DoubtKind>(i);
        if (text == to_string(kind)) return kind;
        known += (known.empty() ? "" : ", ") + std::string(to_string(kind));
    }
    throw Failure("--accept " + in_quotes(text) + ": give one of " + known);
}

/// As containerd's own clients do, but with Kubernetes' namespace if none is given.
void set_containerd(Request& request) {
    if (request.host.empty()) request.host = environment("CONTAINERD_ADDRESS");
    if (request.host.empty()) request.host = "/run/containerd/containerd.sock";
    if (request.host.starts_with('/')) request.host.insert(0, "unix://");
    if (!request.host.starts_with("unix:///"))
        throw Failure("containerd " + in_quotes(request.host) +
                      ": give its socket, such as "
                      "unix:///run/containerd/containerd.sock");
    if (request.name_space.empty()) request.name_space = environment("CONTAINERD_NAMESPACE");
    if (request.name_space.empty()) request.name_space = "k8s.io";
    if (request.name_space == "moby")
        throw Failure(
            "containerd's namespace \"moby\" is Docker's, whose containers are not all there: give \"docker\" "
            "in place of \"containerd\"");
}

void set_source(Request& request, const std::string& where) {
    const bool registry = request.source == "registry", listing = request.source == "listing",
               containerd = request.source == "containerd";
    if (request.source.empty()) throw Failure("no source: give " + std::string(sources) + "; --help says more");
    if (!registry && !listing && !containerd && request.source != "docker" && request.source != "podman")
        throw Failure("unknown source " + in_quotes(request.source) + ": give " + std::string(sources));
    if (registry && !where.starts_with("http://") && !where.starts_with("https://"))
        throw Failure("registry " + in_quotes(where) + ": give its URL, such as https://registry.example.com");
    if (listing && where.empty()) throw Failure("listing: give its file, or - for standard input");
    if (!registry && !listing && !where.empty())
        throw Failure("unexpected " + in_quotes(where) + ": --host names the engine's socket");
    if (!request.host.empty() && (registry || listing))
        throw Failure("--host names an engine's socket, and " + request.source + " has none");
    if (!containerd && !request.name_space.empty()) throw Failure("--namespace is for containerd");
    if (containerd) set_containerd(request);
    if (!registry && !request.ca.empty()) throw Failure("--ca is for a registry");
    if (!registry && !request.name.empty()) throw Failure("--name is for a registry");
    if (registry)
        request.url = where.substr(0, where.find_last_not_of('/') + 1);
    else
        request.file = where;
}

void parse_texts(Request& request, const Texts& texts) {
    const Timestamp now = Timestamp::from(std::chrono::system_clock::now());
    const auto format = std::find(formats.begin(), formats.end(), texts.format);
    if (format == formats.end())
        throw Failure("unknown format " + in_quotes(texts.format) + ": give table, json, names, svg or html");
    request.format = static_cast<Format>(format - formats.begin());
    for (const std::string& pattern : texts.keep) request.keep.push_back(value_of(pruneplan::Glob::compile(pattern)));
    for (const std::string& text : texts.keep_newest) request.keep_newest.push_back(parse_newest(text));
    for (const std::string& kind : texts.accept) request.accept.push_back(parse_doubt_kind(kind));
    if (!texts.free.empty()) request.free = parse_size(texts.free);
    if (!texts.high.empty() || !texts.low.empty()) request.thresholds = parse_thresholds(texts);
    value_of(pruneplan::parse_filters(request.filters, now));
    for (const std::string* const age : {&request.keep_younger, &request.delete_unused})
        if (!age->empty()) value_of(pruneplan::parse_age(*age, now));
    const auto known = rules();
    if (request.rule != "engine" &&
        std::none_of(known.begin(), known.end(), [&](const NamedRule& rule) { return rule.name == request.rule; })) {
        std::string names = "engine";
        for (const NamedRule& rule : known) names += ", " + std::string(rule.name);
        throw Failure("unknown rule " + in_quotes(request.rule) + ": give one of " + names);
    }
}

void check_combinations(const Request& request) {
    auto inputs = std::count(request.used.begin(), request.used.end(), "-") +
                  std::count(request.used_by.begin(), request.used_by.end(), "-");
    if (request.source == "listing" && request.file == "-") ++inputs;
    if (inputs > 1) throw Failure("\"-\" is given twice: standard input can be read once");
    if (!request.delete_unused.empty() && !request.free && !request.thresholds)
        throw Failure("--delete-unused needs --free or --high: without a budget, all unused images are deleted");
    if (!request.apply) {
        for (const auto& [given, option] :
             {std::pair(request.yes, "--yes"), std::pair(!request.accept.empty(), "--accept"),
              std::pair(!request.journal.empty(), "--journal")})
            if (given) throw Failure(std::string(option) + " needs --apply: without it, nothing is deleted");
        return;
    }
    if (request.source == "listing") throw Failure("--apply: a listing is a file; give the engine or the registry");
    if (request.format == Format::svg || request.format == Format::html)
        throw Failure("--apply prints no picture: give --format table, json or names");
    if (request.exit_code) throw Failure("--exit-code tells what would be deleted; --apply deletes it");
    if (!request.explain.empty())
        throw Failure("--explain prints about one image; --apply deletes what the plan deletes");
    if (request.save_listing == "-")
        throw Failure("--save-listing - prints the listing alone: give a file with --apply");
    if (!request.yes && isatty(STDIN_FILENO) == 0)
        throw Failure("--apply asks before it deletes, and there is no terminal to ask on: give --yes");
}

}  // namespace

std::optional<Request> parse_command_line(int count, const char* const* words) {
    CLI::App app;
    Request request;
    Texts texts;
    declare_options(app, request, texts);
    try {
        for (int i = 1; i < count; ++i) check_flag(app, words[i]);
        app.parse(count, words);
    } catch (const CLI::CallForHelp&) {
        std::cout << app.help();
        return std::nullopt;
    } catch (const CLI::FileError& error) {
        throw Failure("cannot read the policy file: " + printable(error.what()));
    } catch (const CLI::ParseError& error) {
        throw Failure(printable(error.what()));
    }
    check_values(app);
    if (texts.version) {
        std::cout << "pruneplan " PRUNEPLAN_VERSION "\n";
        return std::nullopt;
    }
    if (const Words left = app.remaining(); !left.empty()) reject_word(app, left.front());
    set_source(request, texts.where);
    parse_texts(request, texts);
    check_combinations(request);
    return request;
}

}  // namespace cli
