#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Called by real root: still a user namespace, and container root is never host root.
# shellcheck disable=SC2016,SC2154 # awk expands; run sets status
load ../integration/lib

setup_file() {
	file_begin
	[ "$(id -u)" -eq 0 ] || must_skip "this is not root"
	rlc import "$(embedded_image)" localhost/busybox:latest >/dev/null
}

# Root's folders are /var/lib/rlc and /run/rlc whatever HOME is: here they are the file's own.
rlc() {
	"$RLC" --root "$BATS_FILE_TMPDIR/data" --runroot "$BATS_FILE_TMPDIR/runroot" "$@"
}

teardown_file() {
	rlc rm -f -a >/dev/null
	rm -rf "${BATS_FILE_TMPDIR:?}/data" "${BATS_FILE_TMPDIR:?}/runroot"
	file_end
}

@test "container root is an unprivileged id of the host" {
	local inside outside count
	run rlc run --rm busybox cat /proc/self/uid_map
	assert_success
	read -r inside outside count <<<"$output"
	[ "$inside" = 0 ] || fail "not a map" "$(got)"
	[ "$outside" -ge 65536 ]
	[ "$count" -ge 65536 ]
	run rlc run --rm busybox cat /proc/self/gid_map
	read -r inside outside count <<<"$output"
	[ "$outside" -ge 65536 ]
}

@test "files of root stay root's, also in a volume" {
	mkdir -m 0755 vol
	echo secret >vol/secret
	chmod 0600 vol/secret
	run rlc run --rm -v "$PWD/vol:/v" busybox sh -c 'cat /v/secret; echo x >/v/secret; touch /v/new'
	[ "$status" -ne 0 ]
	refute_contains "secret"$'\n'
	assert_equal "$(cat vol/secret)" secret
	refute_exists vol/new
}

@test "no process of a container runs as host root" {
	local id pid
	id=$(rlc run -d busybox sleep 100)
	pid=$(rlc inspect "$id" | grep -m1 '"Pid"' | tr -dc 0-9)
	run awk '/^[UG]id:/ { for (i = 2; i <= 5; i++) if ($i < 65536) print }' "/proc/$pid/status"
	assert_output ""
	rlc rm -f -t 0 "$id"
}

@test "the store's layers belong to the container's ids, its records to root" {
	run bash -c 'find "$BATS_FILE_TMPDIR/data/layers" -mindepth 1 -maxdepth 2 -uid 0 ! -name "*.json" | wc -l'
	assert_output 0
	run stat -c %u "$BATS_FILE_TMPDIR/data" "$BATS_FILE_TMPDIR/data/index.json"
	assert_equal "${lines[*]}" "0 0"
}

@test "privileged is privileged over its own namespace only" {
	run rlc run --rm --privileged busybox sh -c 'echo 1 >/proc/sys/kernel/panic_on_oops || echo held; mknod /dev/sda b 8 0 || echo held'
	assert_success
	assert_equal "$(grep -c held <<<"$output")" 2
}

@test "a folder of root's that nobody else may enter serves as --rootfs and as a volume" {
	mkdir -m 0700 private
	mkdir private/root
	tar -C private/root -xf "$(embedded_image)"
	chmod 0755 private/root
	# Root's own files are nobody's in there: the error says whose they must be.
	run rlc run --rm --rootfs "$PWD/private/root" echo alive
	assert_refused 125 "Permission denied"
	assert_contains "chown -R"
	chown -R "$(rlc run --rm busybox awk '{ print $2 }' /proc/self/uid_map)" private/root
	run rlc run --rm --rootfs "$PWD/private/root" echo alive
	assert_output alive
	mkdir -m 0777 private/open
	run rlc run --rm -v "$PWD/private/open:/o" busybox touch /o/file
	assert_success
	assert_exists private/open/file
}
