#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `rlc run`: what scripts and people rely on.
# shellcheck disable=SC2016,SC2154 # shells inside expand; run sets stderr
load lib

setup_file() {
	file_begin
	need_busybox
}

inside() {
	rlc run --rm busybox "$@"
}

# What containers keep on disk.
kept() {
	find "$XDG_DATA_HOME"/rlc/{containers,tmp,names} -mindepth 1 -maxdepth 1 2>/dev/null || true
}


@test "the exit status is the command's" {
	run inside true
	assert_status 0
	run inside sh -c 'exit 42'
	assert_status 42
	run inside sh -c 'kill -TERM $$; sleep 5' </dev/null
	assert_status 0 # PID 1 is not killed by a signal it does not handle
	run rlc run --rm --init busybox sh -c 'kill -KILL $$'
	assert_status 137
}

@test "125, 126, 127: rlc failed, cannot be run, is not there" {
	run rlc run --rm --nonsense busybox true
	assert_refused 125 "--nonsense"
	run inside /etc
	assert_refused 126 "run /etc in the container: Permission denied"
	run inside /etc/passwd
	assert_refused 126 "/etc/passwd"
	run -127 inside nosuchcommand
	assert_refused 127 "nosuchcommand"
	run -127 inside /no/such
	assert_refused 127 "/no/such"
}

@test "standard streams are the caller's with --rm, and pass through without" {
	run --separate-stderr inside sh -c 'echo out; echo err >&2'
	assert_output out
	assert_equal "$stderr" err
	run --separate-stderr rlc run --name streams busybox sh -c 'echo out; echo err >&2'
	assert_output out
	assert_equal "$stderr" err
	run rlc logs streams
	assert_line out
	assert_line err
	rlc rm streams
	run bash -c 'echo typed | "$RLC" run --rm -i busybox cat'
	assert_output typed
	run bash -c 'echo typed | "$RLC" run --rm busybox cat'
	assert_output ""
}

@test "binary output passes unharmed, a megabyte of it" {
	head -c 1048576 /dev/urandom >random
	run bash -c '"$RLC" run --rm -i busybox cat <random | cmp - random'
	assert_success
	run bash -c '"$RLC" run -i --name big busybox cat <random | cmp - random; "$RLC" rm big >/dev/null'
	assert_success
}

@test "a terminal: its own pty, the caller's size, raw mode given back" {
	need_program script
	run script -qec 'stty rows 33 cols 77; "$RLC" run --rm -it busybox sh -c "tty; stty size; test -c /dev/console && echo console"; echo "icanon $(stty -a | grep -c " icanon")"' /dev/null
	assert_success
	assert_contains /dev/pts/0
	assert_contains "33 77"
	assert_contains console
	assert_contains "icanon 1"
}

@test "signals are passed on" {
	"$RLC" run --rm --name signals busybox sh -c 'trap "echo got; exit 7" TERM; echo ready; while :; do sleep 0.05; done' >out &
	local pid=$!
	await 10 grep -q ready out
	kill -TERM "$pid"
	local status=0
	wait "$pid" || status=$?
	assert_equal "$status" 7
	grep -q got out
}

@test "-d prints the id and the container lives on" {
	run rlc run -d --name detached busybox sh -c 'echo hello; sleep 100'
	assert_success
	assert_match '^[0-9a-f]{64}$'
	run rlc ps --format json
	assert_contains detached
	await 5 bash -c '"$RLC" logs detached | grep -q hello'
	run rlc stop -t 1 detached
	assert_success
	run rlc inspect detached
	assert_contains '"exited"'
	rlc rm detached
}

@test "--name is claimed once" {
	rlc run -d --name twice busybox sleep 100
	run rlc run --rm --name twice busybox true
	assert_refused 125 twice
	rlc rm -f -t 0 twice
	run rlc run --rm --name twice busybox true
	assert_success
	for bad in a/b ../x 'a b' '' $'a\eb' -x .hidden; do
		run rlc run --rm "--name=$bad" busybox true
		assert_status 125
		[[ $output != *$'\e'* ]]
	done
}

