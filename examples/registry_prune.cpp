// SPDX-License-Identifier: BSL-1.0
// registry_prune: prints what can be deleted from a registry, and why; with --apply, it deletes that.
//
// It uses the registry's HTTP API through curl. There, a deletion names a manifest by its digest in a repository, and
// removes all tags that point at it. So an image is a digest in a repository here, and either all of its tags are
// deleted or none. The registry's own garbage collection deletes the blobs.

#include "engine_prune/command.hpp"
#include "engine_prune/doubts.hpp"
#include "engine_prune/listing.hpp"
#include "engine_prune/question.hpp"
#include "engine_prune/report.hpp"
#include "engine_prune/table.hpp"

#include <nlohmann/json.hpp>

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace registry_prune {
namespace {

using engine_prune::escaped, engine_prune::failure, engine_prune::Row, engine_prune::Words;
using nlohmann::json;
using pruneplan::Result;

// Records.

struct Blob {
    std::string digest;
    std::uint64_t size;
};

/// A tag. Several tags of a repository can have the same digest.
struct Tag {
    std::string name;        ///< "registry.example.com/team/app:1"
    std::string target;      ///< "team/app@sha256:...": what a deletion names
    std::string repository;  ///< "team/app"
    std::string tag;
    std::optional<pruneplan::Timestamp> created{};
    std::vector<Blob> blobs{};
    std::vector<std::string> listed{};  ///< of an index, the targets of its manifests

    std::string_view digest() const { return std::string_view(target).substr(repository.size() + 1); }
};

/// The adapter: one record for each tag.
struct Store {
    std::vector<Tag> tags;

    const std::vector<Tag>& images() const { return tags; }
    static const std::string& name(const Tag& tag) { return tag.name; }
    static const std::string& target(const Tag& tag) { return tag.target; }
    static std::optional<pruneplan::Timestamp> created(const Tag& tag) { return tag.created; }
    static const std::vector<Blob>& blobs(const Tag& tag) { return tag.blobs; }
    static const std::vector<std::string>& needs(const Tag& tag) { return tag.listed; }
    static std::string subject(const Tag& tag) {
        const auto digest = pruneplan::attachment_subject(tag.tag);
        return digest ? tag.repository + "@" + *digest : "";
    }
};

/// A use of an image, by a line of a file or a container of a listing. A use that means no image has no target, and is a
/// doubt of the plan.
struct Use {
    std::string target, reference, user;

    const std::string& image_id() const { return target; }
    const std::string& image_ref() const { return reference; }
    const std::string& name() const { return user; }
};

// The HTTP API. Source: github.com/opencontainers/distribution-spec, spec.md; distribution, "HTTP API V2".

struct Answer {
    int status = 0;
    std::map<std::string, std::string> headers{};  ///< their names in lower case
    std::string body{};
};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

Result<Answer> parse_answer(const std::string& text) {
    Answer answer;
    std::size_t at = 0;
    for (bool first = true;; first = false) {
        const std::size_t end = text.find("\r\n", at);
        if (end == text.npos) return failure("invalid answer: it is not HTTP");
        const std::string_view line = std::string_view(text).substr(at, end - at);
        at = end + 2;
        if (line.empty()) break;
        if (first) {
            const std::size_t code = line.find(' ') + 1;
            std::from_chars(line.data() + code, line.data() + line.size(), answer.status);
        } else if (const std::size_t colon = line.find(':'); colon != line.npos) {
            std::string_view value = line.substr(colon + 1);
            while (value.starts_with(' ')) value.remove_prefix(1);
            answer.headers[lower(line.substr(0, colon))] = value;
        }
    }
    answer.body = text.substr(at);
    return answer;
}

class Registry {
public:
    Registry(std::string url, Words curl) : url_(std::move(url)), curl_(std::move(curl)) {}

    Result<Answer> ask(const std::string& method, const std::string& path) const {
        Words command = curl_;
        for (const char* word : {"--silent", "--show-error", "--globoff", "--http1.1", "--include", "--max-time", "300",
                                 "--proto", "=http,https", "--header",
                                 "Accept: application/vnd.docker.distribution.manifest.v2+json, "
                                 "application/vnd.docker.distribution.manifest.list.v2+json, "
                                 "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json"})
            command.emplace_back(word);
        if (method == "HEAD")
            command.emplace_back("--head");
        else
            command.insert(command.end(), {"--request", method});
        command.insert(command.end(), {"--url", url_ + "/v2/" + path});
        auto output = engine_prune::output_of(command);
        if (!output) return output.error();
        return parse_answer(*output);
    }

    Result<json> get(const std::string& path, std::map<std::string, std::string>* headers = nullptr) const {
        auto answer = ask("GET", path);
        if (!answer) return answer.error();
        if (answer->status != 200) return refusal(path, *answer);
        json document = json::parse(answer->body, nullptr, false);
        if (!document.is_object()) return failure(path + ": the answer is not a JSON object");
        if (headers != nullptr) *headers = std::move(answer->headers);
        return document;
    }

    /// Returns all texts of the list `key`, which the registry returns in pages: each names the next one.
    Result<Words> list(const std::string& path, const char* key) const {
        Words texts;
        std::set<std::string> pages;
        for (std::string page = path + "?n=100"; pages.insert(page).second;) {
            std::map<std::string, std::string> headers;
            const auto document = get(page, &headers);
            if (!document && is_not_found(document.error()) && pages.size() == 1) return texts;
            if (!document) return document.error();
            // A repository that has lost its last tag has null.
            const auto list = document->find(key);
            if (list != document->end() && list->is_array())
                for (const json& text : *list)
                    if (text.is_string()) texts.push_back(text.get<std::string>());
            if (!headers.contains("link")) return texts;
            auto next = next_page(headers["link"]);
            if (!next) return next.error();
            page = *std::move(next);
        }
        return failure(path + ": the registry's pages lead back to one that was read");
    }

    /// Returns the path of the page that a header `Link: <…>; rel="next"` names, behind "/v2/".
    Result<std::string> next_page(const std::string& link) const {
        const std::size_t begin = link.find('<') + 1, end = link.find('>');
        std::string page = end == link.npos ? "" : link.substr(begin, end - begin);
        if (page.starts_with(url_)) page.erase(0, url_.size());
        if (page.starts_with("/v2/")) return page.substr(4);
        return failure("the registry's next page \"" + escaped(link) + "\" is not one of " + url_ + "/v2/");
    }

    /// Returns the digest of a tag, or nothing if the tag does not exist.
    Result<std::optional<std::string>> digest_of(const std::string& repository, const std::string& tag) const {
        const std::string path = repository + "/manifests/" + tag;
        const auto answer = ask("HEAD", path);
        if (!answer) return answer.error();
        if (answer->status == 404) return std::optional<std::string>();
        const auto digest = answer->headers.find("docker-content-digest");
        if (answer->status != 200 || digest == answer->headers.end()) return refusal(path, *answer);
        return std::optional<std::string>(digest->second);
    }

    static pruneplan::Error refusal(const std::string& path, const Answer& answer) {
        std::string words = path + ": status " + std::to_string(answer.status);
        const json document = json::parse(answer.body, nullptr, false);
        if (document.is_object() && document.contains("errors") && document["errors"].is_array())
            for (const json& error : document["errors"])
                if (error.is_object() && error.contains("message") && error["message"].is_string())
                    words += ", " + escaped(error["message"].get<std::string>());
        return {answer.status == 404 ? pruneplan::ErrorCode::image_not_found : pruneplan::ErrorCode{},
                std::move(words)};
    }
    static bool is_not_found(const pruneplan::Error& error) {
        return error.code == pruneplan::ErrorCode::image_not_found;
    }

private:
    std::string url_;
    Words curl_;
};

std::string text_of(const json& object, const char* key) {
    if (!object.is_object() || !object.contains(key) || !object[key].is_string()) return {};
    return object[key].get<std::string>();
}

/// Reads a descriptor of a manifest; nothing if it is malformed.
std::optional<Blob> blob_of(const json& object) {
    const std::string digest = text_of(object, "digest");
    if (digest.empty() || !object.contains("size") || !object["size"].is_number_unsigned()) return std::nullopt;
    return Blob{digest, object["size"].get<std::uint64_t>()};
}

/// Adds the blobs of a manifest, and when its image was created; of an index, its manifests and the blobs of each of
/// them. Blobs and manifests that the registry does not have are ignored; the time of such an image can be unknown.
Result<void> read_manifest(const Registry& registry, Tag& tag, const std::string& reference) {
    std::map<std::string, std::string> headers;
    const std::string path = tag.repository + "/manifests/" + reference;
    const auto manifest = registry.get(path, &headers);
    if (!manifest) return manifest.error();
    const std::string& digest = headers["docker-content-digest"];
    if (digest.empty()) return pruneplan::Error{pruneplan::ErrorCode{}, path + ": the registry sends no digest"};
    if (tag.target.empty()) tag.target = tag.repository + "@" + digest;
    std::uint64_t size = 0;
    const std::string& length = headers["content-length"];
    std::from_chars(length.data(), length.data() + length.size(), size);
    tag.blobs.push_back({digest, size});
    if (manifest->contains("manifests") && (*manifest)["manifests"].is_array()) {
        for (const json& child : (*manifest)["manifests"])
            if (const auto blob = blob_of(child)) {
                tag.listed.push_back(tag.repository + "@" + blob->digest);
                auto read = read_manifest(registry, tag, blob->digest);
                if (!read && !Registry::is_not_found(read.error())) return read;
            }
        return {};
    }
    if (manifest->contains("layers") && (*manifest)["layers"].is_array())
        for (const json& layer : (*manifest)["layers"])
            if (auto blob = blob_of(layer)) tag.blobs.push_back(*std::move(blob));
    if (!manifest->contains("config")) return {};
    const auto config = blob_of((*manifest)["config"]);
    if (!config) return {};
    tag.blobs.push_back(*config);
    const auto document = registry.get(tag.repository + "/blobs/" + config->digest);
    if (!document && Registry::is_not_found(document.error())) return {};
    if (!document) return document.error();
    if (const auto created = pruneplan::parse_timestamp(text_of(*document, "created"), {}))
        tag.created = std::max(tag.created.value_or(*created), *created);
    return {};
}

/// Returns all tags, sorted by name. Ignores a tag that is deleted while they are read.
Result<std::vector<Tag>> read_tags(const Registry& registry, const std::string& name) {
    std::vector<Tag> tags;
    const auto repositories = registry.list("_catalog", "repositories");
    if (!repositories) return repositories.error();
    for (const std::string& repository : *repositories) {
        if (!pruneplan::parse_reference(name + "/" + repository))
            return failure("invalid repository name \"" + escaped(repository) + "\"");
        const auto listed = registry.list(repository + "/tags/list", "tags");
        if (!listed) return listed.error();
        for (const std::string& text : *listed) {
            Tag tag{pruneplan::canonical_name(name + "/" + repository + ":" + text), {}, repository, text};
            if (!pruneplan::parse_reference(tag.name)) return failure("invalid tag \"" + escaped(tag.name) + "\"");
            if (const auto read = read_manifest(registry, tag, text); !read) {
                if (Registry::is_not_found(read.error())) continue;
                return read.error();
            }
            tags.push_back(std::move(tag));
        }
    }
    // A registry lists tags in any order.
    std::sort(tags.begin(), tags.end(), [](const Tag& a, const Tag& b) { return a.name < b.name; });
    return tags;
}

// What is in use.

bool is_digest(std::string_view text) { return text.starts_with("sha256:") || text.starts_with("sha512:"); }

/// Tells whether a tag is an image with this digest, or an index that lists it.
bool has_digest(const Tag& tag, std::string_view digest) {
    return tag.digest() == digest || std::any_of(tag.listed.begin(), tag.listed.end(), [&](std::string_view listed) {
               return listed.substr(tag.repository.size() + 1) == digest;
           });
}

/// Adds the images that a text means: a digest, in every repository; or a reference with a digest, a tag, or both.
/// Returns whether there is one.
bool add_use(std::vector<Use>& uses, const std::vector<Tag>& tags, const std::string& text, const std::string& user) {
    const std::size_t before = uses.size();
    const auto reference = pruneplan::parse_reference(text);
    for (const Tag& tag : tags) {
        bool means = is_digest(text) && has_digest(tag, text);
        if (!is_digest(text) && reference &&
            reference->name() == std::string_view(tag.name).substr(0, tag.name.size() - tag.tag.size() - 1))
            means = reference->with_default_tag().tag() == tag.tag ||
                    (!reference->digest().empty() && has_digest(tag, reference->digest()));
        if (means) uses.push_back({tag.target, text, user});
    }
    return uses.size() > before;
}

/// Adds the uses by the lines of a file. An invalid line is an error, since it can mean an image in use; a line that
/// means no image is a doubt.
Result<void> add_used(std::vector<Use>& uses, const std::vector<Tag>& tags, const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return failure("cannot read \"" + escaped(file) + "\"");
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (line.empty() || line.starts_with('#')) continue;
        if (!is_digest(line))
            if (const auto reference = pruneplan::parse_reference(line); !reference)
                return failure("\"" + escaped(file) + "\": " + reference.error().message);
        const std::string user = "line " + std::to_string(number) + " of " + file;
        if (!add_use(uses, tags, line, user)) uses.push_back({"", line, user});
    }
    if (in.bad()) return failure("cannot read \"" + escaped(file) + "\" to its end");
    return {};
}

/// Adds the uses by the containers of an engine: what they were created from, and all names of their images in the
/// engine. A digest in such a name is the registry's, while the image's ID is often the engine's own. A container that
/// was created from an image of this registry is a doubt if the registry has none of these.
Result<void> add_listing(std::vector<Use>& uses, const std::vector<Tag>& tags, const std::string& file,
                         const std::string& host) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return failure("cannot read \"" + escaped(file) + "\"");
    const auto listing = engine_prune::read_listing(in);
    if (!listing) return failure("\"" + escaped(file) + "\", " + listing.error().message);
    for (const engine_prune::Container& container : listing->containers) {
        std::vector<std::string> texts{container.id, container.ref};
        for (const engine_prune::Image& image : listing->images)
            if (image.target == container.id) texts.push_back(image.name);
        const std::string user = (container.name.empty() ? container.id : container.name) + " of " + file;
        bool found = false;
        for (const std::string& text : texts) found = add_use(uses, tags, text, user) || found;
        const auto is_here = [&](const std::string& text) {
            return pruneplan::canonical_name(text).starts_with(host + "/");
        };
        const auto missing = std::find_if(texts.begin(), texts.end(), is_here);
        if (!found && missing != texts.end()) uses.push_back({"", *missing, user});
    }
    return {};
}

