#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The command line as a whole: help, commands, errors, configuration.

load lib

@test "--help lists every command, and each has its own" {
	run rlc --help
	assert_success
	local names name
	names=$(sed -n '/^Commands/,/^$/s/^  \([a-z]\+\) .*/\1/p' <<<"$output")
	[ "$(wc -w <<<"$names")" -ge 5 ] || fail "too few" "$(got)"
	for name in $names; do
		run rlc "$name" --help
		assert_success
		[[ ${lines[0]} == "Usage: rlc $name"* ]] || fail "no usage of $name" "$(got)"
		assert_equal "$(rlc help "$name")" "$output"
	done
}

@test "help fits the terminal, however narrow" {
	need_program script
	local width longest
	for width in 40 60 100; do
		run script -qec "stty cols $width && '$RLC' --help" /dev/null
		assert_success
		longest=$(tr -d '\r' <<<"$output" | wc -L)
		[ "$longest" -le "$width" ] || fail "$longest columns on $width" "$(got)"
	done
}

@test "a command that is not there" {
	run rlc verison
	assert_refused 125 'unknown command "verison"'
	assert_line "  fix: did you mean: rlc version"
	run rlc zzzzzz
	assert_refused 125 'unknown command "zzzzzz"'
	assert_line "  fix: see: rlc --help"
	run rlc
	assert_refused 125 "no command given"
	run rlc image frobnicate
	assert_refused 125 'image: "frobnicate" is not known'
}

@test "an option that is not there" {
	run rlc --log-lvel=debug version
	assert_refused 125 "unknown option --log-lvel"
	assert_line "  fix: did you mean --log-level?"
	run rlc version --root /x
	assert_refused 125 "unknown option --root"
	assert_line "  fix: --root goes before the command: rlc --root ..."
}

@test "too much and too little" {
	run rlc version now
	assert_refused 125 'version: "now" is one too many'
	run rlc completion
	assert_refused 125 "completion: bash|zsh|fish is missing"
	assert_line "  fix: write: rlc completion bash|zsh|fish"
}

@test "options before the command take an absolute folder and a known level" {
	run rlc --root data info
	assert_refused 125 'option --root "data": not an absolute path'
	run rlc --runroot ./run info
	assert_refused 125 'option --runroot "./run": not an absolute path'
	run rlc --log-level loud info
	assert_refused 125 'option --log-level "loud": no such level'
}

@test "what others named reaches no terminal unseen" {
	run rlc $'\e]0;title\a\e[31mred'
	assert_refused 125 'unknown command "\x1b]0;title\x07\x1b[31mred"'
	run rlc version $'--for\nmat'
	assert_refused 125 'unknown option --for\x0amat'
}

@test "errors are coloured on a terminal alone" {
	need_program script
	run script -qec "TERM=xterm '$RLC' zzzzzz" /dev/null
	assert_contains $'\e[1;31mrlc:'
	run script -qec "TERM=xterm NO_COLOR=1 '$RLC' zzzzzz" /dev/null
	refute_contains $'\e'
	run script -qec "TERM=dumb '$RLC' zzzzzz" /dev/null
	refute_contains $'\e'
	run rlc zzzzzz
	refute_contains $'\e'
}

@test "output that cannot be written is a failure" {
	run bash -c "'$RLC' version >/dev/full"
	assert_refused 125 "write to standard output: No space left on device"
}

@test "configuration: own file, then variable, then option" {
	mkdir -p "$HOME/.config/rlc"
	echo "root: $PWD/file" >"$HOME/.config/rlc/config.yaml"
	run rlc info --json
	assert_success
	assert_contains "\"$PWD/file\""
	RLC_ROOT=$PWD/variable run rlc info --json
	assert_contains "\"$PWD/variable\""
	RLC_ROOT=$PWD/variable run rlc --root "$PWD/option" info --json
	assert_contains "\"$PWD/option\""
	echo "root: $PWD/instead" >instead.yaml
	run rlc --config instead.yaml info --json
	assert_contains "\"$PWD/instead\""
	rm "$HOME/.config/rlc/config.yaml"
}

@test "configuration: an error names file, line and column" {
	mkdir -p "$HOME/.config/rlc"
	printf 'log-level: info\nrooot: /x\n' >"$HOME/.config/rlc/config.yaml"
	run rlc info
	assert_refused 125 "$HOME/.config/rlc/config.yaml:2:1: unknown key \"rooot\""
	assert_line '  fix: did you mean "root"?'
	printf 'log-level: info\nroot: x\n' >"$HOME/.config/rlc/config.yaml"
	run rlc info
	assert_refused 125 "$HOME/.config/rlc/config.yaml:2:7: root \"x\": not an absolute path"
	# What needs no configuration does not trip over it.
	run rlc version
	assert_success
	rm "$HOME/.config/rlc/config.yaml"
	run rlc --config ./nowhere.yaml info
	assert_refused 125 "open configuration ./nowhere.yaml: No such file or directory"
}

