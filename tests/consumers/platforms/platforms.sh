#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Builds and runs a subset of the tests on other platforms: sh tests/consumers/platforms/platforms.sh NAME...
#
#   s390x, armhf, aarch64, i386    cross-compiled, and run by qemu; s390x is big-endian, armhf and i386 have 32 bits
#   gcc16, clang22                 the newest compilers, with C++20, C++23 and C++26, in a root folder of a newer Debian
#   gcc11, clang13                 the oldest supported compilers
#   old_abi                        the std::string of libstdc++ before version 5
#   debug_mode                     libstdc++ that checks its preconditions; for libc++, see the sanitizers of .ci/run
#   min_max                        min and max are macros
#   two_units                      two units that include every header are linked to one program
#   strict_warnings                the warnings of a strict user
#   mingw                          cross-compiled for Windows, and run by wine if that is installed
#   valgrind                       finds leaks and uninitialized reads
#
# The subset: some unit tests, the recorded vectors, and the comparison with the model, which tests the planner in less
# time than its unit tests; in place of unit tests, the fuzzers' corpus for gcc11 and debug_mode, which cannot compile them.
# If a tool is not installed, ends with exit code 77, or with 1 if PRUNEPLAN_REQUIRE_TOOLS is set. BUILD_DIR is the folder
# to build in; the default is build/platforms.
set -eu
export LC_ALL=C
unset PRUNEPLAN_ALL # a share of the model's worlds is enough

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
tests=$root/tests
build=${BUILD_DIR:-$root/build/platforms}
mkdir -p "$build"
build=$(cd "$build" && pwd)

syntax='unit/syntax/digest unit/syntax/filter unit/syntax/glob unit/syntax/reference unit/syntax/timestamp
    unit/syntax/version_order oracle/vectors'
details='unit/detail/text/automaton unit/detail/hash unit/detail/vector unit/detail/text/text unit/detail/text/words unit/image_index'

# Options that each platform can change. They hold several words.
std=-std=c++20
warnings='-Wall -Wextra -Wpedantic -Werror'
flags=
link='-pthread'
emulator=
ending= # of file names of programs
part=3 # tries one in so many of the model's worlds

skip() {
    echo "skipped: $1"
    [ -z "${PRUNEPLAN_REQUIRE_TOOLS:-}" ] || exit 1
    exit 77
}

needs() {
    for tool; do
        command -v "$tool" >/dev/null || skip "$tool is not installed"
    done
}

# The header of Catch2 2.13 works on any platform. The library of version 3 works only on the one it was built for.
needs_catch2_header() {
    [ -f /usr/include/catch2/catch.hpp ] || skip "the header of Catch2 2.13 is not installed"
    rm -rf catch2
    mkdir catch2
    ln -s /usr/include/catch2 catch2/catch2
}

# Runs a command. `newer` redefines it, to run commands in another root folder.
in_root() { "$@"; }

compile() { # OBJECT SOURCE [FLAG]...; SOURCE is without .cpp
    object=$1
    source=$2
    shift 2
    # shellcheck disable=SC2086 # several words each
    in_root $cxx $std $warnings $flags -I "$root/include" -I "$tests" -isystem "$work/catch2" \
        -DPRUNEPLAN_TEST_DIR="\"$tests\"" "$@" -c "$source.cpp" -o "$work/$object"
}

build_program() { # PROGRAM FLAGS SOURCE...
    program=$1
    flags_of_program=$2
    shift 2
    rm -rf "$program.o" "$program$ending"
    mkdir "$program.o"
    for source; do
        # shellcheck disable=SC2086 # several words
        compile "$program.o/$(echo "$source" | tr / _).o" "$tests/$source" $flags_of_program
    done
    # shellcheck disable=SC2086 # several words each
    in_root $cxx $flags "$work/$program.o"/*.o $link -o "$work/$program$ending"
}

run() { # PROGRAM ARGUMENT...
    program=$1
    shift
    # shellcheck disable=SC2086 # several words, or none
    if ! in_root $emulator "$work/$program$ending" "$@" >"$program.txt" 2>&1; then
        tail -n 40 "$program.txt"
        echo "FAILED: $program, $std"
        exit 1
    fi
    echo "ok: $std, $program: $(sed -n '/[^ ]/h;${x;s/^ *//p;}' "$program.txt")"
}

unit() { # SOURCE...
    build_program unit '' support/main "$@"
    run unit
}

model() {
    optimized=-O1
    # For g++, as in CMakeLists.txt.
    case $cxx in clang*) ;; *) optimized='-O1 -fno-inline-small-functions' ;; esac
    build_program model "$optimized" oracle/model/kinds oracle/model/main
    run model --part "$part" --seed "${PRUNEPLAN_SEED:-1}"
}

