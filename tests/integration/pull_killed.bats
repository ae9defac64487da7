#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# kill -9 of any process of a pull, at every step of the commit and of the confinement: the store is
# whole at once, the next pull brings the image, and nothing is left of the one that was killed.

load lib
# shellcheck source=tests/fixtures/registry.bash
source "$BATS_TEST_DIRNAME/../fixtures/registry.bash"

setup_file() {
	file_begin
	need_program strace
	unset RLC_PULL
	[ -d "${RLC_FIXTURES:-}" ] && command -v docker-registry skopeo >/dev/null || return 0
	registry_plain
	registry_push "$RLC_FIXTURES:busybox" "$registry/busybox:latest"
}

teardown_file() {
	registries_end
	file_end
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	need_registry
	need_images
	registry_plain
	image=$registry/busybox
}

# Under a tracer the setuid map helpers have no power: as root of a namespace rlc has a single id and
# needs none.
alone() {
	timeout 20 unshare --map-root-user -- "$@"
}

again() {
	alone "$RLC" --root "$PWD/data" --runroot "$PWD/runroot" "$@"
}

fetch() {
	again pull -q --keep-blobs --tls-verify=false "$image"
}

# whole WHERE: what there is of the store is sound, and the image can be had.
whole() {
	run again image check
	[ "$status" -eq 0 ] || fail "the store is not whole after $1" "$(got)"
	run fetch
	[ "$status" -eq 0 ] || fail "no pull after $1" "$(got)"
	run again image check
	[ "$status" -eq 0 ] || fail "the store is not whole after $1 and a pull" "$(got)"
	run again rmi -f "$image"
	[ "$status" -eq 0 ] || fail "no rmi after $1" "$(got)"
	run find data/tmp data/layers data/blobs/sha256 data/images -mindepth 1
	assert_output "" || fail "left after $1"
	run find data -name '*.tmp'
	assert_output "" || fail "left after $1"
}

# killed_at CALL N…: the N-th such call in whichever process gets there first kills it.
killed_at() {
	local call=$1 n
	shift
	for n; do
		run alone strace -f -qq -o trace -e "trace=$call" -e "inject=$call:signal=KILL:when=$n" \
			"$RLC" --root "$PWD/data" --runroot "$PWD/runroot" \
			pull -q --keep-blobs --tls-verify=false "$image"
		[ "$status" -ne 124 ] || fail "SIGKILL at $call number $n: it hangs"
		[ "$status" -ne 0 ] || fail "$call number $n: there is none"
		whole "SIGKILL at $call number $n"
	done
}

@test "killed while layers, blobs, record and index get their names" {
	killed_at renameat 1 2 3 4 5
	killed_at renameat2 1
}

@test "killed while they are written to the disk" {
	killed_at syncfs 1
	killed_at fsync 1 2 3 4 5 6 7
}

@test "killed while rlc-image and rlc-fetch confine themselves" {
	killed_at move_mount 1 2
	killed_at pivot_root 1
	killed_at seccomp 1
}

@test "killed while the scratch folder is made and taken away" {
	killed_at mkdirat 1 2 3 4 5
	killed_at flock 1 2 3
}

@test "after all of them the image runs" {
	fetch
	run again run --rm --network none "$image" echo alive
	assert_success
	assert_contains alive
}
