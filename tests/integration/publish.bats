#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# -p and -P: clients of the host reach the container's services, by rlc-ports, and nothing else.
# The services and the clients are those of ports.py.
load lib

# A root that has the host's programs, for a server that busybox has not.
python_root() {
	echo "$BATS_FILE_TMPDIR/home/python"
}

make_root() {
	local root folder
	root=$(python_root)
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
		--rootfs -v /usr:/usr:ro "$(python_root)" python3 /ports.py serve >/dev/null
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

# A program of ports.py in a container of its own: in_container RLC-OPTION... -- WORD...
in_container() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	rlc run "${options[@]}" --rootfs -v /usr:/usr:ro "$(python_root)" python3 /ports.py "$@"
}

# The first of N free ports (of TCP) in a row.
free_port() { # [N]
	ports free "${1:-1}"
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

@test "a thousand clients of UDP that never come again take no more than their share" {
	local pid before after
	pid=$(forwarder_of server)
	ports udp 127.0.0.1 "$(at 7/udp)" first
	before=$(awk '/^VmData/ { print $2 }' "/proc/$pid/status")
	run ports flood 127.0.0.1 "$(at 7/udp)" 3000
	assert_output heard
	after=$(awk '/^VmData/ { print $2 }' "/proc/$pid/status")
	[ "$((after - before))" -lt 1000 ] || fail "memory grew from $before to $after kB"
	run ports echo 127.0.0.1 "$(at 7)" others
	assert_output others
}

@test "a flood of datagrams that nobody answers takes nothing from a conversation" {
	run ports kept 127.0.0.1 "$(at 7/udp)" 3000
	assert_output kept
}

# --- where it listens ---------------------------------------------------------------------------

@test "an address of the host is the only one that listens" {
	need_busybox
	local port
	port=$(free_port)
	rlc run -d --name local -p "127.0.0.1:$port:80" busybox httpd -f -h /etc >/dev/null
	await 5 curl -sf "http://127.0.0.1:$port/passwd"
	run curl -s "http://127.0.0.2:$port/passwd"
	assert_status 7
	run curl -sg "http://[::1]:$port/passwd"
	assert_status 7
	assert_equal "$(rlc port local)" "80/tcp -> 127.0.0.1:$port"
	rlc rm -f local
}

@test "a range, several -p, and ports that the kernel chooses" {
	need_busybox
	local port first
	first=$(free_port 2)
	rlc run -d --name range -p "127.0.0.1:$first-$((first + 1)):80-81" -p 127.0.0.1::80 \
		-p '[::1]::80' busybox sh -c 'httpd -h /etc; exec httpd -f -p 81 -h /etc' >/dev/null
	await 5 curl -sf "http://127.0.0.1:$((first + 1))/passwd"
	curl -sf "http://127.0.0.1:$first/passwd"
	run rlc port range 80
	assert_line_count 3
	for port in "${lines[@]}"; do
		curl -sfg "http://$port/passwd"
	done
	run rlc ps --format json
	assert_equal "$(jq -c '.[] | select(.Names[0] == "range") | .Ports[0]' <<<"$output")" \
		"{\"host_ip\":\"127.0.0.1\",\"container_port\":80,\"host_port\":$first,\"range\":1,\"protocol\":\"tcp\"}"
	run rlc ps
	assert_contains "127.0.0.1:$first-$((first + 1))->80-81/tcp, 127.0.0.1:"
	rlc rm -f range
}

@test "-P publishes what the image and --expose name" {
	rlc import --change 'EXPOSE 80 53/udp' "$(embedded_image)" localhost/exposing >/dev/null
	rlc run -d --name all -P --expose 81 localhost/exposing httpd -f -h /etc >/dev/null
	run rlc port all
	assert_line_count 3
	assert_match '80/tcp -> 0\.0\.0\.0:[0-9]+'
	assert_match '81/tcp -> 0\.0\.0\.0:[0-9]+'
	assert_match '53/udp -> 0\.0\.0\.0:[0-9]+'
	await 5 curl -sf "http://$(rlc port all 80)/passwd"
	rlc rm -f all
	rlc rmi localhost/exposing
}

@test "inspect shows ports as podman does, also those that are only exposed" {
	need_busybox
	local port
	port=$(free_port)
	rlc run -d --name shown -p "$port:80" -p "127.0.0.1:$port:53/udp" --expose 77 busybox \
		sleep 60 >/dev/null
	run rlc inspect shown
	assert_equal "$(jq -cS '.[0].NetworkSettings.Ports' <<<"$output")" \
		"{\"53/udp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"$port\"}],\"77/tcp\":null,\"80/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"$port\"}]}"
	assert_equal "$(jq -cS '.[0].HostConfig.PortBindings | keys' <<<"$output")" '["53/udp","80/tcp"]'
	rlc stop -t 0 shown
	run rlc inspect shown
	assert_equal "$(jq -cS '.[0].NetworkSettings.Ports' <<<"$output")" '{"77/tcp":null}'
	run rlc port shown
	assert_output ""
	rlc rm shown
}

@test "rlc port: one port, all containers, and one that is not published" {
	run rlc port server 7
	assert_output "0.0.0.0:$(at 7)"
	run rlc port server 7/udp
	assert_output "0.0.0.0:$(at 7/udp)"
	run rlc port -a
	assert_line "$(rlc inspect server | jq -r '.[0].Id[:12]')	7/tcp -> 0.0.0.0:$(at 7)"
	run rlc port server 1234
	assert_refused 125 "container server publishes no port 1234"
	run rlc port server 80:80
	assert_refused 125 "is no port"
	run rlc port nosuch
	assert_refused 1 nosuch
}

@test "with --network host or none nothing is published, and a notice says so" {
	need_busybox
	local mode
	for mode in host none; do
		run rlc run --rm --network "$mode" -p 8080:80 busybox true
		assert_success
		assert_contains "no port is published: --network $mode"
	done
}

# --- clients' addresses -------------------------------------------------------------------------

@test "the service sees its client's own address" {
	local own
	own=$(ip -4 -o addr show scope global | awk '{ sub("/.*", "", $4); print $4; exit }')
	[ -n "$own" ] || must_skip "this host has no address but loopback"
	run ports answer "$own" "$(at 10)"
	assert_output "$own"
	# And bulk comes over such a connection too.
	run ports download "$own" "$(at 9)" 10000000
	assert_output same
	run ports upload "$own" "$(at 8)" 10000000
	assert_output same
	run ports refused "$own" "$(at 99)"
	assert_output reset
}

@test "a client of this machine appears as the container itself" {
	run ports answer 127.0.0.1 "$(at 10)"
	assert_output 10.0.2.100
}

# --- refused ------------------------------------------------------------------------------------

@test "a port in use is named, with its holder, before anything exists" {
	need_busybox
	local port before
	port=$(free_port)
	ports hold tcp 0.0.0.0 "$port" >held &
	await 5 grep -q ready held
	before=$(ls "$XDG_DATA_HOME/rlc/containers")
	run rlc run --rm -p "$port:80" busybox true
	kill %1
	assert_refused 125 "port $port/tcp of 0.0.0.0 is in use by python3 (pid "
	assert_contains "fix: publish at another port"
	assert_equal "$(ls "$XDG_DATA_HOME/rlc/containers")" "$before"
}

@test "a port of another container is told by that one's name" {
	need_busybox
	run rlc run --rm -p "127.0.0.1:$(at 7):80" busybox true
	assert_refused 125 "port $(at 7)/tcp of the host is in use by the container server"
	assert_contains "rlc rm -f server"
	run rlc run --rm -p "$(at 7/udp):80/udp" busybox true
	assert_refused 125 "port $(at 7/udp)/udp of the host is in use by the container server"
}

# The first of two is stopped in the middle of its start: as soon as it has its port, or as soon as
# there is a record of it. The second says whose the port is, though that does not run yet.
@test "a port of a container that is still starting is told by that one's name" {
	need_busybox
	local port first moment
	for moment in port record; do
		port=$(free_port)
		first=$(ports stopped "$moment" "$port" "$XDG_DATA_HOME/rlc/containers" \
			"$RLC" run --rm --name "early-$moment" -p "$port:80" busybox sleep 60)
		(sleep 0.3; [ "$moment" = record ] || kill -CONT "$first") &
		run rlc run --rm -p "$port:80" busybox true
		kill -CONT "$first" 2>/dev/null || true
		assert_refused 125 "port $port/tcp of the host is in use by the container early-$moment"
		await 10 eval "rlc ps | grep -q early-$moment"
		rlc rm -f "early-$moment"
	done
}

@test "another program on another address is not taken for a container" {
	need_busybox
	local port
	port=$(free_port)
	rlc run -d --name apart -p "127.0.0.1:$port:80" busybox sleep 60 >/dev/null
	ports hold tcp 127.0.0.2 "$port" >held &
	await 5 grep -q ready held
	run rlc run --rm -p "127.0.0.2:$port:80" busybox true
	kill %1
	rlc rm -f apart
	assert_refused 125 "port $port/tcp of 127.0.0.2 is in use by python3 (pid "
}

@test "a port of root's names the switch" {
	need_busybox
	[ "$(id -u)" -ne 0 ] || must_skip "root may have every port"
	local start
	start=$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)
	[ "$start" -gt 1 ] || must_skip "every port is everybody's here"
	run rlc run --rm -p 1:80 busybox true
	assert_refused 125 "port 1 of the host is for root alone: users may have those from $start on"
	assert_contains "sudo sysctl net.ipv4.ip_unprivileged_port_start=1"
}

