# SPDX-License-Identifier: BSL-1.0
# Sourced by the scripts that README.md names. `need compiler cmake ...` installs the tools that are missing, if this is
# Debian or Ubuntu and root or sudo without a password is available. Otherwise it prints what to install, and the script
# exits with 2.

is_there() {
    case $1 in
    compiler) command -v "${CXX:-c++}" ;;
    cmake) command -v cmake ;;
    make) [ -n "${CMAKE_GENERATOR:-}" ] || command -v make ;;
    catch2) any_folder /usr/lib*/cmake/Catch2 /usr/lib/*/cmake/Catch2 /usr/share/cmake/Catch2 \
        /usr/local/*/cmake/Catch2 /opt/*/lib/cmake/Catch2 ;;
    esac >/dev/null
}

any_folder() {
    for folder; do
        [ ! -d "$folder" ] || return 0
    done
    return 1
}

package_of() {
    case $1 in
    compiler) echo g++ ;;
    *) echo "$1" ;;
    esac
}

missing_of() {
    for thing; do
        is_there "$thing" || package_of "$thing"
    done
}

need() {
    missing=$(missing_of "$@" | tr '\n' ' ')
    [ -n "$missing" ] || return 0
    as_root=
    [ "$(id -u)" = 0 ] || as_root='sudo -n'
    if command -v apt-get >/dev/null && $as_root true 2>/dev/null; then
        echo "installing: $missing" >&2
        # shellcheck disable=SC2086 # several words
        if $as_root apt-get -qq update >/dev/null; then
            $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $missing \
                >/dev/null || :
        fi
        missing=$(missing_of "$@" | tr '\n' ' ')
        [ -n "$missing" ] || return 0
    fi
    echo "please install: $missing(names of Debian's packages), then run this again" >&2
    exit 2
}
