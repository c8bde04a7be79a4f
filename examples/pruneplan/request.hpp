#ifndef PRUNEPLAN_CLI_REQUEST_HPP
#define PRUNEPLAN_CLI_REQUEST_HPP

// SPDX-License-Identifier: BSL-1.0

// What the command line and the policy file ask for.

#include "text.hpp"

#include <pruneplan/pruneplan.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cli {

enum class Format : unsigned char { table, json_document, names, svg, html };

/// Percentages of a file system: from `high` on, deletions free it down to `low`.
struct Thresholds {
    unsigned high = 0, low = 0;
};

struct Request {
    // The source.
    std::string source;  ///< "docker", "podman", "containerd", "registry" or "listing"
    std::string url;     ///< of the registry
    std::string file;    ///< the listing; "-" is standard input
    std::string host;    ///< the engine's socket, such as unix:///run/docker.sock; empty: as its own client finds it
    std::string name_space;  ///< of containerd
    std::string ca;          ///< a file of certificates to trust, or empty
    Words repositories;      ///< read or consider only these
    std::string name;        ///< what references call the registry; empty: the host and port of its URL
    std::string save_listing;

    // What is deleted.
    bool all = false;
    std::string rule = "strict";
    Words filters;
    std::vector<pruneplan::Glob> keep;
    std::vector<pruneplan::KeepNewest> keep_newest;
    std::string keep_younger, delete_unused;
    std::optional<std::int64_t> free;  ///< bytes
    std::optional<Thresholds> thresholds;
    Words used, used_by;  ///< files

    // What is printed.
    Format format = Format::table;
    std::string explain;
    bool summary = false, quiet = false, exit_code = false;

    // Applying.
    bool apply = false, yes = false;
    std::vector<pruneplan::DoubtKind> accept;
    std::string journal, metrics;
};

/// Parses the command line. Prints the help or the version if that is asked for, and returns nothing then. Throws a
/// Failure whose message quotes what is wrong and says what would be right.
std::optional<Request> parse_command_line(int count, const char* const* words);

}  // namespace cli

#endif