@test "users by name and number, groups, home" {
	run rlc run --rm -u user busybox sh -c 'id -u; echo $HOME'
	assert_success
	[ "${lines[0]}" -gt 0 ]
	run rlc run --rm -u 1234:5678 busybox sh -c 'id -u; id -g; echo $HOME'
	assert_equal "${lines[*]}" "1234 5678 /"
	run rlc run --rm --group-add 77 -u 1234 busybox id -G
	assert_contains 77
	run rlc run --rm -u nosuch busybox true
	assert_refused 125 nosuch
	run rlc run --rm -u 4000000 busybox true
	assert_refused 125 "beyond the ids"
}

@test "environment: image, defaults, --env-file, -e, in that order" {
	printf 'A=file\nB=file\n# no\n\nC\n' >env.list
	C=passed run rlc run --rm --env-file env.list -e A=typed -e HOME=/x busybox env
	assert_line A=typed
	assert_line B=file
	assert_line C=passed
	assert_line HOME=/x
	assert_line container=rlc
	assert_match 'PATH=/usr/local/sbin'
}

@test "host name, hosts and resolv.conf" {
	run rlc run --rm --hostname box --name named busybox sh -c 'hostname; cat /etc/hostname; grep -c "box named" /etc/hosts'
	assert_equal "${lines[*]}" "box box 1"
	run rlc run --rm --network host busybox cat /etc/resolv.conf
	assert_output "$(cat /etc/resolv.conf)"
	run rlc run --rm --network none busybox sh -c 'ls /sys/class/net; cat /etc/resolv.conf'
	assert_line lo
	refute_contains tap0
	refute_contains nameserver
}

@test "volumes: both ways, read-only, single files, options" {
	mkdir data
	echo in >data/file
	run rlc run --rm -v "$PWD/data:/d" busybox sh -c 'cat /d/file; echo out >/d/new'
	assert_output in
	assert_equal "$(cat data/new)" out
	run rlc run --rm -v "$PWD/data:/d:ro" busybox touch /d/x
	assert_contains "Read-only file system"
	run rlc run --rm -v ./data/file:/etc/one:ro busybox cat /etc/one
	assert_output in
	run rlc run --rm --mount type=bind,src="$PWD/data",dst=/d,ro busybox cat /d/file
	assert_output in
	run rlc run --rm -v "$PWD/missing:/d" busybox true
	assert_refused 125 "mkdir -p"
	refute_exists missing
	run rlc run --rm -v "$PWD/data:/d" busybox sh -c 'grep " /d " /proc/mounts'
	assert_contains nosuid
	assert_contains nodev
}

# Mounts beneath are locked to their folder in a user namespace and come along with it.
@test "a read-only volume without its submounts gives no writable submount" {
	mkdir -p data/sub
	run unshare --map-root-user --mount -- bash -c "
		mount -t tmpfs none '$PWD/data/sub' &&
		'$RLC' --root '$PWD/store' --runroot '$PWD/state' run --rm \\
			-v '$PWD/data:/d:bind,ro' --rootfs '$(busybox_rootfs)' \\
			sh -c 'touch /d/x; touch /d/sub/x; echo done'"
	assert_success
	assert_contains "done"
	assert_contains "/d/x: Read-only file system"
	assert_contains "/d/sub/x: Read-only file system"
}

@test "tmpfs, shm, read-only root" {
	run rlc run --rm --tmpfs /t:size=1m busybox sh -c 'df -k /t | tail -1'
	assert_contains 1024
	run rlc run --rm --shm-size 2m busybox sh -c 'df -k /dev/shm | tail -1'
	assert_contains 2048
	run rlc run --rm --read-only busybox sh -c 'touch /x; touch /tmp/ok /run/ok /var/tmp/ok /dev/shm/ok && echo fine'
	assert_contains "Read-only"
	assert_contains fine
	run rlc run --rm --read-only --read-only-tmpfs=false busybox sh -c 'touch /tmp/no || touch /dev/shm/no || echo held'
	assert_contains held
}

@test "devices, also --privileged" {
	run inside sh -c 'head -c 4 /dev/zero | wc -c; echo x >/dev/null; ls /dev | tr "\n" " "'
	assert_success
	assert_contains "4"
	run rlc run --rm --device /dev/null:/dev/mine busybox sh -c 'echo x >/dev/mine && echo fine'
	assert_output fine
	run rlc run --rm --device /dev/nosuch busybox true
	assert_refused 125 /dev/nosuch
	run rlc run --rm --privileged busybox grep -E 'CapEff|Seccomp:' /proc/self/status
	assert_contains "Seccomp:	0"
	# A root that could not be pivoted into is not to be left by chroot.
	if grep -q '^rootfs / ' /proc/mounts; then
		assert_contains 1fffffbffff
	else
		assert_contains 1ffffffffff
	fi
}

