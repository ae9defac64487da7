#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Wrong input: one line that says what, where and why, the next step below it, the right exit
# status, and nothing left behind (the harness looks when the file ends).
# shellcheck disable=SC2016,SC2154 # shells inside expand; run sets status
load lib

setup_file() {
	file_begin
	need_busybox
}

# The first line is the error; every further one a hint.
one_line() {
	[[ ${lines[0]} == "rlc: "* ]] || fail "an error begins with \"rlc: \"" "$(got)"
	local line
	for line in "${lines[@]:1}"; do
		[[ $line == "  "* ]] || fail "more than one line of error" "$(got)"
	done
}

refused() { # STATUS TEXT ARGUMENTS…
	local status_wanted=$1 text=$2
	shift 2
	run -"$status_wanted" rlc "$@"
	assert_contains "$text"
	one_line
	[[ $output != *$'\e'* ]] || fail "an escape sequence came through"
}

# Root of a namespace with a small disk under the store, as root of a namespace without helpers.
on_small_disk() { # SIZE COMMAND…
	local size=$1
	shift
	mkdir -p small
	unshare --map-root-user --mount -- sh -c '
		mount -t tmpfs -o "size=$1" tmpfs small; shift
		mkdir small/run; exec "$@"' sh "$size" "$@"
}

@test "an unknown option, with what was meant" {
	refused 125 "--hostnam" run --hostnam=x busybox true
	assert_contains --hostname
	refused 125 "--publish" run --publish 80:x busybox true
	refused 125 wrnog wrnog
}

@test "a missing image, and how to bring it" {
	refused 125 "nosuchimage" run --rm nosuchimage true
	assert_contains "rlc load"
	refused 125 "Not/A\\" run --rm 'Not/A\x' true || refused 125 "Not/A" run --rm 'Not/A\x' true
	refused 125 deadbeef run --rm deadbeef true
}

@test "a missing volume source, a source that is in the way" {
	refused 125 "$PWD/none" run --rm -v "$PWD/none:/x" busybox true
	echo x >file
	refused 125 "/etc" run --rm -v "$PWD/file:/etc" busybox true
	refused 125 "/etc/passwd" run --rm -v "$PWD:/etc/passwd" busybox true
	refused 125 "two mounts" run --rm -v "$PWD:/a" -v "$PWD:/a/" busybox true
}

@test "mounts over / and /proc" {
	refused 125 "may not be" run --rm -v "$PWD:/" busybox true
	refused 125 "/proc" run --rm -v "$PWD:/proc" busybox true
	refused 125 "/proc" run --rm --tmpfs /proc/self busybox true
}

@test "a command that is not there, not executable, for another machine" {
	refused 127 nosuch run --rm busybox nosuch
	refused 126 /etc/passwd run --rm busybox /etc/passwd
	refused 126 "/tmp" run --rm busybox /tmp
	local root=$PWD/root
	mkdir -p "$root/bin"
	# An ELF head of an aarch64 program (e_machine 183).
	printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\267\0\1\0\0\0' >"$root/bin/arm"
	head -c 4096 /dev/zero >>"$root/bin/arm"
	chmod 755 "$root/bin/arm"
	refused 126 "Exec format error" run --rm --rootfs "$root" /bin/arm
	# A script whose interpreter is missing.
	printf '#!/no/such/shell\n' >"$root/bin/script"
	chmod 755 "$root/bin/script"
	refused 127 "/bin/script" run --rm --rootfs "$root" /bin/script
	assert_contains interpreter
}

@test "a full disk while a container starts and while an image is loaded" {
	run on_small_disk 16k "$RLC" --root "$PWD/small/data" --runroot "$PWD/small/run" \
		run --rm --rootfs "$(busybox_rootfs)" true
	assert_status 125
	assert_contains "No space left"
	run on_small_disk 600k sh -c '"$RLC" --root "$PWD/small/data" --runroot "$PWD/small/run" import '"$(embedded_image)"' x; echo "status $?"; find small/data/layers small/data/tmp small/data/blobs -mindepth 1 2>/dev/null -maxdepth 1 | grep -v sha256$; "$RLC" --root "$PWD/small/data" --runroot "$PWD/small/run" images -q'
	assert_contains "No space left"
	assert_line "status 125"
	[[ ${lines[-1]} == "status 125" ]] || fail "something half-made was left" "$(got)"
}

