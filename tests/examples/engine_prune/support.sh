# SPDX-License-Identifier: BSL-1.0
# Sourced by ../engine_prune.sh. What the tests of engine_prune have in common.

fail() {
    echo "FAILED: $*" >&2
    failed=1
}

same() { # WHAT WANTED GOT, two files
    cmp -s "$2" "$3" && return 0
    fail "$1"
    diff "$2" "$3" >&2 || :
}

# The command's standard output is standard input, to the byte.
prints() { # WHAT COMMAND...
    what=$1
    shift
    cat >"$folder/wanted"
    "$@" >"$folder/got" || fail "$what: exit code $?"
    same "$what" "$folder/wanted" "$folder/got"
}

# Exit code 2, one line on standard error, and nothing on standard output.
fails() { # ARGUMENT...
    code=0
    "$engine_prune" "$@" >"$folder/out" 2>"$folder/err" || code=$?
    [ "$code" = 2 ] || fail "exit code $code and not 2: $*"
    [ ! -s "$folder/out" ] || fail "something on standard output: $*"
    [ "$(wc -l <"$folder/err")" -eq 1 ] || fail "not one line on standard error: $*"
}

# Fails with exactly this message.
rejects() { # MESSAGE ARGUMENT...
    wanted=$1
    shift
    fails "$@"
    [ "$(cat "$folder/err")" = "engine_prune: $wanted" ] || fail "not \"$wanted\", but: $(cat "$folder/err")"
}

# Fails with a message of the library or the system that holds WORDS.
refused() { # WORDS ARGUMENT...
    words=$1
    shift
    fails "$@"
    grep -qF -- "$words" "$folder/err" || fail "\"$words\" is not said, but: $(cat "$folder/err")"
}

# A listing of the given lines ("|" for a tab) is rejected at line NUMBER.
refused_at() { # NUMBER LINE...
    number=$1
    shift
    printf '%s\n' "$@" | tr '|' '\t' >"$folder/broken"
    refused "line $number: " --listing "$folder/broken" --all
}