@test "an address that the host has not" {
	need_busybox
	run rlc run --rm -p 192.0.2.1:8080:80 busybox true
	assert_refused 125 "192.0.2.1 is no address of this host"
}

@test "what is no port, each with its next step" {
	local text
	while IFS='|' read -r text wanted; do
		run rlc run --rm -p "$text" busybox true
		assert_refused 125 "$wanted"
		assert_contains "fix: "
	done <<-'EOF'
		|no port is given
		http|is no port of the container
		x:80|is no port of the host
		8080:|is no port of the container
		65536|is no port
		90-80|runs backwards
		8000-8002:80|3 ports of the host for 1
		80/sctp|sctp cannot be forwarded
		80/icmp|there is no protocol "icmp"
		localhost:8080:80|"localhost" is no IP address
		::1:8080:80|is no IP address
		1.2.3.4:1:2:3|too many colons
		[::1:8080:80|not closed
		[::1]:80|no port of the container
		1-501|more than 500 ports
	EOF
	run rlc run --rm -p 8080:80 -p 127.0.0.1:8080:81 busybox true
	assert_refused 125 "port 8080/tcp of the host is published twice"
}

# --- life and end -------------------------------------------------------------------------------

@test "what a container said last still reaches a slow client, and then its port is free" {
	local port
	port=$(free_port)
	in_container --rm -p "127.0.0.1:$port:80" -- once 300000 >said &
	local run=$!
	await 10 grep -q ready said
	run ports slowly 127.0.0.1 "$port" 300000
	assert_output same
	wait "$run"
	ports hold tcp 127.0.0.1 "$port" >held &
	await 5 grep -q ready held
	kill %%
}

@test "rm -f frees the port at once, with connections open" {
	need_busybox
	local port turn
	port=$(free_port)
	for turn in 1 2 3; do
		rlc run -d --name again -p "$port:80" busybox nc -ll -p 80 -e cat >/dev/null
		await 5 ports echo 127.0.0.1 "$port" hello
		ports idle 127.0.0.1 "$port" 2 >left <<<"" || fail "turn $turn"
		rlc rm -f again
	done
}

@test "a forwarder that is killed is told, and the container goes on" {
	need_busybox
	local id
	id=$(rlc run -d --name goes-on -p 80 busybox sleep 60)
	kill -9 "$(forwarder_of goes-on)"
	await 5 eval "rlc inspect $id | grep -q 'the published ports are closed: rlc-ports was killed by signal 9'"
	assert_equal "$(rlc inspect "$id" | jq -r '.[0].State.Status')" running
	rlc rm -f goes-on
	rlc run --rm --name told -p 80 busybox sleep 2 2>said &
	await 5 forwarder_of told
	kill -9 "$(forwarder_of told)"
	wait %%
	grep -q 'the published ports are closed' said
}

@test "a monitor that is killed takes the forwarder with it" {
	need_busybox
	local port monitor forwarder
	port=$(free_port)
	rlc run -d --name orphan -p "$port:80" busybox sleep 60 >/dev/null
	monitor=$(rlc inspect orphan | jq '.[0].Rlc.MonitorPid')
	forwarder=$(forwarder_of orphan)
	kill -9 "$monitor"
	await 5 eval "! kill -0 $forwarder"
	ports hold tcp 0.0.0.0 "$port" >held &
	await 5 grep -q ready held
	kill %%
	rlc rm -f orphan
}

@test "as many connections as there are descriptors: then clients are reset, not left waiting" {
	local served reset again
	(
		ulimit -n 400
		exec "$RLC" run -d --name few -p 7 --rootfs -v /usr:/usr:ro "$(python_root)" \
			python3 /ports.py serve >/dev/null
	)
	await 10 eval "rlc logs few | grep -qx ready"
	run ports full 127.0.0.1 "$(rlc port few 7 | sed 's/.*://')" 200
	read -r served reset again <<<"$output"
	[ "$served" -gt 50 ] && [ "$reset" -gt 50 ] && [ "$((served + reset))" -eq 200 ] || fail "$output"
	assert_equal "$again" again
	rlc rm -f few
}

@test "few descriptors: a few clients are served; too few: it is said before anything exists" {
	need_busybox
	local served reset again before
	(
		ulimit -n 100
		exec "$RLC" run -d --name fewer -p 7 --rootfs -v /usr:/usr:ro "$(python_root)" \
			python3 /ports.py serve >/dev/null
	)
	await 10 eval "rlc logs fewer | grep -qx ready"
	run ports full 127.0.0.1 "$(rlc port fewer 7 | sed 's/.*://')" 60
	read -r served reset again <<<"$output"
	[ "$served" -ge 8 ] && [ "$((served + reset))" -eq 60 ] || fail "$output"
	assert_equal "$again" again
	rlc rm -f fewer
	before=$(ls "$XDG_DATA_HOME/rlc/containers")
	run bash -c 'ulimit -n 60; exec "$1" run --rm -p 8000-8029:80-109 busybox true' sh "$RLC"
	assert_refused 125 "30 published ports need 78 descriptors, and the limit is 60"
	assert_contains "ulimit -Hn"
	assert_equal "$(ls "$XDG_DATA_HOME/rlc/containers")" "$before"
}

@test "a forwarder that is stopped does not hold up the end of its container" {
	need_busybox
	local pid began=$SECONDS
	rlc run -d --name held -p 80 busybox sleep 60 >/dev/null
	pid=$(forwarder_of held)
	kill -STOP "$pid"
	rlc kill held
	await 8 eval "[ \"\$(rlc inspect held | jq -r '.[0].State.Status')\" = exited ]"
	! kill -0 "$pid" 2>/dev/null || fail "it is still there"
	[ "$((SECONDS - began))" -lt 8 ]
	rlc rm held
}

@test "connections that are idle or half closed cost no processor time" {
	local pid before after
	pid=$(forwarder_of server)
	mkfifo until
	ports idle 127.0.0.1 "$(at 7)" 100 <until >said &
	exec 9>until
	await 10 grep -q ready said
	sleep 0.5
	before=$(awk '{ print $14 + $15 }' "/proc/$pid/stat")
	sleep 2
	after=$(awk '{ print $14 + $15 }' "/proc/$pid/stat")
	exec 9>&-
	wait %%
	[ "$((after - before))" -le 2 ] || fail "$((after - before)) ticks in two seconds"
}

# --- the cage -----------------------------------------------------------------------------------

@test "the forwarder is caged: no capability but one, a filter, an empty root, out of reach" {
	local pid status
	pid=$(forwarder_of server)
	status=$(cat "/proc/$pid/status")
	run awk '/^(CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp):/ { print $1, $2 }' <<<"$status"
	assert_line "CapInh: 0000000000000000"
	assert_line "CapPrm: 0000000000002000" # CAP_NET_RAW over the container's network
	assert_line "CapBnd: 0000000000002000"
	assert_line "CapAmb: 0000000000000000"
	assert_line "NoNewPrivs: 1"
	assert_line "Seccomp: 2"
	[ "$(id -u)" -eq 0 ] || refute_opens "/proc/$pid/root/" "/proc/$pid/fd/" "/proc/$pid/mem"
}

# Nobody but root sees into a process that is not dumpable.
refute_opens() { # PATH...
	local path
	for path in "$@"; do
		! ls "$path" >/dev/null 2>&1 || [ ! -d "$path" ] || fail "$path is open"
		! head -c 1 "$path" >/dev/null 2>&1 || fail "$path can be read"
	done
}

@test "nginx of a real image" {
	need_images
	rlc load "oci:$RLC_FIXTURES" >/dev/null
	rlc run -d --name web -p 127.0.0.1::80 nginxpg nginx -g 'daemon off;' >/dev/null
	await 10 curl -sf "http://$(rlc port web 80)/"
	run curl -sfI "http://$(rlc port web 80)/"
	assert_contains "Server: nginx"
	rlc rm -f web
}
