#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# sh c_api.sh LANGUAGE WORK_DIR COMPILER WORLDS: tests the C API from the language c, python, go or rust. The example of
# that language must print prune.txt. Its program worlds.* plans and applies 1,000 random worlds, and must print the
# same bytes as the C++ program WORLDS (see worlds.cpp). Its program misuse.*, if it has one, checks itself, and prints
# nothing. C and Python also test what their users install. Nothing may leak. PRUNEPLAN_SEED selects the worlds. Exits
# with 77 if a tool is not installed, or with 1 if PRUNEPLAN_REQUIRE_TOOLS is also set.
set -eu

language=$1
mkdir -p "$2"
work=$(cd "$2" && pwd)
cxx=$3
worlds=$(cd "$(dirname "$4")" && pwd)/$(basename "$4")
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
examples=$root/examples/c_api
seed=${PRUNEPLAN_SEED:-17}
count=1000

needs() {
    for tool; do
        command -v "$tool" >/dev/null && continue
        echo "skipped: $tool is not installed"
        [ -z "${PRUNEPLAN_REQUIRE_TOOLS:-}" ] || exit 1
        exit 77
    done
}

case $language in
c) needs valgrind cmake pkg-config ;;
python) needs python3 ;;
go) needs go ;;
rust) needs cargo valgrind ;;
*)
    echo "unknown language: $language"
    exit 2
    ;;
esac

rm -rf "${work:?}"
mkdir -p "$work"
cd "$work"
"$worlds" generate "$seed" "$count" >worlds.txt
"$worlds" plan worlds.txt >expected.txt

build_library() {
    "$cxx" -std=c++20 -O1 -g -fPIC -shared -fvisibility=hidden -I "$root/include" "$examples/pruneplan_c.cpp" \
        -o libpruneplan_c.so
}

prints() { # WHAT EXPECTED_FILE COMMAND...
    what=$1
    expected=$2
    shift 2
    "$@" >output.txt || {
        echo "FAILED: $what: exit code $?"
        exit 1
    }
    cmp -s "$expected" output.txt || {
        diff "$expected" output.txt | head -n 20
        echo "FAILED: $what: the output is not as expected (seed $seed)"
        exit 1
    }
    echo "ok: $what"
}

under_valgrind() { valgrind --quiet --leak-check=full --error-exitcode=99 "$@"; }

quietly() { # COMMAND...
    "$@" >log.txt 2>&1 && return
    cat log.txt
    echo "FAILED: $*"
    exit 1
}

# Installs the component c_api, moves the tree, and builds the example with nothing but pkg-config and the tree.
test_installed() {
    quietly cmake -S "$root" -B cmake -DPRUNEPLAN_BUILD_TESTS=OFF -DCMAKE_CXX_COMPILER="$cxx" \
        -DCMAKE_INSTALL_LIBDIR=lib/triplet
    quietly cmake --build cmake --target pruneplan_c
    quietly cmake --install cmake --component c_api --prefix "$work/staged"
    mv staged installed
    version=$(pkg-config --modversion installed/lib/triplet/pkgconfig/pruneplan_c.pc)
    cat >wanted.txt <<END
include/pruneplan.h
lib/triplet/libpruneplan_c.so
lib/triplet/libpruneplan_c.so.${version%%.*}
lib/triplet/libpruneplan_c.so.$version
lib/triplet/pkgconfig/pruneplan_c.pc
END
    (cd installed && find . ! -type d) | sed 's:^\./::' | LC_ALL=C sort >found.txt
    quietly diff wanted.txt found.txt
    # shellcheck disable=SC2046 # several words
    quietly "$cxx" -x c -std=c99 "$examples/c/prune.c" -x none -o prune.installed \
        $(PKG_CONFIG_PATH=installed/lib/triplet/pkgconfig pkg-config --cflags --libs pruneplan_c)
    # The soname is what the program needs: neither the development link nor the full version.
    mv "installed/lib/triplet/libpruneplan_c.so.$version" "installed/lib/triplet/libpruneplan_c.so.${version%%.*}"
    rm installed/lib/triplet/libpruneplan_c.so
    prints 'the example with the installed library' "$here/prune.txt" \
        env LD_LIBRARY_PATH=installed/lib/triplet ./prune.installed
}