// Deleting.

/// Deletes digests. A registry cannot compare and delete in one step: a tag that is pushed between both is lost with
/// its digest.
class Remover {
public:
    Remover(const Registry& registry, const std::vector<Tag>& tags, const pruneplan::PrunePlan& plan)
        : registry_(registry) {
        for (const pruneplan::Decision& deletion : plan.deletions())
            planned_.emplace(deletion.name, &tags[deletion.record]);
    }

    /// Deletes the image with its first name, if only tags that the plan deletes point at it now. All tags of an image
    /// are deleted or none, so there is no survivor.
    pruneplan::RemoveOutcome remove(std::string_view name, std::string_view target, std::string_view survivor) {
        using enum pruneplan::RemoveStatus;
        if (!survivor.empty()) return in_use;
        const Tag& tag = *planned_.find(name)->second;
        const auto digest = registry_.digest_of(tag.repository, tag.tag);
        if (!digest) return {failed, digest.error().message};
        if (!*digest) return deleted_.contains(target) ? removed : not_found;
        if (**digest != tag.digest()) return changed;

        const auto tags = registry_.list(tag.repository + "/tags/list", "tags");
        if (!tags) return {failed, tags.error().message};
        for (const std::string& other : *tags) {
            const auto points_at = registry_.digest_of(tag.repository, other);
            if (!points_at) return {failed, points_at.error().message};
            if (*points_at != *digest) continue;
            if (!planned_.contains(tag.name.substr(0, tag.name.size() - tag.tag.size()) + other)) return in_use;
        }

        const std::string path = tag.repository + "/manifests/" + **digest;
        const auto answer = registry_.ask("DELETE", path);
        if (!answer) return {failed, answer.error().message};
        if (answer->status == 404) return not_found;
        if (answer->status != 202 && answer->status != 200) return {failed, Registry::refusal(path, *answer).message};
        deleted_.emplace(target);
        return removed;
    }

private:
    const Registry& registry_;
    std::map<std::string, const Tag*, std::less<>> planned_;  // by name
    std::set<std::string, std::less<>> deleted_;
};

