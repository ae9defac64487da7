# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The harness of the integration tests: `load lib` in a .bats file gives it a home of its own, the
# assertions below, and a check that nothing was left behind.
#
#   RLC              the installed program under test (default: rlc of PATH)
#   RLC_MUST_WORK=1  a skip is a failure
#   RLC_FIXTURES     real images (tests/fixtures/images.sh); unset: their tests are skipped
#   RLC_TEST_CGROUP  the control group that holds these tests and all they start, as in
#                    /proc/PID/cgroup; unset: every process of the user since the file began is ours
#
# A file that needs a set-up of its own defines setup_file and begins it with file_begin; the same
# for teardown_file and file_end.

bats_require_minimum_version 1.5.0

# --- one home for each file ---------------------------------------------------------------------

# A home, data folder and run folder of this file's own: no test sees another file's containers,
# and none touches the user's.
file_begin() {
	RLC=${RLC:-$(command -v rlc)} || fail "set RLC to the program under test"
	RLC=$(readlink -f "$RLC")
	HOME=$BATS_FILE_TMPDIR/home
	XDG_DATA_HOME=$HOME/.local/share
	XDG_CONFIG_HOME=$HOME/.config
	XDG_RUNTIME_DIR=$BATS_FILE_TMPDIR/run
	export RLC HOME XDG_DATA_HOME XDG_CONFIG_HOME XDG_RUNTIME_DIR
	unset XDG_CACHE_HOME XDG_STATE_HOME
	# No test goes out into the world: those of pulls have registries of their own.
	export RLC_PULL=never
	mkdir "$HOME"
	mkdir -m 0700 "$XDG_RUNTIME_DIR"
	# Below, "since the file began" is "started after this clock tick".
	FILE_BEGAN=$(clock_ticks)
	export FILE_BEGAN
	cgroup_folders >"$BATS_FILE_TMPDIR/cgroups.before"
}

file_end() {
	local left
	cd /
	left=$(leaks)
	store_remove
	[ -z "$left" ] || fail "left behind by $(basename "$BATS_TEST_FILENAME"):" "$left"
}

setup_file() {
	file_begin
}

