#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `rlc doctor`: what lacks is named with the command that mends it, and the exit status says whether
# containers can run. Each lack is made for real, in a user namespace of our own where it takes root.

# shellcheck disable=SC2016 # what stands in single quotes is expanded in the altered host
load lib

# Runs a command in a mount namespace where `$1` was done as root, as our own uid again.
in_altered_host() { # SHELL-COMMANDS COMMAND…
	local alter=$1
	shift
	unshare --user --map-root-user --mount -- sh -ec "
		$alter
		exec unshare --user --map-user=$(id -u) --map-group=$(id -g) -- \"\$@\"" sh "$@"
}

# Shell commands for in_altered_host: real root owns nothing there, so that its setuid bit counts for
# nothing; helpers with a capability look as they should.
privileged_helpers() {
	local helper
	PATH=$PATH:/usr/sbin:/sbin need_program setcap
	echo "mount -t tmpfs none /mnt"
	for helper in newuidmap newgidmap; do
		echo "cp \"\$(command -v $helper)\" /mnt/$helper"
		echo "PATH=\$PATH:/usr/sbin:/sbin setcap cap_setuid=ep /mnt/$helper"
		echo "mount --bind /mnt/$helper \"\$(command -v $helper)\""
	done
}

status_of() { # CHECK, out of $output
	awk -v name="$1" '$1 != "fix:" && $2 == name { print $1 }' <<<"$output"
}

# The lines "fix: …" that stand below a check.
fixes_of() { # CHECK
	awk -v name="$1" '$1 == "fix:" && here { sub(/^ *fix: /, ""); print; next }
		{ here = $1 != "fix:" && $2 == name }' <<<"$output"
}

# A run has to fail, and its error has to end with the fixes that stand below a check of doctor, both
# in the same altered host: same_fixes CHECK COMMAND-PREFIX…
same_fixes() {
	local check=$1 root wanted
	shift
	root=$(busybox_rootfs)
	run "$@" "$RLC" --root "$HOME/data" --runroot "$HOME/run" doctor
	wanted=$(fixes_of "$check")
	[ -n "$wanted" ] || fail "doctor has no fix for $check" "$(got)"
	run "$@" "$RLC" --root "$HOME/data" --runroot "$HOME/run" run --rm --network=none \
		--rootfs "$root" true
	assert_status 125
	assert_equal "$(sed -n 's/^  fix: //p' <<<"$output")" "$wanted"
}

@test "a host that can run containers gives 0 and no bad line" {
	run rlc doctor
	assert_success
	refute_contains "bad "
	for name in kernel system-calls seccomp user-namespaces namespaces newuidmap \
		subordinate-ids id-map programs configuration data-folder run-folder overlay proc \
		fuse-overlayfs tun cgroup security-modules landlock ping registries linger; do
		[ -n "$(status_of "$name")" ] || fail "no line for $name" "$(got)"
	done
	assert_equal "$(status_of overlay)" ok
	assert_equal "$(status_of id-map)" ok
}

@test "nothing is left behind in the store" {
	rlc doctor || true # the status is another test's
	run find "$XDG_DATA_HOME/rlc/tmp" -mindepth 1
	assert_output ""
}

@test "JSON tells the same as the text" {
	need_program jq
	run rlc doctor
	local text=$output
	run rlc doctor --json
	assert_success
	assert_equal "$(jq -r .ok <<<"$output")" true
	assert_equal "$(jq -r '.checks[] | .status + " " + .name' <<<"$output")" \
		"$(awk '$1 == "ok" || $1 == "notice" || $1 == "bad" { print $1, $2 }' <<<"$text")"
	assert_equal "$(jq '[.checks[] | select(.finding == "")] | length' <<<"$output")" 0
}

@test "colour only on a terminal, and not with NO_COLOR" {
	need_program script
	run rlc doctor
	refute_contains $'\e'
	run env TERM=xterm script -qec "$RLC doctor" /dev/null
	assert_contains $'\e[32mok'
	run env TERM=xterm NO_COLOR=1 script -qec "$RLC doctor" /dev/null
	refute_contains $'\e'
	run env TERM=dumb script -qec "$RLC doctor" /dev/null
	refute_contains $'\e'
}

