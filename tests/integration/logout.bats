#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A detached container and the end of the session that it was started in: what tests/vm/logout.bash has
# seen, for only root can have others log in and out.
# bats file_tags=guest

load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	seen=/run/vm/logout
}

@test "without lingering it is said beforehand, once, how the container stays" {
	run cat "$seen/off.said"
	assert_contains "may be ended when you log out"
	assert_equal "$(grep -c 'sudo loginctl enable-linger' <<<"$output")" 1
}

@test "and then it ends with the session, and its record says so" {
	run cat "$seen/off.said" "$seen/off.ps"
	assert_equal "$(cat "$seen/off.lives")" no
	assert_match "off (exited|dead|stopped)"
	refute_contains running
}

@test "with lingering nothing is said, and it outlives the session" {
	run cat "$seen/on.said" "$seen/on.ps"
	refute_contains loginctl
	[ "$(cat "$seen/on.lives")" = yes ] || fail "it has ended" "$(got)"
	assert_line "on running"
	assert_line "on-too running"
}
