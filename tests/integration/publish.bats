#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# -p and -P: clients of the host reach the container's services, by rlc-ports, and nothing else.
# The services and the clients are those of ports.py.
load lib

# A root that has the host's programs, for a server that busybox has not.
make_root() {
	local root=$BATS_FILE_TMPDIR/home/python folder
	mkdir -p "$root"/{usr,etc,proc,dev,tmp,sys}
	for folder in bin lib lib64 sbin; do
		ln -sfn "usr/$folder" "$root/$folder"
	done
	cp "$BATS_TEST_DIRNAME/ports.py" "$root/ports.py"
}

setup_file() {
	file_begin
	make_root
	# One server for the tests that only come and go; all its ports are random ones.
	rlc run -d --name server -p 7 -p 8 -p 9 -p 10 -p 11 -p 13 -p 14 -p 15 -p 16 -p 7/udp -p 99 \
		--rootfs -v /usr:/usr:ro "$BATS_FILE_TMPDIR/home/python" python3 /ports.py serve \
		>/dev/null
	await 10 server_is_ready
}

server_is_ready() {
	rlc logs server | grep -qx ready
}

ports() {
	timeout 60 python3 "$BATS_TEST_DIRNAME/ports.py" "$@"
}

# The port of the host that leads to one of the server's.
at() { # PORT[/PROTOCOL]
	local host
	host=$(rlc port server "$1") || return
	echo "${host##*:}"
}

forwarder_of() { # CONTAINER
	pgrep -P "$(rlc inspect "$1" | jq '.[0].Rlc.MonitorPid')" -x rlc-ports
}

# How the last client of the service at 14 went.
ended_by() { # reset|end
	[ "$(ports answer 127.0.0.1 "$(at 15)")" = "$1" ]
}

# --- TCP ----------------------------------------------------------------------------------------

@test "a TCP port, by IPv4 and IPv6" {
	local host
	for host in 127.0.0.1 ::1; do
		run ports echo "$host" "$(at 7)" "hello $host"
		assert_output "hello $host"
	done
}

@test "100 MB to the container and back come whole" {
	run ports upload 127.0.0.1 "$(at 8)" 100000000
	assert_output same
	run ports download 127.0.0.1 "$(at 9)" 100000000
	assert_output same
	run ports download ::1 "$(at 9)" 10000000
	assert_output same
}

@test "one direction ends and the other goes on" {
	run ports upload 127.0.0.1 "$(at 8)" 5
	assert_output same
}

@test "500 connections at once" {
	run ports many 127.0.0.1 "$(at 7)" 500
	assert_output 500
}

@test "a port where nobody listens in the container resets its client at once" {
	run ports refused 127.0.0.1 "$(at 99)"
	assert_output reset
}

@test "a reset goes through in both directions, and so does an orderly end" {
	run ports refused 127.0.0.1 "$(at 11)"
	assert_output reset
	ports leave 127.0.0.1 "$(at 14)" reset
	await 5 ended_by reset
	ports leave 127.0.0.1 "$(at 14)" end
	await 5 ended_by end
}

@test "who sends to a service that does not read fills sockets, not the forwarder" {
	local pid before after
	pid=$(forwarder_of server)
	before=$(awk '/^VmData/ { print $2 }' "/proc/$pid/status")
	run ports stuff 127.0.0.1 "$(at 13)"
	[ "$output" -lt 50000000 ] || fail "$output bytes were taken by nobody"
	after=$(awk '/^VmData/ { print $2 }' "/proc/$pid/status")
	[ "$((after - before))" -lt 1000 ] || fail "memory grew from $before to $after kB"
	run ports echo 127.0.0.1 "$(at 7)" others
	assert_output others
}

@test "a service of IPv4 alone is reached by clients of IPv6" {
	run ports answer ::1 "$(at 16)"
	assert_match '^[0-9.]+$'
}

# --- UDP ----------------------------------------------------------------------------------------

@test "UDP, by IPv4 and IPv6, answered from the address that was written to" {
	local host
	for host in 127.0.0.1 127.0.0.2 ::1; do
		run ports udp "$host" "$(at 7/udp)" "hello $host"
		assert_output "hello $host"
	done
}

@test "UDP of 200 clients at once, and datagrams of 60000 bytes" {
	run ports udp_many 127.0.0.1 "$(at 7/udp)" 200
	assert_output "400 True"
}
