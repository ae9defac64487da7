#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `rlc stats`: what containers use, once and again and again.
# shellcheck disable=SC2154 # run sets status
load lib

heads="ID +NAME +CPU % +MEM USAGE / LIMIT +MEM % +NET IO +BLOCK IO +PIDS +CPU TIME +AVG CPU %"

setup_file() {
	file_begin
	need_busybox
	find_group
}

teardown() {
	rlc rm -fat 0 >/dev/null
}

sleeper() { # NAME [OPTION…]
	local name=$1
	shift
	rlc run -d --name "$name" --network none "$@" busybox sleep 1000 >/dev/null
}

need_group() {
	[ -n "$GROUP" ] || must_skip "no control group here belongs to the user"
}

cell() { # NAME KEY
	rlc stats --no-stream --format json "$1" | jq -r ".[0].$2"
}

@test "no container: the headings alone, and at once" {
	rlc run --name ended --network none busybox true
	run rlc stats --no-stream
	assert_success
	assert_match "^$heads\$"
	assert_line_count 1
	run rlc stats --no-stream --format json
	assert_equal "$(jq -c . <<<"$output")" "[]"
}

@test "a line for each that runs, paused ones too" {
	need_group
	sleeper one
	sleeper two
	rlc run --name ended --network none busybox true
	rlc pause two
	run rlc stats --no-stream
	assert_success
	assert_line_count 3
	assert_match "^$heads
"
	[[ ${lines[1]} =~ ^[0-9a-f]{12}\ +one\ +0\.[0-9]{2}%\  ]] || fail "$(got)"
	[[ ${lines[2]} =~ ^[0-9a-f]{12}\ +two\ +0\.00%\  ]] || fail "$(got)"
	[[ ${lines[1]} =~ \ [0-9.]+(ms|µs)\ +[0-9.]+%\ *$ ]] || fail "$(got)"
	run rlc stats --no-stream one
	assert_line_count 2
	run rlc stats --no-stream --no-trunc one
	[[ ${lines[1]} =~ ^[0-9a-f]{64}\ +one ]] || fail "$(got)"
}

@test "podman's keys in JSON" {
	sleeper one
	run rlc stats --no-stream --format json
	assert_equal "$(jq -r '.[0] | keys | join(" ")' <<<"$output")" \
		"avg_cpu block_io cpu_percent cpu_time id mem_percent mem_usage name net_io pids"
	assert_equal "$(jq -r '.[0].name' <<<"$output")" one
	run rlc stats --format '{{.ID}}'
	assert_refused 125 "no such format"
}

@test "a busy container: of the moment, and not of its life" {
	local now average
	need_group
	rlc run -d --name busy --network none busybox \
		sh -c 'sleep 2; echo now; while :; do :; done' >/dev/null
	await 10 sh -c "$RLC logs busy | grep -q now"
	now=$(cell busy cpu_percent)
	average=$(cell busy avg_cpu)
	[ "${now%%.*}" -gt $((2 * ${average%%.*})) ] || fail "now: $now, average: $average"
	[ "${now%%.*}" -gt 15 ] || fail "now: $now"
}

@test "bytes of the container's own network" {
	rlc run -d --name talks busybox \
		sh -c 'while :; do nc -w 1 10.0.2.2 9 </dev/null; sleep 0.1; done' >/dev/null
	await 10 sh -c "$RLC stats --no-stream --format json talks | jq -e '.[0].net_io | test(\"^[1-9]\")'"
	rlc run -d --name shares --network host busybox sleep 1000 >/dev/null
	assert_equal "$(cell shares net_io)" "-- / --"
}

@test "what does not run: an error where it was named, a line with -a" {
	sleeper one
	rlc run --name ended --network none busybox true
	run rlc stats --no-stream ended
	assert_refused 125 "container ended is not running"
	refute_contains "CPU %"
	run rlc stats --no-stream one ended nobody
	assert_status 125
	assert_contains "container ended is not running"
	assert_contains nobody
	assert_match "[0-9a-f]{12} +one "
	run rlc stats --no-stream -a
	assert_success
	assert_match "[0-9a-f]{12} +ended +-- +-- / -- +-- +-- / -- +-- / -- +-- +-- +--"
}

@test "again and again, until Ctrl-C" {
	sleeper one
	run timeout --preserve-status --signal INT 3 "$RLC" stats --interval 1
	assert_success
	[ "$(grep -c "CPU %" <<<"$output")" -ge 2 ] || fail "$(got)"
	refute_contains $'\e'
	run timeout --preserve-status --signal TERM 1 "$RLC" stats --interval 1
	assert_status 143
	run rlc stats --interval 0
	assert_refused 125 "not a number of seconds"
}

@test "on a terminal each look is drawn over the last" {
	need_program script
	sleeper one
	run timeout 20 script -qec "timeout --foreground --preserve-status -s INT 2 $RLC stats -i 1" /dev/null
	assert_success
	assert_contains $'\e[H\e[J'
	run timeout 20 script -qec "timeout --foreground --preserve-status -s INT 2 $RLC stats -i 1 --no-reset" /dev/null
	assert_success
	refute_contains $'\e['
}

@test "it ends when what was named is gone, and goes on when others come" {
	sleeper one
	"$RLC" stats --interval 1 one >out 2>&1 3>&- &
	local pid=$!
	sleep 1
	rlc rm -ft 0 one >/dev/null
	wait "$pid"
	grep -q ' one ' out
	"$RLC" stats --interval 1 >out 2>&1 3>&- &
	pid=$!
	sleeper two
	await 10 grep -q ' two ' out
	kill "$pid"
	wait "$pid" || true
}

@test "a container without a control group: said once, with the way to one" {
	local state
	sleeper one
	state=$XDG_DATA_HOME/rlc/containers/$(rlc inspect one | jq -r '.[0].Id')/state.json
	cp "$state" kept
	jq -c '.cgroup = ""' kept >"$state"
	run timeout --preserve-status -s INT 3 "$RLC" stats -i 1
	cp kept "$state"
	assert_success
	assert_equal "$(grep -c "notice: container one has no control group" <<<"$output")" 1
	assert_match "[0-9a-f]{12} +one +-- +-- / -- "
}
