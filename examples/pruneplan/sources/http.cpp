// SPDX-License-Identifier: BSL-1.0
#include "http.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace cli {
namespace {

std::size_t read_body(const char* bytes, std::size_t size, std::size_t count, void* answer) {
    static_cast<Answer*>(answer)->body.append(bytes, size * count);
    return size * count;
}

/// A status line begins the headers of a further answer, after a redirect.
std::size_t read_header(const char* bytes, std::size_t size, std::size_t count, void* answer) {
    std::string_view line(bytes, size * count);
    auto& headers = static_cast<Answer*>(answer)->headers;
    if (line.starts_with("HTTP/")) headers.clear();
    while (!line.empty() && static_cast<unsigned char>(line.back()) <= ' ') line.remove_suffix(1);
    if (const std::size_t colon = line.find(':'); colon != line.npos) {
        std::string_view value = line.substr(colon + 1);
        while (value.starts_with(' ')) value.remove_prefix(1);
        // Lines with the same name are one list: RFC 9110, section 5.3.
        std::string& known = headers[lower(line.substr(0, colon))];
        known.append(known.empty() ? "" : ", ").append(value);
    }
    return size * count;
}

/// Returns how long to wait before the attempt after `attempt`, or 0 to give up.
std::chrono::seconds wait_after(const Answer& answer, int attempt) {
    constexpr int attempts = 5, longest_wait = 60;
    const bool for_now = answer.status == 429 || (answer.status >= 502 && answer.status <= 504);
    if (!for_now || attempt >= attempts) return std::chrono::seconds(0);
    int seconds = 1 << (attempt - 1);
    const std::string_view wanted = answer.header("retry-after");
    std::from_chars(wanted.data(), wanted.data() + wanted.size(), seconds);
    return std::chrono::seconds(std::clamp(seconds, 1, longest_wait));
}

}  // namespace

std::string_view Answer::header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

json Answer::document() const {
    json parsed = json::parse(body, nullptr, false);
    if (parsed.is_discarded()) throw Failure(printable(url) + ": the answer is not JSON");
    return parsed;
}

json Answer::document_of(std::string_view id) const {
    json parsed = document();
    if (text_of(parsed, "Id") != id)
        throw Failure(printable(url) + ": the answer is not an object with the Id " + in_quotes(id));
    return parsed;
}

std::string Answer::complaint(std::string_view method) const {
    std::string words = std::string(method) + ' ' + printable(url) + ": status " + std::to_string(status);
    const json parsed = json::parse(body, nullptr, false);
    for (const char* const key : {"message", "cause"})
        if (const std::string text = text_of(parsed, key); !text.empty()) return words + ", " + printable(text);
    for (const json& error : member_of(parsed, "errors"))
        if (const std::string text = text_of(error, "message"); !text.empty()) words += ", " + printable(text);
    return words;
}

struct Http::Connection {
    Options options;
    CURL* handle = nullptr;
};

Http::Http(Options options) : connection_(new Connection{std::move(options)}) {
    connection_->handle = curl_easy_init();
    if (connection_->handle == nullptr) throw Failure("libcurl cannot be used");
}

Http::~Http() { curl_easy_cleanup(connection_->handle); }

Answer Http::ask(std::string_view method, const std::string& url, const Headers& headers) {
    CURL* const handle = connection_->handle;
    const Options& options = connection_->options;
    curl_easy_reset(handle);  // keeps the connection
    curl_slist* lines = nullptr;
    for (const auto& [name, value] : headers) lines = curl_slist_append(lines, (name + ": " + value).c_str());
    const std::string verb(method);
    char why[CURL_ERROR_SIZE] = "";
    curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(handle, CURLOPT_MAXREDIRS, 10L);
    curl_easy_setopt(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_OPTIONAL));
    curl_easy_setopt(handle, CURLOPT_USERAGENT, "pruneplan/" PRUNEPLAN_VERSION);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, 30L);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);  // a request fails after 300 seconds without a byte
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, 300L);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, lines);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, why);
    if (!options.socket.empty()) curl_easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, options.socket.c_str());
    if (!options.ca.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, options.ca.c_str());
    if (method == "HEAD") {
        curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    } else {
        curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, verb.c_str());
    }
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, read_body);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, read_header);

    Answer answer;
    CURLcode code = CURLE_OK;
    for (int attempt = 1;; ++attempt) {
        answer = {};
        curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer);
        curl_easy_setopt(handle, CURLOPT_HEADERDATA, &answer);
        code = curl_easy_perform(handle);
        curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answer.status);
        const auto wait = wait_after(answer, attempt);
        if (code != CURLE_OK || wait.count() == 0) break;
        std::this_thread::sleep_for(wait);
    }
    const char* last = nullptr;
    curl_easy_getinfo(handle, CURLINFO_EFFECTIVE_URL, &last);
    answer.url = last == nullptr ? url : last;
    curl_slist_free_all(lines);
    if (code == CURLE_OK) return answer;
    if (long error = 0; code == CURLE_COULDNT_CONNECT && !options.socket.empty() &&
                        curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &error) == CURLE_OK && error != 0)
        throw Failure("cannot connect to the socket " + in_quotes(options.socket) + ": " +
                      std::strerror(static_cast<int>(error)));
    const std::string where = options.socket.empty() ? url : options.socket;
    throw Failure(printable(where) + ": " + printable(*why != '\0' ? why : curl_easy_strerror(code)));
}

json Http::get(const std::string& url, const Headers& headers) {
    const Answer answer = ask("GET", url, headers);
    if (answer.status != 200) throw Failure(answer.complaint("GET"));
    return answer.document();
}

json Http::list(const std::string& url) {
    json parsed = get(url);
    const auto has_id = [](const json& one) { return !text_of(one, "Id").empty(); };
    if (!parsed.is_array() || !std::all_of(parsed.begin(), parsed.end(), has_id))
        throw Failure(printable(url) + ": the answer is not a list of objects with an \"Id\"");
    return parsed;
}

Endpoint parse_endpoint(std::string_view engine, std::string_view address) {
    if (address.starts_with(unix_scheme) && address.size() > unix_scheme.size())
        return {std::string(address.substr(unix_scheme.size())), "http://" + lower(engine)};
    if (address.starts_with(tcp_scheme) && address.size() > tcp_scheme.size())
        return {"", "http://" + std::string(address.substr(tcp_scheme.size()))};
    throw Failure(std::string(engine) + "'s host " + in_quotes(address) +
                  ": give unix://PATH or tcp://HOST:PORT; for ssh and TLS, forward the socket");
}

std::string url_part(std::string_view text) {
    constexpr std::string_view unreserved = "-._~/:@";
    std::string out;
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        out += letter || unreserved.find(c) != unreserved.npos ? std::string(1, c) : percent_code(c);
    }
    return out;
}

std::string resolved_url(const std::string& base, const std::string& reference) {
    const std::unique_ptr<CURLU, void (*)(CURLU*)> url(curl_url(), curl_url_cleanup);
    char* text = nullptr;
    for (const std::string& part : {base, reference})
        if (const CURLUcode code = curl_url_set(url.get(), CURLUPART_URL, part.c_str(), 0); code != CURLUE_OK)
            throw Failure("invalid URL " + in_quotes(part) + ": " + curl_url_strerror(code));
    curl_url_get(url.get(), CURLUPART_URL, &text, CURLU_NO_DEFAULT_PORT);
    const std::unique_ptr<char, void (*)(void*)> owned(text, curl_free);
    return text == nullptr ? "" : text;
}

}  // namespace cli
