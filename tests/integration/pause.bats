#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `rlc pause` and `rlc unpause`: all processes of a container stop at once, and go on.
# shellcheck disable=SC2154 # run sets status
load lib

setup_file() {
	file_begin
	need_busybox
	find_group
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	[ -n "$GROUP" ] || must_skip "no control group here belongs to the user"
}

teardown() {
	rlc rm -fat 0 >/dev/null
}

# Two processes that count into the log, the second not PID 1.
counter() { # NAME [OPTION…]
	local name=$1
	shift
	rlc run -d --name "$name" --network none "$@" busybox sh -c \
		'trap "echo caught; exit 3" TERM
		(while :; do echo child; sleep 0.05; done) & while :; do echo first; sleep 0.05; done' >/dev/null
	await 10 sh -c "$RLC logs $name | grep -q child && $RLC logs $name | grep -q first"
}

sleeper() { # NAME
	rlc run -d --name "$1" --network none busybox sleep 1000 >/dev/null
}

state_of() {
	rlc inspect "$1" | jq -r '.[0].State | "\(.Status) \(.Running) \(.Paused)"'
}

size_of_log() {
	rlc logs "$1" | wc -l
}

grows() { # NAME
	local before
	before=$(size_of_log "$1")
	await 10 sh -c "[ \$($RLC logs $1 | wc -l) -gt $before ]"
}

@test "all processes stand still, and go on where they were" {
	local before
	counter one
	run rlc pause one
	assert_success
	assert_output one
	before=$(size_of_log one)
	sleep 0.5
	assert_equal "$(size_of_log one)" "$before"
	assert_equal "$(state_of one)" "paused false true"
	run rlc unpause one
	assert_success
	assert_output one
	assert_equal "$(state_of one)" "running true false"
	grows one
	rlc logs --tail 20 one | grep -q child
	rlc logs --tail 20 one | grep -q first
}

@test "ps shows it, and finds it by its state" {
	sleeper still
	sleeper awake
	rlc pause still
	run rlc ps --filter name=still
	assert_contains " Paused "
	assert_equal "$(rlc ps --format json | jq -r '.[] | select(.Names[0] == "still") | "\(.State) \(.Status)"')" \
		"paused Paused"
	run rlc ps --noheading --filter status=paused
	assert_line_count 1
	assert_contains still
	run rlc ps --noheading --filter status=running
	assert_line_count 1
	assert_contains awake
}

@test "what is in the wrong state: podman's words and exit status" {
	sleeper one
	rlc run --name ended --network none busybox true
	run rlc unpause one
	assert_refused 125 "container one is not paused, can't unpause: it is running"
	rlc pause one
	run rlc pause one
	assert_refused 125 "container one is already paused"
	run rlc pause ended
	assert_refused 125 "container ended is not running, can't pause: it is exited"
	run rlc unpause ended
	assert_refused 125 "container ended is not paused, can't unpause: it is exited"
	run rlc pause nobody
	assert_refused 125 nobody
	# The others are paused all the same.
	sleeper two
	run rlc pause nobody two
	assert_status 125
	assert_line two
	assert_equal "$(state_of two)" "paused false true"
	run rlc pause
	assert_refused 125 "no container is named"
}

@test "-a takes those that can be" {
	sleeper one
	sleeper two
	rlc run --name ended --network none busybox true
	rlc pause one
	run rlc pause -a
	assert_success
	assert_line_count 1
	assert_equal "$(state_of two)" "paused false true"
	sleeper three
	run rlc unpause --all
	assert_success
	assert_line_count 2
	assert_equal "$(state_of one) $(state_of two)" "running true false running true false"
	run rlc unpause -a
	assert_success
	assert_output ""
}

@test "a paused one cannot be asked to end; the hint leads on" {
	counter one
	rlc pause one
	run rlc stop -t 1 one
	assert_refused 125 "container one is in state paused: can only stop created or running containers"
	assert_contains "rlc unpause one; rlc stop one"
	assert_equal "$(state_of one)" "paused false true"
	rlc unpause one
	run rlc stop one
	assert_success
	assert_equal "$(rlc inspect one | jq '.[0].State.ExitCode')" 3
}

@test "SIGKILL ends a paused one; what else is sent waits" {
	counter one
	counter two
	rlc pause -a
	run rlc kill -s TERM one
	assert_success
	sleep 0.3
	assert_equal "$(state_of one)" "paused false true"
	[ "$(rlc logs one | grep -c caught)" -eq 0 ]
	rlc unpause one
	await 10 sh -c "$RLC logs one | grep -q caught"
	SECONDS=0
	run rlc kill two
	assert_success
	[ "$SECONDS" -lt 5 ] || fail "took $SECONDS seconds"
	assert_equal "$(rlc inspect two | jq -r '.[0].State | "\(.Status) \(.ExitCode)"')" "exited 137"
}

@test "rm refuses a paused one, rm -f does not wait for what it cannot hear" {
	counter one
	rlc pause one
	run rlc rm one
	assert_refused 2 "container one is paused"
	SECONDS=0
	run rlc rm -f one
	assert_success
	[ "$SECONDS" -lt 5 ] || fail "took $SECONDS seconds"
	run rlc ps -aq
	assert_output ""
}

@test "a paused one whose monitor is killed leaves nothing" {
	local group pid
	counter one
	group=$(rlc inspect one | jq -r '.[0].State.CgroupPath')
	pid=$(rlc inspect one | jq '.[0].State.Pid')
	rlc pause one
	kill -KILL "$(rlc inspect one | jq '.[0].Rlc.MonitorPid')"
	await 10 sh -c "! kill -0 $pid"
	run rlc ps -a
	assert_contains "Exited (unknown)"
	refute_exists "$group"
}

@test "a container that has no control group: why, and what can be done" {
	local state
	sleeper one
	state=$XDG_DATA_HOME/rlc/containers/$(rlc inspect one | jq -r '.[0].Id')/state.json
	cp "$state" kept
	jq -c '.cgroup = ""' kept >"$state"
	run rlc pause one
	cp kept "$state"
	assert_refused 125 "container one cannot be paused: it has no control group"
	assert_contains "rlc kill -s STOP one"
	assert_equal "$(state_of one)" "running true false"
}

@test "the root is read and written while it is paused again and again" {
	rlc run -d --name busy --network none busybox sh -c \
		'while :; do cp /bin/busybox /x; cat /x >/dev/null; rm /x; echo round; done' >/dev/null
	await 10 sh -c "$RLC logs busy | grep -q round"
	for _ in 1 2 3 4 5 6; do
		run rlc pause busy
		assert_success || return
		run rlc unpause busy
		assert_success || return
	done
	grows busy
}
