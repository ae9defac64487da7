#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `rlc doctor` against what the machine really lacks: asked without rlc, and in guests, of which it is
# known, row by row with a word of the remedy.

load lib

# Beds (or all of them), status, row, and what the fix holds ("-": none, for what was not tried).
table='
all                            notice ping             net.ipv4.ping_group_range=
all                            notice registries       ca-certificates
tcg-5.10                       notice system-calls     Linux 5.6
tcg-5.10                       notice overlay          Linux 5.11
tcg-5.10,no-userns,no-userns-max,no-subids,no-systemd \
                               notice landlock         CONFIG_SECURITY_LANDLOCK=y
tcg-5.10,no-userns,no-userns-max,no-subids \
                               notice cgroup           Delegate=cpu cpuset io memory pids
no-userns                      bad    user-namespaces  kernel.unprivileged_userns_clone=1
no-userns-max                  bad    user-namespaces  user.max_user_namespaces=15000
no-userns,no-userns-max        notice namespaces       -
no-userns,no-userns-max        notice id-map           -
no-userns,no-userns-max        notice overlay          -
no-userns,no-userns-max        notice proc             -
no-userns,no-userns-max        notice fuse-overlayfs   -
no-userns,no-userns-max        notice tun              -
no-subids                      notice subordinate-ids  usermod --add-subuids
no-systemd                     notice cgroup           /sys/fs/cgroup/rlc-
'

# Those of this bed: "STATUS ROW WORDS".
wanted() {
	local beds rest
	while read -r beds rest; do
		[[ -n $beds && ($beds == all || ,$beds, == *",$RLC_BED,"*) ]] && echo "$rest"
	done < <(sed -e ':a' -e '/\\$/{N;s/\\\n//;ba}' <<<"$table") | sed 's/  */ /g'
}

status_of() { # ROW, out of $output
	jq -r --arg row "$1" '.checks[] | select(.name == $row).status' <<<"$output"
}

# The number of a call and its arguments: prints the errno's name, or "ok".
call() {
	python3 - "$@" <<-'PY'
		import ctypes, errno, sys
		libc = ctypes.CDLL(None, use_errno=True)
		result = libc.syscall(*(ctypes.c_long(int(word)) for word in sys.argv[1:]))
		print("ok" if result >= 0 else errno.errorcode[ctypes.get_errno()])
	PY
}

# assert_agrees ROW COMMAND…: the row is "ok" exactly where the command succeeds.
assert_agrees() {
	local row=$1 told real=lacks
	shift
	told=$(status_of "$row")
	! "$@" >/dev/null 2>&1 || real=ok
	[[ $told == ok && $real == ok || $told != ok && $real == lacks ]] ||
		fail "$row is \"$told\" to doctor; \"$*\": $real" "$(got)"
}

has_landlock() {
	[ "$(call 444 0 0 1)" = ok ]
}

has_mount_setattr() {
	[ "$(call 442 -1 0 0 0 0)" != ENOSYS ]
}

may_ping() {
	python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)'
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	need_program jq
	need_program python3
}

@test "it agrees with what is asked without it" {
	run rlc doctor --json
	assert_agrees user-namespaces unshare --user true
	assert_agrees overlay kernel_overlay
	assert_agrees landlock has_landlock
	assert_agrees system-calls has_mount_setattr
	assert_agrees ping may_ping
	assert_agrees subordinate-ids grep -qE "^($(id -un)|$(id -u)):" /etc/subuid
	assert_agrees registries test -r "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}"
	assert_agrees id-map unshare --user --map-root-user true
}

# bats test_tags=guest
@test "what this bed lacks is not ok, and nothing else" {
	run rlc doctor --json
	assert_equal "$(jq -r '.checks[] | select(.status != "ok") | .status + " " + .name' <<<"$output" | sort)" \
		"$(wanted | cut -d' ' -f1,2 | sort)"
	if wanted | grep -q ^bad; then
		assert_status 1
	else
		assert_status 0
	fi
}

# bats test_tags=guest
@test "each lack is told with what mends it" {
	local row words fix
	run rlc doctor --json
	[ "$(wanted | wc -l)" -gt 2 ] || fail "the table has no rows for $RLC_BED"
	while read -r _ row words; do
		fix=$(jq -r --arg row "$row" '.checks[] | select(.name == $row).fix' <<<"$output")
		if [ "$words" = - ]; then
			assert_equal "$fix" null
		else
			[[ $fix == *"$words"* ]] || fail "$row is mended by: $fix"
		fi
	done < <(wanted)
}