# Once with checked handles, and once without: the lock of the checks could hide a race.
test_threads() {
    for checks in 0 1; do
        quietly "$cxx" -std=c++20 -O1 -g -fsanitize=thread -DPRUNEPLAN_C_CHECK_HANDLES=$checks -I "$root/include" \
            -c "$examples/pruneplan_c.cpp" -o threads.o
        # shellcheck disable=SC2086 # several words
        quietly "$cxx" -x c -std=c99 -O1 -g $warnings -fsanitize=thread -I "$examples" "$here/threads.c" \
            -x none threads.o -o threads -lpthread
        prints "threads under TSan, PRUNEPLAN_C_CHECK_HANDLES=$checks" /dev/null ./threads
    done
}

test_c() {
    warnings='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror'
    sanitizers='-fsanitize=address,undefined -fno-sanitize-recover=all'
    build_library
    # shellcheck disable=SC2086 # several words
    "$cxx" -std=c++20 -O1 -g $sanitizers -I "$root/include" -c "$examples/pruneplan_c.cpp" -o sanitized.o
    for program in "$examples/c/prune.c" "$here/worlds.c"; do
        name=$(basename "$program" .c)
        # shellcheck disable=SC2086 # several words
        "$cxx" -x c -std=c99 -O1 -g $warnings -I "$examples" "$program" -x none -L . -lpruneplan_c \
            -Wl,-rpath,"$work" -o "$name"
        # shellcheck disable=SC2086 # several words
        "$cxx" -x c -std=c99 -O1 -g $warnings $sanitizers -I "$examples" -c "$program" -o "$name.o"
        # shellcheck disable=SC2086 # several words
        "$cxx" $sanitizers "$name.o" sanitized.o -o "$name.sanitized"
    done
    "$worlds" everything worlds.txt | grep -v '^usage' >everything.txt
    prints 'the example under valgrind' "$here/prune.txt" under_valgrind ./prune
    prints "$count worlds under valgrind" expected.txt under_valgrind ./worlds worlds.txt
    prints 'the example under ASan and UBSan' "$here/prune.txt" ./prune.sanitized
    prints "$count worlds, with JSON lines, graphs and changes, under ASan and UBSan" everything.txt \
        ./worlds.sanitized worlds.txt everything
    test_threads
    test_installed
}

# Tells whether a package of Debian is installed that a part of a test needs: whether COMMAND works.
has() { # PACKAGE COMMAND...
    package=$1
    shift
    "$@" >/dev/null 2>&1 && return
    echo "skipped in part: $package is not installed"
    [ -z "${PRUNEPLAN_REQUIRE_TOOLS:-}" ] || exit 1
    return 1
}

# Installs the package into a new virtual environment, without a network, by the command of its README.md.
test_pip() {
    quietly python3 -m venv venv
    quietly env CXX="$cxx" PIP_NO_INDEX=1 PIP_DISABLE_PIP_VERSION_CHECK=1 venv/bin/pip install "$examples/python"
    prints 'the example after pip install' "$here/prune.txt" venv/bin/python "$examples/python/prune.py"
    prints "$count worlds after pip install" expected.txt venv/bin/python "$here/worlds.py" worlds.txt
}

test_python() {
    PYTHONDONTWRITEBYTECODE=1
    export PYTHONDONTWRITEBYTECODE
    ! has python3-venv python3 -m ensurepip --version || test_pip
    build_library
    PYTHONPATH=$examples/python/src
    PRUNEPLAN_LIBRARY=$work/libpruneplan_c.so
    export PYTHONPATH PRUNEPLAN_LIBRARY
    "$worlds" everything worlds.txt >everything.txt
    prints 'the example, with no handle left' "$here/prune.txt" python3 "$examples/python/prune.py"
    prints "$count worlds, with JSON lines, graphs, changes and summaries, with no handle left" everything.txt \
        python3 "$here/worlds.py" worlds.txt everything
    prints 'misuse raises, with no handle left' /dev/null python3 "$here/misuse.py"
    has mypy mypy --version || return 0
    quietly env MYPYPATH="$PYTHONPATH" mypy --strict --cache-dir "$work/mypy" "$examples/python/src/pruneplan" \
        "$examples/python/build.py" "$examples/python/prune.py"
    echo 'ok: mypy --strict'
}

