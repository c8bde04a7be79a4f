# SPDX-License-Identifier: BSL-1.0
# For an editor: cmake -C .ci/dev.cmake -S . -B build/dev
set(CMAKE_BUILD_TYPE Debug CACHE STRING "")
set(CMAKE_EXPORT_COMPILE_COMMANDS ON CACHE BOOL "")
set(PRUNEPLAN_WERROR ON CACHE BOOL "")
find_program(ccache ccache)
if(ccache)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${ccache} CACHE STRING "")
endif()
