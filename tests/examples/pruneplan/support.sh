# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC2034,SC2154 # ../pruneplan.sh sources it, and defines what it uses
# Functions that all tests of the program use.

fail() {
    echo "FAILED: $*" >&2
    failed=1
}

same() { # WHAT WANTED GOT, two files
    cmp -s "$2" "$3" && return 0
    fail "$1"
    diff "$2" "$3" >&2 || :
}

# Fails unless the command prints exactly what is on standard input.
prints() { # WHAT COMMAND...
    what=$1
    shift
    cat >"$folder/wanted"
    "$@" >"$folder/got" 2>"$folder/err" || fail "$what: exit code $?: $(cat "$folder/err")"
    same "$what" "$folder/wanted" "$folder/got"
}

# Fails unless the exit code is 2, standard error has one line but for doubts, and standard output is empty.
fails() { # ARGUMENT...
    code=0
    "$pruneplan" "$@" >"$folder/out" 2>"$folder/err" || code=$?
    [ "$code" = 2 ] || fail "exit code $code and not 2: $*"
    [ ! -s "$folder/out" ] || fail "something on standard output: $*"
    [ "$(grep -vc '^doubt: ' "$folder/err")" -eq 1 ] || fail "not one line on standard error: $*"
}

# Fails with exactly this message.
rejects() { # MESSAGE ARGUMENT...
    wanted=$1
    shift
    fails "$@"
    [ "$(cat "$folder/err")" = "pruneplan: $wanted" ] || fail "not \"$wanted\", but: $(cat "$folder/err")"
}

# Fails with a message of the library or the system that holds WORDS.
refused() { # WORDS ARGUMENT...
    words=$1
    shift
    fails "$@"
    grep -qF -- "$words" "$folder/err" || fail "\"$words\" is not in the message: $(cat "$folder/err")"
}

# Waits until a server listens.
await_socket() { # SOCKET LOG WHAT
    tries=0
    until [ -S "$1" ]; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || { cat "$2" >&2 && fail "$3 does not start" && return 1; }
        sleep 0.1
    done
}

# Writes a listing from short lines: see listing.py.
to_listing() { python3 "$here/pruneplan/listing.py"; }
