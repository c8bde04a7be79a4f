# SPDX-License-Identifier: BSL-1.0
# Completion for bash: sources, and the options that --help lists.
_pruneplan() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    case $before in
    --format) mapfile -t COMPREPLY < <(compgen -W "table json names svg html" -- "$word") && return ;;
    --rule)
        local rules="strict engine containerd_snapshotter graph_driver whole_image names_only"
        mapfile -t COMPREPLY < <(compgen -W "$rules" -- "$word") && return
        ;;
    --used | --used-by | --save-listing | --ca | --journal | --metrics | --config | listing)
        mapfile -t COMPREPLY < <(compgen -f -- "$word") && return
        ;;
    esac
    if [ "$COMP_CWORD" = 1 ] && [[ $word != -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "docker podman containerd registry listing" -- "$word")
    else
        local options
        options=$(pruneplan --help | sed -nE 's/^ +(-[a-zA-Z],)?(--[a-z-]+).*/\2/p')
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
    fi
}
complete -o filenames -F _pruneplan pruneplan
