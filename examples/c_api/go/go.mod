// SPDX-License-Identifier: BSL-1.0
module pruneplan.example

go 1.19
