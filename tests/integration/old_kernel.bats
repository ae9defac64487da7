#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What older kernels refuse (refuse.py answers in their place): containers run all the same, no
# less confined, or it is said which kernel they want.
# shellcheck disable=SC2016 # what stands in single quotes is expanded elsewhere

load lib

# Root of a namespace that maps us alone needs no setuid helper, which a filter would hold back.
alone() { # COMMAND…
	unshare --map-root-user -- "$@"
}

# Root would have folders of the system's.
folders() {
	echo "--root $XDG_DATA_HOME/rlc --runroot $XDG_RUNTIME_DIR/rlc"
}

new() { # ARGUMENT…: rlc
	# shellcheck disable=SC2046 # options
	alone "$RLC" $(folders) "$@"
}

old() { # RELEASE ARGUMENT…: rlc on such a kernel
	local release=$1
	shift
	# shellcheck disable=SC2046 # options
	alone python3 "$BATS_TEST_DIRNAME/refuse.py" "$release" "$RLC" $(folders) "$@"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	need_program python3
	need_program jq
	# Not through the filter: threads of the C library use clone3 as Linux 5.7 has it.
	[ -e "$BATS_FILE_TMPDIR/ready" ] ||
		new import "$(embedded_image)" localhost/busybox:latest >/dev/null
	touch "$BATS_FILE_TMPDIR/ready"
}

# Every mount that a container sees, with its flags, by its place; numbers and names of our own
# folders left out.
mounts='cut -d" " -f5,6 /proc/self/mountinfo | sort'

@test "mounts are as restricted as where mount_setattr does it at once" {
	mkdir volume volume/sub tree
	local options=(--rm --network=none --read-only -v "$PWD/volume:/ro:ro" -v "$PWD/volume:/rw"
		--mount "type=bind,src=$PWD/volume/sub,dst=/strict,ro,nosuid,nodev,noexec" busybox)
	run new run "${options[@]}" sh -c "$mounts"
	assert_success
	local wanted=$output
	[[ $wanted == *"/ro ro,"* && $wanted == *"/strict ro,nosuid,nodev,noexec"* ]] ||
		fail "the survey does not see it" "$(got)"
	for release in 5.6 5.8 5.10 5.12; do
		run old "$release" run "${options[@]}" sh -c "$mounts"
		assert_output "$wanted"
	done
	run old 5.11 run "${options[@]}" sh -c 'touch /ro/x; touch /strict/x; touch /x; touch /rw/fine'
	[ "$(grep -c "Read-only file system" <<<"$output")" = 3 ] || fail "not read-only" "$(got)"
	assert_exists volume/fine
}

@test "a read-only volume is so down to mounts beneath it" {
	mkdir -p tree/beneath
	# shellcheck disable=SC2046 # options
	run alone unshare --mount sh -c '
		mount -t tmpfs beneath tree/beneath
		exec python3 "$@"' sh "$BATS_TEST_DIRNAME/refuse.py" 5.11 "$RLC" \
		$(folders) run --rm --network=none -v "$PWD/tree:/tree:ro" busybox touch /tree/x /tree/beneath/x
	assert_status 1
	[ "$(grep -c "Read-only file system" <<<"$output")" = 2 ] || fail "writable" "$(got)"
}

@test "PID 1's program cannot be overwritten there either" {
	local id pid
	cp -r "${RLC%/bin/*}/libexec/rlc" "$BATS_TEST_TMPDIR/libexec"
	export RLC_LIBEXEC=$BATS_TEST_TMPDIR/libexec
	id=$(old 5.11 run -d --init --network=none busybox sleep 1000)
	pid=$(new inspect "$id" | jq '.[0].State.Pid')
	run nsenter --preserve-credentials --user --target "$pid" -- \
		python3 "$BATS_TEST_DIRNAME/overwrite.py" "$pid" "$RLC_LIBEXEC/rlc-init"
	new rm -f -t 0 "$id" >/dev/null
	assert_output EROFS
}

@test "before CLONE_INTO_CGROUP a container is moved into its control group" {
	local id pid
	new info --json | jq -e .cgroup.delegated >/dev/null ||
		must_skip "no control group here belongs to us"
	for release in 5.6 5.7; do
		id=$(old "$release" run -d --network=none busybox sleep 1000)
		pid=$(new inspect "$id" | jq '.[0].State.Pid')
		grep -q "^0::.*/rlc-${id:0:16}\$" "/proc/$pid/cgroup" ||
			fail "it stands elsewhere" "$(cat "/proc/$pid/cgroup")"
		new rm -f -t 0 "$id"
		# Born there or moved there, it takes its own group for the root.
		run old "$release" run --rm --network=none busybox grep ^0:: /proc/self/cgroup
		assert_line "0::/"
	done
}

@test "descriptors of the caller stay out where close_range is missing or takes no flag" {
	mkdir folder
	for release in 5.8 5.10; do
		exec 8<folder 9<"$BATS_TEST_DIRNAME"
		run old "$release" run --rm --network=none busybox sh -c 'ls -l /proc/1/fd /proc/self/fd'
		exec 8<&- 9<&-
		assert_success
		refute_contains "$BATS_TEST_DIRNAME"
		refute_contains folder
	done
}

@test "without Landlock doctor and info say so, and what it takes" {
	run old 5.12 doctor
	assert_match "notice +landlock +off: it is not in this kernel"
	assert_contains "fix: boot Linux 5.13 or later, built with CONFIG_SECURITY_LANDLOCK=y"
	run old 5.12 info --json
	assert_equal "$(jq -r .security.landlock.reason <<<"$output")" \
		"it is not in this kernel: rlc's helpers go without it too"
	assert_equal "$(jq .kernel.landlock_abi <<<"$output")" 0
}

@test "what is missing is named with the kernel that has it, and whether runs need it" {
	run old 5.8 doctor
	assert_success
	assert_match "notice +system-calls +[a-z ]+: close-range .Linux 5.9., mount-setattr .Linux 5.12."
	run old 5.5 doctor
	assert_status 1
	assert_match "bad +system-calls +[a-z ]+: .*openat2 .Linux 5.6."
	run old 5.5 run --rm --network=none busybox true
	assert_refused 125 "Function not "
}

@test "a kernel that was started without IPv6: the container has IPv4 alone" {
	run new run --rm busybox ip -6 addr show dev tap0
	assert_contains "inet6 fd00:"
	# shellcheck disable=SC2046 # options
	run alone python3 "$BATS_TEST_DIRNAME/refuse.py" ipv6=EAFNOSUPPORT "$RLC" $(folders) run --rm \
		busybox sh -c "ip addr show dev tap0; cat /etc/resolv.conf; ip route"
	assert_success
	assert_contains "inet 10.0.2."
	refute_contains "inet6 fd00:"
	refute_contains "fd00::"
	assert_contains "default via 10.0.2."
}
