# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh
# Sourced by scripts whose Python needs modules of Debian's packages.

# Prints the Python that has these modules, which need not be the first one. Fails if none has them.
python_with() { # MODULES
    for candidate in python3 /usr/bin/python3; do
        "$candidate" -c "import $1" 2>/dev/null && echo "$candidate" && return
    done
    return 1
}
