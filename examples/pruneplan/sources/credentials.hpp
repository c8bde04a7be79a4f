#ifndef PRUNEPLAN_CLI_SOURCES_CREDENTIALS_HPP
#define PRUNEPLAN_CLI_SOURCES_CREDENTIALS_HPP

// SPDX-License-Identifier: BSL-1.0

// Finds what `docker login` and `podman login` stored.

#include <string>
#include <string_view>

namespace cli {

/// Returns "USER:PASSWORD" in base64, as HTTP's basic authentication sends it.
std::string base64(std::string_view text);

/// Returns the credentials for a repository of a registry in base64, or "" if no file and no helper has any. Throws a
/// Failure if a file is not JSON.
/// @param host the registry's host and port, as in its URL.
std::string stored_credentials(const std::string& host, const std::string& repository);

}  // namespace cli

#endif
