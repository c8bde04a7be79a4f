#ifndef PRUNEPLAN_CLI_FILES_HPP
#define PRUNEPLAN_CLI_FILES_HPP

// SPDX-License-Identifier: BSL-1.0

// Reads and writes files. Errors quote the file and say why.

#include "listing.hpp"

#include <string>

namespace cli {

/// Reads a whole file; "-" is standard input.
std::string read_file(const std::string& file);
/// Writes a whole file: another one takes its name at the end, so that no reader sees half of it. "-" is standard
/// output.
void write_file(const std::string& file, const std::string& content);

Listing read_listing(const std::string& file);
void write_listing(const std::string& file, const Listing& listing);

}  // namespace cli

#endif
