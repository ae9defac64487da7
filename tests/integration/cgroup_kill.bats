#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A container's control group is emptied at its end, of what is not below its first process too: by
# cgroup.kill, and one by one where Linux before 5.14 lacks that.
load lib

setup_file() {
	file_begin
	need_busybox
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	rlc run -d --name one --network none busybox sleep 1000 >/dev/null
	group=$(rlc inspect one | jq -r '.[0].State.CgroupPath')
	[ -n "$group" ] || must_skip "no control group here belongs to the user"
	mark=mark-$$-$BATS_TEST_NUMBER
}

teardown() {
	rlc rm -fat 0 >/dev/null
}

# Numbers of the processes that carry the mark, zombies left out.
marked() {
	local folder
	for folder in /proc/[0-9]*; do
		! grep -qzxF -- "$mark" "$folder/cmdline" 2>/dev/null || echo "${folder#/proc/}"
	done
}

# Ends those that were not: a failed test leaves nothing running.
gone() {
	local left
	left=$(
		marked
		find "$group" -name cgroup.procs -exec cat {} + 2>/dev/null || true
	)
	[ -z "$left" ] || {
		# shellcheck disable=SC2086 # numbers
		kill -KILL $left 2>/dev/null || true
		fail "still there:" "$left"
	}
}

# A process of the host's, in the container's group; it and what it forks is none of the
# container's pid namespace, so the end of the first process is not theirs.
into_group() { # PROGRAM
	bash -c "echo \$\$ >'$group/cgroup.procs' && echo in >$mark && $1" "$mark" "$mark" >/dev/null 2>&1 3>&- &
	await 10 test -s "$mark"
}

@test "processes that were moved into it, one that forks and ends all the time, a group below" {
	into_group 'sleep 1000; true'
	rm "$mark"
	into_group 'hop() { sleep 0.01; hop & }; hop & wait; sleep 1000; true'
	# Groups below it, too.
	mkdir "$group/inner"
	bash -c "echo \$\$ >'$group/inner/cgroup.procs' && sleep 1000; true" "$mark" "$mark" >/dev/null 2>&1 3>&- &
	await 10 sh -c "[ \$(wc -l <'$group/inner/cgroup.procs') -gt 0 ]"
	run rlc kill one
	assert_success
	gone
	refute_exists "$group"
}

@test "a group that is frozen" {
	into_group 'sleep 1000; true'
	rlc pause one
	run rlc rm -f one
	assert_success
	gone
	refute_exists "$group"
}

@test "what a killed monitor left" {
	into_group 'sleep 1000; true'
	kill -KILL "$(rlc inspect one | jq '.[0].Rlc.MonitorPid')"
	await 10 sh -c "$RLC ps -a | grep -q 'Exited (unknown)'"
	gone
	refute_exists "$group"
}
