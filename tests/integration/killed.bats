#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# kill -9 of any process at any stage: nothing is left that the next command cannot see past.
# shellcheck disable=SC2154 # run sets status
load lib

setup_file() {
	file_begin
	need_program strace
	busybox_rootfs >/dev/null
}

# The N-th call of that name in whichever process gets there first kills it. Under a tracer the
# setuid map helpers have no power: as root of a namespace rlc has a single id and needs none.
killed_at() { # CALL N
	timeout 20 unshare --map-root-user -- strace -f -qq -o /dev/null -e "trace=$1" \
		-e "inject=$1:signal=KILL:when=$2" \
		"$RLC" --root "$BATS_FILE_TMPDIR/data" --runroot "$BATS_FILE_TMPDIR/runroot" \
		run --rm --name killed --rootfs "$(busybox_rootfs)" true
}

again() {
	unshare --map-root-user -- "$RLC" --root "$BATS_FILE_TMPDIR/data" \
		--runroot "$BATS_FILE_TMPDIR/runroot" "$@"
}

check_after() { # WHERE
	await 5 bash -c "source '$BATS_TEST_DIRNAME/lib.bash' 2>/dev/null; [ -z \"\$(leaked_processes)\" ]" ||
		fail "a process outlived $1" "$(leaked_processes)"
	run again run --rm --name killed --rootfs "$(busybox_rootfs)" echo alive
	[ "$status" -eq 0 ] || fail "after $1 the next run failed" "$(got)"
	assert_contains alive || fail "after $1"
}

nothing_left() {
	run again rm -f -a
	assert_success
	run bash -c 'cd "$BATS_FILE_TMPDIR/data"; find containers names tmp -mindepth 1'
	assert_output ""
	! grep -F "$BATS_FILE_TMPDIR" /proc/self/mountinfo
}

try() { # CALL N…
	local call=$1 n
	shift
	for n; do
		run killed_at "$call" "$n"
		[ "$status" -ne 124 ] || fail "$call $n hangs"
		check_after "SIGKILL at $call number $n"
	done
	nothing_left
}

# rlc-net ends with the monitor, but nobody waits for it.
all_ended() {
	[ -z "$(leaked_processes)" ]
}

@test "killed while the record and its name are made" {
	try mkdirat 1 2 3 4 5 6
	try symlinkat 1
	try renameat 1 2
	try flock 1 2
}

@test "killed around the birth of set-up and init" {
	try clone3 1
	try socketpair 1 2
	try pipe2 1
	try execveat 1
}

@test "killed while the tree is mounted" {
	try mount 1 2 3 5 8 12
	try move_mount 1 4 8
	try openat2 1 10 20
	try umount2 1 2
}

@test "killed while init gives up its privilege" {
	try setresuid 1
	try capset 1 2
	try seccomp 1
	try fchdir 1
}

@test "killed around the pivot and the exec" {
	try pivot_root 1
	try sendmsg 1 2
	try recvmsg 1
	try execve 2
}

@test "killed while cleaning up" {
	try unlinkat 1 2 3 4 5 6
	try wait4 1 2
}

@test "the monitor of a detached container: the container ends, the record says so" {
	need_busybox
	local monitor
	rlc run -d --name watched busybox sleep 100
	monitor=$(rlc inspect watched | jq '.[0].Rlc.MonitorPid')
	kill -KILL "$monitor"
	# shellcheck disable=SC2016 # the inner shell's
	await 5 bash -c '"$RLC" inspect watched | grep -q "\"exited\""'
	run rlc ps -a
	assert_contains watched
	run rlc rm watched
	assert_success
	await 5 all_ended
}

# A change of ids takes PR_SET_PDEATHSIG back, as the entry points of many images do it.
@test "the monitor is killed and the program had changed its ids: the next command ends it" {
	need_busybox
	local monitor pid
	rlc run -d --name changed busybox su -s /bin/sh nobody -c 'exec sleep 4321'
	pid=$(rlc inspect changed | grep -m1 '"Pid"' | tr -dc 0-9)
	await 5 grep -q sleep "/proc/$pid/cmdline"
	monitor=$(rlc inspect changed | jq '.[0].Rlc.MonitorPid')
	kill -KILL "$monitor"
	run rlc rm -f changed
	assert_success
	# A zombie holds nothing; who reaps it is the machine's first process.
	await 10 bash -c "[ ! -e /proc/$pid ] || grep -q '^State:.*Z' /proc/$pid/status"
	await 5 all_ended
}
