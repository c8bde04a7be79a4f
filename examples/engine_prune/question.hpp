#ifndef ENGINE_PRUNE_QUESTION_HPP
#define ENGINE_PRUNE_QUESTION_HPP

// SPDX-License-Identifier: BSL-1.0

// Asks before something is deleted.

#include "listing.hpp"
#include "text.hpp"

#include <pruneplan/syntax/result.hpp>

#include <unistd.h>

#include <cstddef>
#include <iostream>
#include <string>
#include <string_view>

namespace engine_prune {

/// Returns an error if there is no terminal to ask on.
inline pruneplan::Result<void> can_ask() {
    if (isatty(STDIN_FILENO) != 0) return {};
    return failure("--apply asks before it removes, and there is no terminal to ask on: give --yes");
}

/// Asks whether so many of these may be removed. Returns false unless the answer is y or yes.
inline bool confirmed(std::size_t count, std::string_view of_what) {
    std::cerr << "WARNING! This removes " << counted(count, of_what) << ". Are you sure you want to continue? [y/N] "
              << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace engine_prune

#endif