# Unlike the unit tests, this needs neither Catch2 nor std::vector and std::string in constant expressions.
fuzz_corpus() {
    # Together, they parse the library once.
    others=
    for target in applications filters globs listings plans references timestamps; do
        others="$others -include $tests/fuzz/$target.cpp"
    done
    build_program fuzz_corpus "$others" fuzz/corpus
    run fuzz_corpus "$tests/fuzz"
}

subset() {
    # shellcheck disable=SC2086 # several words each
    unit $syntax $details unit/apply_prune
    model
}

cross() { # TRIPLET ARCHITECTURE
    cxx=$1-g++
    emulator=$(command -v "qemu-$2-static" || command -v "qemu-$2" || :)
    [ -n "$emulator" ] || skip "qemu-$2 is not installed"
    needs "$cxx"
    needs_catch2_header
    link='-static -pthread'
    part=15
    model
}

# Exhaustive searches and texts of a megabyte would take most of the time in an emulator.
cross_unit() {
    # shellcheck disable=SC2086 # several words each
    build_program unit '' support/main $syntax unit/detail/hash unit/detail/text/words unit/image_index unit/apply_prune
    run unit '~*exhaustive search*' '~*megabyte*'
}

# Runs a command in the newer root folder. The sources and the build folder have the same paths there.
in_newer() {
    unshare --mount sh -euc '
        newer=$1 sources=$2 work=$3
        shift 3
        mkdir -p "$newer$sources" "$newer$work"
        mount --bind "$sources" "$newer$sources"
        mount --bind "$work" "$newer$work"
        mount --bind /dev "$newer/dev"
        exec chroot "$newer" "$@"' sh "$newer" "$root" "$work" env -C "$work" "$@"
}

newer() { # COMPILER
    if [ "$(id -u)" != 0 ]; then
        sudo -n true 2>/dev/null || skip "a root folder needs root, or sudo without a password"
        exec sudo -n env PATH="$PATH" BUILD_DIR="$build" PRUNEPLAN_REQUIRE_TOOLS="${PRUNEPLAN_REQUIRE_TOOLS:-}" \
            PRUNEPLAN_SEED="${PRUNEPLAN_SEED:-}" sh "$here/platforms.sh" "$name"
    fi
    needs unshare flock
    newer=$build/forky
    sh "$tests/oracle/engines/newer_root.sh" "$newer" \
        g++-16,clang-22,catch2,libc++-22-dev,libc++abi-22-dev,cmake,make 2>why ||
        skip "the newer compilers' root folder cannot be made: $(tail -n 1 why)"
    in_root() { in_newer "$@"; }
    cxx=$1
    case $cxx in
    clang*) flags=-Wno-c2y-extensions ;; # Catch2's __COUNTER__
    esac
    mkdir -p catch2
    unit() {
        build_program unit '' "$@"
        run unit
    }
    link='-pthread -lCatch2Main -lCatch2'
    # shellcheck disable=SC2086 # several words each
    {
        std=-std=c++20
        unit $details
        std=-std=c++23
        unit $syntax
        std=-std=c++26
        unit unit/syntax/result unit/apply_prune
    }
    link=-pthread
    model
}

platform_s390x() {
    cross s390x-linux-gnu s390x
    cross_unit
}
platform_armhf() {
    flags=-Wno-psabi # it only says that g++ 7 changed how ranges are passed
    cross arm-linux-gnueabihf arm
    cross_unit
}
platform_aarch64() { cross aarch64-linux-gnu aarch64; } # as x86-64, the model alone
platform_i386() { cross i686-linux-gnu i386; }          # as armhf, the model alone

platform_gcc16() { newer g++-16; }

# Also with libc++, and as CMake builds it with PRUNEPLAN_WERROR.
platform_clang22() {
    newer clang++-22
    std=-std=c++26
    flags=-stdlib=libc++ # only the model: Debian's library of Catch2 3 needs libstdc++
    model
    in_root cmake -S "$root" -B "$work/cmake" -DCMAKE_CXX_COMPILER=clang++-22 -DPRUNEPLAN_WERROR=ON \
        -DPRUNEPLAN_BUILD_EXAMPLES=OFF >cmake.txt
    in_root make -C "$work/cmake/tests" unit/version.o >>cmake.txt 2>&1 || {
        tail -n 40 cmake.txt
        echo "FAILED: clang++-22 with PRUNEPLAN_WERROR"
        exit 1
    }
    echo "ok: clang++-22 with PRUNEPLAN_WERROR"
}

native() { # COMPILER FLAG...
    cxx=$1
    shift
    flags=$*
    needs "$cxx"
    needs_catch2_header
}

platform_gcc11() {
    native g++-11
    fuzz_corpus
    model
}
platform_clang13() {
    native clang++-13
    subset
}
platform_old_abi() {
    native g++ -D_GLIBCXX_USE_CXX11_ABI=0
    # shellcheck disable=SC2086 # several words each
    unit $syntax $details
    fuzz_corpus
    model
}
# Its std::vector cannot be evaluated at compile time, as the unit tests do.
platform_debug_mode() {
    native g++ -D_GLIBCXX_DEBUG -D_GLIBCXX_DEBUG_PEDANTIC
    fuzz_corpus
    model
}