// The command line.

struct Request {
    std::string registry, name;
    Words curl{"curl"}, keep, used, listings, accept;
    std::size_t keep_newest = 0;
    bool apply = false, yes = false, help = false;
};

constexpr std::string_view help =
    "usage: registry_prune --registry URL [OPTION]... [-- CURL [ARGUMENT]...]\n\n"
    "Prints which tags of a registry can be deleted, and why. Without --apply, it deletes nothing.\n\n"
    "  --registry URL      the registry: http://127.0.0.1:5000\n"
    "  --name HOST         what references call it; without this, the host and port of the URL\n"
    "  --keep-newest N     keep the N newest images of each repository\n"
    "  --keep PATTERN      keep names that match, such as registry.example.com/*/*:release-*; repeatable\n"
    "  --used FILE         keep what this file names, a reference or digest a line; a line that names no image is a "
    "doubt; repeatable\n"
    "  --listing FILE      keep what the containers of an engine use: engine_prune --save-listing writes it; "
    "repeatable\n"
    "  --apply             ask, then delete; the registry's own garbage collection then frees the space\n"
    "  --yes               with --apply: do not ask\n"
    "  --accept DOUBT      delete despite doubts of this kind, such as unmatched_container; repeatable\n"
    "  --help              print this\n\n"
    "The words after -- replace the command curl, for example for credentials: -- curl --netrc\n\n"
    "A deletion removes all tags of a digest: if one of them is kept, all are.\n\n"
    "Exit code: 0; 2 if something failed, and then standard error says what, on one line; 3 if --apply deleted "
    "nothing,\n"
    "since the plan is doubtful; each doubt is a line on standard error.\n";