@test "garbage in the configuration names file, line and column" {
	mkdir -p "$XDG_CONFIG_HOME/rlc"
	local text
	for text in $'memory: [1, 2' $'nosuchkey: 1' $'memory: {a: b}' $'\xff\xfe' $'read-only: maybe' $'a: &x [*x]'; do
		printf '%s\n' "$text" >"$XDG_CONFIG_HOME/rlc/config.yaml"
		run rlc run --rm busybox true
		assert_status 125
		one_line
		assert_match 'config.yaml:[0-9]+'
	done
	rm "$XDG_CONFIG_HOME/rlc/config.yaml"
}

@test "garbage in a state file harms one container only" {
	local bad folder
	rlc run -d --name good busybox sleep 100
	bad=$(rlc run -d --name bad busybox true)
	await 5 bash -c '"$RLC" inspect bad | grep -q exited'
	folder=$XDG_DATA_HOME/rlc/containers/$bad
	local text
	for text in '{"format":' '{"format":999}' '[]' 'null' '{"format":1,"status":7}'; do
		printf '%s' "$text" >"$folder/state.json"
		run rlc ps -a
		assert_contains good
		run rlc inspect bad
		[ "$status" -ne 0 ]
		assert_contains state.json
	done
	run rlc rm -f bad
	assert_success
	refute_exists "$folder"
	rlc rm -f -t 0 good
}

@test "names with escapes, slashes, dots" {
	local name
	for name in 'a/b' '../../x' $'a\e[31mb' 'a b' '-a' '.' ''; do
		run rlc run --rm "--name=$name" busybox true
		assert_status 125
		one_line
		[[ $output != *$'\e'* ]]
	done
}

@test "a name that another rlc holds" {
	rlc run -d --name held busybox sleep 100
	refused 125 held run --rm --name held busybox true
	assert_contains "rlc rm -f held"
	rlc rm -f -t 0 held
}

@test "users, working folders, signals, sizes, capabilities that are none" {
	refused 125 nouser run --rm -u nouser busybox true
	refused 125 nogroup run --rm -u 0:nogroupx busybox true
	refused 125 "rel/ative" run --rm -w rel/ative busybox true
	refused 125 SIGNOPE run --rm --stop-signal SIGNOPE busybox true
	refused 125 "12q" run --rm --memory 12q busybox true
	refused 125 NET_ROW run --rm --cap-add NET_ROW busybox true
	assert_contains NET_RAW
	refused 125 nosuch run --rm --ulimit nosuch=1 busybox true
	refused 125 nosuch.json run --rm --security-opt seccomp=nosuch.json busybox true
	echo '{"defaultAction":"SCMP_ACT_ERRNO"}' >none.json
	refused 125 none.json run --rm --security-opt seccomp=none.json busybox true
	echo '{"defaultAction":' >half.json
	refused 125 half.json:2 run --rm --security-opt seccomp=half.json busybox true
}

@test "folders of someone else" {
	refused 125 /proc --root /proc/rlc --runroot "$PWD/run" images
	ln -s /etc "$PWD/link"
	run env XDG_RUNTIME_DIR=/ "$RLC" run --rm busybox true
	assert_success
	run -125 env HOME=/nonexistent/home XDG_DATA_HOME= "$RLC" images
	one_line
}

@test "arguments without end" {
	local long
	long=$(head -c 100000 /dev/zero | tr '\0' a)
	refused 125 "" run --rm "--name=$long" busybox true
	refused 125 "" run --rm "--hostname=$long" busybox true
	refused 125 "" run --rm -v "$PWD:/$long" busybox true
	refused 125 "" run --rm "$long" true
	run -127 rlc run --rm busybox "$long"
	one_line
}
