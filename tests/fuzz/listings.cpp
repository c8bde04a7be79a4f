// SPDX-License-Identifier: BSL-1.0
// Fuzzes the listings of engine_prune: a listing that can be read can be written, and is the same when read again.

#include "targets.hpp"

#include "../../examples/engine_prune/listing.hpp"

#include <sstream>
#include <string>
#include <string_view>

namespace {

using engine_prune::Listing;
using fuzz::require;

std::string written(const Listing& listing) {
    std::ostringstream out;
    write_listing(out, listing);
    return out.str();
}

pruneplan::Result<Listing> read(const std::string& text) {
    std::istringstream in(text);
    return engine_prune::read_listing(in);
}

}  // namespace

void fuzz::listings(std::string_view bytes) {
    const auto listing = read(std::string(bytes));
    if (!listing) {
        const std::string_view message = listing.error().message;
        require(message.find('\n') == message.npos && !message.empty(), "a message is one line");
        return;
    }
    const std::string text = written(*listing);
    const auto again = read(text);
    require(again.has_value(), "a written listing can be read");
    require(written(*again) == text, "writing a listing that was read gives the same text");
    require(again->images.size() == listing->images.size() && again->containers.size() == listing->containers.size(),
            "writing and reading loses no image and no container");
    for (std::size_t i = 0; i < again->images.size(); ++i)
        require(again->images[i].created == listing->images[i].created, "writing and reading changes no moment");
}
