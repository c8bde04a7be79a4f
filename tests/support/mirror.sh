# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh
# Sourced by scripts that make a root folder of a Debian release.

# Prints the mirror from which this machine installs its own packages.
mirror() {
    # shellcheck disable=SC2016 # apt expands it
    found=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Identifier: Packages' 2>/dev/null |
        awk '$1 == "Debian" || $2 ~ "/debian/?$" { print $2; exit }')
    echo "${found:-http://deb.debian.org/debian}"
}