# Every header, and every header of the standard library that one of them includes.
headers() { (cd "$root/include" && find pruneplan -name '*.hpp' | sort | sed 's/.*/#include <&>/'); }
standard_headers() { (cd "$root/include" && grep -rhoE '^ *#include <[a-z_]+>' pruneplan | sort -u); }

platform_min_max() {
    {
        standard_headers
        # shellcheck disable=SC2028 # no escape
        echo '#define min(a, b) (((a) < (b)) ? (a) : (b))'
        echo '#define max(a, b) (((a) > (b)) ? (a) : (b))'
        headers
    } >min_max.cpp
    for cxx in g++ clang++-19; do
        needs "$cxx"
        compile min_max.o "$work/min_max"
        echo "ok: $cxx"
    done
}

platform_two_units() {
    headers >every_header.hpp
    for cxx in g++ clang++-19; do
        needs "$cxx"
        compile first.o "$here/two_units/first" -include every_header.hpp
        std=-std=c++2b
        compile second.o "$here/two_units/second" -include every_header.hpp
        std=-std=c++20
        "$cxx" first.o second.o -o two_units
        run two_units
    done
}

# Warnings that are off, since the headers of this library cannot avoid them:
#   -Wc++98-compat*, -Wc++20-compat, -Wpre-c++20-compat*   warn of any C++20
#   -Wpadded                warns of any struct with padding
#   -Wunsafe-buffer-usage   warns of pointer arithmetic, which containers need
#   -Wswitch-default        contradicts -Wcovered-switch-default; switches here have no default, so that compilers
#                           warn if an enumerator is missing
#   -Wswitch-enum           contradicts -Wswitch: it warns of a switch that handles enumerators in its default
# On 32 bits also:
#   -Wuseless-cast (g++)    warns of casts from std::size_t to 32 bits, which are needed on 64 bits
not_for_headers='-Wno-c++98-compat -Wno-c++98-compat-pedantic -Wno-pre-c++20-compat-pedantic -Wno-c++20-compat
    -Wno-padded -Wno-unsafe-buffer-usage -Wno-switch-default -Wno-switch-enum'

# Compiles tests, since they instantiate every template. Only warnings about headers count.
platform_strict_warnings() {
    strict() {
        native "$@"
        warnings=
        for source in unit/apply_prune unit/plan unit/reading/explain unit/syntax/filter unit/syntax/timestamp oracle/model/kinds; do
            compile strict.o "$tests/$source" 2>warnings.txt || {
                cat warnings.txt
                exit 1
            }
            if grep -A 2 'include/pruneplan/.*warning:' warnings.txt; then
                echo "FAILED: $cxx warns about a header included by $source.cpp"
                exit 1
            fi
        done
        echo "ok: $cxx $flags"
    }
    usual='-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wold-style-cast -Wshadow'
    # shellcheck disable=SC2086 # several words each
    {
        strict g++ $usual -Wuseless-cast -Wduplicated-cond -Wlogical-op -Wnull-dereference -Wundef
        strict i686-linux-gnu-g++ $usual
        strict clang++-19 -Weverything $not_for_headers
    }
}

platform_mingw() {
    native x86_64-w64-mingw32-g++-posix
    link='-static -pthread'
    ending=.exe
    if emulator=$(command -v wine64 || command -v wine || ls /usr/lib/wine/wine64 2>/dev/null); then
        WINEPREFIX=$work/wine WINEDEBUG=-all
        export WINEPREFIX WINEDEBUG
    else
        run() { echo "ok: $1 compiles; it was not run, since wine is not installed"; }
    fi
    subset
}

platform_valgrind() {
    native g++ -O1 -g -Wno-maybe-uninitialized
    needs valgrind
    emulator='valgrind --quiet --leak-check=full --error-exitcode=99'
    # shellcheck disable=SC2086 # several words
    unit unit/syntax/filter unit/syntax/reference unit/syntax/timestamp unit/detail/vector unit/planner/budget \
        unit/planner/protection unit/planner/survivors unit/planner/usage unit/apply_prune
}

platforms=$(sed -n 's/^platform_\([a-z0-9_]*\)().*/\1/p' "$0" | tr '\n' ' ')
[ $# -gt 0 ] || {
    echo "usage: platforms.sh NAME...; the names are: $platforms" >&2
    exit 2
}
if [ $# -gt 1 ]; then
    failed=0
    for name; do
        echo "== $name"
        sh "$0" "$name" || [ $? = 77 ] || failed=1
    done
    exit "$failed"
fi
name=$1
case " $platforms" in
*" $name "*) ;;
*)
    echo "unknown platform \"$name\"; the names are: $platforms" >&2
    exit 2
    ;;
esac
work=$build/$name
mkdir -p "$work"
cd "$work"
"platform_$name"
