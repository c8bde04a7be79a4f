#ifndef PRUNEPLAN_PRUNEPLAN_HPP
#define PRUNEPLAN_PRUNEPLAN_HPP

// SPDX-License-Identifier: BSL-1.0

// Includes the whole library. pruneplan plans which container images may be deleted, and says why.

#if (defined(_MSVC_LANG) ? _MSVC_LANG : __cplusplus) < 202002L
#error "pruneplan needs C++20: compile with -std=c++20 or newer"
#else

#include <pruneplan/apply_prune.hpp>
#include <pruneplan/fleet.hpp>
#include <pruneplan/host.hpp>
#include <pruneplan/image_index.hpp>
#include <pruneplan/options.hpp>
#include <pruneplan/plan.hpp>
#include <pruneplan/plan_prune.hpp>
#include <pruneplan/reading/count_reasons.hpp>
#include <pruneplan/reading/diff.hpp>
#include <pruneplan/reading/explain.hpp>
#include <pruneplan/reading/summary.hpp>
#include <pruneplan/reading/write_dot.hpp>
#include <pruneplan/reading/write_json_lines.hpp>
#include <pruneplan/syntax/attachment_tag.hpp>
#include <pruneplan/syntax/digest.hpp>
#include <pruneplan/syntax/error.hpp>
#include <pruneplan/syntax/filter.hpp>
#include <pruneplan/syntax/glob.hpp>
#include <pruneplan/syntax/reference.hpp>
#include <pruneplan/syntax/result.hpp>
#include <pruneplan/syntax/timestamp.hpp>
#include <pruneplan/syntax/version_order.hpp>
#include <pruneplan/version.hpp>

#endif

#endif
