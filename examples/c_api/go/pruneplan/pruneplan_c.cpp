// SPDX-License-Identifier: BSL-1.0
// cgo compiles this file with the package, and so the C API and the library.

// GCC takes an included file for a header, and warns of the unnamed namespace in it.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wsubobject-linkage"
#endif

#include "../../pruneplan_c.cpp"