@test "user namespaces used up: bad, with the limit's name" {
	run unshare --user --map-root-user -- sh -c \
		"echo 0 >/proc/sys/user/max_user_namespaces && exec '$RLC' doctor"
	assert_status 1
	assert_equal "$(status_of user-namespaces)" bad
	[[ $(fixes_of user-namespaces) == *user.max_user_namespaces=* ]] || fail "no fix" "$(got)"
	# What could not be tried is not called a lack of its own.
	assert_equal "$(status_of tun)" notice
}

@test "another kind of namespace used up: bad, and not blamed on user namespaces" {
	run unshare --user --map-root-user -- sh -c \
		"echo 0 >/proc/sys/user/max_net_namespaces && exec '$RLC' doctor"
	assert_status 1
	assert_equal "$(status_of user-namespaces)" ok
	assert_equal "$(status_of namespaces)" bad
	[[ $(fixes_of namespaces) == *namespaces=* ]] || fail "no fix" "$(got)"
}

@test "an outer seccomp filter that refuses clone3: bad, and the outer option" {
	need_program bwrap
	# ld nr; jeq clone3 (435 everywhere); ret ERRNO EPERM; ret ALLOW
	printf '%b' '\x20\0\0\0\0\0\0\0' '\x15\0\0\x01\xb3\x01\0\0' \
		'\x06\0\0\0\x01\0\x05\0' '\x06\0\0\0\0\0\xff\x7f' >filter
	run bwrap --dev-bind / / --seccomp 9 "$RLC" doctor 9<filter
	assert_status 1
	assert_equal "$(status_of system-calls)" bad
	assert_equal "$(status_of user-namespaces)" bad
	[[ $(fixes_of user-namespaces) == *"--security-opt seccomp=unconfined"* ]] ||
		fail "no fix" "$(got)"
}

@test "an outer filter that has no clone3 to show: bad, and not taken for an old kernel" {
	run python3 "$BATS_TEST_DIRNAME/refuse.py" clone3=ENOSYS "$RLC" doctor
	assert_status 1
	assert_equal "$(status_of system-calls)" bad
	assert_contains "refused by a filter around rlc: clone3"
	assert_equal "$(status_of user-namespaces)" bad
	[[ $(fixes_of user-namespaces) == *"--security-opt seccomp=unconfined"* ]] ||
		fail "no fix" "$(got)"
}

@test "a chroot: bad, and named as the cause" {
	mkdir tree
	run unshare --user --map-root-user --mount -- sh -ec "
		for folder in usr lib lib64 bin etc proc sys tmp $(cut -d/ -f2 <<<"$RLC"); do
			[ -d /\$folder ] || continue
			mkdir -p tree/\$folder && mount --rbind /\$folder tree/\$folder
		done
		exec chroot tree '$RLC' doctor"
	assert_status 1
	assert_equal "$(status_of user-namespaces)" bad
	[[ $(fixes_of user-namespaces) == *chroot* ]] || fail "no fix" "$(got)"
}

@test "no /proc: bad, and not blamed on the kernel" {
	run unshare --user --map-root-user --mount -- sh -ec "
		mount -t tmpfs none /proc
		exec '$RLC' doctor"
	assert_status 1
	[[ $(fixes_of user-namespaces) == *"mount -t proc"* ]] || fail "no fix" "$(got)"
}

@test "no newuidmap: a notice, a single id, and the package to install" {
	run in_altered_host 'mount --bind /dev/null "$(command -v newuidmap)"' "$RLC" doctor
	assert_equal "$(status_of newuidmap)" notice
	[[ $(fixes_of newuidmap) == *"apt-get install uidmap"* ]] || fail "no fix" "$(got)"
	assert_equal "$(status_of id-map)" ok
	assert_contains "written: 1 id"
}

@test "newuidmap without its privilege: a notice with chmod and setcap" {
	run in_altered_host '
		mount -t tmpfs none /mnt
		cp "$(command -v newuidmap)" /mnt/newuidmap
		chmod 755 /mnt/newuidmap
		mount --bind /mnt/newuidmap "$(command -v newuidmap)"' "$RLC" doctor
	assert_equal "$(status_of newuidmap)" notice
	[[ $(fixes_of newuidmap) == *"chmod u+s"*"setcap cap_setuid"* ]] || fail "no fix" "$(got)"
}