@test "limits, umask, ulimit, working folder" {
	run rlc run --rm --ulimit nofile=99:99 --umask 077 -w /usr/bin busybox sh -c 'ulimit -n; umask; pwd'
	assert_equal "${lines[*]}" "99 0077 /usr/bin"
}

@test "the image that comes with rlc: said when it is loaded, and whose it is" {
	local own=(--root "$PWD/data" --runroot "$PWD/run") tar
	tar=$(embedded_image)
	# Where its user says that the name leads elsewhere, it does.
	run rlc "${own[@]}" run --rm --pull=missing --registry-alias busybox=127.0.0.1:1/box busybox true
	assert_status 125
	assert_contains "from 127.0.0.1:1: cannot connect"
	run --separate-stderr rlc "${own[@]}" run --rm --pull=missing busybox echo hello
	assert_success
	assert_output hello
	[[ $stderr == *"localhost/busybox:latest is made of the image that comes with rlc ($tar)"* ]] ||
		fail "not told" "$(got)"
	run --separate-stderr rlc "${own[@]}" run --rm --pull=missing busybox echo again
	assert_output again
	assert_equal "$stderr" ""
	run rlc "${own[@]}" inspect --type image busybox
	assert_contains "\"org.opencontainers.image.source\": \"file://$tar\""
	assert_contains "The image that comes with rlc"
}

@test "a working folder that is not there: an image's own is made, one that was asked for refused" {
	mkdir volume
	run rlc run --rm -w /not/here busybox pwd
	assert_refused 126 'workdir "/not/here" does not exist in the container'
	assert_contains "  fix: "
	run rlc run --rm -w /etc/passwd busybox pwd
	assert_refused 126 'workdir "/etc/passwd" is not a folder in the container'
	run rlc run --rm -v "$PWD/volume:/mnt/there" -w /mnt/there busybox pwd
	assert_success
	assert_output /mnt/there
	run rlc run --rm -w /proc/self busybox sh -c 'cd .. && pwd'
	assert_output /proc
	rlc import --change 'WORKDIR /made/here' "$(embedded_image)" elsewhere >/dev/null
	run rlc run --rm elsewhere pwd
	assert_output /made/here
	# As podman has it: also where it says what the image says.
	run rlc run --rm -w /made/here elsewhere pwd
	assert_status 126
	rlc rmi elsewhere >/dev/null
}

@test "a limit that cannot be had is refused with the remedy, unless best effort will do" {
	local own
	own=/sys/fs/cgroup$(sed -n 's|^0::||p' /proc/self/cgroup)
	if [ -w "$own/cgroup.procs" ] && grep -q memory "$own/cgroup.controllers"; then
		run rlc run --rm --memory 64m busybox cat /sys/fs/cgroup/memory.max
		assert_success
		assert_output $((64 << 20))
		return
	fi 2>/dev/null
	run rlc run --rm --memory 64m busybox true
	assert_refused 125 memory
	run rlc run --rm --memory 64m --limits=best-effort busybox true
	assert_success
	assert_contains memory
}

@test "--init reaps and stays PID 1" {
	run rlc run --rm --init busybox sh -c 'ps | grep -c rlc-init'
	[ "${lines[0]}" -ge 1 ]
	run rlc run --rm --init busybox sh -c '(sleep 0.05 & exec sleep 0.01) & sleep 0.4; ps | grep -c "\[sleep\]" || true'
	assert_output 0
}

@test "--cidfile is written once and goes with the container" {
	run rlc run --rm --cidfile cid busybox true
	assert_success
	refute_exists cid
	rlc run --cidfile cid --name keeps busybox true
	assert_equal "$(wc -c <cid)" 64
	run rlc run --rm --cidfile cid busybox true
	assert_refused 125 cid
	rlc rm keeps
}

@test "--rootfs runs a folder" {
	local root
	root=$(busybox_rootfs)
	run rlc run --rm --rootfs "$root" cat /etc/passwd
	assert_success
	assert_contains root:
	run rlc run --rm --rootfs "$root/nosuch" true
	assert_refused 125 nosuch
	run rlc run --rm --rootfs / true
	assert_refused 125 "own root"
}

