# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC1091,SC2154 # inside.sh sources it, and defines what it uses
# Tests that pruneplan finds Docker's socket as Docker's own client does: by DOCKER_HOST, DOCKER_CONTEXT, and the
# current context.

. "$here/steps.sh"

# Checks that pruneplan, with variables of the environment, prints the line.
check() { # LINE [VARIABLE=VALUE]...
    wanted=$1
    shift
    printed=$(env DOCKER_CONFIG="${place:-}$DOCKER_CONFIG" "$@" "$program" docker --all --format names 2>&1) || :
    case $printed in
    *"$wanted"*) ;;
    *) fail "$*: it prints \"$printed\", not \"$wanted\"" ;;
    esac
}

import "an image" app:1 >/dev/null
app=docker.io/library/app:1
quietly ask context create other --docker "host=unix://$socket"
check "$app" DOCKER_HOST="unix://$socket"
check "$app" DOCKER_CONTEXT=other
check 'unknown context "missing": "docker context ls" shows the known ones' DOCKER_CONTEXT=missing
check 'cannot connect to the socket "/nowhere": ' DOCKER_CONTEXT=other DOCKER_HOST=unix:///nowhere
check 'host "ssh://user@host": give unix://PATH or tcp://HOST:PORT' DOCKER_HOST=ssh://user@host
check 'asks for TLS with "tcp://host:2376": forward the socket, and give unix://PATH' DOCKER_HOST=tcp://host:2376 DOCKER_TLS_VERIFY=1
check 'cannot connect to the socket "/var/run/docker.sock": ' DOCKER_CONTEXT=
quietly ask context use other
check "$app" DOCKER_CONTEXT=
check 'cannot connect to the socket "/var/run/docker.sock": ' DOCKER_CONTEXT=default
echo "pruneplan finds the socket of $engine $(version) by DOCKER_HOST, DOCKER_CONTEXT and the current context"
