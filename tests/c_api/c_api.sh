#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# sh c_api.sh LANGUAGE WORK_DIR COMPILER WORLDS: tests the C API from the language c, python, go or rust. The example of
# that language must print prune.txt. Its program worlds.* plans and applies 1,000 random worlds, and must print the
# same bytes as the C++ program WORLDS (see worlds.cpp). Its program misuse.*, if it has one, checks itself, and prints
# nothing. Nothing may leak. PRUNEPLAN_SEED selects the worlds. Exits with 77 if a tool is not installed, or with 1 if
# PRUNEPLAN_REQUIRE_TOOLS is also set.
set -eu

language=$1
mkdir -p "$2"
work=$(cd "$2" && pwd)
cxx=$3
worlds=$(cd "$(dirname "$4")" && pwd)/$(basename "$4")
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
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
c) needs valgrind ;;
python) needs python3 ;;
go) needs go ;;
rust) needs rustc valgrind ;;
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
    prints 'the example under valgrind' "$here/prune.txt" under_valgrind ./prune
    prints "$count worlds under valgrind" expected.txt under_valgrind ./worlds worlds.txt
    prints 'the example under ASan and UBSan' "$here/prune.txt" ./prune.sanitized
    prints "$count worlds under ASan and UBSan" expected.txt ./worlds.sanitized worlds.txt
}

test_python() {
    build_library
    PYTHONDONTWRITEBYTECODE=1
    PYTHONPATH=$examples/python
    PRUNEPLAN_LIBRARY=$work/libpruneplan_c.so
    export PYTHONDONTWRITEBYTECODE PYTHONPATH PRUNEPLAN_LIBRARY
    prints 'the example, with no handle left' "$here/prune.txt" python3 "$examples/python/prune.py"
    prints "$count worlds, with no handle left" expected.txt python3 "$here/worlds.py" worlds.txt
    prints 'misuse raises, with no handle left' /dev/null python3 "$here/misuse.py"
}

test_go() {
    build_library
    cp -R "$examples/go" module
    for program in worlds misuse; do
        mkdir "module/$program"
        cp "$here/$program.go" "module/$program/main.go"
    done
    GOCACHE=$work/cache GOFLAGS=-mod=mod GOPROXY=off GO111MODULE=on
    CGO_ENABLED=1 CGO_CFLAGS="-O1 -I$examples" CGO_LDFLAGS="-L$work -Wl,-rpath,$work"
    export GOCACHE GOFLAGS GOPROXY GO111MODULE CGO_ENABLED CGO_CFLAGS CGO_LDFLAGS
    unformatted=$(gofmt -l module)
    [ -z "$unformatted" ] || {
        echo "FAILED: gofmt would change $unformatted"
        exit 1
    }
    (cd module && go build -o "$work/bin/" ./prune ./worlds ./misuse && go vet ./...)
    # With cgocheck=1, Go checks the pointers that it passes to C.
    prints 'the example, with no handle left' "$here/prune.txt" env GODEBUG=cgocheck=1 bin/prune
    prints "$count worlds, with no handle left" expected.txt env GODEBUG=cgocheck=1 bin/worlds worlds.txt
    prints 'misuse is an error or panics, with no handle left' /dev/null env GODEBUG=cgocheck=1 bin/misuse
}

test_rust() {
    build_library
    compile() { rustc --edition 2021 -O -g -L . "$@"; }
    compile --crate-type rlib --crate-name pruneplan "$examples/rust/pruneplan.rs"
    for program in "$examples/rust/prune.rs" "$here/worlds.rs" "$here/misuse.rs"; do
        compile --extern pruneplan=libpruneplan.rlib -C link-arg=-Wl,-rpath,"$work" "$program"
    done
    prints 'the example under valgrind' "$here/prune.txt" under_valgrind ./prune
    prints "$count worlds under valgrind" expected.txt under_valgrind ./worlds worlds.txt
    prints 'misuse is an error or panics, under valgrind' /dev/null under_valgrind ./misuse
}

"test_$language"
