# SPDX-License-Identifier: BSL-1.0
# Sourced by ../engine_prune.sh. Tests reading from an engine, with scripts in place of the engine.

# An engine that is missing, or fails.
refused 'cannot run' --engine docker -- "$folder/no-such-engine"
refused 'says %1B[31mtwo lines' --engine podman -- sh -c 'printf "says \033[31mtwo\nlines\n" >&2; exit 1'
refused 'exit code 3' --engine podman -- sh -c 'exit 3'
refused 'signal 9' --engine docker -- sh -c 'kill -9 $$'

# A command that is not an engine.
not_an_engine() { # ANSWER WANTED COMMAND...
    message="\"$3\" does not answer as an engine does: \"$1\" is not $2; give the engine's own command after --"
    shift 2
    for engine in docker podman; do
        rejects "$message" --engine "$engine" -- "$@"
    done
}
not_an_engine '' 'a version' true
not_an_engine '1 2' 'a version' printf '1\n2\n'
not_an_engine sha256:1 "an image's line" sh -c 'echo sha256:1'
asks='version --format {{.Client.Version}}'
rejects "\"echo\" does not answer as an engine does: \"$asks\" is not a version; give the engine's own command after --" \
    --engine podman -- echo

# The words of the engine's command are passed unchanged, without a shell.
cat >"$folder/engine" <<'END'
#!/bin/sh
[ "$1" = '$(exit 1); "a b" *' ] || exit 9
case $2 in
version) echo 1.0 ;;
images) [ "$3" = --filter ] || printf 'sha256:1\nsha256:1\n' ;;
image)
    printf '1\t"2024-01-01T00:00:00Z"\t5\ttag=a:1\ttag=b:1'
    printf '\tdigest=%s' "a@$d" "c@$d" "c@$e"
    printf '\tlabel=a%%09b+c=d%%3De\tlabel=x%%3Dy=z\n'
    ;;
ps) printf '1\ta:1\tweb\n' ;;
esac
END
d=sha256:$(printf '%064d' 1)
e=sha256:$(printf '%064d' 2)
export d e
chmod +x "$folder/engine"
# shellcheck disable=SC2016 # a shell would expand these words
"$engine_prune" --engine podman --save-listing "$folder/asked" -- "$folder/engine" '$(exit 1); "a b" *' >/dev/null
{
    printf 'engine\tpodman\twhole_image\tversion=1.0\tnow=NOW\n'
    for name in docker.io/library/a:1 docker.io/library/b:1 "docker.io/library/c@$d"; do
        printf 'image\t%s\tsha256:1\tcreated=1704067200.000000000\tsize=5\tlabel=a%%09b c=d=e\n' "$name"
    done
    printf 'container\tsha256:1\ta:1\tname=web\n'
} >"$folder/wanted"
sed 's/now=[0-9.]*$/now=NOW/' "$folder/asked" >"$folder/got"
same "an engine's answers become a listing" "$folder/wanted" "$folder/got"
