# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh
# A case that ends only when it is ended: for interrupted.sh.
echo "started"
sleep 600
