#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is told, and kept, of a container that came to the end of its memory or its processes.
load lib

setup_file() {
	file_begin
	need_busybox
}

teardown() {
	rlc rm -fat 0 >/dev/null
}

state_of() { # NAME JQ-FILTER
	rlc inspect "$1" | jq -r ".[0].State | $2"
}

has_ended() {
	[ "$(state_of "$1" .Status)" = exited ]
}

says() { # NAME TEXT
	rlc logs "$1" | grep -qxF -- "$2"
}

holds() { # TEXT PART
	[[ $1 == *"$2"* ]] || fail "wanted in it: $2" "got: $1"
}

cell() { # NAME KEY
	rlc stats --no-stream --format json "$1" | jq -r ".[0].$2"
}

# A line without end: it wants all the memory there is.
eater="tail /dev/zero"

# bats test_tags=guest
@test "a container that is killed for want of memory: the limit, the count and the way out" {
	# shellcheck disable=SC2086 # words
	run rlc run --name big --memory 32m busybox $eater
	assert_status 137
	assert_output "rlc: notice: container big was killed: it reached --memory 32m (memory.max), 1 process killed; raise it with --memory 64m"
	assert_equal "$(state_of big '"\(.Status) \(.ExitCode) \(.OOMKilled) \(.OomKills)"')" \
		"exited 137 true 1"
	assert_equal "$(state_of big .Error)" "${output#rlc: notice: }"
	run rlc ps -a --filter name=big
	assert_contains "Exited (137) "
	# With --rm the message is all that is left.
	# shellcheck disable=SC2086 # words
	run rlc run --rm --name gone --memory 32m busybox $eater
	assert_status 137
	assert_contains "container gone was killed: it reached --memory 32m"
}

# bats test_tags=guest
@test "one in the background: its record says so" {
	# shellcheck disable=SC2086 # words
	rlc run -d --name back --memory 32m busybox $eater >/dev/null
	await 30 has_ended back
	assert_equal "$(state_of back '"\(.ExitCode) \(.OOMKilled) \(.OomKills)"')" "137 true 1"
	holds "$(state_of back .Error)" "container back was killed: it reached --memory 32m"
}

# bats test_tags=guest
@test "a child alone is killed: the container goes on, and it is told nevertheless" {
	rlc run -d --name parent --memory 32m busybox \
		sh -c "$eater; echo went on; sleep 1000" >/dev/null
	await 30 says parent "went on"
	# While it runs, too.
	assert_equal "$(state_of parent '"\(.Status) \(.OOMKilled) \(.OomKills)"')" "running true 1"
	rlc stop -t 0 parent
	assert_equal "$(state_of parent '"\(.Status) \(.OOMKilled) \(.OomKills)"')" "exited true 1"
	run --separate-stderr rlc run --rm --name twice --memory 32m busybox sh -c "$eater; $eater; exit 3"
	assert_status 3
	# shellcheck disable=SC2154 # set by run
	holds "$stderr" "rlc: notice: container twice reached --memory 32m (memory.max), 2 processes killed; raise it with --memory 64m"
}

# bats test_tags=guest
@test "forks beyond --pids-limit" {
	run --separate-stderr rlc run --name many --pids-limit 8 busybox \
		sh -c 'for i in 1 2 3 4 5 6 7 8 9; do sleep 1000 & done; exit 5'
	holds "$stderr" "rlc: notice: container many reached --pids-limit 8 (pids.max), "
	holds "$stderr" "raise it with --pids-limit 16"
	[ "$(state_of many .ForksRefused)" -gt 0 ]
	assert_equal "$(state_of many .OOMKilled)" false
}

# bats test_tags=guest
@test "limits that were not reached are not told" {
	run rlc run --name small --memory 64m --pids-limit 16 busybox true
	assert_output ""
	assert_equal "$(state_of small '"\(.OOMKilled) \(.OomKills) \(.ForksRefused) \(.Error)"')" "false 0 0 "
	# Killed, and not for its memory.
	rlc run -d --name shot --memory 64m busybox sleep 1000 >/dev/null
	rlc kill shot
	assert_equal "$(state_of shot '"\(.ExitCode) \(.OOMKilled) \(.Error)"')" "137 false "
}

# bats test_tags=guest
@test "a monitor that was killed: whoever finds out keeps the count" {
	rlc run -d --name lost --memory 32m busybox sh -c "$eater; echo went on; sleep 1000" >/dev/null
	await 30 says lost "went on"
	kill -KILL "$(rlc inspect lost | jq '.[0].Rlc.MonitorPid')"
	await 10 has_ended lost
	assert_equal "$(state_of lost '"\(.OOMKilled) \(.OomKills)"')" "true 1"
}

# bats test_tags=guest
@test "what is used of it while it runs: rlc stats" {
	local blocks
	rlc run -d --name limited --network none --memory 64m --pids-limit 20 busybox \
		sh -c 'sleep 1000 & sleep 1000 & wait' >/dev/null
	await 10 sh -c "[ \$($RLC stats --no-stream --format json limited | jq -r '.[0].pids') -eq 3 ]"
	[[ $(cell limited mem_usage) =~ ^[0-9.]+[kM]B\ /\ 67\.11MB$ ]] || fail "$(cell limited mem_usage)"
	[[ $(cell limited mem_percent) =~ ^[0-9]+\.[0-9]{2}%$ ]] || fail "$(cell limited mem_percent)"
	# The controller of blocks counts where something asked for it; unknown is not 0.
	blocks='^-- / --$'
	[ ! -e "$(state_of limited .CgroupPath)/io.stat" ] || blocks='^[0-9.]+k?M?B / [0-9.]+k?M?B$'
	[[ $(cell limited block_io) =~ $blocks ]] || fail "$(cell limited block_io)"
	rlc run -d --name free --network none busybox sleep 1000 >/dev/null
	[[ $(cell free mem_usage) =~ /\ [0-9.]+[GM]B$ ]] || fail "$(cell free mem_usage)"
}