@test "what a container writes is its own, and gone with --rm" {
	local before
	before=$(kept)
	run inside sh -c 'echo x >/etc/mine; cat /etc/mine'
	assert_line x
	run inside cat /etc/mine
	assert_status 1
	assert_equal "$(kept)" "$before"
}

@test "files of other ids in the container are removed with it" {
	local before
	before=$(kept)
	run inside sh -c 'mkdir -m 0700 /deep && touch /deep/file && chown -R 1234:1234 /deep'
	assert_success
	assert_equal "$(kept)" "$before"
}

@test "twenty at once, with files of other ids: the status stays the command's" {
	local i pids=()
	for i in {1..20}; do
		inside sh -c 'for i in 1 2 3 4 5 6 7 8 9; do
			mkdir -p x$i/a/b; touch x$i/a/b/f; chown -R 1000:1000 x$i; done; exit 7' \
			2>"err.$i" || echo "$?" >"rc.$i" &
		pids+=($!)
	done
	# By pid: bats keeps a clock of its own in the background.
	wait "${pids[@]}"
	[ "$(cat rc.* | sort | uniq -c | tr -d ' ')" = 207 ] || fail "$(cat rc.* err.*)"
	run kept
	refute_contains rm-
}

@test "a single id, with a notice, for users without subordinate ids" {
	run unshare --map-root-user -- "$RLC" --root "$PWD/data" --runroot "$PWD/run" run --rm --rootfs "$(busybox_rootfs)" cat /proc/self/uid_map
	assert_success
	assert_contains notice
	assert_match '0 +[0-9]+ +1'
}

@test "another rlc: fifty at once" {
	local i pids=()
	for i in $(seq 50); do
		rlc run --rm busybox sh -c "echo $i" >"out.$i" 2>&1 &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" || fail "one of fifty failed" "$(cat out.*)"
	done
	assert_equal "$(sort -n out.* | tr '\n' ' ')" "$(seq 50 | tr '\n' ' ')"
}

@test "a start copies nothing of the image up" {
	local id folder
	id=$(rlc run -d busybox sleep 100)
	folder=$XDG_DATA_HOME/rlc/containers/$id
	# A copy is made as a whole: there is no layer above the image's to look at.
	case $(rlc inspect "$id" | jq -r '.[0].Driver') in
	copy) run ls "$folder/copy" && output=${output#rootfs} ;;
	fuse-overlayfs) run find "$folder/fuse/upper" -mindepth 1 ;;
	*) run find "$folder/upper" -mindepth 1 ;;
	esac
	assert_output ""
	rlc rm -f -t 0 "$id"
}

@test "a reader that goes ends the writer, and its log" {
	run bash -c 'timeout 20 "$RLC" run --name endless busybox yes 2>/dev/null | head -n 1; exit "${PIPESTATUS[0]}"'
	[ "$status" -ne 124 ] || fail "it went on"
	assert_line y
	rlc rm endless
}

@test "what is piped into a terminal ends there" {
	run bash -c 'echo "echo typed" | timeout 20 "$RLC" run --rm -it busybox sh'
	assert_success
	assert_contains typed
	assert_contains "rlc: notice: the input device is not a TTY"
	# Podman says it of both together alone.
	run bash -c 'echo typed | timeout 20 "$RLC" run --rm -i busybox cat'
	assert_output typed
	run bash -c 'timeout 20 "$RLC" run --rm -t busybox echo out </dev/null'
	refute_contains notice
}

@test "what reads a terminal more than once is told of the end each time" {
	run bash -c 'echo typed | timeout 20 "$RLC" run --rm -it busybox sh -c "cat; cat; echo over"'
	assert_success
	assert_contains over
}

@test "closing the window ends a shell that was left in it" {
	need_program python3
	cat >window.py <<-'PY'
		import os, pty, sys, time
		pid, master = pty.fork()
		if pid == 0:
		    os.execv(sys.argv[1], [sys.argv[1], "run", "--rm", "-it", "--name", "window", "busybox", "sh"])
		seen = b""
		while b"#" not in seen:
		    seen += os.read(master, 1000)
		os.close(master)
		for _ in range(200):
		    if os.waitpid(pid, os.WNOHANG)[0]:
		        print("ended")
		        break
		    time.sleep(0.05)
	PY
	run timeout 30 python3 window.py "$RLC"
	assert_output ended
	run rlc ps -a --format json
	refute_contains window
}
