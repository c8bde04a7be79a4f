# SPDX-License-Identifier: BSL-1.0
# Sourced by ../engine_prune.sh. Tests the output on a terminal: width, colours, progress, and the question of --apply.
# shellcheck disable=SC2016 # the shell on the terminal expands the words

# Runs shell commands on a terminal of 80 columns; prints what it shows, in which ESC is "^[" and a return "^M".
on_terminal() { # COMMANDS
    script -qec "stty cols 80 rows 24 -onlcr; $1" /dev/null | sed "s/$(printf '\033')/^[/g; s/$(printf '\r')/^M/g"
}

terminal_tests() {
    export engine_prune shop folder
    plain='s/\^\[\[[0-9]*m//g'
    TERM=xterm
    export TERM

    COLUMNS=80 "$engine_prune" --listing "$shop" -a >"$folder/plain" 2>"$folder/err"
    on_terminal '"$engine_prune" --listing "$shop" -a 2>"$folder/err"' >"$folder/shown"
    sed "$plain" "$folder/shown" >"$folder/got"
    same "lines wrap at the width of a terminal" "$folder/plain" "$folder/got"
    sed 's/^delete /^[[31mdelete^[[0m /; s/^keep /^[[32mkeep^[[0m /' "$folder/plain" >"$folder/wanted"
    same "a terminal shows deletions in red, and what is kept in green" "$folder/wanted" "$folder/shown"
    on_terminal 'COLUMNS=40 "$engine_prune" --listing "$shop" -a 2>"$folder/err"' >"$folder/got"
    same "a terminal's own width counts, and not COLUMNS" "$folder/wanted" "$folder/got"

    on_terminal 'NO_COLOR= "$engine_prune" --listing "$shop" -a 2>"$folder/err"' >"$folder/got"
    same "an empty NO_COLOR has no effect" "$folder/wanted" "$folder/got"
    on_terminal 'NO_COLOR=0 "$engine_prune" --listing "$shop" -a 2>"$folder/err"' >"$folder/got"
    same "NO_COLOR turns colours off" "$folder/plain" "$folder/got"
    on_terminal 'TERM=dumb "$engine_prune" --listing "$shop" -a 2>"$folder/err"' >"$folder/got"
    same "TERM=dumb turns colours off" "$folder/plain" "$folder/got"
    on_terminal 'unset TERM; "$engine_prune" --listing "$shop" -a 2>"$folder/err"' >"$folder/got"
    same "no TERM turns colours off" "$folder/plain" "$folder/got"
    on_terminal '"$engine_prune" --listing "$shop" -a 2>"$folder/err" | cat' >"$folder/got"
    "$engine_prune" --listing "$shop" -a >"$folder/wanted" 2>"$folder/err"
    same "a pipe gets no colours" "$folder/wanted" "$folder/got"
    on_terminal '"$engine_prune" --listing "$shop" --explain node:20' | grep -qF '^[[32m  keep^[[0m  node:20' ||
        fail "--explain shows no colours on a terminal"

    # 1,200 images are read in three parts.
    cat >"$folder/large" <<'END'
#!/bin/sh
case $1$2 in
version*) echo 1.0 ;;
images--filter) ;;
images*) seq -f %064.0f 1200 ;;
imageinspect)
    shift 4
    for id; do printf '%s\t""\t10\n' "$id"; done
    ;;
esac
END
    chmod +x "$folder/large"
    printf '^M%s^[[K' "asking $folder/large: 0 of 1200 images" "asking $folder/large: 500 of 1200 images" \
        "asking $folder/large: 1000 of 1200 images" '' >"$folder/wanted"
    on_terminal '"$engine_prune" --engine podman -- "$folder/large" >/dev/null' >"$folder/got"
    same "a progress line is shown, and erased at the end" "$folder/wanted" "$folder/got"
    : >"$folder/wanted"
    on_terminal '"$engine_prune" --engine podman -- "$folder/store" >/dev/null' | sed '/^doubt: /d' >"$folder/got"
    same "for few images, there is no progress line" "$folder/wanted" "$folder/got"
    "$engine_prune" --engine podman -- "$folder/large" >/dev/null 2>"$folder/got"
    same "without a terminal, there is no progress line" "$folder/wanted" "$folder/got"
    on_terminal 'TERM=dumb "$engine_prune" --engine podman -- "$folder/large" >/dev/null' >"$folder/got"
    same "with TERM=dumb, there is no progress line" "$folder/wanted" "$folder/got"

    # --apply asks. The script echoes the answer.
    for answer in n y; do
        : >"$removals"
        echo $answer | on_terminal '"$engine_prune" --engine podman --all --apply -- "$folder/store"' >"$folder/got"
        grep -qF 'WARNING! This removes 5 names. Are you sure you want to continue? [y/N] ' "$folder/got" ||
            fail "--apply does not ask on a terminal: $(cat "$folder/got")"
        wanted=0
        [ $answer = n ] || wanted=3
        got=$(wc -l <"$removals")
        [ "$got" = $wanted ] || fail "after $answer: removes $got and not $wanted names"
    done
}

if command -v script >/dev/null; then
    terminal_tests
elif [ -n "${PRUNEPLAN_REQUIRE_TOOLS:-}" ]; then
    fail "script (Debian: bsdutils) is missing"
else
    echo "engine_prune: terminals are not tested: script (Debian: bsdutils) is missing"
fi
