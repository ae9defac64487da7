#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Limits where no control group is delegated to the process, as in a login session: the user's
# systemd makes a scope. Its bed runs this file in a group of root's.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	need_busybox
	need_program jq
}

scopes() {
	XDG_RUNTIME_DIR=/run/user/$(id -u) systemctl --user list-units --plain --no-legend 'rlc-*.scope'
}

no_scope_is_left() {
	[ -z "$(scopes)" ]
}

# bats test_tags=guest
@test "nothing is delegated here, and a start without limits asks nobody" {
	assert_equal "$(rlc info --json | jq .cgroup.delegated)" false
	# Under strace newuidmap gains nothing: what counts is what was tried before.
	traced() { # OPTION...
		run strace -f -e trace=connect -o trace "$RLC" run --rm --network none "$@" busybox true
	}
	traced --memory 64m
	grep -q '/bus"' trace || fail "with a limit: $(cat trace)"
	traced
	! grep '/bus"' trace || fail "without one"
}

# bats test_tags=guest
@test "a limit is in force all the same" {
	run rlc run --rm --network none --memory 48m busybox sh -c 'cat /sys/fs/cgroup/memory.max
		dd if=/dev/zero of=/dev/null bs=200M count=1; echo "dd: $?"'
	assert_success
	assert_line 50331648
	assert_line "dd: 137"
	run rlc run --rm --network none --pids-limit 6 busybox sh -c '
		for i in 1 2 3 4 5 6 7 8 9; do sleep 1 & done
		wait'
	assert_contains "can't fork"
	await 5 no_scope_is_left
}

# bats test_tags=guest
@test "the container and what serves it are in one scope, which ends with it" {
	rlc run -d --name it --memory 64m busybox sleep 60
	local group scope monitor
	group=$(rlc inspect it | jq -r '.[0].State.CgroupPath')
	monitor=$(rlc inspect it | jq -r '.[0].Rlc.MonitorPid')
	scope=$(dirname "$group")
	[[ $scope == */user@*.service/*/rlc-*.scope ]] || fail "it is in $group"
	assert_equal "$(sed -n 's/^0:://p' "/proc/$monitor/cgroup")" "${scope#/sys/fs/cgroup}/launcher"
	[ -n "$(scopes)" ] || fail "systemd knows of no scope"
	rlc rm -f it
	await 5 no_scope_is_left
	refute_exists "$scope"
}

# bats test_tags=guest
@test "a scope that is killed from outside takes the container with it" {
	rlc run -d --name it --memory 64m busybox sleep 60
	XDG_RUNTIME_DIR=/run/user/$(id -u) systemctl --user kill -s KILL "$(scopes | cut -d' ' -f1)"
	await 5 no_scope_is_left
	run rlc inspect it
	assert_equal "$(jq -r '.[0].State.Status' <<<"$output")" exited
	rlc rm it
}

# bats test_tags=guest
@test "a slice of the user's systemd holds it, and limits it" {
	run rlc run --rm --network none --cgroup-parent rlc-test.slice --limits best-effort busybox true
	assert_success
	XDG_RUNTIME_DIR=/run/user/$(id -u) systemctl --user set-property --runtime rlc-test.slice TasksMax=8
	rlc run -d --name it --network none --cgroup-parent rlc-test.slice busybox sleep 60
	local group slice
	group=$(rlc inspect it | jq -r '.[0].State.CgroupPath')
	slice=$(rlc inspect it | jq -r '.[0].HostConfig.CgroupParent')
	rlc rm -f it
	[[ $group == */rlc.slice/rlc-test.slice/rlc-*.scope/rlc-* ]] || fail "it is in $group"
	assert_equal "$slice" rlc-test.slice
	run rlc run --rm --network none --cgroup-parent rlc-test.slice busybox sh -c '
		for i in 1 2 3 4 5 6 7 8 9; do sleep 1 & done
		wait'
	assert_contains "can't fork"
}

# bats test_tags=guest
@test "without a bus the error tells what to do" {
	local nowhere=(env DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent)
	socket_that_says() { # TEXT: a bus that is none
		rm -f bus
		python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind("bus")
s.listen()
while True:
    c = s.accept()[0]
    c.recv(100)
    c.sendall(sys.argv[1].encode())
    c.close()' "$1" >/dev/null 2>&1 3>&- &
		server=$!
		await 5 test -S bus
	}
	local server
	socket_that_says "REJECTED EXTERNAL"$'\r\n'
	run env DBUS_SESSION_BUS_ADDRESS="unix:path=$PWD/bus" "$RLC" run --rm --network none \
		--memory 64m busybox true
	kill "$server"
	assert_refused 125 "the user's bus does not take us for the user"
	assert_contains "systemd-run --user --scope"
	# The usual one is found where the environment's is not.
	run "${nowhere[@]}" "$RLC" run --rm --network none --memory 64m busybox true
	assert_success
}

# bats test_tags=guest
@test "doctor and a dry run say what would be done" {
	run rlc doctor --json
	assert_equal "$(jq -r '.checks[] | select(.name == "cgroup") | .status' <<<"$output")" ok
	assert_contains "systemd makes a scope"
	run rlc run --dry-run --memory 64m busybox true
	assert_success
	assert_line "  cgroup         a scope that systemd makes"
	assert_contains "67108864 bytes"
	await 5 no_scope_is_left
}
