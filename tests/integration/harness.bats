#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The harness itself: what it calls a leak is seen, and what is not ours is not.

load lib

@test "a process under a subordinate id is a leak until it ends" {
	[ "$(id -u)" -ne 0 ] || must_skip "real root has no subordinate ids to borrow"
	unshare --map-root-user --map-auto -- \
		setpriv --reuid 1 --regid 1 --clear-groups sleep 60 3>&- &
	local pid=$!
	await 5 grep -q sleep "/proc/$pid/comm"
	run leaked_processes
	kill "$pid"
	wait "$pid" || true
	assert_contains "process $pid: sleep 60"
	run leaked_processes
	refute_contains "process $pid:"
}

@test "a process of a nested pid namespace is a leak" {
	unshare --user --map-root-user --pid --fork --kill-child -- sleep 60 3>&- &
	local outside=$!
	await 5 pgrep -P "$outside"
	local pid
	pid=$(pgrep -P "$outside")
	run leaked_processes
	kill -9 "$outside"
	wait "$outside" || true
	assert_contains "process $pid: sleep 60"
}

@test "a program called rlc is a leak, an older one and others are not" {
	cp "$(command -v sleep)" rlc-lingers
	./rlc-lingers 60 3>&- &
	local pid=$!
	sleep 60 3>&- &
	local other=$!
	await 5 grep -q rlc-lingers "/proc/$pid/comm"
	run leaked_processes
	local now=$output
	FILE_BEGAN=$((FILE_BEGAN + 10000000)) run leaked_processes
	kill "$pid" "$other"
	refute_contains "process $pid:"
	[[ $now == *"process $pid:"* ]] || fail "not seen: $now"
	[[ $now != *"process $other:"* ]] || fail "not ours: $now"
}

@test "a mount under the file's folder is a leak" {
	mkdir -p "$HOME/mounted"
	run unshare --user --map-root-user --mount -- bash -c "
		mount -t tmpfs none '$HOME/mounted'
		$(declare -f leaked_mounts)
		leaked_mounts"
	assert_contains "mount: "
	assert_contains "$HOME/mounted"
	run leaked_mounts
	assert_output ""
}

# refused_text STATUS TEXT COMMAND…: what assert_refused says of the command.
refused_text() {
	local wanted=$1 text=$2
	shift 2
	run "$@"
	assert_refused "$wanted" "$text"
}

@test "an error without the program's name or with an escape is not accepted" {
	run refused_text 125 "no name" bash -c 'echo "no name"; exit 125'
	assert_status 1
	run refused_text 125 "rlc: a" bash -c 'printf "rlc: a \033[31mb\n"; exit 125'
	assert_status 1
	run refused_text 126 "rlc: a" bash -c 'echo "rlc: a"; exit 125'
	assert_status 1
	run refused_text 125 "rlc: b" bash -c 'echo "rlc: a"; exit 125'
	assert_status 1
	run refused_text 125 "rlc: a" bash -c 'echo "rlc: a"; exit 125'
	assert_success
}

@test "a tree of subordinate ids is removed" {
	[ "$(id -u)" -ne 0 ] || must_skip "real root has no subordinate ids to borrow"
	mkdir -p "$HOME/.local/deep"
	as_namespace_root sh -c "mkdir -m 0700 '$HOME/.local/deep/x' && touch '$HOME/.local/deep/x/y' &&
		chown -R 5:5 '$HOME/.local/deep/x'"
	run ! rm -rf "$HOME/.local/deep"
	store_remove
	refute_exists "$HOME"
	mkdir "$HOME"
	mkdir -m 0700 "$XDG_RUNTIME_DIR"
}
