#ifndef PRUNEPLAN_CLI_SOURCES_HTTP_HPP
#define PRUNEPLAN_CLI_SOURCES_HTTP_HPP

// SPDX-License-Identifier: BSL-1.0

// An HTTP client that keeps its connection, by libcurl.

#include "../listing.hpp"
#include "../text.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace cli {

struct Answer {
    long status = 0;
    std::map<std::string, std::string> headers{};  ///< of the last answer of a redirect; their names in lower case
    std::string body{};
    std::string url{};  ///< of the last request of a redirect

    bool ok() const { return status >= 200 && status < 300; }
    /// Returns a header, or "".
    std::string_view header(const std::string& name) const;
    /// Returns the body as JSON, or throws a Failure.
    json document() const;
    /// Returns the body as JSON: an object with this "Id". Throws a Failure for anything else.
    json document_of(std::string_view id) const;
    /// Returns "GET URL: status 404, MESSAGE", with the message of the error's JSON, if there is one.
    std::string complaint(std::string_view method) const;
};

/// Follows redirects, uses proxies of the environment, and repeats what was refused for now (429, 502, 503, 504), after
/// the time that Retry-After asks for.
class Http {
public:
    struct Options {
        std::string socket{};  ///< a path, for HTTP over a unix socket
        std::string ca{};      ///< a file of certificates to trust, or empty
    };
    using Headers = std::map<std::string, std::string>;

    explicit Http(Options options);
    ~Http();
    Http(const Http&) = delete;
    Http& operator=(const Http&) = delete;

    /// Returns any answer that arrived. Throws a Failure if none did.
    Answer ask(std::string_view method, const std::string& url, const Headers& headers = {});
    /// Returns the JSON of an answer with status 200. Throws a Failure for any other.
    json get(const std::string& url, const Headers& headers = {});
    /// Returns a list of objects, each with an "Id". Throws a Failure for anything else: an answer that cannot be read
    /// does not mean that there is nothing.
    json list(const std::string& url);

private:
    struct Connection;
    std::unique_ptr<Connection> connection_;
};

/// Where an engine listens.
struct Endpoint {
    std::string socket{};  ///< a path, or empty
    std::string url{};     ///< what the URLs of requests begin with
};

constexpr std::string_view unix_scheme = "unix://", tcp_scheme = "tcp://";

/// Parses unix://PATH or tcp://HOST:PORT. `engine` is "Docker" or "Podman". Throws a Failure for any other address.
Endpoint parse_endpoint(std::string_view engine, std::string_view address);

/// Escapes a text for a part of a URL's path, but for "/" and ":"; RFC 3986, section 2.3.
std::string url_part(std::string_view text);

/// Returns the absolute URL that a reference in an answer from `base` means; RFC 3986, section 5.
std::string resolved_url(const std::string& base, const std::string& reference);

}  // namespace cli

#endif
