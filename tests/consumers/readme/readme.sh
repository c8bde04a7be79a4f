#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# sh readme.sh PROGRAM: the code of README.md prints the plan that it should print.
set -eu
used=sha256:$(printf 'a%.0s' $(seq 64))
"$1" | diff /dev/fd/3 - 3<<END || { echo 'FAILED: the code of README.md prints another plan' && exit 1; }
docker.io/library/app:1 kept: container 0 was created from docker.io/library/app:1
docker.io/library/app:2 deleted: container 0 runs $used, which keeps another name
docker.io/library/app:3 kept: container 0 runs $used, and this is the last name of that image
docker.io/library/app:4 deleted: no container uses it
container 1 uses "sha512:gone", which no record has: show the planner all records, and the digests that the runtime reports
END