@test "no_new_privs keeps newuidmap from its privilege: bad, and the map is seen to fail" {
	[ "$(id -u)" -ne 0 ] || must_skip "real root writes its map itself"
	run setpriv --no-new-privs -- "$RLC" doctor
	assert_status 1
	assert_equal "$(status_of newuidmap)" bad
	assert_equal "$(status_of id-map)" bad
	[[ $(fixes_of id-map) == *no_new_privs* ]] || fail "no fix" "$(got)"
}

@test "no subordinate ids: a notice with usermod" {
	[ "$(id -u)" -ne 0 ] || must_skip "real root takes ids of its own"
	echo "# none" >none
	run in_altered_host "$(privileged_helpers)
		mount --bind '$PWD/none' /etc/subuid" \
		"$RLC" doctor
	assert_equal "$(status_of subordinate-ids)" notice
	[[ $(fixes_of subordinate-ids) == *"usermod --add-subuids"* ]] || fail "no fix" "$(got)"
	refute_contains "bad     id-map"
}

@test "a line of /etc/subuid that cannot be read: bad, with file and line" {
	[ "$(id -u)" -ne 0 ] || must_skip "real root takes ids of its own"
	printf 'someone:1:2\n%s:1x0:5\n' "$(id -un)" >broken
	run in_altered_host "$(privileged_helpers)
		mount --bind '$PWD/broken' /etc/subuid" \
		"$RLC" doctor
	assert_status 1
	assert_equal "$(status_of subordinate-ids)" bad
	assert_contains "/etc/subuid:2"
}

@test "an outer container that hides parts of /proc: bad, and the outer option" {
	run in_altered_host 'mount --bind /dev/null /proc/kallsyms' "$RLC" doctor
	assert_status 1
	assert_equal "$(status_of proc)" bad
	[[ $(fixes_of proc) == *"unmask=ALL"* ]] || fail "no fix" "$(got)"
}

@test "a store on an overlay: a notice, and where to keep it instead" {
	run in_altered_host '
		mount -t tmpfs none /mnt
		mkdir /mnt/lower /mnt/upper /mnt/work /mnt/merged
		mount -t overlay -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work,userxattr \
			none /mnt/merged' "$RLC" --root /mnt/merged/store doctor
	assert_success
	assert_equal "$(status_of overlay)" notice
	[[ $(fixes_of overlay) == *"rlc --root"* ]] || fail "no fix" "$(got)"
	assert_equal "$(status_of data-folder)" ok
}

@test "no tap device and no FUSE: no run is refused for them" {
	run in_altered_host '
		mount --bind /dev/null /dev/net/tun
		mount --bind /dev/null /dev/fuse' "$RLC" doctor
	assert_equal "$(status_of tun)" notice
	[[ $(fixes_of tun) == *"chmod 0666 /dev/net/tun"* ]] || fail "no fix" "$(got)"
	assert_equal "$(status_of overlay)" ok
	assert_equal "$(status_of fuse-overlayfs)" ok
}

@test "neither /proc/sys nor /sys: every line is there all the same" {
	run in_altered_host '
		mount -t tmpfs none /proc/sys
		mount -t tmpfs none /sys' "$RLC" doctor
	[ "$status" -le 1 ] || fail "it did not come to its end" "$(got)"
	assert_contains "ok      kernel"
	assert_equal "$(status_of cgroup)" notice
	assert_contains linger
}

@test "a run folder of another mode: a notice, and the way back" {
	local fallback existed=1
	fallback=/tmp/rlc-$(id -u)
	[ -d "$fallback" ] || existed=0
	[ "$(id -u)" -ne 0 ] || must_skip "real root's run folder is /run/rlc"
	mkdir -m 0755 open
	run env XDG_RUNTIME_DIR="$PWD/open" "$RLC" doctor
	local text=$output
	[ "$existed" = 1 ] || rmdir "$fallback"
	output=$text
	assert_equal "$(status_of run-folder)" notice
	[[ $(fixes_of run-folder) == *XDG_RUNTIME_DIR* ]] || fail "no fix" "$(got)"
}

@test "a store that cannot be made: bad, and the option that names another" {
	run rlc --root /proc/rlc doctor
	assert_status 1
	assert_equal "$(status_of data-folder)" bad
	[[ $(fixes_of data-folder) == *"--root"* ]] || fail "no fix" "$(got)"
}

