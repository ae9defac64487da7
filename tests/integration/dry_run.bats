#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `rlc run --dry-run`: what it shows, that it does nothing, and that another runtime runs what
# --dry-run=oci prints.

load lib

setup_file() {
	file_begin
	need_busybox
}

# A bundle in the current folder: config.json from `rlc run --dry-run=oci OPTIONS…`, and beside it
# the root it speaks of.
bundle() {
	rlc run --dry-run=oci "$@" >config.json || fail "rlc run --dry-run=oci $*"
	if [ "$(jq -r .root.path config.json)" = rootfs ]; then
		[ -d rootfs ] || cp -a "$(busybox_rootfs)" rootfs
	fi
}

# Debian's crun on the bundle. It refuses to run at all where cgroup version 1 lies beside 2; there
# it gets a mount namespace of our own with version 2 alone, under the same ids.
run_crun() {
	local view=()
	if [ "$(stat -f -c %T /sys/fs/cgroup)" != cgroup2fs ] && [ -d /sys/fs/cgroup/unified ]; then
		view=(unshare --mount --cgroup)
		[ "$(id -u)" -eq 0 ] || view+=(--user --keep-caps "--map-user=$(id -u)" "--map-group=$(id -g)"
			"--map-users=$(own_range /etc/subuid)" "--map-groups=$(own_range /etc/subgid)")
		view+=(-- sh -c 'mount -t cgroup2 none /sys/fs/cgroup && exec "$@"' sh)
	fi
	run timeout 30 "${view[@]}" crun --root "$BATS_TEST_TMPDIR/crun" --cgroup-manager=disabled \
		run --bundle . "dry-run-$$-$BATS_TEST_NUMBER" </dev/null
}

# Our subordinate ids as themselves: "100000,100000,65536".
own_range() { # FILE
	awk -F: -v user="$(id -un)" -v uid="$(id -u)" '$1 == user || $1 == uid {
		print $2 "," $2 "," $3; exit }' "$1"
}

# What a container says of itself; the same script under rlc and under crun.
# shellcheck disable=SC2016 # the container's shell expands it
PORTRAIT='id
grep -E "^(Cap|NoNewPrivs|Seccomp:)" /proc/self/status
cat /proc/self/uid_map /proc/self/gid_map
hostname; pwd; umask; ulimit -n
ls /sys/class/net /proc/kcore /dev/shm
for path in / /tmp /run /dev /dev/shm /proc/sys /sys /data; do
	touch "$path/probe" 2>/dev/null && echo "$path can be written" && rm "$path/probe"
done
for device in null zero full random urandom; do
	head -c 0 "/dev/$device" && echo "$device opens"
done
for file in keys interrupts timer_list; do
	head -c 1 "/proc/$file" 2>/dev/null | grep -q . && echo "$file can be read"
done
mount -t tmpfs none /tmp && echo mounted
unshare -U true && echo unshared'

# Both must say the same. OPTIONS are of rlc run; HOSTNAME and id differ by nature, and a private
# network is rlc's own: other runtimes leave its namespace empty.
same_under_crun() {
	local mine
	set -- --network=none "$@"
	bundle --hostname box "$@" busybox sh -c "$PORTRAIT"
	run rlc run --rm --hostname box "$@" busybox sh -c "$PORTRAIT"
	mine=$status:$output
	run_crun
	assert_equal "$status:$output" "$mine"
	assert_contains "can be written"
	assert_contains "CapBnd:"
}

@test "crun runs the default plan as rlc does" {
	need_program crun
	same_under_crun
	assert_match $'uid=0\\(root\\)'
}

@test "crun runs a read-only plan with a volume, another user and a capability as rlc does" {
	need_program crun
	mkdir -m 0777 data
	same_under_crun --read-only -v "$PWD/data:/data" -u 33:44 --cap-add NET_RAW --cap-drop KILL \
		--security-opt no-new-privileges --umask 027 -w /data --ulimit nofile=77:99
	assert_line "uid=33 gid=44"
	assert_line "/data can be written"
	refute_contains "/ can be written"
	assert_match $'CapEff:[[:space:]]0000000000002000'
	assert_line 77
}

