#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `rlc kill`: signals reach the first process, and no other.
load lib

setup_file() {
	file_begin
	need_busybox
}

teardown() {
	rlc rm -fat 0 >/dev/null
}

sleeper() {
	rlc run -d --name "$1" busybox sleep 1000 >/dev/null
}

state_of() {
	rlc inspect "$1" | jq -r '.[0].State | "\(.Status) \(.ExitCode)"'
}

has_ended() {
	[ "$(rlc inspect "$1" | jq -r '.[0].State.Status')" = exited ]
}

@test "SIGKILL unless told otherwise" {
	sleeper one
	run rlc kill one
	assert_output one
	await 5 has_ended one
	assert_equal "$(state_of one)" "exited 137"
}

@test "kill waits for the end, so that rm finds a container that has ended" {
	local monitor pid
	sleeper late
	# A monitor that is slow to write the end down.
	monitor=$(rlc inspect late | jq ".[0].Rlc.MonitorPid")
	kill -STOP "$monitor"
	"$RLC" kill late >out 2>&1 3>&- &
	pid=$!
	sleep 0.5
	kill -0 "$pid" 2>/dev/null || { kill -CONT "$monitor"; fail "it did not wait" "$(cat out)"; }
	kill -CONT "$monitor"
	wait "$pid"
	assert_equal "$(cat out)" late
	run rlc rm late
	assert_success
	assert_output late
	# One of --rm is gone then.
	rlc run -d --rm --name fleeting busybox sleep 1000 >/dev/null
	run rlc kill fleeting
	assert_output fleeting
	run rlc ps -aq
	assert_output ""
	# What another signal does is the program's affair: nobody waits.
	rlc run -d --name deaf busybox sh -c 'trap "" TERM; while :; do sleep 0.05; done' >/dev/null
	run timeout 5 "$RLC" kill -s TERM deaf
	assert_success
	run rlc rm deaf
	assert_refused 2 "container deaf is running"
}

@test "signals by name and number" {
	local signal
	rlc run -d --name counter busybox \
		sh -c 'trap "echo got" USR1; echo ready; while :; do sleep 0.05; done' >/dev/null
	await 5 sh -c "$RLC logs counter | grep -q ready"
	for signal in USR1 SIGUSR1 usr1 10; do
		run rlc kill -s "$signal" counter
		assert_success
		sleep 0.2
	done
	assert_equal "$(rlc logs counter | grep -c got)" 4
	run rlc kill -s BOGUS counter
	assert_refused 125 BOGUS
}

@test "what does not run cannot be signalled; the others are" {
	sleeper one
	rlc run --name ended busybox true
	run rlc kill ended nobody one
	assert_status 125
	assert_contains "it is exited"
	assert_contains nobody
	assert_line one
}

@test "-a takes all that run" {
	sleeper one
	sleeper two
	run rlc kill -a
	assert_success
	assert_line_count 2
	await 5 has_ended one
	await 5 has_ended two
}

@test "a record with the number of another process signals nobody" {
	local id state victim
	sleeper forged
	id=$(rlc inspect forged | jq -r '.[0].Id')
	state=$XDG_DATA_HOME/rlc/containers/$id/state.json
	sleep 1000 &
	victim=$!
	cp "$state" kept
	jq -c ".pid = $victim" kept >"$state"
	run rlc kill forged
	assert_status 125
	kill -0 "$victim" || fail "the process was hit"
	run rlc stop -t 0 forged
	kill -0 "$victim" || fail "the process was hit"
	kill "$victim"
	cp kept "$state"
}
