#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Where user namespaces are forbidden: every command that wants one says which switch it is and how
# to turn it, the others go on. In guests: a switch of the whole machine.
# bats file_tags=guest

load lib

# The switch of this bed, and what its remedy writes.
setup() {
	cd "$BATS_TEST_TMPDIR" || return
	case $RLC_BED in
	no-userns) error="Operation not permitted" remedy=kernel.unprivileged_userns_clone=1 ;;
	no-userns-max) error="No space left on device" remedy=user.max_user_namespaces=15000 ;;
	*) fail "no bed for this file: $RLC_BED" ;;
	esac
	run unshare --user true
	[ "$status" -ne 0 ] || fail "this bed lets users make them"
}

assert_told() {
	assert_refused 125 "make a user namespace: $error"
	assert_contains "$remedy | sudo tee /etc/sysctl.d/60-userns.conf"
	# Nothing else is blamed.
	assert_equal "$(grep -c '^  fix: ' <<<"$output")" 2
}

@test "a run says which switch forbids it" {
	run rlc run --rm --network=none --rootfs "$(busybox_rootfs)" true
	assert_told
	run rlc run -d --rootfs "$(busybox_rootfs)" true
	assert_told
	run rlc ps -aq
	assert_output ""
}

@test "so do the commands that unpack" {
	run rlc import "$(embedded_image)" localhost/busybox:latest
	assert_told
	run rlc load -i "$(embedded_image)"
	assert_told
	# The image that comes with rlc is imported first.
	run rlc run --pull=missing --rm busybox true
	assert_told
}

@test "what needs none works" {
	for command in "ps -a" images "info --json" version "image check" "run --dry-run --rootfs $(busybox_rootfs) true"; do
		# shellcheck disable=SC2086 # words
		run rlc $command
		assert_success
	done
	run rlc info
	assert_contains "$error"
}
