#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --security-opt seccomp=: the default, files of Docker's and Podman's kind, and the cache.
load lib

setup_file() {
	file_begin
	need_busybox
}

# under FILE COMMAND…: run in a container with this profile.
under() {
	local profile=$1
	shift
	run rlc run --rm --security-opt seccomp="$profile" busybox "$@"
}

# allow NAME…: a profile that refuses everything else, on stdout.
allow() {
	printf '"%s"\n' "$@" | paste -sd, |
		sed 's/.*/{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":[&],"action":"SCMP_ACT_ALLOW"}]}/'
}

@test "the default refuses a user namespace, which the kernel would grant" {
	run rlc run --rm --security-opt seccomp=unconfined busybox unshare -U true
	assert_success
	run rlc run --rm busybox unshare -U true
	assert_status 1
	assert_contains "Operation not permitted"
}

@test "a capability opens what the default keeps for its holder" {
	run rlc run --rm --cap-add SYS_ADMIN busybox sh -c 'hostname other && hostname'
	assert_success
	assert_output other
	run rlc run --rm --cap-add SYS_ADMIN busybox unshare -U true
	assert_success
}

@test "a file: names of two styles, an errno, conditions on capabilities" {
	cat >profile.json <<-'EOF'
		{"defaultAction": "SCMP_ACT_ALLOW",
		 "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}],
		 "syscalls": [
			{"names": ["mkdir", "mkdirat", "no_such_call"], "action": "SCMP_ACT_ERRNO", "errno": "ENOSPC"},
			{"name": "rmdir", "action": "SCMP_ACT_ERRNO", "errnoRet": 30},
			{"names": ["unlinkat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 30},
			{"names": ["chmod", "fchmodat"], "action": "SCMP_ACT_ERRNO",
			 "includes": {"caps": ["CAP_SYS_ADMIN"]}}]}
	EOF
	under profile.json sh -c 'mkdir /tmp/x; rmdir /tmp; chmod 700 /tmp && echo mended'
	assert_contains "No space left on device"
	assert_contains "Read-only file system"
	assert_contains mended
	under "$PWD/profile.json" mkdir /tmp/x
	assert_status 1
}

@test "a second start takes the program from the cache, a changed file does not" {
	local bpf=$XDG_RUNTIME_DIR/rlc/bpf before
	echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": []}' >profile.json
	under profile.json mkdir /tmp/x
	assert_success
	before=$(stat -c '%n %i %y' "$bpf"/*)
	under profile.json mkdir /tmp/x
	assert_success
	assert_equal "$(stat -c '%n %i %y' "$bpf"/*)" "$before"
	echo '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO"}]}' >profile.json
	under profile.json mkdir /tmp/x
	assert_status 1
}

@test "a spoilt cache is no filter lost: it is compiled anew" {
	local bpf=$XDG_RUNTIME_DIR/rlc/bpf file
	run rlc run --rm busybox true
	assert_success
	for file in "$bpf"/*; do
		head -c 100 /dev/urandom >"$file"
	done
	run rlc run --rm busybox unshare -U true
	assert_status 1
	assert_contains "Operation not permitted"
	[ "$(stat -c %s "$bpf"/* | sort -n | tail -n 1)" -gt 1000 ] || fail "not written anew"
}

@test "a profile under which nothing can start names the missing calls" {
	allow read write close newfstatat exit_group capset >profile.json
	under profile.json true
	assert_refused 125 "seccomp profile $PWD/profile.json: no container can start under it, it refuses execve"
	assert_contains '{"names": ["execve"], "action": "SCMP_ACT_ALLOW"}'
	allow read write close newfstatat exit_group execve >profile.json
	under profile.json true
	assert_refused 125 "it refuses capset"
}

@test "no_new_privs spares the profile capset" {
	allow read write close newfstatat fstat stat exit_group execve brk arch_prctl mmap mprotect \
		munmap set_tid_address set_robust_list rseq prlimit64 readlink readlinkat getrandom \
		getuid getgid getpid futex uname ioctl >profile.json
	run rlc run --rm --security-opt no-new-privileges --security-opt seccomp=profile.json \
		busybox echo started
	assert_success
	assert_output started
}

@test "bad profiles: one line that says where, and no container" {
	printf '{\n "defaultAction": SCMP\n}' >syntax.json
	under syntax.json true
	assert_refused 125 "seccomp profile: $PWD/syntax.json:2:"
	echo '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_DENY"}]}' >word.json
	under word.json true
	assert_refused 125 'word.json: syscalls[0]: "action" is no action that seccomp knows: "SCMP_ACT_DENY"'
	echo '{"defaultAction":"SCMP_ACT_NOTIFY"}' >notify.json
	under notify.json true
	assert_refused 125 "SCMP_ACT_NOTIFY hands system calls to a supervising process"
	under missing.json true
	assert_refused 125 "missing.json: No such file or directory"
	under / true
	assert_refused 125 "Is a directory"
}