@test "a variable of a bad value: no option is named that was not given" {
	RLC_UMASK=9 run rlc run busybox
	assert_refused 125 'variable RLC_UMASK "9": not an octal number'
	assert_line "  fix: write an octal number such as 0022"
	RLC_LOG_LEVEL=loud run rlc ps
	assert_refused 125 'variable RLC_LOG_LEVEL "loud": no such level'
	refute_contains "--log-level"
	RLC_ROOT=here run rlc ps
	assert_refused 125 'variable RLC_ROOT "here": not an absolute path'
	refute_contains "--root"
}

@test "JSON looks alike, whatever prints it" {
	local command
	for command in "version --format json" "info --json" "images --format json" \
		"ps -a --format json" "doctor --json"; do
		# shellcheck disable=SC2086 # words
		run rlc $command
		refute_contains '":"' || fail "$command"
		# shellcheck disable=SC1003 # a backslash
		refute_contains '\/' || fail "$command"
	done
}

@test "configuration: a file that others can change is refused" {
	mkdir -p "$HOME/.config/rlc"
	echo "log-level: info" >"$HOME/.config/rlc/config.yaml"
	chmod 666 "$HOME/.config/rlc/config.yaml"
	run rlc info
	assert_refused 125 "can be changed by other users"
	rm "$HOME/.config/rlc/config.yaml"
}

@test "a variable that is nearly one of ours is pointed out" {
	RLC_LOGLEVEL=debug run rlc info
	assert_success
	assert_contains "RLC_LOGLEVEL is not known; did you mean RLC_LOG_LEVEL?"
	RLC_SOMETHING_ELSE=1 run rlc info
	refute_contains "did you mean"
}

@test "version opens neither configuration nor folders" {
	need_program strace
	run strace -f -o trace -e trace=openat,mkdir,mkdirat "$RLC" version
	assert_success
	run grep -E 'rlc|yaml' trace
	assert_status 1
}

@test "version in JSON" {
	run rlc version --format json
	assert_success
	assert_equal "rlc $(sed -n 's/.*"rlc": "\([^"]*\)".*/\1/p' <<<"$output")" "$(rlc -v)"
	run rlc version --format '{{.Version}}'
	assert_refused 125 'option --format "{{.Version}}": no such format'
}

@test "a command of podman's that is not here names the nearest way" {
	run rlc exec web sh
	assert_refused 125 'this version has no command "exec"'
	# Nothing a word away is offered for it.
	run rlc farm
	assert_line "  fix: see: rlc --help"
	local name
	for name in cp save push system network volume build commit login logout start restart \
		attach top pod compose rename events diff export; do
		run rlc "$name" x
		assert_refused 125 "this version has no command \"$name\"" || return
		assert_contains "  fix: " || return
		refute_contains "rlc --help" || return
	done
	# Of two words there may be a nearer way.
	run rlc system prune
	assert_refused 125 'this version has no command "system prune"'
	assert_contains "rlc image prune"
	run rlc image save x
	assert_refused 125 'this version has no command "image save"'
	assert_contains "skopeo copy oci:STORE:NAME"
	run rlc container exec x
	assert_refused 125 'this version has no command "container exec"'
	run rlc container
	assert_refused 125 "what about containers?"
	run rlc container frob
	assert_refused 125 'container: "frob" is not known'
}

@test "groups of commands are one line of --help, and tell their words themselves" {
	run rlc --help
	assert_match $'\n  image  +Do with'
	assert_match $'\n  container  +Do with'
	refute_contains "image prune"
	run rlc image --help
	assert_match $'\n  ls  +List images'
	assert_match $'\n  prune  +Remove images'
	run rlc container --help
	assert_match $'\n  stop  +Ask containers'
	run rlc container ls -q
	assert_success
}

@test "output that a full disk refuses is no success, however long it is" {
	local command
	for command in --help version "completion bash"; do
		# shellcheck disable=SC2086 # words
		run rlc_to_full_disk $command
		assert_refused 125 "write to standard output"
	done
}

rlc_to_full_disk() {
	rlc "$@" >/dev/full
}

@test "an input that cannot be read comes with the next step" {
	run rlc --config nosuch ps
	assert_refused 125 "open configuration nosuch"
	assert_contains "fix: "
	run rlc load nosuch.tar
	assert_refused 125 "open nosuch.tar"
	assert_contains "fix: "
	run rlc import nosuch.tar
	assert_refused 125 "open nosuch.tar"
	assert_contains "fix: "
	run rlc rm --cidfile nosuch
	assert_refused 1 "option --cidfile: open nosuch"
	assert_contains "fix: "
	run rlc run --env-file nosuch busybox
	assert_refused 125 "option --env-file: open nosuch"
	assert_contains "fix: "
	run rlc ps --last x
	assert_contains "fix: "
	run rlc inspect
	assert_refused 125 "inspect: no container and no image given"
	assert_contains "fix: "
}

@test "a volume without a destination is told how to have one" {
	run rlc run -v ./data busybox
	assert_refused 125 "anonymous volumes are not in this version"
	assert_contains "-v ./data:/data"
	run rlc run -v /data busybox
	assert_contains "-v ./data:/data; memory: --tmpfs /data"
}
