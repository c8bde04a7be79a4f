// SPDX-License-Identifier: BSL-1.0
#include "credentials.hpp"

#include "../files.hpp"
#include "../listing.hpp"
#include "../text.hpp"

#include <cstddef>
#include <cstdio>
#include <memory>

#include <unistd.h>

namespace cli {
namespace {

/// Returns the paths of the files that can exist. Source: docker's config.json; containers-auth.json(5).
Words auth_files() {
    Words files;
    const auto add = [&](const char* variable, const char* rest) {
        const std::string_view value = environment(variable);
        if (!value.empty()) files.push_back(std::string(value) + rest);
        return !value.empty();
    };
    add("REGISTRY_AUTH_FILE", "");
    if (!add("DOCKER_CONFIG", "/config.json")) add("HOME", "/.docker/config.json");
    add("XDG_RUNTIME_DIR", "/containers/auth.json");
    if (!add("XDG_CONFIG_HOME", "/containers/auth.json")) add("HOME", "/.config/containers/auth.json");
    return files;
}

/// Returns the keys under which credentials can be stored, the most specific first.
Words keys_of(const std::string& host, const std::string& repository) {
    Words keys;
    for (std::string place = host + '/' + repository; place.size() > host.size(); place.erase(place.rfind('/')))
        keys.push_back(place);
    for (const char* const prefix : {"", "https://", "http://"})
        for (const char* const path : {"", "/", "/v1/", "/v2/"}) keys.push_back(prefix + host + path);
    if (host == "registry-1.docker.io") keys.insert(keys.end(), {"docker.io", "https://index.docker.io/v1/"});
    return keys;
}

/// Runs a credential helper. Source: github.com/docker/docker-credential-helpers.
std::string from_helper(const std::string& helper, const std::string& key) {
    constexpr std::string_view safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:/[]";
    if (helper.empty() || (helper + key).find_first_not_of(safe) != std::string::npos) return {};
    const std::string command = "printf %s '" + key + "' | docker-credential-" + helper + " get 2>/dev/null";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
    std::string output;
    char bytes[1024];
    while (pipe) {
        const std::size_t count = std::fread(bytes, 1, sizeof bytes, pipe.get());
        if (count == 0) break;
        output.append(bytes, count);
    }
    const json answer = json::parse(output, nullptr, false);
    const std::string user = text_of(answer, "Username"), secret = text_of(answer, "Secret");
    return secret.empty() ? "" : base64(user + ':' + secret);
}

std::string credentials_in(const json& file, const std::string& key) {
    std::string helper = text_of(member_of(file, "credHelpers"), key);
    if (helper.empty()) helper = text_of(file, "credsStore");
    if (std::string found = from_helper(helper, key); !found.empty()) return found;
    const json& stored = member_of(member_of(file, "auths"), key);
    const std::string user = text_of(stored, "username"), password = text_of(stored, "password");
    return user.empty() ? text_of(stored, "auth") : base64(user + ':' + password);
}

}  // namespace

std::string base64(std::string_view text) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += 3) {
        const auto byte = [&](std::size_t i) {
            return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
        };
        const unsigned bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (const unsigned shift : {18u, 12u, 6u, 0u}) out += digits[bits >> shift & 63];
    }
    const std::size_t padding = (3 - text.size() % 3) % 3;
    return out.replace(out.size() - padding, padding, padding, '=');
}

std::string stored_credentials(const std::string& host, const std::string& repository) {
    for (const std::string& path : auth_files()) {
        if (access(path.c_str(), R_OK) != 0) continue;
        const json file = json::parse(read_file(path), nullptr, false);
        if (file.is_discarded())
            throw Failure(in_quotes(path) + " is not JSON: write it with docker login or podman login");
        for (const std::string& key : keys_of(host, repository))
            if (std::string found = credentials_in(file, key); !found.empty()) return found;
    }
    return {};
}

}  // namespace cli
