#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The cage of rlc-image, tried while it works: system calls are put into the installed program by a
# tracer, and what they answer is what a broken decompressor would get. The tracer is root of a user
# namespace, where there is one id; the cage is the same.

load lib
# shellcheck source=tests/fixtures/registry.bash
source "$BATS_TEST_DIRNAME/../fixtures/registry.bash"

teardown_file() {
	registries_end
	file_end
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	need_program python3
	[ "$(uname -m)" = x86_64 ] || must_skip "the tracer knows x86-64 only"
	export PYTHONPATH=$BATS_TEST_DIRNAME/../fixtures PYTHONDONTWRITEBYTECODE=1
	store=$PWD/data
}

# Starts an import that waits for the rest of its tar, lets it make the calls on standard input,
# gives it the rest. Prints "NAME RESULT" lines. Root of a namespace does all of it.
while_it_works() {
	cat >calls
	echo secret >mine
	mkfifo tar
	python3 -c 'from oci import *
import sys; sys.stdout.buffer.write(Layer().file("f", b"x" * 3000000).bytes())' >whole
	# shellcheck disable=SC2016 # for the inner shell
	timeout --kill-after=1 30 unshare --map-root-user --pid --fork --mount-proc --kill-child -- bash -euo pipefail -c '
		"$RLC" --root "$1" --runroot "$PWD/run" import - app <tar >id 2>notice &
		exec 5>tar
		head -c 2000000 whole >&5
		worker=
		until worker=$(pgrep -x rlc-image -P $!) && grep -q "Seccomp:.2" /proc/$worker/status &&
			[ "$(find "$1"/tmp -path "*fs/f" | wc -l)" = 1 ]; do sleep 0.05; done
		cp /proc/$worker/status status
		cp /proc/$worker/mountinfo mounts
		"$2" $worker <calls
		tail -c +2000001 whole >&5
		exec 5>&-
		wait $!
		[ -s id ]' - "$store" "$BATS_TEST_DIRNAME/../fixtures/inject.py" ||
		fail "the import or the tracer failed"
}

@test "files of the user and of the store are out of reach" {
	run while_it_works <<-EOF
		passwd 257 -100 /etc/passwd 0
		mine 257 -100 $PWD/mine 0
		dots 257 -100 =../../../../../../../../$PWD/mine 0
		fd3 257 3 =../../index.json 0
		fd5 257 5 =../index.json 0
		fd4 257 4 =mine 0
		fd6 257 6 =mine 0
		proc 257 -100 /proc/self/status 0
		index 257 -100 /index.json 0
		images 257 -100 =images 0
		lock 257 -100 /lock 0
		handle 304 -100 0 0
		layers 257 -100 /layers/new 65 384
		own 257 -100 /own 65 384
	EOF
	assert_success
	# Descriptors 3 and 5 were folders of the host: what has these numbers now stands in the jail.
	for name in passwd mine dots fd3 fd5 proc index images lock; do
		assert_line "$name -2"
	done
	assert_line "fd4 -20"
	assert_line "fd6 -20"
	assert_line "handle -38"
	assert_line "layers -30"
	# Its own folder stays open to it: what is refused above is refused by the cage alone.
	assert_match "own [0-9]"
	[ "$(wc -l <mounts)" -eq 2 ] || fail "wanted two mounts" "$(cat mounts)"
}

@test "no socket, no program, no process, no namespace, no tracing" {
	run while_it_works <<-'EOF'
		unix 41 1 1 0
		inet 41 2 1 0
		inet6 41 10 2 0
		netlink 41 16 3 0
		packet 41 17 3 0
		alg 41 38 5 0
		vsock 41 40 1 0
		socketpair 53 1 1 0
		connect 42 4 0 0
		bind 49 4 0 0
		execve 59 /layers 0 0
		execveat 322 -1 0 0
		fork 57
		clone 56 17
		clone3 435 0 0
		unshare 272 268435456
		setns 308 4 0
		mount 165 0 0 0
		open_tree 428 -100 / 1
		fsopen 430 =tmpfs 0
		ptrace 101 0 0 0
		vm_readv 310 1 0 0
		pidfd 434 1 0
		kill 62 1 9
		bpf 321 0 0 0
		uring 425 1 0
		userfault 323 0
		keyctl 250 0 0
		perf 298 0 0
		ioctl 16 1 21505
		prctl 157 4 1
		setrlimit 160 4 0
		mknod_disk 259 -100 /disk 25008 2048
	EOF
	assert_success
	while read -r name result; do
		[ "$result" = -38 ] || [ "$name $result" = "mknod_disk -1" ] || fail "$name answers $result"
	done <<<"$output"
	assert_line_count 33
	run cat status
	assert_match 'NoNewPrivs:.1'
	assert_match 'Seccomp:.2'
	assert_match 'CapEff:.000000008000001b'
	assert_match 'CapBnd:.000000008000001b'
}

@test "a pull has no more: neither the user's files nor another way to the network" {
	need_registry
	registry_bad
	echo secret >mine
	# The blob stops coming: rlc-image waits for it.
	# shellcheck disable=SC2016 # for the inner shell
	run timeout --kill-after=1 30 unshare --map-root-user --pid --fork --mount-proc --kill-child -- \
		bash -euo pipefail -c '
		"$RLC" --root "$1" --runroot "$PWD/run" pull -q --tls-verify=false --retry 0 \
			--registry-timeout 4 "$3/stall" >out 2>&1 &
		worker=
		until worker=$(pgrep -x rlc-image -P $!) && grep -q "Seccomp:.2" /proc/$worker/status &&
			[ "$(find "$1"/tmp -path "*/0/fs" | wc -l)" = 1 ]; do sleep 0.05; done
		"$2" $worker
		wait $! || true
		cat out' - "$store" "$BATS_TEST_DIRNAME/../fixtures/inject.py" "$registry" <<-EOF
			passwd 257 -100 /etc/passwd 0
			mine 257 -100 $PWD/mine 0
			index 257 -100 =../../index.json 0
			inet 41 2 1 0
			unix 41 1 1 0
			connect 42 4 0 0
			exec 59 /layers 0 0
			ptrace 101 16 1 0
		EOF
	assert_success
	for name in passwd mine index; do
		assert_line "$name -2"
	done
	for name in inet unix connect exec ptrace; do
		assert_line "$name -38"
	done
	assert_contains "waited in vain"
}
