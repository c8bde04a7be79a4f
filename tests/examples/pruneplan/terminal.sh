# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC2154 # ../pruneplan.sh sources it, and defines what it uses
# Tests the output on a terminal: width, colours, and the question of --apply.
# shellcheck disable=SC2016 # the shell on the terminal expands the words

# Runs shell commands on a terminal of 80 columns; prints what it shows, in which ESC is "^[" and a return "^M".
on_terminal() { # COMMANDS
    script -qec "stty cols 80 rows 24 -onlcr; $1" /dev/null | sed "s/$(printf '\033')/^[/g; s/$(printf '\r')/^M/g"
}

terminal_tests() {
    export pruneplan shop folder host
    plain='s/\^\[\[[0-9]*m//g'
    TERM=xterm
    export TERM

    COLUMNS=80 "$pruneplan" listing "$shop" -a >"$folder/plain" 2>"$folder/err"
    on_terminal '"$pruneplan" listing "$shop" -a 2>"$folder/err"' >"$folder/shown"
    sed "$plain" "$folder/shown" >"$folder/got"
    same "lines wrap at the width of a terminal" "$folder/plain" "$folder/got"
    sed 's/^delete /^[[31mdelete^[[0m /; s/^keep /^[[32mkeep^[[0m /' "$folder/plain" >"$folder/wanted"
    same "a terminal shows deletions in red, and what is kept in green" "$folder/wanted" "$folder/shown"
    on_terminal 'COLUMNS=40 "$pruneplan" listing "$shop" -a 2>"$folder/err"' >"$folder/got"
    same "a terminal's own width counts, and not COLUMNS" "$folder/wanted" "$folder/got"

    on_terminal 'NO_COLOR= "$pruneplan" listing "$shop" -a 2>"$folder/err"' >"$folder/got"
    same "an empty NO_COLOR has no effect" "$folder/wanted" "$folder/got"
    on_terminal 'NO_COLOR=0 "$pruneplan" listing "$shop" -a 2>"$folder/err"' >"$folder/got"
    same "NO_COLOR turns colours off" "$folder/plain" "$folder/got"
    on_terminal 'TERM=dumb "$pruneplan" listing "$shop" -a 2>"$folder/err"' >"$folder/got"
    same "TERM=dumb turns colours off" "$folder/plain" "$folder/got"
    on_terminal 'unset TERM; "$pruneplan" listing "$shop" -a 2>"$folder/err"' >"$folder/got"
    same "no TERM turns colours off" "$folder/plain" "$folder/got"
    on_terminal '"$pruneplan" listing "$shop" -a 2>"$folder/err" | cat' >"$folder/got"
    "$pruneplan" listing "$shop" -a >"$folder/wanted" 2>"$folder/err"
    same "a pipe gets no colours" "$folder/wanted" "$folder/got"
    on_terminal '"$pruneplan" listing "$shop" --explain node:20' | grep -qF '^[[32m  keep^[[0m  node:20' ||
        fail "--explain shows no colours on a terminal"

    # --apply shows the plan and asks. The script echoes the answer.
    for answer in n y; do
        start_engine ''
        export host
        echo $answer | on_terminal '"$pruneplan" docker --host "$host" --all --apply' >"$folder/got"
        grep -q '^^\[\[31mdelete^\[\[0m  name:5 ' "$folder/got" ||
            fail "--apply does not show the plan: $(cat "$folder/got")"
        grep -qF 'WARNING! This deletes 5 names. Are you sure you want to continue? [y/N] ' "$folder/got" ||
            fail "--apply does not ask on a terminal: $(cat "$folder/got")"
        wanted=0
        [ $answer = n ] || wanted=5
        got=$(removals | wc -w)
        [ "$got" = $wanted ] || fail "after $answer: removes $got and not $wanted names"
        stop_engine
    done
}

if command -v script >/dev/null; then
    terminal_tests
elif [ -n "${PRUNEPLAN_REQUIRE_TOOLS:-}" ]; then
    fail "script (Debian: bsdutils) is missing"
else
    echo "pruneplan: terminals are not tested: script (Debian: bsdutils) is missing"
fi
