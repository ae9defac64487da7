#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Containers that take all they can get: limits hold them, and the host goes on meanwhile.
# shellcheck disable=SC2154 # run sets status
load lib

# Seconds that another container may take to start meanwhile: guests have one slow processor, and
# all processes of a bomb compete for it.
BOUND=30

setup_file() {
	file_begin
	need_busybox
}

teardown() {
	rlc rm -fat 0 >/dev/null
}

group_of() {
	rlc inspect "$1" | jq -r '.[0].State.CgroupPath'
}

event() { # GROUP FILE KEY
	awk -v key="$3" '$1 == key { print $2 }' "$1/$2"
}

# Another container starts, does its work, and is gone.
another_runs() {
	local began=$SECONDS
	run timeout "$BOUND" "$RLC" run --rm --network none busybox sh -c 'sleep 0 & wait; echo fine'
	assert_success || return
	assert_output fine
	echo "# another container beside $BATS_TEST_DESCRIPTION: $((SECONDS - began)) s" >&3
}

# All that was in the group of a container, and the group.
nothing_is_left() { # GROUP
	refute_exists "$1"
	run rlc ps -aq
	assert_output ""
}

# bats test_tags=guest
@test "a fork bomb" {
	local group began most=0 now
	# Each process makes others as fast as it can, and ends when it may not. What is not of them
	# forks no more; --init reaps, or the dead would soon fill the limit and nothing more happen.
	rlc run -d --init --name forks --network none --pids-limit 64 busybox \
		sh -c 'b() { while :; do b & done; }; b 2>/dev/null & exec sleep 1000' >/dev/null
	group=$(group_of forks)
	await "$BOUND" sh -c "[ \$(sed -n 's/^max //p' $group/pids.events) -gt 100 ]"
	another_runs
	for _ in 1 2 3 4 5; do
		now=$(cat "$group/pids.current")
		[ "$now" -le "$most" ] || most=$now
	done
	[ "$most" -le 64 ] || fail "$most processes"
	[ "$most" -ge 32 ] || fail "only $most processes: that is no bomb"
	began=$SECONDS
	run timeout "$BOUND" "$RLC" rm -f forks
	assert_success
	echo "# its end: $((SECONDS - began)) s" >&3
	nothing_is_left "$group"
}

# bats test_tags=guest
@test "a memory bomb" {
	local group began before least now
	before=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
	least=$before
	# Four at a time want all there is; whichever is killed comes again.
	rlc run -d --name memory --network none --memory 64m --memory-swap 64m busybox \
		sh -c 'for i in 1 2 3 4; do (while :; do tail /dev/zero 2>/dev/null; done) 2>/dev/null & done; wait' >/dev/null
	group=$(group_of memory)
	await "$BOUND" sh -c "[ \$(sed -n 's/^oom_kill //p' $group/memory.events) -ge 5 ]"
	assert_equal "$(cat "$group/memory.swap.max" 2>/dev/null || echo 0)" 0
	another_runs
	for _ in 1 2 3 4 5; do
		now=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
		[ "$now" -ge "$least" ] || least=$now
		[ "$(cat "$group/memory.current")" -le $((64 << 20)) ]
	done
	[ $((before - least)) -lt 200 ] || fail "the host had $before MiB, then $least MiB"
	assert_equal "$(rlc inspect memory | jq '.[0].State.OOMKilled')" true
	began=$SECONDS
	run timeout "$BOUND" "$RLC" rm -f memory
	assert_success
	echo "# its end: $((SECONDS - began)) s" >&3
	nothing_is_left "$group"
}

# bats test_tags=guest
@test "both at once, in one container" {
	local group
	rlc run -d --init --name both --network none --pids-limit 64 --memory 64m --memory-swap 64m busybox \
		sh -c 'b() { while :; do tail /dev/zero 2>/dev/null & b & done; }; b 2>/dev/null & exec sleep 1000' \
		>/dev/null
	group=$(group_of both)
	await "$BOUND" sh -c "[ \$(sed -n 's/^max //p' $group/pids.events) -gt 20 ] &&
		[ \$(sed -n 's/^oom_kill //p' $group/memory.events) -ge 5 ]"
	another_runs
	[ "$(cat "$group/pids.current")" -le 64 ]
	[ "$(cat "$group/memory.current")" -le $((64 << 20)) ]
	run timeout "$BOUND" "$RLC" rm -f both
	assert_success
	nothing_is_left "$group"
}
