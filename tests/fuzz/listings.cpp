// SPDX-License-Identifier: BSL-1.0
// Fuzzes the listings of the program for operators: a listing that can be read can be written, and is the same when
// read again.

#include "targets.hpp"

#include "../../examples/pruneplan/listing.cpp"

#include <optional>
#include <string>
#include <string_view>

namespace {

using cli::json;
using fuzz::require;

std::optional<cli::Listing> read(std::string_view text) {
    const json document = json::parse(text, nullptr, false);
    if (document.is_discarded()) return std::nullopt;
    try {
        return cli::listing_of(document);
    } catch (const cli::Failure& failure) {
        const std::string_view message = failure.what();
        require(!message.empty() && message.find('\n') == message.npos, "a message is one line");
        return std::nullopt;
    }
}

std::string written(const cli::Listing& listing) {
    return cli::to_json(listing).dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

void fuzz::listings(std::string_view bytes) {
    const auto listing = read(bytes);
    if (!listing) return;
    const std::string text = written(*listing);
    const auto again = read(text);
    require(again.has_value(), "a written listing can be read");
    require(written(*again) == text, "writing a listing that was read gives the same text");
    require(again->records.size() == listing->records.size() && again->containers.size() == listing->containers.size(),
            "writing and reading loses no record and no container");
    for (std::size_t i = 0; i < again->records.size(); ++i)
        require(again->records[i].created == listing->records[i].created, "writing and reading changes no moment");
}
