#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Builds a share of the tests for other platforms and runs it: sh tests/platforms/platforms.sh NAME...
#
#   s390x (big-endian), armhf (32 bits), aarch64, i386   cross-compiled and run by qemu
#   gcc16, clang22          the newest compilers, in a root folder of a newer Debian suite: C++20, C++23 and C++26
#   gcc11, clang13          the oldest compilers that are supported
#   old_abi, debug_mode, libcxx_hardening                 other builds of the standard library
#   min_max, two_units      min and max as macros; two units that include every header link to one program
#   strict_warnings         the warnings of a strict user
#   mingw                   cross-compiled for Windows, and run by wine where that is installed
#   valgrind
#
# The share is some of the unit tests, the recorded vectors, and the planner against its model; with gcc11, which cannot
# compile the unit tests, the fuzzers' corpus. Ends with 77 where a tool is not installed, or with 1 if
# PRUNEPLAN_REQUIRE_TOOLS is set. BUILD_DIR says where to build; without it, that is build/platforms.
set -eu
export LC_ALL=C
unset PRUNEPLAN_ALL # a part is enough

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
tests=$root/tests
build=${BUILD_DIR:-$root/build/platforms}
mkdir -p "$build"
build=$(cd "$build" && pwd)

syntax='unit/syntax/digest unit/syntax/filter unit/syntax/glob unit/syntax/reference unit/syntax/timestamp vectors'
details='unit/detail/automaton unit/detail/hash unit/detail/vector unit/detail/sort unit/detail/text unit/image_index'
stages='unit/stages/budget unit/stages/protection unit/stages/survivors unit/stages/usage unit/apply_prune'

# What the compiler is told, which each platform changes: words, not a single one.
std=-std=c++20
warnings='-Wall -Wextra -Wpedantic -Werror'
flags=
link='-pthread'
emulator=
ending= # of a program's name
part=1 # of the model's worlds

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

# The header of Catch2 2.13 serves any platform. The library of version 3 serves the one that it was built for.
needs_catch2_header() {
    [ -f /usr/include/catch2/catch.hpp ] || skip "the header of Catch2 2.13 is not installed"
    rm -rf catch2
    mkdir catch2
    ln -s /usr/include/catch2 catch2/catch2
}

in_root() { "$@"; }

compile() { # OBJECT SOURCE FLAG...: SOURCE has no ending
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
    build_program model -O1 model/kinds model/main
    run model --part "$part" --seed "${PRUNEPLAN_SEED:-1}"
}

# Needs no Catch2, and no std::vector and std::string in constant expressions, as the unit tests do.
fuzz_corpus() {
    build_program fuzz_corpus '' fuzz/corpus fuzz/applications fuzz/filters fuzz/globs fuzz/listings fuzz/plans \
        fuzz/references fuzz/timestamps
    run fuzz_corpus "$tests/fuzz"
}

share() {
    # shellcheck disable=SC2086 # several words each
    unit $syntax $details $stages
    model
}

cross() { # TRIPLET ARCHITECTURE
    cxx=$1-g++
    emulator=$(command -v "qemu-$2-static" || command -v "qemu-$2" || :)
    [ -n "$emulator" ] || skip "qemu-$2 is not installed"
    needs "$cxx"
    needs_catch2_header
    link='-static -pthread'
    part=31
    # shellcheck disable=SC2086 # several words each
    unit $syntax unit/detail/hash unit/detail/sort unit/image_index $stages
    model
}

# Runs a command in the root folder, with the sources and the build folder at the same paths as outside.
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
    sh "$tests/engines/newer_root.sh" "$newer" \
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
    part=7
    # shellcheck disable=SC2086 # several words each
    {
        std=-std=c++20
        unit $details
        std=-std=c++23
        unit $syntax
        std=-std=c++26
        unit unit/syntax/result $stages
    }
    link=-pthread
    model
}

platform_s390x() { cross s390x-linux-gnu s390x; }
platform_armhf() {
    flags=-Wno-psabi # g++ only tells that it passes ranges otherwise than before version 7
    cross arm-linux-gnueabihf arm
}
platform_aarch64() { cross aarch64-linux-gnu aarch64; }
platform_i386() { cross i686-linux-gnu i386; }

platform_gcc16() { newer g++-16; }

# With libc++, too, and PRUNEPLAN_WERROR.
platform_clang22() {
    newer clang++-22
    std=-std=c++26
    flags=-stdlib=libc++ # without the tests: Debian's library of Catch2 3 is built with libstdc++
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
    share
}
platform_old_abi() {
    native g++ -D_GLIBCXX_USE_CXX11_ABI=0
    # shellcheck disable=SC2086 # several words each
    unit $syntax $details
    fuzz_corpus
    model
}
platform_debug_mode() {
    native g++ -D_GLIBCXX_DEBUG -D_GLIBCXX_DEBUG_PEDANTIC
    part=3
    share
}
platform_libcxx_hardening() {
    native clang++-19 -stdlib=libc++ -D_LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_DEBUG
    part=3
    share
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

# No header of a library can satisfy:
#   -Wc++98-compat..., -Wc++20-compat, -Wpre-c++20-compat...  this is C++20
#   -Wpadded                             it tells of every struct with a gap
#   -Wunsafe-buffer-usage                a container is made of pointers
#   -Wswitch-default                     it is the contrary of -Wcovered-switch-default: a switch without a default names
#                                        all enumerators, so that compilers tell where a new one is missing
#   -Wswitch-enum                        it is the contrary of -Wswitch: it rejects a default that is meant
# and on 32 bits:
#   -Wuseless-cast (g++)                 a cast from std::size_t to 32 bits is needed on 64 bits alone
not_for_headers='-Wno-c++98-compat -Wno-c++98-compat-pedantic -Wno-pre-c++20-compat-pedantic -Wno-c++20-compat
    -Wno-padded -Wno-unsafe-buffer-usage -Wno-switch-default -Wno-switch-enum'

# The tests bring every template to life; only what is said of a header counts.
platform_strict_warnings() {
    strict() {
        native "$@"
        warnings=
        for source in unit/apply_prune unit/explain unit/space unit/syntax/filter unit/syntax/timestamp model/kinds; do
            compile strict.o "$tests/$source" 2>warnings.txt || {
                cat warnings.txt
                exit 1
            }
            if grep -A 2 'include/pruneplan/.*warning:' warnings.txt; then
                echo "FAILED: $cxx warns of a header in $source.cpp"
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
    part=7
    if emulator=$(command -v wine64 || command -v wine || ls /usr/lib/wine/wine64 2>/dev/null); then
        WINEPREFIX=$work/wine WINEDEBUG=-all
        export WINEPREFIX WINEDEBUG
    else
        run() { echo "ok: $1 is compiled; not run, since wine is not installed"; }
    fi
    share
}

platform_valgrind() {
    native g++ -O1 -g -Wno-maybe-uninitialized
    needs valgrind
    emulator='valgrind --quiet --leak-check=full --error-exitcode=99'
    # shellcheck disable=SC2086 # several words
    unit unit/syntax/filter unit/syntax/reference unit/syntax/timestamp unit/detail/vector $stages
}

platforms=$(sed -n 's/^platform_\([a-z0-9_]*\)().*/\1/p' "$0" | tr '\n' ' ')
[ $# -gt 0 ] || {
    echo "which platform? $platforms" >&2
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
    echo "there is no platform $name; there are: $platforms" >&2
    exit 2
    ;;
esac
work=$build/$name
mkdir -p "$work"
cd "$work"
"platform_$name"
