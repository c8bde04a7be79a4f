# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh
# A case that runs until it is killed: used by interrupted.sh.
echo "started"
sleep 600
