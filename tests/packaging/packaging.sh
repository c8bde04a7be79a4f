#!/bin/sh
# sh packaging.sh WORK_DIR CMAKE COMPILER: takes pruneplan into a project of its own in each way that is promised, and
# runs what comes out. Each way gets a fresh folder under WORK_DIR, with main.cpp and that way's build file.
set -eu

work=$1 cmake=$2
export CXX="$3"
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

rm -rf "$work"
mkdir -p "$work"
(cd "$root" && "$cmake" -E tar czf "$work/pruneplan.tar.gz" CMakeLists.txt meson.build LICENSE include tests examples)

# `consumer NAME KIND` makes the project NAME with the build file of KIND and goes there.
consumer() {
    echo "== $1"
    cp -R "$here/$2" "$work/$1"
    cp "$here/main.cpp" "$work/$1"
    cd "$work/$1"
}

unpack() {
    mkdir -p "$1"
    (cd "$1" && "$cmake" -E tar xzf "$work/pruneplan.tar.gz")
}

with_cmake() {
    "$cmake" -S . -B build "$@"
    "$cmake" --build build
    ./build/consumer
}

with_meson() {
    meson setup build "$@"
    meson compile -C build
    ./build/consumer
}

consumer add_subdirectory add_subdirectory
unpack pruneplan
with_cmake

consumer fetch_content fetch_content
cp "$work/pruneplan.tar.gz" .
with_cmake

"$cmake" -S "$root" -B "$work/own" -DPRUNEPLAN_BUILD_TESTS=OFF -DPRUNEPLAN_BUILD_EXAMPLES=OFF \
    -DCMAKE_INSTALL_PREFIX="$work/installed"
"$cmake" --install "$work/own"
consumer find_package find_package
with_cmake -DCMAKE_PREFIX_PATH="$work/installed"

if ! command -v meson >/dev/null; then
    echo "skipped: meson is not installed, so the two Meson ways are not tried"
    exit 0
fi

consumer meson_subproject meson
unpack subprojects/pruneplan
with_meson --wrap-mode=forcefallback
if [ -n "$(find build -name 'unit*' -o -name 'quickstart*')" ]; then
    echo "a subproject must not build its tests or examples"
    exit 1
fi

meson setup "$work/own_meson" "$root" --prefix="$work/installed_by_meson"
meson install -C "$work/own_meson" --no-rebuild
consumer pkg_config meson
export PKG_CONFIG_PATH="$work/installed_by_meson/share/pkgconfig"
with_meson --wrap-mode=nofallback
