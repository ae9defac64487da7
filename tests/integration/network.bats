#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The private network: what it reaches, what it must not reach, and the life of rlc-net.
# shellcheck disable=SC2154 # run sets status, output
load lib

setup_file() {
	file_begin
	need_program gcc
	need_busybox
	busybox_rootfs >/dev/null
	gcc -static -O1 -o "$BATS_FILE_TMPDIR/knock" "$BATS_TEST_DIRNAME/net/knock.c"
	LISTEN=$BATS_TEST_DIRNAME/net/listen.py
	export LISTEN
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	LISTENERS=()
}

teardown() {
	[ ${#LISTENERS[@]} -eq 0 ] || kill "${LISTENERS[@]}"
}

# A container with knock in it.
knocker() { # OPTION… [-- COMMAND…]
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	rlc run --rm -v "$BATS_FILE_TMPDIR/knock:/bin/knock:ro" "${options[@]}" busybox "$@"
}

# Listens on the host's 127.0.0.1, 127.0.0.2 and ::1: $PORT; what is heard is a line of ./heard.
listen() {
	: >heard
	"$LISTEN" port heard &
	LISTENERS+=($!)
	await 5 test -e port
	PORT=$(cat port)
}

heard() {
	sleep 0.2
	sort -u heard | tr '\n' ';'
}

hears_nothing() { # WHAT
	local what
	what=$(heard)
	[ -z "$what" ] || fail "$1: the host heard: $what" "$(got)"
}

# --- the host's loopback -------------------------------------------------------------------------

@test "the method: with allow_host_loopback the gateway's address is the host's loopback" {
	listen
	run knocker --network slirp:allow_host_loopback=true -- sh -c "knock tcp 10.0.2.2 $PORT
		knock udp 10.0.2.2 $PORT; knock tcp fd00::2 $PORT; knock udp fd00::2 $PORT"
	assert_equal "$(grep -c 'answer: heard' <<<"$output")" 4
	assert_equal "$(heard)" "tcp 127.0.0.1;tcp ::1;udp 127.0.0.1 knock;udp ::1 knock;"
}

@test "the method: frames of one's own making are heard there too" {
	listen
	run knocker --network slirp:allow_host_loopback=true --cap-add NET_RAW -- \
		sh -c "knock frame plain 10.0.2.100 10.0.2.2 $PORT
		knock frame plain fd00::100 fd00::2 $PORT"
	assert_equal "$(heard)" "tcp 127.0.0.1;tcp ::1;udp 127.0.0.1 knock;udp ::1 knock;"
	: >heard
	run knocker --network slirp:allow_host_loopback=true --cap-add NET_RAW -- \
		knock frame fragment 10.0.2.100 10.0.2.2 "$PORT"
	assert_equal "$(heard)" "udp 127.0.0.1 knock;"
}

# What libslirp would take, was it asked: the same knocks through slirp4netns reach the host.
@test "the method: slirp4netns lets the knocks through that rlc stops" {
	need_program slirp4netns
	listen
	unshare --map-root-user --net -- sleep 20 &
	local inner=$!
	LISTENERS+=("$inner")
	await 5 bash -c "[ \"\$(readlink /proc/$inner/ns/net)\" != \"\$(readlink /proc/self/ns/net)\" ]"
	slirp4netns --configure --disable-host-loopback --ready-fd 3 "$inner" tap0 \
		3>ready >slirp.log 2>&1 &
	LISTENERS+=($!)
	await 5 test -s ready
	run nsenter --preserve-credentials --user --net --target "$inner" -- \
		"$BATS_FILE_TMPDIR/knock" udp 127.0.0.1 "$PORT" tap0
	assert_output sent
	assert_equal "$(heard)" "udp 127.0.0.1 knock;"
}

@test "plain sockets do not reach the host's loopback" {
	listen
	run knocker -- sh -c "knock tcp 10.0.2.2 $PORT; knock udp 10.0.2.2 $PORT
		knock udp fd00::2 $PORT; knock tcp 127.0.0.1 $PORT; knock tcp ::1 $PORT
		knock tcp 0.0.0.0 $PORT; knock udp 0.0.0.0 $PORT; knock tcp :: $PORT
		knock tcp ::ffff:127.0.0.1 $PORT; knock udp 10.0.2.255 $PORT"
	hears_nothing "plain sockets"
}

@test "sockets bound to tap0 do not, without any capability" {
	listen
	run knocker --cap-drop ALL --security-opt no-new-privileges -- sh -c "
		knock udp 127.0.0.1 $PORT tap0; knock udp 127.0.0.2 $PORT tap0; knock udp ::1 $PORT tap0
		knock udp ::ffff:127.0.0.1 $PORT tap0; knock udp 0.0.0.0 $PORT tap0
		knock tcp 127.0.0.1 $PORT tap0; knock tcp ::1 $PORT tap0"
	assert_contains sent
	hears_nothing "SO_BINDTODEVICE"
}

@test "routes of one's own and route_localnet do not lead there" {
	listen
	run knocker --cap-add NET_ADMIN --security-opt unmask=/proc/sys -- sh -ec "
		echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet
		ip address del 127.0.0.1/8 dev lo; ip route add 127.0.0.0/8 via 10.0.2.2
		ip -6 address del ::1/128 dev lo; ip -6 route add ::1/128 via fd00::2
		ip route get 127.0.0.1
		knock udp 127.0.0.1 $PORT; knock udp 127.0.0.2 $PORT; knock udp ::1 $PORT
		knock tcp 127.0.0.1 $PORT || true; knock tcp ::1 $PORT || true"
	assert_contains "127.0.0.1 via 10.0.2.2 dev tap0"
	assert_contains sent
	hears_nothing "routes of its own"
}

@test "addresses of one's own do not either" {
	listen
	run knocker --cap-add NET_ADMIN --cap-add NET_RAW --security-opt unmask=/proc/sys -- sh -ec "
		echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet
		ip address del 127.0.0.1/8 dev lo; ip address add 127.0.0.9/8 dev tap0
		knock udp 127.0.0.1 $PORT tap0
		knock frame plain 127.0.0.9 127.0.0.1 $PORT; knock frame plain ::1 ::1 $PORT"
	assert_contains sent
	hears_nothing "addresses of its own"
}

@test "frames of one's own making do not: every spelling, every wrapping" {
	listen
	run knocker --cap-add NET_RAW -- sh -c "
		for how in plain vlan options fragment; do
			for to in 127.0.0.1 127.0.0.2 0.0.0.0 10.0.2.2 10.0.2.255 255.255.255.255; do
				knock frame \$how 10.0.2.100 \$to $PORT || exit
			done
		done
		for how in plain extension; do
			for to in ::1 :: ::ffff:127.0.0.1 ::127.0.0.1 ::ffff:0:127.0.0.1 fd00::2 fd00::9 \
				2002:7f00:1::1 64:ff9b::127.0.0.1 ff02::1 fe80::2; do
				knock frame \$how fd00::100 \$to $PORT || exit
			done
		done; echo all"
	assert_line all
	hears_nothing "frames"
}

@test "who asks for what is refused learns it at once" {
	local began=$SECONDS
	run knocker -- sh -c "knock tcp 10.0.2.2 80; knock udp 10.0.2.2 80; knock tcp 127.0.0.1 80 tap0
		knock tcp 169.254.169.254 80; knock udp 10.0.2.3 54
		knock tcp fd00::2 80; knock udp 64:ff9b::127.0.0.1 80"
	assert_output "$(printf '%s\n' "connect: No route to host" "sent, but: No route to host" \
		"connect: No route to host" "connect: No route to host" "sent, but: No route to host" \
		"connect: Permission denied" "sent, but: Permission denied")"
	[ "$((SECONDS - began))" -lt 4 ]
}

@test "allow_host_loopback opens the gateway's address and no other" {
	listen
	run knocker --network slirp:allow_host_loopback=true --cap-add NET_RAW -- sh -c "
		for to in 127.0.0.1 127.0.0.2 0.0.0.0 10.0.2.255 255.255.255.255; do
			knock frame plain 10.0.2.100 \$to $PORT
		done
		knock frame vlan 10.0.2.100 10.0.2.2 $PORT; knock frame options 10.0.2.100 10.0.2.2 $PORT
		knock frame extension fd00::100 fd00::2 $PORT
		knock frame plain fd00::100 ::1 $PORT; knock frame plain fd00::100 fd00::9 $PORT; echo all"
	assert_line all
	hears_nothing "beside the gateway"
}

# --- out, in a world of the test's own -----------------------------------------------------------

# COMMAND in the world, with rlc's folders there and a single id.
in_world() {
	cat >script
	timeout 60 "$BATS_TEST_DIRNAME/net/world" bash -euo pipefail script
}

# For scripts: `there COMMAND` in the neighbour, `inside OPTION… -- COMMAND` in a container.
world_head() {
	cat <<-END
		PATH=$BATS_TEST_DIRNAME/net:\$PATH
		there() { nsenter --net --target "\$REMOTE" -- "\$@"; }
		inside() {
			local options=()
			while [ "\$1" != -- ]; do options+=("\$1"); shift; done
			shift
			"$RLC" --log-level "\${LEVEL:-error}" --root "$BATS_TEST_TMPDIR/data" \
				--runroot "$BATS_TEST_TMPDIR/runroot" run --rm \
				-v "$BATS_FILE_TMPDIR/knock:/bin/knock:ro" "\${options[@]}" \
				--rootfs "$(busybox_rootfs)" "\$@" 2>&1
		}
		wait_for() { for _ in \$(seq 100); do [ -e "\$1" ] && return; sleep 0.05; done; return 1; }
		serve() { "\$@" & pids="\${pids:-} \$!"; }
		pids=
		trap 'kill \$pids 2>/dev/null || true' EXIT
	END
}

@test "TCP and UDP reach a neighbour, over IPv4 and IPv6, from the host's address" {
	run in_world <<-END
		$(world_head)
		serve there listen.py port heard --bind 192.0.2.2 --bind 2001:db8::2
		wait_for port
		P=\$(cat port)
		inside -- sh -c "knock tcp 192.0.2.2 \$P; knock udp 192.0.2.2 \$P
			knock tcp 2001:db8::2 \$P; knock udp 2001:db8::2 \$P"
		cat heard
	END
	assert_success
	assert_equal "$(grep -c 'answer: heard' <<<"$output")" 4
	assert_line "tcp 192.0.2.2"
	assert_line "udp 2001:db8::2 knock"
}

@test "large transfers arrive whole, both ways" {
	run in_world <<-END
		$(world_head)
		head -c 40000000 /dev/urandom >big
		serve there python3 -c '
		import hashlib, socket, threading
		s = socket.create_server(("192.0.2.2", 4000))
		open("ready", "w").close()
		c = s.accept()[0]
		t = threading.Thread(target=lambda: c.sendall(open("big", "rb").read()))
		t.start()
		h = hashlib.md5()
		while b := c.recv(1 << 16): h.update(b)
		t.join()
		open("came", "w").write(h.hexdigest() + "\\n")'
		wait_for ready
		inside -v "\$PWD:/d" -- sh -c 'nc 192.0.2.2 4000 </d/big >/d/got'
		wait_for came
		cat came
		md5sum <got
		md5sum <big
	END
	assert_success
	assert_equal "$(cut -c 1-32 <<<"$output" | sort | uniq -c | awk '{ print $1 }')" 3
}

@test "large datagrams arrive whole, both ways, though they cross the device in fragments" {
	run in_world <<-END
		$(world_head)
		serve there python3 -c '
		import socket
		s = socket.socket(type=socket.SOCK_DGRAM); s.bind(("192.0.2.2", 4000))
		open("ready", "w").close()
		while True:
		    data, who = s.recvfrom(65536)
		    s.sendto(data, who)'
		wait_for ready
		inside -- sh -c 'for n in 1472 1473 4096 8192 60000; do
			knock echo 192.0.2.2 4000 \$n; done'
	END
	assert_success
	assert_equal "$(grep -c '^same$' <<<"$output")" 5
}

# libslirp's TIME_WAIT would keep a descriptor of each for ten seconds. A connection that hangs
# meanwhile keeps nothing else.
@test "connections that the other end closes first are not kept: 300 of them with 128 descriptors" {
	run in_world <<-END
		$(world_head)
		serve there python3 -c '
		import socket
		s = socket.create_server(("2001:db8::2", 4000), family=socket.AF_INET6)
		s4 = socket.create_server(("192.0.2.2", 4000))
		open("ready", "w").close()
		for n in range(300):
		    c = (s4 if n < 150 else s).accept()[0]
		    c.shutdown(socket.SHUT_WR)
		    c.recv(1)
		    c.close()'
		wait_for ready
		ulimit -n 128
		inside -- sh -c "nc 192.0.2.77 9 2>/dev/null & knock pour 192.0.2.2 4000 0 150; knock pour 2001:db8::2 4000 0 150"
	END
	assert_output $'poured\npoured'
}

@test "what a slow reader has not got yet arrives after both ends are closed" {
	run in_world <<-END
		$(world_head)
		serve there python3 -c '
		import socket, time
		s = socket.socket()
		s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
		s.bind(("192.0.2.2", 4000))
		s.listen()
		open("ready", "w").close()
		c = s.accept()[0]
		c.shutdown(socket.SHUT_WR)
		n = 0
		while b := c.recv(1 << 14):
		    n += len(b)
		    time.sleep(0.003)
		open("came", "w").write(f"{n} came\n")'
		wait_for ready
		# The container lives on: at its end rlc-net would end with what it holds.
		inside -- sh -c "knock pour 192.0.2.2 4000 2000000 1; sleep 3"
		wait_for came
		cat came
	END
	assert_line "2000000 came"
}

@test "echo requests go out where the host lets its users ping" {
	run in_world <<-END
		$(world_head)
		inside --cap-add NET_RAW -- ping -c 1 -W 3 192.0.2.2
		inside --cap-add NET_RAW -- ping -c 1 -W 3 10.0.2.2
	END
	assert_success
	assert_equal "$(grep -c '1 packets received' <<<"$output")" 2
	NO_PING=1 run in_world <<-END
		$(world_head)
		serve there python3 -c '
		import socket
		s = socket.socket(type=socket.SOCK_DGRAM); s.bind(("192.0.2.2", 7))
		open("ready", "w").close()
		s.recv(99); open("echoed", "w").close()'
		wait_for ready
		inside --cap-add NET_RAW -- ping -c 1 -W 1 192.0.2.2 || echo "no answer"
		[ ! -e echoed ] || echo "sent UDP instead"
	END
	assert_success
	assert_line "no answer"
	refute_contains "sent UDP"
}

@test "the container's own network is what was asked" {
	run in_world <<-END
		$(world_head)
		inside -- sh -c 'ip -4 -o address show tap0; ip route; cat /sys/class/net/tap0/mtu'
		inside --network slirp:mtu=9000,cidr=10.1.0.0/16,enable_ipv6=false -- \
			sh -c 'ip -o address show tap0; ip route; cat /sys/class/net/tap0/mtu /etc/resolv.conf'
	END
	assert_success
	assert_match 'inet 10\.0\.2\.100/24'
	assert_contains "default via 10.0.2.2 dev tap0"
	assert_line 1500
	assert_match 'inet 10\.1\.0\.100/16'
	assert_line 9000
	assert_line "nameserver 10.1.0.3"
	refute_contains fd00::100
}

@test "outbound_addr chooses where connections leave from" {
	run in_world <<-END
		$(world_head)
		ip address add 192.0.2.77/24 dev near
		serve there python3 -c '
		import socket
		s = socket.create_server(("192.0.2.2", 4000)); open("ready", "w").close()
		for _ in range(2): print(s.accept()[1][0], flush=True)'
		wait_for ready
		inside -- knock tcp 192.0.2.2 4000 || true
		inside --network slirp:outbound_addr=192.0.2.77 -- knock tcp 192.0.2.2 4000 || true
		sleep 0.2
	END
	assert_line 192.0.2.1
	assert_line 192.0.2.77
}

# --- names --------------------------------------------------------------------------------------

@test "a resolver of the host's on 127.0.0.53 answers, by UDP and TCP" {
	echo "nameserver 127.0.0.53" >resolv.conf
	run in_world <<-END
		$(world_head)
		serve name_server.py ready 127.0.0.53 192.0.2.99
		wait_for ready
		inside -- sh -c 'knock dns 10.0.2.3 udp name; knock dns 10.0.2.3 tcp name
			knock dns fd00::3 udp name; nslookup -type=a any.name | tail -n 2'
	END
	assert_success
	assert_equal "$(grep -c '^192.0.2.99' <<<"$output")" 3
	assert_contains "Address: 192.0.2.99"
}

@test "the next name server is asked when one is dead, refuses or is silent" {
	printf 'nameserver %s\n' 192.0.2.2 127.0.0.9 2001:db8::2 127.0.0.53 >resolv.conf
	run in_world <<-END
		$(world_head)
		serve there name_server.py ready1 192.0.2.2 silent
		serve there name_server.py ready2 2001:db8::2 servfail
		serve name_server.py ready3 127.0.0.53 192.0.2.99
		wait_for ready1; wait_for ready2; wait_for ready3
		inside -- sh -c 'knock dns 10.0.2.3 udp one; knock dns 10.0.2.3 udp two'
	END
	assert_success
	assert_output $'192.0.2.99\n192.0.2.99'
}

@test "over TCP too: after a refusal, and when the first segment has to be repeated" {
	printf 'nameserver %s\n' 127.0.0.9 192.0.2.77 127.0.0.53 >resolv.conf
	run in_world <<-END
		$(world_head)
		serve name_server.py ready 127.0.0.53 192.0.2.99
		wait_for ready
		inside -- sh -c 'for n in 1 2 3; do knock dns 10.0.2.3 tcp one; done'
	END
	assert_output $'connect: Connection refused\n192.0.2.99\n192.0.2.99'
}

@test "a changed resolv.conf is followed while the container runs" {
	echo "nameserver 127.0.0.53" >resolv.conf
	run in_world <<-END
		$(world_head)
		serve name_server.py ready1 127.0.0.53 192.0.2.98
		serve there name_server.py ready2 192.0.2.2 192.0.2.99
		wait_for ready1; wait_for ready2
		mkfifo go
		inside -i -- sh -c 'knock dns 10.0.2.3 udp one; read _; for i in 1 2 3 4 5 6 7 8; do
			knock dns 10.0.2.3 udp two; sleep 1; done' <go >out &
		exec 3>go
		sleep 1
		echo "nameserver 192.0.2.2" >resolv.conf
		echo >&3
		wait \$! || true
		sed -n '1p;\$p' out
	END
	assert_success
	assert_output $'192.0.2.98\n192.0.2.99'
}

@test "the texts: resolv.conf and hosts" {
	printf 'search lan\nnameserver 127.0.0.53\noptions edns0\n' >resolv.conf
	run in_world <<-END
		$(world_head)
		inside -- cat /etc/resolv.conf
		inside --dns 192.0.2.7 --dns-search . --dns-option ndots:3 -- cat /etc/resolv.conf
		inside --hostname box --add-host db:192.0.2.9 --add-host me:host-gateway -- cat /etc/hosts
		inside --network slirp:allow_host_loopback=true -- grep internal /etc/hosts
	END
	assert_success
	assert_contains $'search lan\nnameserver 10.0.2.3\noptions edns0\nnameserver 192.0.2.7\noptions ndots:3\n192.0.2.9'
	assert_line $'192.0.2.9\tdb'
	assert_line $'192.0.2.1\tme'
	assert_line $'192.0.2.1\thost.containers.internal host.docker.internal'
	assert_line $'10.0.2.2\thost.containers.internal host.docker.internal'
	assert_match $'10\\.0\\.2\\.100\tbox'
}

@test "none, no-hosts and no-hostname leave the image's own files" {
	local root=$BATS_TEST_TMPDIR/own
	cp -r "$(busybox_rootfs)" "$root"
	mkdir -p "$root/etc"
	for file in hosts resolv.conf hostname; do
		echo "image's $file" >"$root/etc/$file"
	done
	run rlc run --rm --dns none --no-hosts --no-hostname --rootfs "$root" \
		sh -c 'cat /etc/hosts /etc/resolv.conf /etc/hostname'
	assert_output $'image\'s hosts\nimage\'s resolv.conf\nimage\'s hostname'
}

# --- rlc-net itself -----------------------------------------------------------------------------

# The pid of the rlc-net whose parent is PID.
net_of() { # PID
	ps -o pid=,comm= --ppid "$1" | awk '$2 == "rlc-net" { print $1 }'
}

# A container NAME in the background; $NET is its rlc-net, $MONITOR what watches it.
start() { # NAME OPTION…
	local name=$1
	shift
	rlc run -d --name "$name" "$@" busybox sleep 60 >/dev/null
	MONITOR=$(rlc inspect --format '{{.Rlc.MonitorPid}}' "$name" 2>/dev/null ||
		rlc inspect "$name" | sed -n 's/.*"MonitorPid": \([0-9]*\).*/\1/p')
	NET=$(net_of "$MONITOR")
	[ -n "$NET" ] || fail "no rlc-net below $MONITOR"
	# It enters its cage while the container may run already.
	await 5 grep -q '^Seccomp:.*2' "/proc/$NET/status"
}

@test "rlc-net is caged: no capability, a filter, an empty root, few descriptors" {
	start caged
	run grep -E '^(Cap|Seccomp:|NoNewPrivs|Groups|Uid)' "/proc/$NET/status"
	assert_line $'CapInh:\t0000000000000000'
	assert_line $'CapPrm:\t0000000000000000'
	assert_line $'CapEff:\t0000000000000000'
	assert_line $'CapBnd:\t0000000000000000'
	assert_line $'CapAmb:\t0000000000000000'
	assert_line $'Seccomp:\t2'
	assert_line $'NoNewPrivs:\t1'
	# Not dumpable: its folder in /proc belongs to root, and no process of the user's may look in.
	run cat "/proc/$NET/environ"
	[ "$status" -ne 0 ]
	run ls "/proc/$NET/fd"
	[ "$status" -ne 0 ]
	rlc rm -f caged
}

# In the world: the neighbour at 192.0.2.2:4000 takes connections and reads nothing until ./read.
lazy_server() {
	cat <<-END
		serve there python3 -c '
		import os, resource, socket, threading, time
		resource.setrlimit(resource.RLIMIT_NOFILE, (4000, 4000))
		s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
		s.bind(("192.0.2.2", 4000)); s.listen(4096)
		open("ready", "w").close()
		def take(c):
		    while not os.path.exists("read"): time.sleep(0.1)
		    while c.recv(65536): pass
		threading.stack_size(65536)
		while True: threading.Thread(target=take, args=(s.accept()[0],), daemon=True).start()'
		wait_for ready
	END
}

# The budget is a part of the limit of address space: of 2 GB 125 MB, and half of that for more.
@test "what a slow neighbour does not take is not heaped up without end, and goes on when it does" {
	run in_world <<-END
		$(world_head)
		$(lazy_server)
		ulimit -v 2000000
		mkfifo go
		inside -i -- sh -c 'knock stuff 192.0.2.2 4000 1500; knock tcp 192.0.2.2 4000' <go >said 2>&1 &
		exec 3>go
		for _ in \$(seq 400); do grep -q stuffed said && break; sleep 0.1; done
		awk '/^VmRSS/ { print "held", \$2 }' /proc/\$(pgrep -n -x rlc-net)/status
		touch read
		sleep 3
		echo >&3
		wait \$! || true
		cat said
	END
	echo "$output"
	local held
	held=$(sed -n 's/^held //p' <<<"$output")
	[ "$held" -gt 50000 ] && [ "$held" -lt 90000 ] || fail "$held kB are held" "$(got)"
	[ "$(sed -n 's/^stuffed //p' <<<"$output")" -lt 1500 ] || fail "none was refused"
	# What was stuffed went, and so there is room again.
	assert_line sent
}

@test "rlc-net that gets no more memory ends with that word, and the container goes on" {
	run in_world <<-END
		$(world_head)
		$(lazy_server)
		mkfifo go
		LEVEL=warn inside -i -- sh -c 'read _; knock stuff 192.0.2.2 4000 500; echo on' <go >said 2>&1 &
		exec 3>go
		NET=
		for _ in \$(seq 100); do NET=\$(pgrep -n -x rlc-net) && grep -q '^Seccomp:.*2' /proc/\$NET/status && break; sleep 0.05; done
		prlimit --pid \$NET --as=60000000
		echo >&3
		echo >&3
		wait \$! || true
		cat said
	END
	assert_contains "the container's network is gone: it could get no more memory"
	assert_line on
}

sent_twice() {
	[ "$(grep -c sent said)" -eq 2 ]
}

@test "datagrams that are begun and never ended take no more than their share" {
	local before after net
	mkfifo go
	"$RLC" run --rm -i --name greedy --cap-add NET_RAW -v "$BATS_FILE_TMPDIR/knock:/bin/knock:ro" \
		busybox sh -c 'knock begin 10.0.2.100 192.0.2.0 1; read _
			knock begin 10.0.2.100 192.0.2.0 100000; read _' <go >said 3>&- &
	local run=$!
	exec 7>go
	await 10 grep -q sent said
	net=$(net_of "$run")
	before=$(awk '/^VmRSS/ { print $2 }' "/proc/$net/status")
	echo >&7
	await 60 sent_twice
	after=$(awk '/^VmRSS/ { print $2 }' "/proc/$net/status")
	echo >&7
	wait "$run"
	exec 7>&-
	[ "$((after - before))" -lt 8000 ] || fail "memory grew from $before to $after kB"
}

@test "rlc-net is not in the caller's session, and no signal but KILL ends it before the monitor" {
	start session
	[ "$(ps -o sid= -p "$NET" | tr -d ' ')" = "$NET" ] || fail "its session is another's"
	kill -INT "$NET"
	kill -TERM "$NET"
	kill -HUP "$NET"
	sleep 0.2
	kill -0 "$NET" || fail "a signal ended it"
	rlc rm -f session
	await 3 bash -c "! kill -0 $NET"
}

@test "rlc-net ends with its container, nobody waits for it" {
	start mortal
	rlc stop -t 0 mortal
	await 3 bash -c "! kill -0 $NET"
	rlc rm mortal
}

@test "rlc-net ends when the monitor is killed" {
	start orphan
	kill -KILL "$MONITOR"
	await 3 bash -c "! kill -0 $NET"
	rlc rm -f orphan
}

@test "a start that fails half-way leaves no rlc-net" {
	run -127 rlc run --rm busybox /no/such/program
	assert_status 127
	run rlc run --rm -w /proc/self/fd/9/x busybox true
	assert_status 126
	run rlc run --rm -u 70000 busybox true
	[ "$status" -ne 0 ]
	await 3 bash -c "source '$BATS_TEST_DIRNAME/lib.bash'; [ -z \"\$(leaked_processes)\" ]"
}

@test "rlc-net killed: it is said and noted, the container goes on and ends as it would" {
	start bereft
	kill -KILL "$NET"
	await 3 bash -c "\"$RLC\" inspect bereft | grep -q 'network is gone: rlc-net was killed by signal 9'"
	run rlc inspect bereft
	assert_contains '"Running": true'
	rlc rm -f bereft

	mkfifo go
	# shellcheck disable=SC2016 # the container's shell expands it
	"$RLC" run --rm -i --name attached busybox sh -c 'read x; echo "on: $x"; exit 7' \
		<go >out 2>&1 3>&- &
	local run=$! status=0
	exec 7>go
	await 5 bash -c "ps -o comm= --ppid $run | grep -q rlc-net"
	# shellcheck disable=SC2016 # the inner shell's
	await 5 bash -c '"$RLC" ps | grep -q attached'
	kill -KILL "$(net_of "$run")"
	await 3 grep -q "the container's network is gone: rlc-net was killed by signal 9" out
	echo still >&7
	wait "$run" || status=$?
	exec 7>&-
	assert_equal "$status" 7
	assert_equal "$(tail -n 1 out)" "on: still"
}

@test "what a helper said last is written down without its escape sequences" {
	local id state
	start noting
	id=$(rlc inspect noting | jq -r '.[0].Id')
	state=$XDG_DATA_HOME/rlc/containers/$id/state.json
	# Only the monitor's child may write: this shell plays it.
	cp "$state" kept
	jq ".monitor_pid = $BASHPID" kept >"$state"
	"$RLC" note -- "$id" $'gone: \e]0;owned\a'
	assert_equal "$(jq -r .error "$state")" 'gone: \x1b]0;owned\x07'
	jq ".monitor_pid = $MONITOR" "$state" >noted
	cp noted "$state"
	rlc rm -f noting
}

@test "the container takes its own network device away: it is said" {
	run rlc run --rm --cap-add NET_ADMIN busybox sh -c 'ip link del tap0; sleep 1; echo on'
	assert_success
	assert_contains "the container's network is gone"
	assert_line on
}

@test "rlc-net is missing: the run is refused with the way out" {
	mkdir part
	for program in "$(dirname "$RLC")"/../libexec/rlc/rlc-*; do
		[ "$(basename "$program")" = rlc-net ] || cp "$program" part/
	done
	RLC_LIBEXEC=$PWD/part run rlc run --rm busybox true
	assert_refused 125 rlc-net
	assert_contains "install rlc whole"
	assert_contains "--network none"
	RLC_LIBEXEC=$PWD/part run rlc run --rm --network none busybox echo works
	assert_line works
}

@test "no /dev/net/tun: the run is refused with the way out" {
	# shellcheck disable=SC2016 # the inner shell expands it
	run unshare --map-root-user --mount -- sh -c '
		mount -t tmpfs none /dev/net || exit 77
		"$1" --root "$PWD/data" --runroot "$PWD/run" run --rm --rootfs "$2" true
		"$1" --root "$PWD/data" --runroot "$PWD/run" run --rm --network none --rootfs "$2" echo works' \
		sh "$RLC" "$(busybox_rootfs)"
	[ "$status" -ne 77 ] || must_skip "/dev/net cannot be covered here"
	assert_contains "/dev/net/tun: No such file or directory"
	assert_contains "sudo modprobe tun"
	assert_contains "--network none"
	assert_line works
}

@test "what a container has is told: dry run, inspect" {
	run rlc run --dry-run --network slirp:mtu=9000 busybox true
	assert_contains "tap0 to rlc-net, MTU 9000"
	run rlc run --dry-run=oci --network slirp:mtu=9000 busybox true
	assert_match '"org.rlc.network": ?"slirp:mtu=9000"'
	start told --network slirp:mtu=9000,allow_host_loopback=true
	run rlc inspect told
	assert_contains '"NetworkMode": "slirp:allow_host_loopback=true,mtu=9000"'
	assert_contains '"IPAddress": "10.0.2.100"'
	rlc rm -f told
}
