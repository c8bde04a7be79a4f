#ifndef PRUNEPLAN_DETAIL_TEXT_HPP
#define PRUNEPLAN_DETAIL_TEXT_HPP

// Text in the making, and text kept.

#include <string_view>
#include <vector>

namespace pruneplan::detail {

/// A growing text. Not std::string, which some compilers of our time cannot evaluate at compile time.
using Text = std::vector<char>;

constexpr void append(Text& out, std::string_view piece) { out.insert(out.end(), piece.begin(), piece.end()); }

}  // namespace pruneplan::detail

#endif
