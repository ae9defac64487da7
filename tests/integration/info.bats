#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `rlc info`: facts that can be looked up elsewhere have to be the same there.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	need_program jq
}

fact() { # JQ-FILTER, out of $output
	jq -r "$1" <<<"$output"
}

@test "host and kernel are those of id, uname and nproc" {
	run rlc info --json
	assert_success
	assert_equal "$(fact .host.uid)" "$(id -u)"
	assert_equal "$(fact .host.gid)" "$(id -g)"
	assert_equal "$(fact .host.user)" "$(id -un)"
	assert_equal "$(fact .host.machine)" "$(uname -m)"
	assert_equal "$(fact .host.cpus)" "$(nproc)"
	assert_equal "$(fact .kernel.release)" "$(uname -r)"
	assert_equal "$(fact '"\(.kernel.major).\(.kernel.minor)"')" \
		"$(uname -r | grep -oE '^[0-9]+\.[0-9]+')"
	assert_equal "$(fact .host.rootless)" "$([ "$(id -u)" -eq 0 ] && echo false || echo true)"
}

@test "switches are as in /proc/sys, those the kernel lacks are left out" {
	run rlc info --json
	assert_success
	local name path
	for name in $(fact '.kernel.sysctl | keys[]'); do
		path=/proc/sys/${name//.//}
		assert_equal "$(fact ".kernel.sysctl[\"$name\"]")" "$(tr '\t' ' ' <"$path")"
	done
	[ "$(fact '.kernel.sysctl | length')" -ge 3 ] || fail "too few" "$(got)"
	[ -e /proc/sys/kernel/unprivileged_userns_clone ] ||
		assert_equal "$(fact '.kernel.sysctl | has("kernel.unprivileged_userns_clone")')" false
}

@test "the id map is that of /etc/subuid" {
	[ "$(id -u)" -ne 0 ] || must_skip "real root's map needs no line there"
	run rlc info --json
	assert_success
	assert_equal "$(fact .idmap.single)" false
	assert_equal "$(fact '.idmap.uid[0] | "\(.container_id) \(.host_id) \(.size)"')" \
		"0 $(id -u) 1"
	assert_equal "$(fact '.idmap.uid[1:][] | "\(.host_id):\(.size)"')" \
		"$(awk -F: -v user="$(id -un)" '$1 == user { print $2 ":" $3 }' /etc/subuid)"
}

@test "folders are those of the environment or of the options" {
	run rlc info --json
	assert_success
	if [ "$(id -u)" -ne 0 ]; then
		assert_equal "$(fact .dirs.data)" "$XDG_DATA_HOME/rlc"
		assert_equal "$(fact .dirs.run)" "$XDG_RUNTIME_DIR/rlc"
	fi
	run rlc --root "$PWD/data" --runroot "$PWD/run" info --json
	assert_success
	assert_equal "$(fact .dirs.data)" "$PWD/data"
	assert_equal "$(fact .dirs.run)" "$PWD/run"
	assert_equal "$(fact .storage.works)" true
}

@test "the version is that of rlc --version" {
	run rlc info --json
	assert_success
	assert_equal "rlc $(fact .version.rlc)" "$(rlc --version)"
}

@test "each layer says whether it is on and why" {
	run rlc info --json
	assert_success
	assert_equal "$(fact '[.security[] | select(.reason == "" or (.on | type) != "boolean")] |
		length')" 0
	assert_equal "$(fact '.security["user-namespace"].on')" true
	assert_equal "$(fact .security.seccomp.on)" true
	[ -d /sys/kernel/security/apparmor ] ||
		assert_equal "$(fact .security.apparmor.reason)" "not active in this kernel"
}

@test "without user namespaces that layer is off and says why" {
	run unshare --user --map-root-user -- sh -c \
		"echo 0 >/proc/sys/user/max_user_namespaces && exec '$RLC' info --json"
	assert_success
	assert_equal "$(fact '.security["user-namespace"].on')" false
	assert_equal "$(fact .storage.works)" false
	[[ $(fact '.security["user-namespace"].reason') == *"No space left on device"* ]] ||
		fail "not the kernel's word" "$(got)"
}

@test "the text tells the same as the JSON" {
	run rlc info
	assert_success
	assert_line "  release: $(uname -r)"
	assert_line "  uid: $(id -u)"
	refute_contains $'\e'
	local scalars
	scalars=$(rlc info --json | jq '[.. | scalars | select(. != null)] | length')
	# Lists stand on one line, so there are at most as many lines with a value.
	local values
	values=$(grep -cE '^ +[^ ]+: ' <<<"$output")
	[ "$values" -le "$scalars" ] && [ "$values" -gt 40 ] || fail "$values of $scalars" "$(got)"
}

@test "a store that cannot be made is a fact too" {
	run rlc --root /proc/rlc info --json
	assert_success
	assert_equal "$(fact '.dirs | has("data")')" false
	[[ $(fact .dirs.error) == *"/proc/rlc"* ]] || fail "no path" "$(got)"
	assert_equal "$(fact .storage.works)" false
}

@test "neither /proc/sys nor /sys: less is told, nothing fails" {
	run unshare --user --map-root-user --mount -- sh -c "
		mount -t tmpfs none /proc/sys && mount -t tmpfs none /sys && exec '$RLC' info --json"
	assert_success
	assert_equal "$(fact '.kernel.sysctl | length')" 0
	assert_equal "$(fact .cgroup.delegated)" false
}

@test "info takes no operand" {
	run rlc info all
	assert_refused 125 "all"
}
