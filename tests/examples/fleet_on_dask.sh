#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# sh fleet_on_dask.sh WORK_DIR LIBRARY [RECORDS [NODES [FILES [SHARDS]]]]: plans a sample of a fleet on workers that
# die, through the C API's LIBRARY (see fleet_on_dask.py). Exits with 77 if Dask is not installed, or with 1 if
# PRUNEPLAN_REQUIRE_TOOLS is also set.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
examples=$(cd "$here/../../examples" && pwd)
. "$here/../support/python.sh"

python=$(python_with dask.distributed) || {
    echo 'skipped: python3-distributed is not installed'
    [ -z "${PRUNEPLAN_REQUIRE_TOOLS:-}" ] || exit 1
    exit 77
}
work=$1
PRUNEPLAN_LIBRARY=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
PYTHONPATH=$examples/c_api/python/src:$examples/fleet
PYTHONDONTWRITEBYTECODE=1
export PRUNEPLAN_LIBRARY PYTHONPATH PYTHONDONTWRITEBYTECODE
shift 2
exec "$python" "$here/fleet_on_dask.py" "$work" "$@"
