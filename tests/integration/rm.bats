#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `rlc rm`: what goes, what is refused, what stays behind.
load lib

setup_file() {
	file_begin
	need_busybox
}

@test "removes what does not run and prints what was typed" {
	rlc run --name one busybox true
	rlc run --name two busybox true
	run rlc rm one "$(rlc ps -lq)"
	assert_success
	assert_line one
	assert_line_count 2
	assert_equal "$(rlc ps -aq)" ""
}

@test "not there: 1; running: 2; the rest is removed all the same" {
	rlc run -d --name busy busybox sleep 1000 >/dev/null
	rlc run --name idle busybox true
	run rlc rm nobody idle busy
	assert_status 2
	assert_line idle
	assert_contains 'no container "nobody"'
	assert_contains "is running"
	assert_contains "rlc rm -f"
	run rlc rm nobody
	assert_refused 1 nobody
	run rlc rm -f busy
	assert_success
}

@test "-i and -f pass over what is not there" {
	run rlc rm -i nobody
	assert_success
	run rlc rm -f nobody
	assert_success
	assert_equal "$output" ""
}

@test "names with escapes, slashes or nothing in them" {
	run rlc rm $'\e[31mred'
	assert_refused 1 '\x1b[31mred'
	run rlc rm ../../etc
	assert_refused 1 ../../etc
	run rlc rm ''
	assert_refused 1 'no container'
	run rlc rm
	assert_refused 125 'no container is named'
}

@test "--cidfile names a container, and goes with it" {
	rlc run --cidfile cid busybox true
	run rlc rm --cidfile cid
	assert_success
	refute_exists cid
	run rlc rm --cidfile cid
	assert_refused 1 cid
	run rlc rm -i --cidfile cid
	assert_success
}

@test "-a removes all, with -f also what runs" {
	rlc run -d --name busy busybox sleep 1000 >/dev/null
	rlc run --name idle busybox true
	run rlc rm -a
	assert_status 2
	assert_equal "$(rlc ps -a --noheading | wc -l)" 1
	run rlc rm -fa
	assert_success
	assert_equal "$(rlc ps -aq)" ""
	run rlc rm -a idle
	assert_refused 125 'exclude'
}

@test "rm -f gives a container its time, all of them together" {
	local i
	for i in 1 2 3; do
		rlc run -d --name "slow$i" busybox sh -c 'trap "sleep 1; exit 0" TERM; echo ready; while :; do sleep 0.05; done' >/dev/null
		await 5 sh -c "$RLC logs slow$i | grep -q ready"
	done
	SECONDS=0
	run rlc rm -f slow1 slow2 slow3
	assert_success
	[ "$SECONDS" -lt 3 ] || fail "took $SECONDS seconds"
}

@test "-t is for -f" {
	run rlc rm -t 3 nobody
	assert_refused 125 --force
	run rlc rm -v nobody
	assert_refused 125 -v
}

@test "files of every id the container had are gone, and its name is free" {
	rlc run --name owner busybox sh -c 'mkdir -p /d/e && chown 1234:4321 /d && chmod 700 /d/e && touch /d/e/f'
	run rlc rm owner
	assert_success
	assert_equal "$(find "$XDG_DATA_HOME/rlc/tmp" -mindepth 1)" ""
	run rlc run --rm --name owner busybox true
	assert_success
}

@test "a record that cannot be read can be removed" {
	local id
	rlc run --name broken busybox true
	id=$(rlc inspect broken | jq -r '.[0].Id')
	echo '{' >"$XDG_DATA_HOME/rlc/containers/$id/record.json"
	run rlc rm -f "$id"
	assert_success
	refute_exists "$XDG_DATA_HOME/rlc/names/broken"
	refute_exists "$XDG_DATA_HOME/rlc/containers/$id"
}

@test "what a newer rlc made is left alone" {
	local id record
	rlc run --name newer busybox true
	id=$(rlc inspect newer | jq -r '.[0].Id')
	record=$XDG_DATA_HOME/rlc/containers/$id/record.json
	cp "$record" kept
	echo '{"format":2}' >"$record"
	run rlc rm newer
	assert_refused 125 newer
	assert_equal "$(cat "$record")" '{"format":2}'
	cp kept "$record"
	rlc rm newer
}

@test "two at the same time: one removes it" {
	local i first second
	for i in 1 2 3 4 5; do
		rlc run --name twice busybox true
		rlc rm twice >out1 2>&1 &
		first=$!
		rlc rm twice >out2 2>&1 &
		second=$!
		wait "$first" && first=0 || first=$?
		wait "$second" && second=0 || second=$?
		[ $((first + second)) -eq 1 ] || fail "statuses $first and $second" "$(cat out1 out2)"
	done
}
