#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# sh misuse.sh MISUSE: runs every misuse of the program MISUSE. One that works has to say nothing, with sanitizers, too;
# each other one has to end the program with its message, and nothing else.
set -u
export LC_ALL=C

program=$1
output=$(mktemp)
list=$(mktemp)
trap 'rm -f "$output" "$list"' EXIT
"$program" list >"$list" || exit 1

failed=0
count=0
# The shell itself tells of programs that end by a signal: nobody needs that here.
while read -r name message; do
    count=$((count + 1))
    code=0
    "$program" "$name" >"$output" 2>&1 || code=$?
    if [ "$message" = works ]; then
        [ "$code" = 0 ] && [ ! -s "$output" ] && continue
    else
        # 128 and SIGABRT. Address Sanitizer can add its own report of that signal.
        [ "$code" = 134 ] && [ "$(head -n 1 "$output")" = "pruneplan: $message" ] && continue
    fi
    echo "FAILED $name: exit code $code, wanted: $message"
    cat "$output"
    failed=1
done <"$list" 2>/dev/null
[ "$count" -gt 20 ] || failed=1
[ "$failed" = 1 ] || echo "$count misuses work, or end with their message"
exit "$failed"
