// SPDX-License-Identifier: BSL-1.0
#include "registry_client.hpp"

#include "credentials.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace cli {
namespace {

constexpr const char* accepted_types =
    "application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, "
    "application/vnd.oci.artifact.manifest.v1+json";

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
    return text;
}

/// Splits a header at a separator, outside of "…" and <…>.
std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    char closing = '\0';
    std::size_t begin = 0;
    for (std::size_t at = 0; at <= text.size(); ++at) {
        if (at == text.size() || (closing == '\0' && text[at] == separator)) {
            parts.push_back(trimmed(text.substr(begin, at - begin)));
            begin = at + 1;
        } else if (closing != '\0') {
            if (text[at] == closing) closing = '\0';
        } else if (text[at] == '"' || text[at] == '<') {
            closing = text[at] == '"' ? '"' : '>';
        }
    }
    return parts;
}

/// Splits `name="value"`. The name is in lower case.
std::pair<std::string, std::string> parameter(std::string_view text) {
    const std::size_t equals = std::min(text.find('='), text.size());
    std::string_view value = trimmed(text.substr(std::min(equals + 1, text.size())));
    if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"')) value = value.substr(1, value.size() - 2);
    return {lower(trimmed(text.substr(0, equals))), std::string(value)};
}

/// Returns the URL of the link with rel="next", or "". Source: RFC 8288, section 3.
std::string next_link(std::string_view header) {
    for (const std::string_view link : split(header, ',')) {
        const std::vector<std::string_view> parts = split(link, ';');
        if (!parts[0].starts_with('<') || !parts[0].ends_with('>')) {
            if (parts[0].empty()) continue;
            throw Failure("the registry's header \"Link\" is malformed: " + in_quotes(header));
        }
        for (std::size_t i = 1; i < parts.size(); ++i) {
            const auto [name, value] = parameter(parts[i]);
            const auto relations = split(value, ' ');
            const auto is_next = [](std::string_view relation) { return lower(relation) == "next"; };
            if (name == "rel" && std::any_of(relations.begin(), relations.end(), is_next))
                return std::string(parts[0].substr(1, parts[0].size() - 2));
        }
    }
    return {};
}

/// Returns challenges by their scheme, in lower case, with their parameters. Source: RFC 9110, section 11.6.1.
std::map<std::string, std::map<std::string, std::string>> challenges_in(std::string_view header) {
    std::map<std::string, std::map<std::string, std::string>> challenges;
    std::string scheme;
    for (std::string_view part : split(header, ',')) {
        const std::size_t blank = part.find(' ');
        if (blank < part.find('=') || part.find('=') == part.npos) {  // a scheme begins
            scheme = lower(part.substr(0, blank));
            part = blank == part.npos ? std::string_view() : trimmed(part.substr(blank));
        }
        challenges[scheme].insert(parameter(part));
    }
    return challenges;
}

/// Returns "https://host:port" of a URL.
std::string origin_of(const std::string& url) { return url.substr(0, url.find('/', url.find("://") + 3)); }

}  // namespace

RegistryClient::RegistryClient(const std::string& url, const std::string& ca) : http_({.ca = ca}) {
    const std::size_t begin = url.find("://") + 3, end = std::min(url.find('/', begin), url.size());
    std::string authority = url.substr(begin, end - begin);
    if (const std::size_t at = authority.rfind('@'); at != authority.npos) {
        credentials_ = base64(authority.substr(0, at));
        authority.erase(0, at + 1);
    }
    if (authority.empty()) throw Failure("registry " + in_quotes(url) + ": the URL has no host");
    host_ = authority;
    url_ = url.substr(0, begin) + authority + url.substr(end);
}

Answer RegistryClient::ask(std::string_view method, const std::string& repository, const std::string& path) {
    return ask_url(method, repository, url_ + "/v2/" + path);
}

Answer RegistryClient::ask_url(std::string_view method, const std::string& repository, const std::string& url) {
    std::string& authorization = authorizations_[repository + (method == "DELETE" ? " delete" : "")];
    Http::Headers headers{{"Accept", accepted_types}};
    if (!authorization.empty()) headers["Authorization"] = authorization;
    Answer answer = http_.ask(method, url, headers);
    // Another host, to which the registry redirected, must not choose who gets the credentials.
    if (answer.status != 401 || origin_of(answer.url) != origin_of(url)) return answer;
    authorization = authorization_for(answer, repository);
    if (authorization.empty()) return answer;
    headers["Authorization"] = authorization;
    return http_.ask(method, url, headers);
}

std::string RegistryClient::authorization_for(const Answer& refusal, const std::string& repository) {
    const std::string credentials = credentials_.empty() ? stored_credentials(host_, repository) : credentials_;
    const auto challenges = challenges_in(refusal.header("www-authenticate"));
    if (const auto bearer = challenges.find("bearer"); bearer != challenges.end())
        return "Bearer " + token(bearer->second, credentials);
    return challenges.contains("basic") && !credentials.empty() ? "Basic " + credentials : "";
}

std::string RegistryClient::token(const std::map<std::string, std::string>& challenge, const std::string& credentials) {
    const auto realm = challenge.find("realm");
    if (realm == challenge.end()) throw Failure(url_ + ": the registry names no server for tokens");
    std::string url = realm->second;
    if (url_.starts_with("https://") && !url.starts_with("https://"))
        throw Failure(url_ + ": the registry's server for tokens is not encrypted: " + in_quotes(url));
    for (const char* const name : {"service", "scope"})
        if (const auto value = challenge.find(name); value != challenge.end())
            url += (url.find('?') == url.npos ? "?" : "&") + std::string(name) + '=' + url_part(value->second);
    const Answer answer = credentials.empty() ? http_.ask("GET", url)
                                              : http_.ask("GET", url, {{"Authorization", "Basic " + credentials}});
    if (answer.status != 200) throw Failure(complaint(answer, "GET"));
    const json document = answer.document();
    for (const char* const name : {"token", "access_token"})
        if (std::string found = text_of(document, name); !found.empty()) return found;
    throw Failure(printable(url) + ": the answer has no token");
}

std::set<std::string> RegistryClient::elements(Answer page, const std::string& repository, const std::string& key) {
    std::set<std::string> all;
    for (std::set<std::string> urls{page.url};;) {
        if (page.status != 200) throw Failure(complaint(page, "GET"));
        const json document = page.document();
        if (!document.is_object() || !document.contains(key))
            throw Failure(printable(page.url) + ": the answer has no list " + in_quotes(key));
        const json& list = member_of(document, key);
        const std::size_t before = all.size();
        for (const json& element : list)
            all.insert(element.is_string() ? element.get<std::string>() : text_of(element, "digest"));
        const std::string next = next_link(page.header("link"));
        all.erase("");
        if (next.empty()) return all;
        const std::string url = resolved_url(page.url, next);
        if (origin_of(url) != origin_of(resolved_url(url_, url_)))
            throw Failure("the registry's next page " + in_quotes(next) + " is not on " + url_);
        if (!urls.insert(url).second || (!list.empty() && all.size() == before))
            throw Failure(printable(url) + ": the registry's pages lead back to one that was read");
        page = ask_url("GET", repository, url);
    }
}

std::string RegistryClient::complaint(const Answer& answer, std::string_view method) const {
    const bool unknown = answer.status == 401;
    return answer.complaint(method) + (unknown ? ": log in first, with docker login or podman login " + host_ : "");
}

}  // namespace cli
