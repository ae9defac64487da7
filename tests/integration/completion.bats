#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `rlc completion`: the scripts load in their shells, and bash completes what the tables hold.

load lib

# Words as bash cuts a line, the last being completed; prints the replies, one a line.
complete_bash() { # WORD...
	PATH=$(dirname "$RLC"):$PATH bash --norc -c '
		source <(rlc completion bash)
		complete -p rlc >/dev/null || exit
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		_rlc 2>/dev/null
		printf "%s\n" "${COMPREPLY[@]}"' - "$@"
}

@test "bash: commands" {
	run complete_bash rlc ver
	assert_output version
	run complete_bash rlc --root /x comp
	assert_output completion
	run complete_bash rlc --log-level = debug vers
	assert_output version
	run complete_bash rlc help doc
	assert_output doctor
}

@test "bash: options, of rlc and of the command" {
	run complete_bash rlc --run
	assert_output --runroot
	run complete_bash rlc run --cap-
	assert_line --cap-add
	assert_line --cap-drop
	assert_line_count 2
	run complete_bash rlc run --rm -it --read-only-
	assert_output --read-only-tmpfs
	run complete_bash rlc run -e A --read-only-
	assert_output --read-only-tmpfs
	run complete_bash rlc run --env = A --read-only-
	assert_output --read-only-tmpfs
	run complete_bash rlc version --cap-
	assert_output ""
}

@test "bash: values" {
	run complete_bash rlc run --pull n
	assert_line never
	assert_line newer
	assert_line_count 2
	run complete_bash rlc run --pull = ne
	assert_line_count 2
	run complete_bash rlc run --pull =
	assert_line_count 4
	run complete_bash rlc run --dry-run = o
	assert_line oci
	run complete_bash rlc run --cap-add CAP_NET_R
	assert_output CAP_NET_RAW
	run complete_bash rlc run --net h
	assert_output host
	run complete_bash rlc --log-level de
	assert_output debug
	run complete_bash rlc completion z
	assert_output zsh
	run complete_bash rlc run --dry-run --pul
	assert_output --pull
}

@test "bash: options end at the image" {
	run complete_bash rlc run busybox --cap-
	assert_output ""
	run complete_bash rlc run --rm localhost/busybox : latest --cap-
	assert_output ""
	run complete_bash rlc images x --dig
	assert_output --digests
	run complete_bash rlc images -- --dig
	assert_output ""
}

@test "bash: images by name, with what bash cuts at colons" {
	need_busybox
	run complete_bash rlc run localhost/b
	assert_output localhost/busybox:latest
	run complete_bash rlc run localhost/busybox :
	assert_output latest
	run complete_bash rlc run localhost/busybox : la
	assert_output latest
	run complete_bash rlc images -n localhost/bus
	assert_output localhost/busybox:latest
	run complete_bash rlc run localhost/busybox:latest x
	assert_output ""
}

@test "bash: a name is data, never a command" {
	mkdir bin
	# shellcheck disable=SC2016 # nothing is to expand
	printf '#!/bin/sh\necho '\''$(touch${IFS}caught);x tag 012345678901'\''\n' >bin/rlc
	chmod +x bin/rlc
	run bash --norc -c "
		source <('$RLC' completion bash)
		PATH=\$PWD/bin:\$PATH COMP_WORDS=(rlc run '') COMP_CWORD=2
		_rlc 2>/dev/null
		printf '%s\n' \"\${COMPREPLY[@]}\""
	assert_success
	refute_exists caught
	# shellcheck disable=SC2016
	assert_contains '\$\(touch\$\{IFS\}caught\)\;x'
}

@test "bash: two words for a command, and second names" {
	run complete_bash rlc image pr
	assert_output prune
	run complete_bash rlc image ls --dig
	assert_output --digests
	run complete_bash rlc image prune --fo
	assert_output --force
	run complete_bash rlc container sto
	assert_output stop
	run complete_bash rlc list --noh
	assert_output --noheading
}

# What zsh is told to complete the words by; its functions are not there without a terminal.
arguments_zsh() { # WORD...
	rlc completion zsh >rlc.zsh
	zsh -fc 'compdef() {}
		_arguments() {
			[[ $1 != -C ]] || { state=argument; return 1; }
			print -rl -- "$@"
		}
		source ./rlc.zsh
		words=("$@") CURRENT=$#
		_rlc' - "$@"
}

@test "zsh: two words for a command, and second names" {
	need_program zsh
	run arguments_zsh image ""
	assert_contains "(check import inspect load ls prune pull rm tag)"
	run arguments_zsh image check --q
	assert_contains "--quiet[Print faults alone]"
	run arguments_zsh image prune --
	assert_contains "--force[Do not ask]"
	run arguments_zsh image ls --
	assert_contains "--digests[Show"
	run arguments_zsh container rm --
	assert_contains "--time=[With"
	run arguments_zsh list --
	assert_contains "--noheading["
	run arguments_zsh run --
	assert_contains "--read-only["
}

@test "fish: two words for a command, and second names" {
	need_program fish
	rlc completion fish >rlc.fish
	local line
	while IFS=, read -r line wanted unwanted; do
		run fish --no-config -c "set PATH $(dirname "$RLC") \$PATH; source rlc.fish
			complete -C '$line'"
		assert_contains "$wanted" || fail "$line"
		[ -z "$unwanted" ] || refute_contains "$unwanted" || fail "$line"
	done <<-'EOF2'
		rlc im,image,
		rlc --root /x doc,doctor,
		rlc image pr,prune,
		rlc image prune --,--force,--digests
		rlc image ls --,--digests,--force
		rlc image rm --,--ignore,--time
		rlc container rm --,--time,
		rlc rm --,--time,--no-prune
		rlc list --,--noheading,
		rlc --,--runroot,--force
	EOF2
}

@test "zsh and fish can read theirs" {
	need_program zsh
	need_program fish
	rlc completion zsh >rlc.zsh
	run zsh -n rlc.zsh
	assert_success
	run zsh -fc "autoload -U compinit && compinit -u -d '$PWD/dump' && source ./rlc.zsh &&
		print \$_comps[rlc]"
	assert_output _rlc
	rlc completion fish >rlc.fish
	run fish --no-config -c "set PATH $(dirname "$RLC") \$PATH; source rlc.fish
		complete -C 'rlc run --cap-'"
	assert_success
	assert_match $'--cap-add\tAdd a capability'
	assert_match $'--cap-drop\t'
	run fish --no-config -c "source rlc.fish; complete -C 'rlc run --pull n'"
	assert_match "never"
	refute_contains "always"
}

@test "each lies where its shell looks for it" {
	local share=${RLC%/bin/*}/share
	diff <(rlc completion bash) "$share/bash-completion/completions/rlc"
	diff <(rlc completion zsh) "$share/zsh/site-functions/_rlc"
	diff <(rlc completion fish) "$share/fish/vendor_completions.d/rlc.fish"
}

@test "other shells are refused" {
	run rlc completion tcsh
	assert_refused 125 'nothing is known for the shell "tcsh"'
	assert_line "  fix: write: rlc completion bash, zsh or fish"
}
