#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# sh misuse.sh MISUSE: runs every misuse of the program MISUSE (misuse.cpp). A misuse that works must print nothing,
# also with sanitizers; every other one must end the program with its message.
set -u
export LC_ALL=C

program=$1
output=$(mktemp)
list=$(mktemp)
trap 'rm -f "$output" "$list"' EXIT
"$program" list >"$list" || exit 1

failed=0
count=0
# The shell's own messages about programs that end by a signal are discarded.
while read -r name message; do
    count=$((count + 1))
    code=0
    "$program" "$name" >"$output" 2>&1 || code=$?
    if [ "$message" = works ]; then
        [ "$code" = 0 ] && [ ! -s "$output" ] && continue
    else
        # 134 is 128 + SIGABRT. AddressSanitizer can add its own report after the message.
        [ "$code" = 134 ] && [ "$(head -n 1 "$output")" = "pruneplan: $message" ] && continue
    fi
    echo "FAILED $name: exit code $code, expected: $message"
    cat "$output"
    failed=1
done <"$list" 2>/dev/null
[ "$count" -gt 20 ] || failed=1
[ "$failed" = 1 ] || echo "$count misuses work or end with their message"
exit "$failed"
