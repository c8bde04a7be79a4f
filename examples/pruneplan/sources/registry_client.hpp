#ifndef PRUNEPLAN_CLI_SOURCES_REGISTRY_CLIENT_HPP
#define PRUNEPLAN_CLI_SOURCES_REGISTRY_CLIENT_HPP

// SPDX-License-Identifier: BSL-1.0

// The HTTP API of a registry: authentication, and lists in pages.
// Source: github.com/opencontainers/distribution-spec, spec.md; distribution, "Token Authentication Specification".

#include "../listing.hpp"
#include "../request.hpp"
#include "http.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace cli {

class RegistryClient {
public:
    /// @param url the registry's URL; it can begin with "https://USER:PASSWORD@".
    RegistryClient(const std::string& url, const std::string& ca);

    /// Returns the URL without a user and a password.
    const std::string& url() const { return url_; }
    /// Returns the URL's host and port.
    const std::string& host() const { return host_; }

    /// Sends a request for what is at `path`, below "/v2/". Authenticates as the registry asks for. Throws a Failure
    /// if there is no answer.
    Answer ask(std::string_view method, const std::string& repository, const std::string& path);
    /// Returns the texts, or the digests of the descriptors, of the list `key` on all pages, of which `page` is the first. Throws a Failure if a page
    /// cannot be read.
    std::set<std::string> elements(Answer page, const std::string& repository, const std::string& key);

    /// Returns what is wrong, and what to do if the registry wants to know who asks.
    std::string complaint(const Answer& answer, std::string_view method) const;

private:
    Answer ask_url(std::string_view method, const std::string& repository, const std::string& url);
    std::string authorization_for(const Answer& refusal, const std::string& repository);
    std::string token(const std::map<std::string, std::string>& challenge, const std::string& credentials);

    Http http_;
    std::string url_, host_;
    std::string credentials_{};                            // of the URL, in base64
    std::map<std::string, std::string> authorizations_{};  // by repository, and "delete" for deletions
};

}  // namespace cli

#endif
