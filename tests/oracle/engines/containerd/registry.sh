# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # the cases of containerd source it, and define and use the rest
# Starts a registry at 127.0.0.1:5000, in the own network of the case.

. "$here/containerd/python.sh"
command -v docker-registry >/dev/null || no_engine "docker-registry is not installed"

registry=127.0.0.1:5000
cat >"$folder/registry.yml" <<END_OF_FILE
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $folder/registry}}
http: {addr: $registry}
END_OF_FILE
OTEL_TRACES_EXPORTER=none docker-registry serve "$folder/registry.yml" >"$folder/registry.log" 2>&1 &
until curl --silent --fail --output /dev/null "http://$registry/v2/"; do
    kill -0 "$!" 2>/dev/null || no_engine "the registry does not start: $(tail -n 1 "$folder/registry.log")"
    sleep 0.1
done
export folder socket registry sandbox program cgroup
