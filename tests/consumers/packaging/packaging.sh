#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# sh packaging.sh WORK_DIR CMAKE COMPILER [WAY]...: uses pruneplan from another project in each documented way, runs the
# program that results, and prints one line for each way. Each way has a new folder under WORK_DIR with main.cpp and the
# way's build file. Nothing is downloaded. Exits with 77 if a tool that a way needs is not installed, or with 1 if
# PRUNEPLAN_REQUIRE_TOOLS is also set.
set -eu

mkdir -p "$1"
work=$(cd "$1" && pwd)
cmake=$2
export CXX="$3"
shift 3
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)

# Ignore the caller's flags and the packages that are installed on this machine.
unset PKG_CONFIG_PATH CMAKE_PREFIX_PATH CXXFLAGS DESTDIR || :

version=$(awk '/^#define PRUNEPLAN_VERSION_(MAJOR|MINOR|PATCH) [0-9]+$/ { printf "%s%s", dot, $3; dot = "." }' \
    "$root/include/pruneplan/version.hpp")
major=${version%%.*}
minor=${version#*.}
minor=${minor%.*}
next_minor=$major.$((minor + 1))

fail() {
    echo "$*"
    exit 1
}

needs() {
    for tool; do
        command -v "$tool" >/dev/null && continue
        echo "skipped: $tool is not installed" >&3
        [ -z "${PRUNEPLAN_REQUIRE_TOOLS:-}" ] || exit 1
        exit 77
    done
}

# `consumer [FOLDER]` copies main.cpp, and the build files of FOLDER, into the way's folder.
consumer() {
    cp "$here/main.cpp" .
    [ $# = 0 ] || cp "$here/$1"/* .
}

pack() {
    (cd "$root" && "$cmake" -E tar czf "$1" CMakeLists.txt meson.build LICENSE include tests examples .packaging)
}

unpack() {
    mkdir -p "$1"
    pack "$PWD/source.tar.gz"
    (cd "$1" && "$cmake" -E tar xzf "$OLDPWD/source.tar.gz")
}

configure_with_cmake() { # FOLDER [ARGUMENT]...
    folder=$1
    shift
    "$cmake" -S "$root" -B "$folder" -DPRUNEPLAN_BUILD_TESTS=OFF -DPRUNEPLAN_BUILD_EXAMPLES=OFF "$@"
}

install_with_cmake() { # PREFIX [ARGUMENT]...
    prefix=$1
    shift
    configure_with_cmake own -DCMAKE_INSTALL_PREFIX="$PWD/$prefix" "$@"
    "$cmake" --install own
}

install_with_meson() { # PREFIX [ARGUMENT]...
    prefix=$1
    shift
    needs meson
    meson setup own_meson "$root" --prefix="$PWD/$prefix" "$@"
    meson install -C own_meson --no-rebuild
}

run_cmake() {
    "$cmake" -S . -B build "$@"
    "$cmake" --build build
    ./build/consumer
}

run_meson() {
    needs meson
    meson setup build "$@"
    meson compile -C build
    ./build/consumer
}

run_compiler() {
    "$CXX" -std=c++20 -Wall -Wextra -Werror "$@" main.cpp -o consumer
    ./consumer
}

run_pkg_config() { # FOLDER_OF_THE_FILE [PREFIX]
    PKG_CONFIG_PATH=$1
    export PKG_CONFIG_PATH
    [ "$(pkg-config --modversion pruneplan)" = "$version" ] || fail "pkg-config does not report version $version"
    # shellcheck disable=SC2046 # several flags
    run_compiler $(pkg-config --cflags --libs "pruneplan >= $version")
}

no_tests_built() {
    [ -z "$(find build -name 'unit*' -o -name 'quickstart*')" ] ||
        fail "a subproject must not build its tests or examples"
}

# The ways.

add_subdirectory() {
    consumer add_subdirectory
    unpack pruneplan
    run_cmake
    no_tests_built
}

fetch_content() {
    consumer fetch_content
    pack "$PWD/pruneplan.tar.gz"
    run_cmake
}

find_package() {
    consumer find_package
    install_with_cmake installed
    run_cmake -DCMAKE_PREFIX_PATH="$PWD/installed" -DVERSION="$version" -DMINOR_VERSION="$major.$minor" \
        "-DREFUSED_VERSIONS=$next_minor;$((major + 1));$version.1"
}

find_package_range() {
    consumer find_package_range
    install_with_cmake installed
    run_cmake -DCMAKE_PREFIX_PATH="$PWD/installed" \
        "-DRANGES=0...<$((major + 1));$version...<$next_minor;$major.$minor...$version" \
        "-DREFUSED_RANGES=0...<$version;$next_minor...<99;0.0.1...0.0.9"
}

find_package_include_folder() {
    consumer find_package
    install_with_cmake installed -DCMAKE_INSTALL_INCLUDEDIR=headers/cxx -DCMAKE_INSTALL_DATADIR=data
    [ -f installed/headers/cxx/pruneplan/pruneplan.hpp ] || fail "CMAKE_INSTALL_INCLUDEDIR is not respected"
    mv installed moved
    run_cmake -Dpruneplan_DIR="$PWD/moved/data/cmake/pruneplan" -DVERSION="$version" -DMINOR_VERSION="$major.$minor"
    run_pkg_config "$PWD/moved/data/pkgconfig"
}

find_package_after_meson() {
    consumer find_package
    install_with_meson installed
    run_cmake -DCMAKE_PREFIX_PATH="$PWD/installed" -DVERSION="$version" -DMINOR_VERSION="$major.$minor"
}

find_package_exported() {
    consumer find_package_exported
    unpack pruneplan
    run_cmake -DCMAKE_INSTALL_PREFIX="$PWD/installed"
    "$cmake" --install build
    [ -f installed/share/cmake/pruneplan/pruneplan-config.cmake ] || fail "pruneplan is not installed with its host"
    grep -q 'pruneplan::pruneplan' installed/share/cmake/host/host-config.cmake ||
        fail "the exported host does not link pruneplan::pruneplan"
}

find_package_component() {
    consumer find_package_component
    install_with_cmake installed
    run_cmake -DCMAKE_PREFIX_PATH="$PWD/installed"
}

pkg_config_after_cmake() {
    needs pkg-config
    consumer
    install_with_cmake installed
    run_pkg_config "$PWD/installed/share/pkgconfig"
}

pkg_config_after_meson() {
    needs pkg-config
    consumer
    install_with_meson installed
    run_pkg_config "$PWD/installed/share/pkgconfig"
}

meson_subproject() {
    consumer meson
    unpack subprojects/pruneplan
    run_meson --wrap-mode=forcefallback
    no_tests_built
}

meson_wrap() {
    consumer meson
    mkdir -p subprojects/packagefiles
    pack "$PWD/subprojects/packagefiles/pruneplan.tar.gz"
    hash=$(sha256sum subprojects/packagefiles/pruneplan.tar.gz | cut -d ' ' -f 1)
    sed "s/@HASH@/$hash/" "$here/meson_wrap/pruneplan.wrap" >subprojects/pruneplan.wrap
    run_meson --wrap-mode=forcefallback
    no_tests_built
}

meson_installed() {
    needs pkg-config
    consumer meson
    install_with_meson installed
    PKG_CONFIG_PATH=$PWD/installed/share/pkgconfig
    export PKG_CONFIG_PATH
    run_meson --wrap-mode=nofallback
}

plain_copy() {
    consumer
    cp -R "$root/include/pruneplan" .
    run_compiler -I .
}

single_header() {
    consumer single_header
    mkdir -p include/pruneplan
    sh "$here/single_header.sh" include/pruneplan/pruneplan.hpp
    sh "$here/single_header.sh" again.hpp
    cmp include/pruneplan/pruneplan.hpp again.hpp || fail "a second run writes a different file"
    head -n 3 again.hpp | grep -qF "pruneplan $version:" || fail "the version is not at the top"
    head -n 5 again.hpp | grep -qF 'Boost Software License - Version 1.0' || fail "the license is not at the top"
    echo '#include <pruneplan/pruneplan.hpp>' >>main.cpp
    run_compiler -I include

    (cd "$root/include" && find pruneplan -name '*.hpp') | while IFS= read -r header; do
        [ -f "include/$header" ] && continue
        mkdir -p "include/${header%/*}"
        echo '#include <pruneplan/pruneplan.hpp>' >"include/$header"
    done
    "$cmake" -S . -B build -DTESTS="$root/tests"
    "$cmake" --build build -j "$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)"
    ./build/consumer
}

# The vcpkg port and the Conan recipe, run by stand-ins, so that neither tool has to be installed.

vcpkg() {
    needs python3
    port=$root/.packaging/vcpkg/pruneplan
    python3 -m json.tool "$port/vcpkg.json"
    "$cmake" -D PORT_DIR="$port" -D CURRENT_PACKAGES_DIR="$PWD/package" -D WORK_DIR="$PWD/port" \
        -P "$here/vcpkg/vcpkg.cmake"
    [ -f package/share/pruneplan/copyright ] || fail "the port installs no copyright"
    consumer find_package
    run_cmake -DCMAKE_PREFIX_PATH="$PWD/package" -DVERSION="$version" -DMINOR_VERSION="$major.$minor"
}

conan() {
    needs python3
    python3 "$here/conan/conan.py" "$root/.packaging/conan/conanfile.py" "$PWD/package" "$PWD/sources" >reported
    [ "$(cat reported)" = "pruneplan $version" ] || fail "the recipe is of: $(cat reported)"
    [ -f package/licenses/LICENSE ] || fail "the recipe packages no license"
    diff -r "$root/include" package/include
    consumer
    run_compiler -I package/include
}

cpack_tgz() {
    consumer find_package
    configure_with_cmake own -DCPACK_GENERATOR=TGZ
    "$cmake" --build own --target package
    mkdir unpacked
    (cd unpacked && "$cmake" -E tar xzf ../own/libpruneplan-dev-"$version"-*.tar.gz)
    run_cmake -DCMAKE_PREFIX_PATH="$(echo "$PWD"/unpacked/*)" -DVERSION="$version" -DMINOR_VERSION="$major.$minor"
}

cpack_deb() {
    needs dpkg-deb pkg-config
    consumer find_package
    configure_with_cmake own -DCPACK_GENERATOR=DEB
    "$cmake" --build own --target package
    deb=own/libpruneplan-dev_${version}_all.deb
    [ "$(dpkg-deb --field "$deb" Version)" = "$version" ] || fail "the package does not have version $version"
    dpkg-deb --extract "$deb" unpacked
    run_cmake -DCMAKE_PREFIX_PATH="$PWD/unpacked/usr" -DVERSION="$version" -DMINOR_VERSION="$major.$minor"
    run_pkg_config "$PWD/unpacked/usr/share/pkgconfig"
}

# Checks that no consumer would make: CMake and Meson install the same files, and all files have the same version.

same_files() {
    install_with_cmake by_cmake
    install_with_meson by_meson
    diff -r by_cmake by_meson
    [ "$(find by_cmake -name '*.hpp' | wc -l)" = "$(find "$root/include" -name '*.hpp' | wc -l)" ] ||
        fail "not every header is installed"
    rm -rf own own_meson
    install_with_cmake odd_by_cmake -DCMAKE_INSTALL_INCLUDEDIR=headers/cxx -DCMAKE_INSTALL_DATADIR=data/all
    install_with_meson odd_by_meson --includedir=headers/cxx --datadir=data/all
    diff -r odd_by_cmake odd_by_meson
}

same_version() {
    needs python3 meson
    cat >main.cpp <<'END'
#include <pruneplan/pruneplan.hpp>

#include <cstdio>

int main() { return std::puts(PRUNEPLAN_VERSION) < 0; }
END
    "$CXX" -std=c++20 -I "$root/include" main.cpp -o print_version
    configure_with_cmake own
    meson setup own_meson "$root"
    {
        ./print_version
        sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' own/CMakeCache.txt
        python3 -c 'import json, sys; print(json.load(sys.stdin)["version"])' <<END
$(meson introspect own_meson --projectinfo)
END
        python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["version"])' \
            "$root/.packaging/vcpkg/pruneplan/vcpkg.json"
    } >versions
    [ "$(uniq versions)" = "$version" ] ||
        fail "the versions in the header, CMake, Meson and vcpkg differ: $(tr '\n' ' ' <versions)"
}

ways='add_subdirectory fetch_content find_package find_package_range find_package_include_folder
    find_package_after_meson find_package_exported find_package_component pkg_config_after_cmake pkg_config_after_meson
    meson_subproject meson_wrap meson_installed plain_copy single_header vcpkg conan cpack_tgz cpack_deb
    same_files same_version'
# shellcheck disable=SC2086 # several words
[ $# -gt 0 ] || set -- $ways

green='' plain=''
if [ -t 1 ]; then
    green=$(printf '\033[32m')
    plain=$(printf '\033[0m')
fi

worst=0
for way; do
    rm -rf "${work:?}/$way"
    mkdir -p "$work/$way"
    # Not as a condition of `if` or `||`: within one, the shell ignores `set -e`.
    set +e
    (
        set -e
        cd "$work/$way"
        "$way"
    ) 3>&1 >"$work/$way.log" 2>&1
    code=$?
    set -e
    case $code in
    0) echo "${green}ok$plain  $way" ;;
    77) [ "$worst" != 0 ] || worst=77 ;;
    *)
        cat "$work/$way.log"
        echo "FAILED  $way"
        worst=1
        ;;
    esac
done
exit "$worst"
