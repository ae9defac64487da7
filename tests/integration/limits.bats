#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Limits by control groups: each read back inside the container, and seen in force. What the machine
# lacks (a controller, a scheduler with weights) is an error that says so.

load lib

# What the user's own processes can hand on.
has_controller() { # NAME
	rlc info --json | jq -e --arg name "$1" '.cgroup.controllers | index($name)' >/dev/null
}

# The limits of the kernel itself: those of a controller that no drop-in could delegate are refused
# in other words.
kernel_has() { # NAME
	grep -qw "$1" "$(rlc info --json | jq -r .cgroup.mount)/cgroup.controllers"
}

inside() { # OPTION... -- COMMAND: prints what a container of these limits says
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	rlc run --rm --network none "${options[@]}" busybox "$@"
}

group_file() { # FILE [OPTION...]: its text in the container's group
	local file=$1
	shift
	inside "$@" -- cat "/sys/fs/cgroup/$file"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	need_busybox
	need_program jq
}

# bats test_tags=guest
@test "memory: read inside, and what takes more is killed" {
	assert_equal "$(group_file memory.max --memory 48m)" 50331648
	run inside --memory 48m -- dd if=/dev/zero of=/dev/null bs=200M count=1
	assert_status 137
	run inside --memory 48m -- dd if=/dev/zero of=/dev/null bs=8M count=1
	assert_success
}

# bats test_tags=guest
@test "memory and swap together: as much swap again, none, any" {
	assert_equal "$(group_file memory.swap.max --memory 32m)" 33554432
	assert_equal "$(group_file memory.swap.max --memory 32m --memory-swap 32m)" 0
	assert_equal "$(group_file memory.swap.max --memory 32m --memory-swap 48m)" 16777216
	assert_equal "$(group_file memory.swap.max --memory 32m --memory-swap -1)" max
	run inside --memory 32m --memory-swap 16m -- true
	assert_refused 125 "--memory-swap is less than --memory"
}

# bats test_tags=guest
@test "a memory reservation is memory.low" {
	assert_equal "$(group_file memory.low --memory 64m --memory-reservation 16m)" 16777216
}

# bats test_tags=guest
@test "tasks: fork is refused at the limit, and the default is 2048" {
	assert_equal "$(group_file pids.max)" 2048
	assert_equal "$(group_file pids.max --pids-limit -1)" max
	run inside --pids-limit 6 -- sh -c '
		cat /sys/fs/cgroup/pids.max
		for i in 1 2 3 4 5 6 7 8 9; do sleep 2 & done
		wait'
	assert_line 6
	assert_contains "can't fork"
	run inside --pids-limit 20 -- sh -c 'for i in 1 2 3 4 5 6 7 8 9; do sleep 0 & done; wait'
	assert_success
}

# Microseconds of processor time that a group took in three seconds of looping.
looped() { # OPTION...
	inside "$@" -- sh -c 'timeout 3 sh -c "while :; do :; done"
		sed -n "s/^usage_usec //p; s/^nr_throttled //p" /sys/fs/cgroup/cpu.stat' | xargs
}

# bats test_tags=guest
@test "processor time: no more than --cpus, by throttling" {
	assert_equal "$(group_file cpu.max --cpus 0.25)" "25000 100000"
	read -r used throttled < <(looped --cpus 0.25)
	[ "$throttled" -gt 5 ] || fail "throttled $throttled times"
	[ "$used" -lt 1400000 ] || fail "took $used µs of 3 s"
}

# bats test_tags=guest
@test "quota and period" {
	assert_equal "$(group_file cpu.max --cpu-quota 5000 --cpu-period 20000)" "5000 20000"
	assert_equal "$(group_file cpu.max --cpu-period 20000)" "max 20000"
	assert_equal "$(group_file cpu.max --cpu-quota 5000)" "5000 100000"
}

# Microseconds of processor time that a container has had.
usage_of() { # NAME
	sed -n 's/^usage_usec //p' "$(rlc inspect "$1" | jq -r '.[0].State.CgroupPath')/cpu.stat"
}

# bats test_tags=guest
@test "shares: on one processor the one with more gets more" {
	local processors=() more less
	assert_equal "$(group_file cpu.weight --cpu-shares 1024)" 39
	[ "$(nproc)" -eq 1 ] || processors=(--cpuset-cpus 0)
	rlc run -d --name more --network none "${processors[@]}" --cpu-shares 20000 busybox sh -c 'while :; do :; done'
	rlc run -d --name less --network none "${processors[@]}" --cpu-shares 2000 busybox sh -c 'while :; do :; done'
	more=$(usage_of more) less=$(usage_of less)
	sleep 4
	less=$(($(usage_of less) - less)) more=$(($(usage_of more) - more))
	rlc rm -f more less
	[ "$more" -gt $((less * 3)) ] || fail "$more µs and $less µs"
	[ "$less" -gt 0 ] || fail "the other got nothing"
}