@test "crun runs a plan without any folder to write as rlc does" {
	need_program crun
	mkdir -m 0777 data
	same_under_crun --read-only --read-only-tmpfs=false -v "$PWD/data:/data"
	refute_contains "/dev can be written"
	refute_contains "/dev/shm can be written"
	assert_line "null opens"
}

@test "crun runs a privileged plan on the host's network as rlc does" {
	need_program crun
	same_under_crun --privileged --network=host
	assert_match $'Seccomp:[[:space:]]0'
}

@test "crun runs a plan with --rootfs where the folder lies" {
	need_program crun
	bundle --rm --rootfs "$(busybox_rootfs)" echo from-a-folder
	assert_equal "$(jq -r .root.path config.json)" "$(busybox_rootfs)"
	run_crun
	assert_success
	assert_output from-a-folder
}

@test "the exit status of the container is crun's" {
	need_program crun
	bundle busybox sh -c 'exit 7'
	run_crun
	assert_status 7
}

@test "the default profile is spelled out, and a profile of the user's" {
	bundle busybox true
	run jq -r '.linux.seccomp | .defaultAction, (.syscalls | length > 10),
		([.syscalls[] | select(.names[] == "clone3")] | length > 0)' config.json
	assert_output $'SCMP_ACT_ERRNO\ntrue\ntrue'
	cat >profile.json <<-'EOF'
		{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
			{"names": ["mkdir", "mkdirat", "no_such_call"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28},
			{"names": ["chmod"], "action": "SCMP_ACT_ERRNO", "includes": {"caps": ["CAP_SYS_ADMIN"]}}]}
	EOF
	bundle --security-opt seccomp=profile.json busybox mkdir /tmp/x
	run jq -c '.linux.seccomp | del(.flags)' config.json
	assert_output '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","errnoRet":28}]}'
	run_crun
	assert_status 1
	assert_contains "No space left on device"
	bundle --security-opt seccomp=unconfined busybox true
	run jq .linux.seccomp config.json
	assert_output null
}

@test "a user's name becomes the number that the image gives it" {
	bundle -u user busybox id -u
	run jq -c '.process | .user.uid, .user.gid, .env[-1]' config.json
	assert_output $'1000\n1000\n"HOME=/tmp"'
	run rlc run --dry-run=oci -u nobody-of-that-name busybox true
	assert_refused 125 'no user "nobody-of-that-name"'
}

@test "a dry run changes nothing" {
	local before after
	before=$(find "$HOME" "$XDG_RUNTIME_DIR" | sort)
	run rlc run --dry-run --name only-shown --cidfile "$PWD/cid" busybox true
	assert_success
	run rlc run --dry-run=oci --name only-shown --cidfile "$PWD/cid" busybox true
	assert_success
	after=$(find "$HOME" "$XDG_RUNTIME_DIR" | sort)
	assert_equal "$after" "$before"
	refute_exists cid
	run rlc ps -a
	refute_contains only-shown
}

@test "the plan is readable: sections, mounts in order, stages of each process" {
	run rlc run --dry-run --rm -v /etc:/x:ro --tmpfs /x/y busybox echo hi
	assert_success
	local section
	for section in container root namespaces "mounts, in this order" files process confinement \
		limits off "stages of each process"; do
		assert_line "$section"
	done
	assert_match $'\n  /x +bind +/etc +rbind,ro,nosuid,nodev,rprivate \\(asked\\)\n'
	assert_match $'\n  /x .*\n  /x/y +tmpfs'
	assert_match $'\n  arguments +echo\n +hi\n'
	assert_match $'\n  init .* confine .* exec'
}

@test "an escape in an argument does not reach the terminal" {
	run rlc run --dry-run busybox printf $'\e[31mred\n  user           root'
	assert_success
	assert_contains 'x1b[31mred\x0a'
	[[ $output != *$'\e'* ]] || fail "an escape sequence reached the terminal"
}

@test "a dry run refuses what a run would refuse" {
	run rlc run --dry-run -v /etc:/proc/x busybox true
	assert_refused 125 "mount on /proc/x"
	run rlc run --dry-run=oci --security-opt seccomp=missing.json busybox true
	assert_refused 125 "missing.json"
	run rlc run --dry-run=oci busybox $'\xff'
	assert_refused 125 "UTF-8"
	run rlc run --dry-run no-such-image-here true
	assert_status 125
}