Result<Request> parse_command_line(const Words& words) {
    Request request;
    for (std::size_t at = 0; at < words.size(); ++at) {
        const std::string& word = words[at];
        if (word == "--") {
            request.curl.assign(words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end());
            if (request.curl.empty()) return failure("nothing after --: give the command to run in place of curl");
            break;
        }
        if (word == "--apply" || word == "--yes" || word == "--help") {
            (word == "--apply" ? request.apply : word == "--yes" ? request.yes : request.help) = true;
            continue;
        }
        const auto is = [&](std::string_view option) { return word == option; };
        if (!is("--registry") && !is("--name") && !is("--keep-newest") && !is("--keep") && !is("--used") &&
            !is("--listing") && !is("--accept"))
            return failure("unknown option \"" + escaped(word) + "\": --help lists the options");
        if (++at == words.size()) return failure(word + " needs a value");
        const std::string& value = words[at];
        if (is("--registry")) request.registry = value;
        if (is("--name")) request.name = value;
        if (is("--keep")) request.keep.push_back(value);
        if (is("--used")) request.used.push_back(value);
        if (is("--listing")) request.listings.push_back(value);
        if (is("--accept")) {
            if (const auto kind = engine_prune::parse_doubt_kind(value); !kind) return kind.error();
            request.accept.push_back(value);
        }
        if (is("--keep-newest")) {
            const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), request.keep_newest);
            if (error != std::errc() || end != value.data() + value.size())
                return failure("invalid number \"" + escaped(value) + "\" for --keep-newest");
        }
    }
    if (request.help) return request;
    if (request.apply && !request.yes)
        if (const auto terminal = engine_prune::can_ask(); !terminal) return terminal.error();
    const std::size_t host = request.registry.find("://");
    if (host == request.registry.npos) return failure("--registry needs a URL, such as http://127.0.0.1:5000");
    while (request.registry.ends_with('/')) request.registry.pop_back();
    if (request.name.empty()) request.name = request.registry.substr(host + 3);
    return request;
}