# bats test_tags=guest
@test "processors and NUMA nodes" {
	run inside --cpuset-cpus 0 --cpuset-mems 0 -- sh -c '
		cat /sys/fs/cgroup/cpuset.cpus /sys/fs/cgroup/cpuset.mems
		sed -n "s/^Cpus_allowed_list:.//p" /proc/self/status'
	if kernel_has cpuset; then
		assert_output "$(printf '0\n0\n0')"
		run inside --cpuset-cpus 1000 -- true
		assert_status 125
		assert_contains "--cpuset-cpus"
		[ "$(nproc)" -gt 1 ] || fail "the bed has one processor: nothing is seen"
		assert_equal "$(inside --cpuset-cpus 1 -- sed -n 's/^Cpus_allowed_list:.//p' \
			/proc/self/status)" 1
	else
		assert_refused 125 '--cpuset-cpus: this kernel has no cgroup controller "cpuset"'
	fi
}

# bats test_tags=guest
@test "a weight of disks, where a scheduler has any" {
	run inside --blkio-weight 500 -- sh -c 'cd /sys/fs/cgroup && cat io.bfq.weight || cat io.weight'
	if [ "$status" -eq 0 ]; then
		assert_match '(default )?(500|4950)$'
	elif ! has_controller io; then
		assert_refused 125 '--blkio-weight: the cgroup controller "io" is not delegated to'
		assert_contains "Delegate=cpu cpuset io memory pids"
	else
		assert_refused 125 "--blkio-weight: this kernel's controller \"io\" has no io.weight"
		run inside --blkio-weight 500 --limits best-effort -- echo on
		assert_success
		assert_contains "notice: going on without a limit: --blkio-weight"
		assert_contains on
	fi
}

# bats test_tags=guest
@test "files of the group by name" {
	assert_equal "$(group_file memory.high --cgroup-conf memory.high=16M)" 16777216
	assert_equal "$(group_file pids.max --pids-limit 9 --cgroup-conf pids.max=7)" 7
	run inside --cgroup-conf memory.nosuch=1 -- true
	assert_refused 125 "--cgroup-conf: open cgroup file memory.nosuch"
	run inside --cgroup-conf cgroup.procs=1 -- true
	assert_refused 125 "no file of a controller"
}

# bats test_tags=guest
@test "a group of the user's own holds the container, and its limits hold too" {
	local mount own
	mount=$(rlc info --json | jq -r .cgroup.mount)
	own=$(rlc info --json | jq -r .cgroup.parent)/rlc-test-parent
	mkdir "$own"
	echo +pids >"$own/../cgroup.subtree_control"
	echo 6 >"$own/pids.max"
	run inside --cgroup-parent "${own#"$mount"}" -- sh -c '
		for i in 1 2 3 4 5 6 7 8 9; do sleep 2 & done
		wait'
	local status_inside=$status said=$output
	run rlc run -d --network none --name it --cgroup-parent "${own#"$mount"}" busybox sleep 60
	local where
	where=$(rlc inspect it | jq -r '.[0].State.CgroupPath')
	local parent
	parent=$(rlc inspect it | jq -r '.[0].HostConfig.CgroupParent')
	rlc rm -f it
	rmdir "$own"
	assert_success
	assert_equal "$parent" "${own#"$mount"}"
	[[ $where == "$own"/rlc-* ]] || fail "it is in $where"
	[[ $said == *"can't fork"* ]] || fail "status $status_inside: $said"
	run inside --cgroup-parent /no-such-group -- true
	assert_refused 125 "cgroup $mount/no-such-group: No such file or directory"
	run inside --cgroup-parent /init.scope -- true
	assert_refused 125 "cgroup $mount/init.scope is not yours to divide"
}

# bats test_tags=guest
@test "inspect tells what was asked, in podman's words" {
	rlc run -d --network none --name it --memory 64m --memory-reservation 16m --pids-limit 30 \
		--cpus 0.5 --cpu-shares 512 --cgroup-conf memory.high=50M busybox sleep 60
	run rlc inspect it
	local text=$output
	rlc rm -f it
	assert_success
	assert_equal "$(jq -c '.[0].HostConfig | [.Memory, .MemorySwap, .MemoryReservation,
		.PidsLimit, .NanoCpus, .CpuQuota, .CpuPeriod, .CpuShares, .CgroupConf]' <<<"$text")" \
		'[67108864,134217728,16777216,30,500000000,50000,100000,512,{"memory.high":"50M"}]'
}