@test "garbage in the configuration: bad, with file and line" {
	mkdir -p "$XDG_CONFIG_HOME/rlc"
	printf 'memory: 1g\n}\n' >"$XDG_CONFIG_HOME/rlc/config.yaml"
	run rlc doctor
	rm "$XDG_CONFIG_HOME/rlc/config.yaml"
	assert_status 1
	assert_equal "$(status_of configuration)" bad
	assert_contains "config.yaml:2:"
}

@test "rlc-init is missing: bad" {
	mkdir empty
	RLC_LIBEXEC=$PWD/empty run rlc doctor
	assert_status 1
	assert_equal "$(status_of programs)" bad
	assert_contains "$PWD/empty/rlc-init"
}

@test "no certificates of authorities: a notice, for pulls alone want them" {
	SSL_CERT_FILE=$PWD/gone.pem run rlc doctor
	assert_success
	assert_equal "$(status_of registries)" notice
	assert_contains "fix: unset SSL_CERT_FILE"
}

@test "doctor takes no operand" {
	run rlc doctor now
	assert_refused 125 "now"
}

# bats: shells inside expand what is quoted here.
# shellcheck disable=SC2016
@test "on a narrow terminal words stay whole, in a pipe a finding is one line" {
	need_program script
	run script -qec 'stty cols 40; "$RLC" doctor' /dev/null
	output=${output//$'\r'/}
	# A fix is to be copied, and stays as it is; so does a path that is longer by itself.
	assert_equal "$(grep -v 'fix: ' <<<"$output" | sed 's/\x1b\[[0-9;]*m//g' |
		awk 'length > 40 && NF > 1')" ""
	run rlc doctor
	assert_equal "$(grep -cE '^(ok|notice|bad) ' <<<"$output")" \
		"$(rlc doctor --json | grep -c '"status"')"
	assert_equal "$(grep -vcE '^(ok|notice|bad) |^        fix: |^$|^Containers ' <<<"$output")" 0
}

@test "a run that fails says what doctor says: user namespaces used up" {
	same_fixes user-namespaces unshare --user --map-root-user -- sh -c \
		'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"' sh
}

@test "a run that fails says what doctor says: an outer filter, by EPERM and by ENOSYS" {
	local error
	for error in EPERM ENOSYS; do
		same_fixes user-namespaces python3 "$BATS_TEST_DIRNAME/refuse.py" "clone3=$error"
		assert_contains "seccomp=unconfined"
	done
}

# What Ubuntu's kernels do: the namespace is made, and no capability in it counts.
@test "a run that fails says what doctor says: AppArmor keeps capabilities back" {
	same_fixes user-namespaces in_altered_host "
		mount -t tmpfs none /proc/sys/kernel
		echo 1 >/proc/sys/kernel/apparmor_restrict_unprivileged_userns" \
		python3 "$BATS_TEST_DIRNAME/refuse.py" mount=EACCES
	assert_contains "/etc/apparmor.d/rlc"
}

@test "a run that fails says what doctor says: network namespaces used up" {
	same_fixes namespaces unshare --user --map-root-user -- sh -c \
		'echo 0 >/proc/sys/user/max_net_namespaces && exec "$@"' sh
}

@test "a run that fails says what doctor says: newuidmap kept from its privilege" {
	[ "$(id -u)" -ne 0 ] || must_skip "real root writes its map itself"
	same_fixes id-map setpriv --no-new-privs --
}

@test "a run that fails says what doctor says: a masked /proc" {
	same_fixes proc in_altered_host 'mount --bind /dev/null /proc/kallsyms'
}

@test "a run that fails says what doctor says: a limit that cannot be set" {
	run rlc doctor
	[ "$(status_of cgroup)" = notice ] || must_skip "every limit can be set here"
	local wanted
	wanted=$(fixes_of cgroup)
	run rlc run --rm --network=none --memory 64m --rootfs "$(busybox_rootfs)" true
	assert_refused 125 "--memory"
	assert_equal "$(sed -n 's/^  fix: //p' <<<"$output")" "$wanted"
	run rlc run --rm --network=none --memory 64m --limits=best-effort \
		--rootfs "$(busybox_rootfs)" true
	assert_success
	assert_contains "notice: going on without a limit: --memory"
}