# Copies what a wrapper is built from: its own sources, the C API and the library. It leaves out what a build wrote.
copy_tree() {
    mkdir -p tree/examples/c_api
    cp -R "$root/include" tree/
    cp -R "$examples/pruneplan.h" "$examples/pruneplan_c.cpp" "$examples/$language" tree/examples/c_api/
    rm -rf "tree/examples/c_api/$language/target"
}

test_go() {
    copy_tree
    module=$work/tree/examples/c_api/go
    for program in worlds misuse; do
        mkdir "$module/$program"
        cp "$here/$program.go" "$module/$program/main.go"
    done
    # The module builds without variables. These choose the compiler, keep the cache here and use no network.
    GOCACHE=$work/cache GOPATH=$work/path GOPROXY=off GOFLAGS='' GOTOOLCHAIN=local CXX=$cxx
    export GOCACHE GOPATH GOPROXY GOFLAGS GOTOOLCHAIN CXX
    unset CGO_ENABLED CGO_CFLAGS CGO_CPPFLAGS CGO_CXXFLAGS CGO_LDFLAGS
    unformatted=$(gofmt -l "$module")
    [ -z "$unformatted" ] || {
        echo "FAILED: gofmt would change $unformatted"
        exit 1
    }
    (cd "$module" && go build -p 1 ./... && go build -p 1 -o "$work/bin/" ./... && go vet ./... &&
        go build -p 1 -race -o "$work/bin/misuse.race" ./misuse)
    # With cgocheck=1, Go checks the pointers that it passes to C.
    prints 'the example, with no handle left' "$here/prune.txt" env GODEBUG=cgocheck=1 bin/prune
    "$worlds" everything worlds.txt >everything.txt
    prints "$count worlds, with JSON lines, graphs, changes and summaries, with no handle left" everything.txt \
        env GODEBUG=cgocheck=1 bin/worlds worlds.txt everything
    prints 'misuse is an error or panics, with no handle left' /dev/null env GODEBUG=cgocheck=1 bin/misuse
    prints 'misuse with the race detector' /dev/null env GODEBUG=cgocheck=1 bin/misuse.race
}

test_rust() {
    copy_tree
    CARGO_TARGET_DIR=$work/target CARGO_HOME=$work/cargo CARGO_BUILD_JOBS=1 CARGO_TERM_COLOR=never
    CARGO_NET_OFFLINE=true CXX=$cxx RUSTFLAGS=-Dwarnings RUSTDOCFLAGS=-Dwarnings
    export CARGO_TARGET_DIR CARGO_HOME CARGO_BUILD_JOBS CARGO_TERM_COLOR CARGO_NET_OFFLINE CXX RUSTFLAGS RUSTDOCFLAGS
    crate=$work/tree/examples/c_api/rust
    quiet_cargo() {
        (cd "$crate" && cargo "$@") >cargo.txt 2>&1 && return
        cat cargo.txt
        echo "FAILED: cargo $*"
        exit 1
    }
    cp "$here/worlds.rs" "$here/misuse.rs" "$crate/examples/"
    quiet_cargo build --offline --examples
    quiet_cargo test --offline
    quiet_cargo doc --offline
    # Debian's rust-clippy is a package of its own.
    if cargo clippy --version >/dev/null 2>&1; then
        quiet_cargo clippy --offline --all-targets -- -D warnings
    else
        echo "skipped: cargo clippy is not installed"
    fi
    programs=target/debug/examples
    prints 'the example under valgrind' "$here/prune.txt" under_valgrind "$programs/prune"
    "$worlds" everything worlds.txt >everything.txt
    prints "$count worlds, with JSON lines, graphs, changes and summaries, under valgrind" everything.txt \
        under_valgrind "$programs/worlds" worlds.txt everything
    prints 'misuse is an error or panics, under valgrind' /dev/null under_valgrind "$programs/misuse"
}

"test_$language"