# bats test_tags=guest
@test "update: other limits for a container that runs, in force and told" {
	rlc run -d --network none --name it --memory 64m --pids-limit 30 --cpu-shares 512 busybox sh -c '
		until [ -e /go ]; do sleep 0.1; done
		(for i in 1 2 3 4 5 6 7 8 9; do sleep 3 & done; wait)
		exec sleep 60'
	local group pid
	group=$(rlc inspect it | jq -r '.[0].State.CgroupPath')
	pid=$(rlc inspect it | jq -r '.[0].State.Pid')
	run rlc update --memory 48m --pids-limit 5 --cpus 0.5 --cgroup-conf memory.high=40M it
	assert_success
	assert_output it
	assert_equal "$(cd "$group" && cat memory.max memory.swap.max memory.high pids.max cpu.max cpu.weight | xargs)" \
		"50331648 50331648 41943040 5 50000 100000 20"
	assert_equal "$(rlc inspect it | jq -c '.[0].HostConfig | [.Memory, .MemorySwap, .PidsLimit,
		.CpuQuota, .CpuShares, .CgroupConf]')" \
		'[50331648,100663296,5,50000,512,{"memory.high":"40M"}]'
	echo go >"/proc/$pid/root/go" || fail "its root is not to be reached"
	await 5 grep -qx 'max [1-9][0-9]*' "$group/pids.events"
	run rlc update --pids-limit -1 --memory-swap 48m --cpus 0 it
	assert_success
	assert_equal "$(cd "$group" && cat memory.max memory.swap.max pids.max cpu.max | xargs)" \
		"50331648 0 max max 100000"
	assert_equal "$(rlc inspect it | jq -c '.[0].HostConfig | [.MemorySwap, .PidsLimit, .CpuQuota]')" \
		'[50331648,null,null]'
	rlc rm -f it
}

# bats test_tags=guest
@test "update: what cannot be is refused and leaves all as it was" {
	rlc run -d --network none --name it --memory 64m busybox sleep 60
	local group
	group=$(rlc inspect it | jq -r '.[0].State.CgroupPath')
	local before
	before=$(rlc inspect it | jq -c '.[0].HostConfig')
	run rlc update --memory 32m --pids-limit 7 --cgroup-conf memory.nosuch=1 it
	assert_refused 125 "update container it: --cgroup-conf: open cgroup file memory.nosuch"
	run rlc update --memory-swap 32m it
	assert_refused 125 "--memory-swap is less than --memory"
	run rlc update it
	assert_refused 125 "no limit is given"
	assert_equal "$(cd "$group" && cat memory.max memory.swap.max pids.max | xargs)" \
		"67108864 67108864 2048"
	assert_equal "$(rlc inspect it | jq -c '.[0].HostConfig')" "$before"
	rlc rm -f it
	run rlc update --memory 32m it
	assert_status 1
	rlc run --name ended --network none busybox true
	run rlc update --memory 32m ended
	assert_refused 125 "update container ended: it is exited"
	rlc rm ended
}

# bats test_tags=guest
@test "update: of two at once both are told" {
	rlc run -d --network none --name it busybox sleep 60
	local i first
	for i in 1 2 3 4 5; do
		rlc update --memory $((20 + i))m it &
		first=$!
		rlc update --pids-limit $((20 + i)) it
		wait "$first"
		assert_equal "$(rlc inspect it | jq -c '.[0].HostConfig | [.Memory, .PidsLimit]')" \
			"[$(((20 + i) * 1048576)),$((20 + i))]"
	done
	rlc rm -f it
}

@test "a dry run shows them" {
	run rlc run --dry-run --limits best-effort --memory 64m --memory-swap -1 --cpu-shares 512 busybox true
	assert_success
	if has_controller memory; then
		assert_line "  memory         67108864 bytes (67.1 MB), any swap"
		assert_line "  share          512"
	else
		assert_contains "notice: going on without a limit: --memory"
		refute_contains "any swap"
	fi
}

@test "a limit that cannot be had is an error that names the way to it" {
	has_controller memory || {
		run rlc run --rm --memory 64m busybox true
		assert_refused 125 "--memory: "
		assert_contains "--limits=best-effort"
	}
	has_controller cpuset || {
		run rlc run --rm --cpuset-cpus 0 busybox true
		assert_refused 125 "--cpuset-cpus: "
		assert_contains "--limits=best-effort"
	}
	has_controller io || {
		run rlc run --rm --blkio-weight 100 busybox true
		assert_refused 125 "--blkio-weight: "
		assert_contains "--limits=best-effort"
	}
}
