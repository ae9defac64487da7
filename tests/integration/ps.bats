#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `rlc ps`: which containers are listed, and how.
# shellcheck disable=SC2154 # stderr is set by run
load lib

setup_file() {
	file_begin
	need_busybox
	rlc run --name first --label app=one --label bare busybox sh -c 'exit 3' || true
	rlc run -d --name second --label app=two busybox sleep 1000 >/dev/null
}

@test "shows what runs, with podman's columns" {
	run rlc ps
	assert_success
	assert_line_count 2
	assert_match '^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES'
	assert_match '[0-9a-f]{12} +localhost/busybox:latest +sleep 1000 +.* ago +Up .* second$'
}

@test "-a shows all, newest first; list is its other name" {
	run rlc ps -a
	assert_success
	assert_line_count 3
	[[ ${lines[1]} == *second ]]
	[[ ${lines[2]} == *"Exited (3) "*" ago"*first ]]
	run rlc list -a --noheading
	assert_line_count 2
}

@test "-q prints ids, --no-trunc whole ones" {
	run rlc ps -q
	assert_match '^[0-9a-f]{12}$'
	run rlc ps -q --no-trunc
	assert_match '^[0-9a-f]{64}$'
	run rlc ps -aq
	assert_line_count 2
}

@test "-n and -l count from the newest" {
	run rlc ps -n 1 --noheading
	assert_line_count 1
	assert_contains second
	run rlc ps -l -q --no-trunc
	assert_output "$(rlc inspect second | jq -r '.[0].Id')"
	run rlc ps -n 5 --noheading
	assert_line_count 2
}

# Gone, or a zombie whose parent does not care.
process_is_over() { # PID
	[ ! -e "/proc/$1" ] || grep -qs '^State:.*Z' "/proc/$1/status"
}

names() {
	rlc ps --format json "$@" | jq -r '.[].Names[0]' | sort | tr '\n' ' '
}

@test "filters" {
	assert_equal "$(names -a --filter name=^fi)" "first "
	assert_equal "$(names -a --filter label=app)" "first second "
	assert_equal "$(names -a --filter label=app=one)" "first "
	assert_equal "$(names -a --filter label=app=one --filter label=bare)" "first "
	assert_equal "$(names -a --filter label=app=two --filter label=bare)" ""
	assert_equal "$(names --filter status=exited)" "first "
	assert_equal "$(names --filter status=exited --filter status=running)" "first second "
	assert_equal "$(names -a --filter ancestor=busybox)" "first second "
	assert_equal "$(names -a --filter ancestor=other)" ""
	assert_equal "$(names -a --filter "id=$(rlc ps -q)")" "second "
}

@test "a filter that makes no sense is refused" {
	run rlc ps --filter color=red
	assert_refused 125 color=red
	run rlc ps --filter status=dancing
	assert_refused 125 dancing
	run rlc ps --format '{{.ID}}'
	assert_refused 125 format
	run rlc ps first
	assert_refused 125 first
}

@test "JSON for scripts" {
	run rlc ps -a --format json
	assert_success
	assert_equal "$(jq -r '.[] | select(.Names[0] == "first") | "\(.State) \(.ExitCode) \(.Exited) \(.Labels.app) \(.Command | join(" "))"' <<<"$output")" \
		"exited 3 true one sh -c exit 3"
	assert_equal "$(jq -r '.[] | select(.Names[0] == "second") | "\(.State) \(.Pid > 1) \(.Labels.bare)"' <<<"$output")" \
		"running true null"
}

@test "an escape sequence in an argument does not reach the terminal" {
	rlc run --name paint busybox true $'\e[31mred' || true
	run rlc ps -a --no-trunc
	assert_contains '\x1b[31mred'
	refute_contains $'\e'
	rlc rm paint
}

@test "garbage in a record: one error that names the file, the others are listed" {
	local id folder
	rlc run --name broken busybox true
	id=$(rlc inspect broken | jq -r '.[0].Id')
	folder=$XDG_DATA_HOME/rlc/containers/$id
	for file in record.json state.json; do
		cp "$folder/$file" kept
		for text in '{' '[]' '{"format":1}' '{"format":99}' $'\e[31m'; do
			printf '%s' "$text" >"$folder/$file"
			run --separate-stderr rlc ps -a --noheading
			assert_status 125
			assert_line_count 2
			[[ $stderr == *"$folder/$file"* && $stderr == *"fix: "* && $stderr != *$'\e'* ]] ||
				fail "for $text:" "$(got)"
		done
		cp kept "$folder/$file"
	done
	run rlc ps -a --noheading
	assert_success
	assert_line_count 3
	rlc rm broken
}

@test "a stranger in the folder of containers is passed over" {
	mkdir "$XDG_DATA_HOME/rlc/containers/not-an-id"
	run --separate-stderr rlc ps -a --noheading
	assert_success
	assert_line_count 2
	rmdir "$XDG_DATA_HOME/rlc/containers/not-an-id"
}

@test "kill -9 of a monitor: its container ends, ps says so" {
	local pid monitor
	rlc run -d --name orphan busybox sleep 1000 >/dev/null
	read -r pid monitor < <(rlc inspect orphan | jq -r '.[0] | "\(.State.Pid) \(.Rlc.MonitorPid)"')
	kill -9 "$monitor"
	await 5 process_is_over "$pid"
	run rlc ps -a --filter name=orphan --noheading
	assert_contains "Exited (unknown)"
	assert_equal "$(rlc inspect orphan | jq -r '.[0] | "\(.State.Status) \(.State.Pid) \(.Rlc.MonitorLost)"')" \
		"exited 0 true"
	rlc rm orphan
}

@test "kill -9 of the monitor of a --rm container: the next ps leaves nothing of it" {
	local monitor id
	id=$(rlc run -d --rm --name gone busybox sleep 1000)
	monitor=$(rlc inspect gone | jq -r '.[0].Rlc.MonitorPid')
	kill -9 "$monitor"
	await 5 process_is_over "$monitor"
	run rlc ps -a --noheading
	assert_success
	refute_contains gone
	refute_exists "$XDG_DATA_HOME/rlc/containers/$id"
	refute_exists "$XDG_DATA_HOME/rlc/names/gone"
	run rlc run --rm --name gone busybox true
	assert_success
}

@test "kill -9 at any moment of a start leaves nothing that ps trips over" {
	local i
	for i in 0 0.002 0.005 0.01 0.015 0.02 0.03 0.05; do
		rlc run -d --name killed busybox sleep 1000 >/dev/null 2>&1 &
		sleep "$i"
		kill -9 $! 2>/dev/null || true
		wait $! 2>/dev/null || true
		run rlc ps -a
		assert_success
		await 5 rlc rm -f killed
	done
	assert_equal "$(names -a)" "first second "
}
