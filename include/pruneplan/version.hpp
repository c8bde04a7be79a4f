#ifndef PRUNEPLAN_VERSION_HPP
#define PRUNEPLAN_VERSION_HPP

// SPDX-License-Identifier: BSL-1.0

// The version of the library. CMakeLists.txt and meson.build read the three numbers from here.

#define PRUNEPLAN_VERSION_MAJOR 0
#define PRUNEPLAN_VERSION_MINOR 2
#define PRUNEPLAN_VERSION_PATCH 0

/// The version as one number that `#if` can compare: 1,000,000 * major + 1,000 * minor + patch.
#define PRUNEPLAN_VERSION_NUMBER \
    (PRUNEPLAN_VERSION_MAJOR * 1000000 + PRUNEPLAN_VERSION_MINOR * 1000 + PRUNEPLAN_VERSION_PATCH)

#define PRUNEPLAN_DETAIL_QUOTE(text) #text
#define PRUNEPLAN_DETAIL_DOTTED(major, minor, patch) \
    PRUNEPLAN_DETAIL_QUOTE(major) "." PRUNEPLAN_DETAIL_QUOTE(minor) "." PRUNEPLAN_DETAIL_QUOTE(patch)

/// The version as a string literal: "major.minor.patch".
#define PRUNEPLAN_VERSION \
    PRUNEPLAN_DETAIL_DOTTED(PRUNEPLAN_VERSION_MAJOR, PRUNEPLAN_VERSION_MINOR, PRUNEPLAN_VERSION_PATCH)

namespace pruneplan {

/// The major version.
inline constexpr int version_major = PRUNEPLAN_VERSION_MAJOR;
/// The minor version.
inline constexpr int version_minor = PRUNEPLAN_VERSION_MINOR;
/// The patch version.
inline constexpr int version_patch = PRUNEPLAN_VERSION_PATCH;

/// The version as one number: 1,000,000 * major + 1,000 * minor + patch.
inline constexpr long version_number = PRUNEPLAN_VERSION_NUMBER;

/// The version as text: "major.minor.patch", with a terminating zero.
inline constexpr char version[] = PRUNEPLAN_VERSION;

}  // namespace pruneplan

#endif
