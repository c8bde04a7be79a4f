#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# sh path.sh FOLDER CXX: runs the commands of README.md, "In a project of your own", verbatim, in a copy of the files
# that they need. The program that they build must print a plan. Prints how long they took.
set -eu
export LC_ALL=C

folder=$1
root=$(cd "$(dirname "$0")/../../.." && pwd)
rm -rf "$folder"
mkdir -p "$folder/bin"
cp -R "$root/include" "$root/examples" "$folder"
# The README calls the compiler c++.
printf '#!/bin/sh\nexec %s "$@"\n' "$2" >"$folder/bin/c++"
chmod +x "$folder/bin/c++"
PATH=$folder/bin:$PATH
export PATH

awk '/^##/ { wanted = $0 == "### In a project of your own" } wanted && /^    / { print substr($0, 5) }' "$root/README.md" \
    >"$folder/commands"
[ "$(wc -l <"$folder/commands")" = 4 ] || { echo "FAILED: the section does not have four commands" && exit 1; }

cd "$folder"
begin=$(date +%s)
sh -eu commands >output
end=$(date +%s)
grep -q '^docker.io/library/alpine:latest   kept: container 0 runs sha256:82d1e9d7, and this is the last name' output ||
    { cat output && echo "FAILED: the program does not print the plan" && exit 1; }
echo "from the README to a plan in $((end - begin)) s, with:"
cat commands