teardown_file() {
	file_end
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# The store's files belong to subordinate ids: only root of a namespace that maps them may remove
# them. Does not go through rlc, so that a broken rlc leaves no litter.
store_remove() {
	[ -n "${HOME:-}" ] && [[ $HOME == "$BATS_FILE_TMPDIR"/* ]] || return 0
	rm -rf "$HOME" "$XDG_RUNTIME_DIR" 2>/dev/null ||
		as_namespace_root rm -rf "$HOME" "$XDG_RUNTIME_DIR"
}

# Runs a command as root of a user namespace with all our subordinate ids (util-linux 2.38).
as_namespace_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		unshare --map-root-user --map-auto -- "$@"
	fi
}

# --- what was left behind -----------------------------------------------------------------------

# Prints a line for each container, process, mount or cgroup that outlived the tests of the file.
# Processes get three seconds: the end of a namespace is not synchronous.
leaks() {
	local tries=30 found
	"$RLC" rm -f -a >/dev/null 2>"$BATS_FILE_TMPDIR/rm.err" ||
		echo "rlc rm -f -a: $(cat "$BATS_FILE_TMPDIR/rm.err")"
	while found=$(leaked_processes) && [ -n "$found" ] && [ $((tries -= 1)) -gt 0 ]; do
		sleep 0.1
	done
	[ -z "$found" ] || printf '%s\n' "$found"
	leaked_mounts
	cgroup_folders | comm -13 "$BATS_FILE_TMPDIR/cgroups.before" - | sed 's/^/cgroup: /'
	local folder
	for folder in "$XDG_DATA_HOME/rlc/containers" "$XDG_DATA_HOME/rlc/names"; do
		[ ! -d "$folder" ] || find "$folder" -mindepth 1 -maxdepth 1 -printf 'record: %p\n'
	done
	[ ! -d "$XDG_RUNTIME_DIR/rlc" ] ||
		find "$XDG_RUNTIME_DIR/rlc" -mindepth 1 -maxdepth 1 -regextype egrep \
			-regex '.*/[0-9a-f]{64}' -printf 'run folder: %p\n'
}

leaked_mounts() {
	grep -F -- "$BATS_FILE_TMPDIR" /proc/self/mountinfo | sed 's/^/mount: /'
}

# Ours are: rlc's own programs under our uid, whatever sits in a pid or user namespace below our
# own, and whatever runs under one of our subordinate ids.
leaked_processes() {
	local ranges
	ranges=$(awk -F: -v user="$(id -un)" -v uid="$(id -u)" '$1 == user || $1 == uid {
		print $2 ":" $2 + $3 }' /etc/subuid 2>/dev/null)
	local folder pid began
	for folder in /proc/[0-9]*; do
		pid=${folder#/proc/}
		began=$(process_began "$pid") || continue
		[ "$began" -ge "$FILE_BEGAN" ] || continue
		process_is_ours "$pid" "$ranges" || continue
		echo "process $pid: $(tr '\0' ' ' <"$folder/cmdline" 2>/dev/null)"
	done
}

process_is_ours() { # PID RANGES
	local uid range name pids
	if [ -n "${RLC_TEST_CGROUP:-}" ]; then
		grep -qE "^0::$RLC_TEST_CGROUP(/|\$)" "/proc/$1/cgroup" 2>/dev/null || return 1
	fi
	uid=$(awk '/^Uid:/ { print $2 }' "/proc/$1/status" 2>/dev/null)
	[ -n "$uid" ] || return 1
	# A zombie holds nothing but its number; its parent is not ours to judge.
	! grep -q '^State:.*Z' "/proc/$1/status" 2>/dev/null || return 1
	for range in $2; do
		[ "$uid" -lt "${range%:*}" ] || [ "$uid" -ge "${range#*:}" ] || return 0
	done
	[ "$uid" -eq "$(id -u)" ] || return 1
	name=$(cat "/proc/$1/comm" 2>/dev/null)
	pids=$(awk '/^NSpid:/ { print NF - 1 }' "/proc/$1/status" 2>/dev/null)
	[[ $name == rlc* ]] || [ "${pids:-1}" -gt "$(awk '/^NSpid:/ { print NF - 1 }' /proc/self/status)" ]
}

# Field 22 of /proc/PID/stat: start in clock ticks since boot. The name before it may hold blanks.
process_began() { # PID
	local stat
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return
	stat=${stat##*) }
	# shellcheck disable=SC2086 # fields
	set -- $stat
	echo "${20}"
}

clock_ticks() {
	process_began "$BASHPID"
}

# GROUP, for all tests of the file: the control group that a container gets here, or nothing.
find_group() {
	rlc run -d --name probe --network=none busybox sleep 1000 >/dev/null
	GROUP=$(rlc inspect probe | jq -r '.[0].State.CgroupPath')
	export GROUP
	rlc rm -ft 0 probe
}

# Cgroup folders named after a container, wherever a cgroup2 tree is mounted.
cgroup_folders() {
	local at within=${RLC_TEST_CGROUP:-}
	while read -r at; do
		find "$at" -type d -path "*${within##*/}*" -regextype egrep \
			-regex '.*/rlc-[0-9a-f]{16}' 2>/dev/null
	done < <(awk '{ for (i = 7; i <= NF; i++) if ($i == "-") break
		if ($(i + 1) == "cgroup2") print $5 }' /proc/self/mountinfo) | sort
}

# --- calling rlc --------------------------------------------------------------------------------

rlc() {
	"$RLC" "$@"
}

# Imports the embedded default image as localhost/busybox:latest, once a file.
need_busybox() {
	[ ! -e "$BATS_FILE_TMPDIR/busybox.ready" ] || return 0
	rlc import "$(embedded_image)" localhost/busybox:latest >/dev/null ||
		fail "rlc import of the embedded image failed"
	touch "$BATS_FILE_TMPDIR/busybox.ready"
}

# The tar that `make install` put beside the program: PREFIX/bin/rlc, PREFIX/share/rlc/busybox.tar.
embedded_image() {
	local file=${RLC%/bin/*}/share/rlc/busybox.tar
	[ -r "$file" ] || fail "$file is missing"
	echo "$file"
}

# Real images of tests/fixtures/images.sh, an OCI layout.
need_images() {
	[ -d "${RLC_FIXTURES:-}" ] ||
		must_skip "no real images here: tests/fixtures/images.sh makes them, RLC_FIXTURES names them"
}

# An unpacked root file system for --rootfs, made once a file; prints its path.
busybox_rootfs() {
	local root=$BATS_FILE_TMPDIR/home/rootfs
	if [ ! -d "$root" ]; then
		mkdir -p "$root.part"
		tar -C "$root.part" -xf "$(embedded_image)" --no-same-owner
		mv "$root.part" "$root"
	fi
	echo "$root"
}

# Whether this kernel lets users mount an overlay; asked without rlc.
kernel_overlay() {
	unshare --user --map-root-user --mount -- sh -ec '
		mount -t tmpfs none /mnt
		cd /mnt
		mkdir lower upper work merged
		mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work,userxattr none merged
		' 2>/dev/null
}

# Waits until a command succeeds: await SECONDS COMMAND…
await() {
	local until=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$until" ] || fail "still failing after the wait: $*"
		sleep 0.05
	done
}

# --- skips --------------------------------------------------------------------------------------

# must_skip REASON: what this machine lacks, probed by the caller. Where everything must work a
# skip is a failure.
must_skip() {
	[ -z "${RLC_MUST_WORK:-}" ] || [ "$RLC_MUST_WORK" = 0 ] ||
		fail "RLC_MUST_WORK is set and this test would be skipped: $1"
	skip "$1"
}

need_program() {
	command -v "$1" >/dev/null || must_skip "$1 is not installed"
}

# --- assertions: after `run`, they print what was got -------------------------------------------

fail() {
	printf '%s\n' "$@" >&2
	return 1
}

# Everything `run` kept, for a failure.
got() {
	printf 'status: %s\n' "${status:-}"
	printf '%s\n' "${output:-}" | sed 's/^/output: /'
	[ -z "${stderr:-}" ] || printf '%s\n' "$stderr" | sed 's/^/stderr: /'
}

assert_status() { # N
	[ "$status" -eq "$1" ] || fail "wanted status $1" "$(got)"
}

assert_success() {
	assert_status 0
}

# The whole output.
assert_output() { # TEXT
	[ "$output" = "$1" ] || fail "wanted: $1" "$(got)"
}

assert_contains() { # TEXT
	[[ $output == *"$1"* ]] || fail "wanted in it: $1" "$(got)"
}

refute_contains() { # TEXT
	[[ $output != *"$1"* ]] || fail "not wanted in it: $1" "$(got)"
}

# An extended regular expression over the whole output.
assert_match() { # REGEX
	[[ $output =~ $1 ]] || fail "wanted a match of: $1" "$(got)"
}

assert_line() { # TEXT: one whole line
	grep -qxF -- "$1" <<<"$output" || fail "wanted the line: $1" "$(got)"
}

assert_line_count() { # N
	# shellcheck disable=SC2154 # set by run
	[ "${#lines[@]}" -eq "$1" ] || fail "wanted $1 lines" "$(got)"
}

assert_equal() { # GOT WANTED
	[ "$1" = "$2" ] || fail "got:    $1" "wanted: $2"
}

assert_exists() { # PATH
	[ -e "$1" ] || [ -L "$1" ] || fail "is not there: $1"
}

refute_exists() { # PATH
	if [ -e "$1" ] || [ -L "$1" ]; then
		fail "is there: $1"
	fi
}

# What bad input gives: rlc's own status, one line that begins with "rlc: ", holds TEXT and no
# escape sequence; further lines are the next step.
assert_refused() { # STATUS TEXT
	assert_status "$1" || return
	assert_contains "$2" || return
	[[ ${lines[0]} == "rlc: "* ]] || fail "an error begins with \"rlc: \"" "$(got)" || return
	[[ $output != *$'\e'* ]] || fail "an escape sequence reached the terminal" "$(got | cat -v)"
}