// Planning, printing and applying.

Result<std::vector<Use>> read_uses(const Request& request, const std::vector<Tag>& tags) {
    std::vector<Use> uses;
    for (const std::string& file : request.used)
        if (auto read = add_used(uses, tags, file); !read) return read.error();
    for (const std::string& file : request.listings)
        if (auto read = add_listing(uses, tags, file, request.name); !read) return read.error();
    return uses;
}

Result<pruneplan::PruneOptions> options_of(const Request& request) {
    pruneplan::PruneOptions options;
    options.scope = pruneplan::Scope::unused;
    options.usage = pruneplan::usage_rules::whole_image;
    if (request.keep_newest > 0) options.keep_newest = {{.count = request.keep_newest}};
    // Under a budget, an image is deleted with all its names or not at all. This one is never used up.
    options.bytes_to_free = std::numeric_limits<std::int64_t>::max();
    for (const std::string& pattern : request.keep) {
        auto glob = pruneplan::Glob::compile(pattern);
        if (!glob) return glob.error();
        options.keep.push_back(*std::move(glob));
    }
    return options;
}

void print_plan(const pruneplan::PrunePlan& plan, const std::vector<Tag>& tags, const std::vector<Use>& uses) {
    constexpr std::size_t digits = 12;
    std::vector<Row> rows{{{"ACTION", "TAG", "DIGEST", "REASON"}}};
    for (const pruneplan::Decision& decision : plan) {
        std::string reason(to_string(decision.reason));
        if (decision.container) reason += " (" + escaped(uses[*decision.container].reference) + ")";
        const std::string_view digest = tags[decision.record].digest();
        rows.push_back({{std::string(to_string(decision.action)), std::string(decision.name),
                         std::string(digest.substr(digest.find(':') + 1, digits)), reason}});
    }
    engine_prune::print_table(std::cout, rows, engine_prune::Screen());
    std::cout << '\n';
}

