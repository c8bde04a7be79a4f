#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# sh install.sh CMAKE BUILD [PRUNEPLAN]: tests what `cmake --install BUILD --component program` installs, and what CMake
# says when a library is missing that the program needs.
set -eu
export LC_ALL=C

cmake=$1
build=$2
program=${3:-}
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/install.XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

for library in CLI11 nlohmann_json CURL; do
    "$cmake" -S "$here/../.." -B "$folder/build" -DPRUNEPLAN_BUILD_TESTS=OFF "-DCMAKE_DISABLE_FIND_PACKAGE_$library=ON" \
        >"$folder/log" 2>&1 || fail "CMake needs $library: $(cat "$folder/log")"
    grep -qF "The program pruneplan is not built: missing $library. On Debian: apt install libcli11-dev" "$folder/log" ||
        fail "CMake does not say that $library is missing: $(cat "$folder/log")"
    rm -rf "$folder/build"
done

if [ -z "$program" ]; then
    echo "skipped: the program is not built, since a library is missing that it needs"
    [ -z "${PRUNEPLAN_REQUIRE_TOOLS:-}" ] || exit 1
    exit 77
fi
DESTDIR=$folder "$cmake" --install "$build" --component program --prefix /usr >"$folder/log" 2>&1 ||
    fail "$(cat "$folder/log")"
cat >"$folder/wanted" <<'END'
/usr/bin/pruneplan
/usr/share/bash-completion/completions/pruneplan
/usr/share/man/man1/pruneplan.1
END
find "$folder/usr" -type f | sed "s:^$folder::" | sort >"$folder/installed"
diff "$folder/wanted" "$folder/installed" >&2 || fail "the component program has other files"
"$folder/usr/bin/pruneplan" --version >/dev/null || fail "the installed program does not run"
echo "the program is installed with its manual page and its completion"
