#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `rlc logs`: what was said, and when.
# shellcheck disable=SC2154 # stderr is set by run
load lib

setup_file() {
	file_begin
	need_busybox
	rlc run --name talk busybox sh -c 'echo one; sleep 0.1; echo two >&2; sleep 0.1; printf three' >/dev/null 2>&1
}

@test "each stream goes where it went" {
	run --separate-stderr rlc logs talk
	assert_success
	assert_output $'one\nthree'
	assert_equal "$stderr" two
}

@test "what was not ended by a newline is not ended by us" {
	assert_equal "$(rlc logs talk 2>/dev/null | od -An -c | tr -d ' \n')" 'one\nthree'
}

@test "the file is in the format that podman and kubelet have" {
	local path
	path=$(rlc inspect talk | jq -r '.[0].HostConfig.LogConfig.Path')
	run cat "$path"
	assert_match '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{9}\+00:00 stdout F one'
	assert_match ' stderr F two'
	assert_match ' stdout P three$'
}

@test "any bytes come back as they were, also long lines" {
	rlc run --name bytes busybox sh -c 'head -c 300000 /dev/urandom | tee /sum | md5sum >&2; cat /sum' >all 2>sum
	run md5sum all
	[[ $output == "$(cut -d' ' -f1 sum)"* ]]
	rlc logs bytes 2>/dev/null | cmp - all
	rlc rm bytes
}

@test "--tail, --since, --until, -t" {
	run --separate-stderr rlc logs --tail 1 talk
	assert_output three
	run --separate-stderr rlc logs --tail 2 talk
	assert_output three
	assert_equal "$stderr" two
	run --separate-stderr rlc logs --tail 0 talk
	assert_output ""
	run --separate-stderr rlc logs --since 10m talk
	assert_output $'one\nthree'
	run --separate-stderr rlc logs --until 10m talk
	assert_output ""
	run --separate-stderr rlc logs -t --tail 3 talk
	assert_match '^[0-9T:.+-]{35} one'
	run rlc logs --since yesterday talk
	assert_refused 125 yesterday
	run rlc logs --tail some talk
	assert_refused 125 some
}

# shellcheck disable=SC2016 # the container's own variable
@test "-f goes on until the container ends" {
	rlc run -d --name ticker busybox sh -c 'for i in 1 2 3; do echo $i; sleep 0.3; done' >/dev/null
	run timeout 10 "$RLC" logs -f ticker
	assert_success
	assert_output $'1\n2\n3'
	rlc rm ticker
}

# shellcheck disable=SC2016 # the container's own variable
@test "-f of a --rm container ends with it" {
	rlc run -d --rm --name brief busybox sh -c 'for i in 1 2; do echo $i; sleep 0.3; done' >/dev/null
	run timeout 10 "$RLC" logs -f brief
	assert_success
	assert_output $'1\n2'
}

@test "escapes do not reach a terminal, unless the container had one" {
	need_program script
	rlc run --name paint busybox printf '\033[31mred\n' >/dev/null
	run script -qec "$RLC logs paint" /dev/null
	assert_contains '\x1b[31mred'
	refute_contains $'\e'
	# Into a file they go as they are.
	run rlc logs paint
	assert_contains $'\e[31mred'
	rlc rm paint
	script -qec "$RLC run -t --name tty busybox printf '\033[31mred\n'" /dev/null >/dev/null
	run script -qec "$RLC logs tty" /dev/null
	assert_contains $'\e[31mred'
	rlc rm tty
}

@test "a foreground container with --rm keeps no log; nobody has none either" {
	local pid
	rlc run --rm --name mute busybox sleep 1000 &
	pid=$!
	await 5 rlc inspect mute
	run rlc logs mute
	assert_refused 125 "keeps no log"
	rlc kill mute
	wait "$pid" || true
	run rlc logs nobody
	assert_refused 125 nobody
}