void print_counts(const pruneplan::PrunePlan& plan) {
    std::cout << plan.deleted_count() << " of " << plan.size() << " tags are to be deleted, which frees at most "
              << engine_prune::readable_size(plan.space().freed) << ".\n";
}

Result<void> apply(const Request& request, const Registry& registry, const pruneplan::PrunePlan& plan,
                   const std::vector<Tag>& tags) {
    const auto accept = engine_prune::accepted(request.accept);
    if (auto checked = engine_prune::check_doubts(plan, accept); !checked) return checked;
    if (!request.yes && plan.deleted_count() > 0 && !engine_prune::confirmed(plan.deleted_count(), "tag")) return {};
    const auto report = apply_prune(plan, Remover(registry, tags, plan), {.accept = accept});
    if (!report) return report.error();
    for (const std::string& name : report->untagged()) std::cout << "untagged: " << name << '\n';
    for (const std::string& digest : report->deleted()) std::cout << "deleted: " << digest << '\n';
    for (const auto& step : report->steps)
        if (engine_prune::is_skipped(step))
            std::cout << "skipped: " << step.name << ": " << to_string(step.status) << '\n';
    for (const auto& step : report->steps)
        if (engine_prune::is_failed(step)) std::cout << "failed: " << step.name << ": " << step.error << '\n';
    const std::size_t failures = report->count(pruneplan::RemoveStatus::failed);
    if (failures == 0) return {};
    return failure(std::to_string(failures) + " of " + std::to_string(plan.deleted_count()) +
                   " tags could not be deleted");
}

Result<void> run(const Request& request) {
    const Registry registry(request.registry, request.curl);
    auto tags = read_tags(registry, request.name);
    if (!tags) return tags.error();
    const Store store{*std::move(tags)};
    const auto uses = read_uses(request, store.tags);
    if (!uses) return uses.error();
    const auto options = options_of(request);
    if (!options) return options.error();
    const auto plan = plan_prune(store, *uses, *options);
    if (!plan) return plan.error();
    engine_prune::print_doubts(std::cerr, *plan);
    if (!request.apply || !request.yes) print_plan(*plan, store.tags, *uses);
    print_counts(*plan);
    if (request.apply) return apply(request, registry, *plan, store.tags);
    std::cout << "This was a dry run: --apply deletes.\n";
    return {};
}

int main(const Words& words) {
    const auto request = parse_command_line(words);
    Result<void> outcome;
    if (!request)
        outcome = request.error();
    else if (request->help)
        std::cout << help;
    else
        outcome = run(*request);
    if (outcome && !std::cout.flush()) outcome = failure("cannot print");
    if (outcome) return 0;
    std::cout.flush();
    std::cerr << "registry_prune: " << outcome.error().message << '\n';
    return engine_prune::exit_code_of(outcome.error());
}

}  // namespace
}  // namespace registry_prune

int main(int count, char** words) { return registry_prune::main({words + (count > 0 ? 1 : 0), words + count}); }
