#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What holds a container, seen from outside and tried from inside.
load lib

setup_file() {
	file_begin
	need_busybox
}

inside() {
	rlc run --rm busybox "$@"
}

# A program that a setuid bit makes root, in a root file system of our own.
setuid_root() {
	local root=$BATS_TEST_TMPDIR/root
	need_program gcc
	mkdir -p "$root/bin"
	cat >"$BATS_TEST_TMPDIR/suid.c" <<-'C'
		#include <stdio.h>
		#include <unistd.h>
		int main(void) { printf("uid %d euid %d\n", getuid(), geteuid()); return 0; }
	C
	gcc -static -o "$root/bin/suid" "$BATS_TEST_TMPDIR/suid.c"
	chmod 4755 "$root/bin/suid"
	echo "$root"
}

@test "capabilities and seccomp of init are in force before set-up changes the root" {
	need_program strace
	local log=$BATS_TEST_TMPDIR/trace init at_filter at_caps at_pivot
	# Under a tracer setuid helpers have no power: as root of a namespace there is one id, mapped
	# without them. The processes and their order are the same.
	run unshare --map-root-user -- strace -f -o "$log" \
		-e trace=seccomp,capset,pivot_root,chroot,execve,execveat \
		"$RLC" --root "$BATS_TEST_TMPDIR/data" --runroot "$BATS_TEST_TMPDIR/run" \
		run --rm --rootfs "$(busybox_rootfs)" true
	assert_success
	init=$(awk '/execveat\(.*rlc-init/ { print $1; exit }' "$log")
	[ -n "$init" ] || fail "no rlc-init in the trace" "$(cat "$log")"
	at_filter=$(awk -v p="$init" '$1 == p && /seccomp\(SECCOMP_SET_MODE_FILTER.*= 0$/ { print NR }' "$log")
	at_caps=$(awk -v p="$init" '$1 == p && /capset\(.*= 0$/ { n = NR } END { print n }' "$log")
	# Its network's helper changes a root too, the one of its own cage; and where the host's root is
	# an initramfs it is chroot that does.
	at_pivot=$(awk -v p="$init" '/execve\(.*rlc-net/ { net = $1 }
		$1 != p && $1 != net && /(pivot_root\("\.", "\."|chroot\("\."\))/ {
			print NR; exit }' "$log")
	at_exec=$(awk -v p="$init" '$1 == p && /execve\("\/.*true"/ { print NR; exit }' "$log")
	[ "$at_filter" -lt "$at_pivot" ] || fail "seccomp at $at_filter, pivot_root at $at_pivot"
	[ "$at_caps" -lt "$at_pivot" ] || fail "capset at $at_caps, pivot_root at $at_pivot"
	[ "$at_pivot" -lt "$at_exec" ] || fail "pivot_root at $at_pivot, exec at $at_exec"
	# Init itself never changes a root.
	run grep -E "^$init .*(pivot_root|chroot)\(" "$log"
	[ "$status" -ne 0 ]
}

@test "eleven capabilities, one filter, no more" {
	run inside grep -E '^(Cap|Seccomp:|NoNewPrivs)' /proc/self/status
	assert_success
	[[ $output == *"CapBnd:	00000000800405fb"* ]]
	[[ $output == *"CapEff:	00000000800405fb"* ]]
	[[ $output == *"CapInh:	0000000000000000"* ]]
	[[ $output == *"Seccomp:	2"* ]]
}

@test "the caller's working folder is not the container's" {
	cd /etc
	run inside sh -c 'pwd; readlink /proc/self/cwd; cat hostname ../etc/debian_version 2>/dev/null | wc -c'
	assert_success
	[ "${lines[0]}" = / ]
	[ "${lines[1]}" = / ]
	[ "${lines[2]}" = 0 ]
}

@test "no descriptor of the caller reaches the container" {
	exec 7</etc 8</etc/passwd
	run inside sh -c 'ls /proc/self/fd; ls /proc/1/fd; cat <&8'
	exec 7<&- 8<&-
	[[ " ${lines[*]} " != *" 7 "* ]]
	[[ " ${lines[*]} " != *" 8 "* ]]
	refute_contains root:x:0:0
}

@test "a folder as standard input is refused" {
	run bash -c '"$RLC" run --rm -i busybox ls /proc/self/fd/0/ </etc'
	assert_status 125
	assert_contains "is a folder of the host"
}

@test "a working folder through /proc/self/fd is refused" {
	exec 7</
	run rlc run --rm -w /proc/self/fd/7 busybox cat etc/hostname
	exec 7<&-
	[ "$status" -ne 0 ]
	refute_contains "$(cat /etc/hostname)"
	run rlc run --rm -w /proc/1/root busybox ls
	[ "$status" -ne 0 ]
	run rlc run --rm -w /proc/self/cwd busybox ls
	[ "$status" -ne 0 ]
}

@test "a working folder that is a symlink of the image stays in the image" {
	local root=$BATS_TEST_TMPDIR/root
	cp -a "$(busybox_rootfs)" "$root"
	ln -s ../../../../../etc "$root/out"
	run rlc run --rm -w /out --rootfs "$root" grep -c . passwd
	assert_success
	[ "$output" = "$(grep -c . "$root/etc/passwd")" ]
}

@test "mount targets through symlinks of the image stay in the image" {
	local root=$BATS_TEST_TMPDIR/root outside=$BATS_TEST_TMPDIR/outside
	cp -a "$(busybox_rootfs)" "$root"
	mkdir "$outside"
	ln -s "$outside" "$root/link"
	ln -s ../../../../../../../../../../../"$outside" "$root/dots"
	run rlc run --rm -v "$PWD:/link/a" -v "$PWD:/dots/b" --rootfs "$root" true
	assert_success
	run ls -A "$outside"
	[ -z "$output" ] || fail "made on the host: $output"
}

@test "a passwd that is a fifo is not waited for" {
	local root=$BATS_TEST_TMPDIR/root
	cp -a "$(busybox_rootfs)" "$root"
	rm "$root/etc/passwd"
	mkfifo "$root/etc/passwd"
	run timeout 10 "$RLC" run --rm --rootfs "$root" true
	assert_success
}

@test "a setuid program works without no_new_privs and not with it" {
	local root
	root=$(setuid_root)
	must_have_many_ids
	run rlc run --rm -u 1000 --rootfs "$root" /bin/suid
	assert_success
	[ "$output" = "uid 1000 euid 0" ]
	run rlc run --rm -u 1000 --security-opt no-new-privileges --rootfs "$root" /bin/suid
	assert_success
	[ "$output" = "uid 1000 euid 1000" ]
}

must_have_many_ids() {
	[ "$(awk -F: -v u="$(id -un)" '$1 == u' /etc/subuid | wc -l)" -gt 0 ] ||
		must_skip "$(id -un) has no subordinate ids"
}

@test "the container cannot mount, unshare, change its root or load keys" {
	run inside sh -c '
		mount -t tmpfs x /tmp && echo MOUNTED
		unshare -U true && echo UNSHARED
		unshare -m true && echo UNSHARED
		pivot_root / /tmp && echo PIVOTED
		umount /proc && echo UNMOUNTED
		umount -l /proc/kcore && echo UNMASKED
		true'
	assert_success
	refute_contains MOUNTED
	refute_contains UNSHARED
	refute_contains PIVOTED
	refute_contains UNMOUNTED
	refute_contains UNMASKED
}

@test "with every capability the filter still refuses, without a filter capabilities still do" {
	run rlc run --rm --cap-add ALL busybox sh -c 'pivot_root / /tmp || echo held'
	assert_contains held
	run rlc run --rm --security-opt seccomp=unconfined busybox sh -c 'mount -t tmpfs x /tmp || echo held'
	assert_contains held
}

@test "masked and read-only paths" {
	run inside sh -c 'cat /proc/keys | wc -c; ls /sys/firmware | wc -l
		echo 1 >/proc/sys/kernel/panic || echo held
		echo b >/proc/sysrq-trigger || echo held'
	assert_success
	[ "${lines[0]}" = 0 ]
	[ "${lines[1]}" = 0 ]
	[ "$(grep -c held <<<"$output")" = 2 ]
}

@test "PID 1's program cannot be overwritten, even by its owner, even after its end" {
	local id pid
	need_program python3
	# As if installed in the user's own home: container root then owns the file.
	cp -r "${RLC%/bin/*}/libexec/rlc" "$BATS_TEST_TMPDIR/libexec"
	export RLC_LIBEXEC=$BATS_TEST_TMPDIR/libexec
	id=$(rlc run -d --init busybox sleep 60)
	pid=$(rlc inspect "$id" | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["State"]["Pid"])')
	run nsenter --preserve-credentials --user --target "$pid" -- \
		python3 "$BATS_TEST_DIRNAME/overwrite.py" "$pid" "$RLC_LIBEXEC/rlc-init"
	rlc rm -f "$id" >/dev/null
	[ "$output" = EROFS ] || fail "wanted EROFS" "$output"
}

@test "no terminal of the caller can be typed into" {
	# A session of its own and no controlling terminal: what TIOCSTI needs.
	run inside sh -c 'cut -d" " -f6,7 /proc/self/stat'
	assert_success
	[[ ${lines[0]} == *" 0" ]]
}

@test "rlc's own folders are hidden in a volume that covers them" {
	run rlc run --rm -v "$HOME:/h" busybox sh -c 'ls -A /h/.local/share/rlc; touch /h/.local/share/rlc/x'
	[ "$status" -ne 0 ]
	refute_contains containers
	assert_contains "Read-only"
	run rlc run --rm -v "$XDG_DATA_HOME/rlc/layers:/l" busybox true
	assert_status 125
	assert_contains "rlc's own folder"
}

@test "nothing may be mounted over /proc" {
	for target in /proc /proc/self /proc/sys /x/../proc; do
		run rlc run --rm -v "$PWD:$target" busybox true
		assert_status 125
		assert_contains "/proc"
	done
	run rlc run --rm --tmpfs /proc busybox true
	assert_status 125
}

@test "container root is not host root, whoever calls" {
	local inside outside
	run inside cat /proc/self/uid_map
	assert_success
	read -r inside outside _ <<<"${lines[0]}"
	[ "$inside" = 0 ]
	[ "$outside" != 0 ]
}

@test "the other ABIs are refused" {
	need_program gcc
	local root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root/bin"
	cat >"$BATS_TEST_TMPDIR/abi.c" <<-'C'
		#include <errno.h>
		#include <stdio.h>
		#include <sys/socket.h>
		#include <sys/syscall.h>
		#include <unistd.h>
		int main(int argc, char **argv) {
			(void)argv;
			if (socket(40, SOCK_STREAM, 0) >= 0) puts("AF_VSOCK");
			if (socket(38, SOCK_SEQPACKET, 0) >= 0) puts("AF_ALG");
			if (syscall(0x40000000 + SYS_getpid) > 0) puts("x32");
			puts("native held");
			fflush(stdout);
			if (argc > 1) { long r; __asm__ volatile("int $0x80" : "=a"(r) : "a"(20) : "memory");
				printf("i386 getpid %ld\n", r); if (r > 0) puts("I386"); }
			return 0;
		}
	C
	gcc -static -o "$root/bin/abi" "$BATS_TEST_TMPDIR/abi.c"
	run rlc run --rm --rootfs "$root" /bin/abi
	assert_success
	[ "$output" = "native held" ]
	run rlc run --rm --rootfs "$root" /bin/abi int80
	refute_contains I386
}

@test "a file on standard input or output is passed by a pipe, not lent" {
	echo keep >in
	echo keep >log
	run bash -c '"$RLC" run --rm -i busybox sh -c "cat; echo harm >/proc/self/fd/0" <in'
	assert_contains keep
	assert_equal "$(cat in)" keep
	run bash -c '"$RLC" run --rm busybox sh -c "cat /proc/self/fd/1 >/dev/null; : >/proc/self/fd/1; echo said" >>log'
	assert_equal "$(cat log)" "keep
said"
}

@test "a detached container holds nothing of the caller's" {
	local began=$SECONDS
	{ rlc run -d --name lets-go busybox sleep 30 3>&1 >/dev/null 2>&1; } | cat
	[ $((SECONDS - began)) -lt 15 ] || fail "the pipe was held"
	rlc rm -f -t 0 lets-go
}

@test "a link that appears in a volume's path after the check is not followed" {
	# What `realpath` found is bound without following links: here the plan's word is a link.
	mkdir real
	ln -s real link
	run rlc run --rm -v "$PWD/link:/d" busybox sh -c 'touch /d/x && echo written'
	assert_output written
	assert_exists real/x
}
