#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Tests the forms in which plans are written: sh tests/examples/read_plan.sh READ_PLAN ANY_BYTES
# Without python3 or Graphviz it skips what needs them (77), unless PRUNEPLAN_REQUIRE_TOOLS is set.
set -eu
export LC_ALL=C

read_plan=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
any_bytes=$2
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
folder=$(mktemp -d "${TMPDIR:-/tmp}/read_plan.XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
failed=0
skipped=0

fail() {
    echo "read_plan: FAILED: $1" >&2
    failed=1
}

# has TOOL CHECK: succeeds if the tool is installed; otherwise prints which check is skipped.
has() {
    command -v "$1" >/dev/null && return 0
    echo "read_plan: skipped, since $1 is missing: $2"
    skipped=77
    return 1
}

# The picture in examples/README.md is drawn from a graph that the program writes.
"$read_plan" dot >"$folder/plan.dot"
diff "$root/examples/data/plan.dot" "$folder/plan.dot" || fail "examples/data/plan.dot is not what read_plan dot prints"
grep -q '(data/plan.svg)' "$root/examples/README.md" || fail "examples/README.md does not show examples/data/plan.svg"
# Every label of the graph is in the picture.
sed 's/&#45;/-/g' "$root/examples/data/plan.svg" >"$folder/plan.svg"
grep -o ' \[*label="[^"]*"' "$folder/plan.dot" | sed 's/^.*label="//; s/"$//' | sed 's/\\n/\
/g' | sort -u >"$folder/labels"
[ "$(wc -l <"$folder/labels")" -gt 20 ] || fail "examples/data/plan.dot has too few labels"
while read -r label; do
    grep -qF ">$label<" "$folder/plan.svg" || fail "examples/data/plan.svg does not show \"$label\": draw it again"
done <"$folder/labels"

# The transcripts of read_plan in examples/README.md are what it prints.
mkdir "$folder/bin"
ln -s "$read_plan" "$folder/bin/read_plan"
awk '/^## / { wanted = /^## Reading a plan/ } wanted && sub(/^    /, "")' "$root/examples/README.md" >"$folder/expected"
grep -q '^\$ ' "$folder/expected" || fail "examples/README.md has no transcript of read_plan"
while read -r line; do
    case $line in
    '$ '*)
        echo "$line"
        PATH=$folder/bin:$PATH sh -c "${line#??}" </dev/null
        ;;
    esac
done <"$folder/expected" >"$folder/printed"
diff "$folder/expected" "$folder/printed" || fail "examples/README.md does not show what read_plan prints"

# Whatever bytes names, targets and doubts hold, strict readers accept the output.
if has python3 "the JSON lines"; then
    "$read_plan" json | python3 "$here/read_plan.py" 8 1 || fail "read_plan json is not valid"
    "$any_bytes" json | python3 "$here/read_plan.py" 6 7 || fail "any_bytes json is not valid"
fi
if has dot "the graph of any bytes" && has python3 "the graph of any bytes"; then
    "$any_bytes" dot >"$folder/any.dot"
    dot -Tsvg "$folder/any.dot" >"$folder/any.svg" 2>"$folder/warnings" || fail "Graphviz rejects the graph of any bytes"
    [ ! -s "$folder/warnings" ] || fail "Graphviz warns: $(cat "$folder/warnings")"
    python3 - "$folder/any.svg" <<'END' || fail "a name is missing in the drawing of any bytes"
import sys
import xml.etree.ElementTree as tree

texts = {text.text for text in tree.parse(sys.argv[1]).iter("{http://www.w3.org/2000/svg}text")}
for name in ('q"b\\N\\G\\', "x\\", '&lt;&amp;\\\\"<b>', "%ef%bf%bf\u00e9\U0010fffd%f4%90%80%80%ed%a0%80\u2028"):
    assert name in texts, f"{name!r} is not among {texts}"
END
fi

[ "$failed" = 0 ] || exit 1
[ "$skipped" = 0 ] || {
    [ -z "${PRUNEPLAN_REQUIRE_TOOLS:-}" ] || exit 1
    exit 77
}
echo "read_plan: all tests passed"
