#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `rlc stop`: politely, then by force, at once where politeness is in vain.
load lib

setup_file() {
	file_begin
	need_busybox
}

# A container that says "ready", and then answers SIGTERM by the given command.
answering() { # NAME COMMAND [OPTION…]
	local name=$1 command=$2
	shift 2
	rlc run -d --name "$name" "$@" busybox \
		sh -c "trap '$command' TERM USR1; echo ready; while :; do sleep 0.05; done" >/dev/null
	await 5 sh -c "$RLC logs $name | grep -q ready"
}

status_of() {
	rlc inspect "$1" | jq -r '.[0].State | "\(.Status) \(.ExitCode)"'
}

teardown() {
	rlc rm -fat 0 >/dev/null
}

@test "sends SIGTERM and waits" {
	answering one 'exit 7'
	run rlc stop one
	assert_output one
	assert_success
	assert_equal "$(status_of one)" "exited 7"
}

@test "sends the signal it was run with" {
	answering usr1 'exit 8' --stop-signal USR1
	run rlc stop usr1
	assert_success
	assert_equal "$(status_of usr1)" "exited 8"
}

@test "kills after the time given, and says so" {
	answering deaf :
	SECONDS=0
	run rlc stop -t 1 deaf
	assert_success
	assert_contains "did not end within 1 seconds"
	[ "$SECONDS" -ge 1 ] && [ "$SECONDS" -lt 5 ]
	assert_equal "$(status_of deaf)" "exited 137"
}

@test "kills at once with -t 0" {
	answering deaf :
	SECONDS=0
	run rlc stop -t 0 deaf
	assert_output deaf
	[ "$SECONDS" -lt 3 ]
	assert_equal "$(status_of deaf)" "exited 137"
}

@test "kills at once what the signal would not reach" {
	rlc run -d --name sleeper busybox sleep 1000 >/dev/null
	SECONDS=0
	run rlc stop sleeper
	assert_output sleeper
	[ "$SECONDS" -lt 3 ] || fail "took $SECONDS seconds"
	assert_equal "$(status_of sleeper)" "exited 137"
}

@test "several take their time together; -a takes all that run" {
	answering one 'sleep 1; exit 0'
	answering two 'sleep 1; exit 0'
	rlc run --name ended busybox true
	SECONDS=0
	run rlc stop -a
	assert_success
	assert_line_count 2
	[ "$SECONDS" -lt 3 ] || fail "took $SECONDS seconds"
}

@test "what has ended is stopped; what is not there is an error, unless -i" {
	rlc run --name ended busybox true
	run rlc stop ended
	assert_output ended
	assert_success
	run rlc stop nobody ended
	assert_status 1
	assert_contains nobody
	assert_line ended
	run rlc stop -i nobody
	assert_success
}

@test "a --rm container is gone when stop returns" {
	rlc run -d --rm --name brief busybox sleep 1000 >/dev/null
	run rlc stop brief
	assert_success
	assert_equal "$(rlc ps -aq)" ""
}

@test "the time must be a number" {
	run rlc stop -t soon nobody
	assert_refused 125 soon
}
