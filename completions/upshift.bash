# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2207 # no completion here has a blank in it, but for files, which compgen quotes not
# Completion of upshift for bash. Subcommands, options and what they take are read from --help, so that they are
# those of the upshift that is called.

# "SHORT LONG ARGUMENT" of each option; "-" for what it does not have
_upshift_options() {
	"$1" "$2" --help 2>/dev/null | sed -En \
		-e 's/^ +-([^ ,-]), --([a-z-]+)\[?=?([A-Z]*)\]?.*/-\1 --\2 \3-/p' \
		-e 's/^ +--([a-z-]+)\[?=?([A-Z]*)\]?.*/- --\1 \2-/p'
}

_upshift_subcommands() { "$1" --help 2>/dev/null | sed -En 's/^  ([a-z]+)  .*/\1/p'; }

# What a word in capitals in the help stands for
_upshift_argument() {
	case $1 in
	FILE*) compopt -o filenames; COMPREPLY=($(compgen -f -- "$2")) ;;&
	DIR*) compopt -o filenames; COMPREPLY=($(compgen -d -- "$2")) ;;
	LEVEL*) COMPREPLY=($(compgen -W 'error warn info debug' -- "$2")) ;;
	WHEN*) COMPREPLY=($(compgen -W 'auto sync async' -- "$2")) ;;
	SWITCH*) COMPREPLY=($(compgen -W 'on off' -- "$2")) ;;
	WAY*) COMPREPLY=($(compgen -W 'perf multi' -- "$2")) ;;
	*PID*) COMPREPLY+=($(compgen -W "$(cd /proc && printf '%s\n' [0-9]*)" -- "$2")) ;;
	COMMAND*) COMPREPLY=($(compgen -c -- "$2")) ;;
	UNIT*)
		COMPREPLY=($(compgen -W "$(systemctl list-unit-files --type=service --no-legend --plain 2>/dev/null |
			awk '{ print $1 }')" -- "$2"))
		;;
	esac
}

# The operand that the usage line of a subcommand names first
_upshift_operand() { "$1" "$2" --help 2>/dev/null | sed -En '1s/.*\[OPTION\.\.\.\] ?\[?([A-Z|]*).*/\1/p'; }

_upshift() {
	local cur=${COMP_WORDS[COMP_CWORD]} upshift=${COMP_WORDS[0]} subcommand=run first=1 i argument="" option
	local options subcommands line
	COMPREPLY=()
	subcommands=$(_upshift_subcommands "$upshift")
	if ((COMP_CWORD > 1)) && [[ $'\n'$subcommands$'\n' == *$'\n'"${COMP_WORDS[1]}"$'\n'* ]]; then
		subcommand=${COMP_WORDS[1]} first=2
	fi
	options=$(_upshift_options "$upshift" "$subcommand")

	# What the words before this one are; "=" is a word of its own.
	for ((i = first; i < COMP_CWORD; i++)); do
		option=${COMP_WORDS[i]}
		if [[ $argument && $option == = ]]; then
			continue
		elif [[ $argument ]]; then
			argument=""
		elif [[ $option == -* ]]; then
			while read -r -a line; do
				[[ ${line[0]} != "$option" && ${line[1]} != "$option" || ${line[2]} == - ]] || argument=${line[2]}
			done <<<"$options"
		elif [[ $subcommand == run ]]; then
			# The rest is the command's.
			if declare -F _command_offset >/dev/null; then _command_offset "$i"; else compopt -o default; fi
			return
		fi
	done

	if [[ $argument ]]; then
		[[ $cur != = ]] || cur=""
		_upshift_argument "$argument" "$cur"
	elif [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W "$(awk '{ print $2 }' <<<"$options")" -- "$cur"))
		((COMP_CWORD > 1)) || COMPREPLY+=($(compgen -W --version -- "$cur"))
	else
		_upshift_argument "$(_upshift_operand "$upshift" "$subcommand")" "$cur"
		((COMP_CWORD > 1)) || COMPREPLY=($(compgen -W "$subcommands" -- "$cur") "${COMPREPLY[@]}")
	fi
}

complete -F _upshift upshift
