#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a power cut takes is what was not brought to the disk: the order of syncs and renames, as the
# kernel sees it. Guests that lose power: tests/vm/beds/power-cut.
# shellcheck disable=SC2154 # run sets status

load lib

setup_file() {
	file_begin
	need_program strace
	busybox_rootfs >/dev/null
}

# Under a tracer the setuid map helpers have no power: as root of a namespace rlc has a single id and
# needs none.
alone() { # ARGUMENT…
	unshare --map-root-user -- "$RLC" --root "$PWD/data" --runroot "$PWD/runroot" "$@"
}

traced() { # STRACE-OPTION… -- ARGUMENT…
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	timeout 20 unshare --map-root-user -- strace -f -qq -y -o trace -e trace=syncfs,fsync,/^rename \
		"${options[@]}" "$RLC" --root "$PWD/data" --runroot "$PWD/runroot" "$@"
}

# order REGEX…: the trace has a line for each, in this order.
order() {
	local wanted line
	exec 4<trace
	for wanted; do
		while read -r -u 4 line; do
			[[ ! $line =~ $wanted ]] || continue 2
		done
		fail "not in this place: $wanted" "$(cat trace)" || return
	done
	exec 4<&-
}

@test "a container that outlives its run is on the disk before it appears, and so is its name" {
	run traced -- run --name kept --network none --rootfs "$(busybox_rootfs)" true
	assert_success
	order 'fsync\(.*/record\.json>\)' 'fsync\(.*/config\.json>\)' "fsync\(.*/tmp/[0-9a-f]{64}>\)" \
		'fsync\(.*/data/names>\)' 'renameat\(.*/tmp>.*/containers>' 'fsync\(.*/containers>\)'
}

@test "one that was cut off before it began has a log in which nothing is said" {
	run traced -e inject=fsync:signal=KILL:when=5 -- \
		run -d --name early --network none --rootfs "$(busybox_rootfs)" true
	[ "$status" -ne 0 ] || fail "there is no fifth fsync"
	run alone ps -a --noheading
	assert_contains early
	run alone logs early
	assert_success
	assert_output ""
	run alone rm early
	assert_success
}

@test "the name of one that never came to be is taken back" {
	# What a first run remembers gets its names by rename too.
	run alone run --name other --network none --rootfs "$(busybox_rootfs)" true
	assert_success
	run traced -e inject=renameat:signal=KILL:when=1 -- \
		run --network none --rootfs "$(busybox_rootfs)" true
	[ "$status" -ne 0 ] || fail "there is no renameat"
	run ls data/names
	assert_line_count 2
	run alone image prune --force
	assert_success
	run ls data/names
	assert_output other
	run find data/tmp -mindepth 1
	assert_output ""
	run alone rm -f other
	assert_success
	# Its control group goes with the next look at all containers.
	run alone ps -a -q
	assert_success
	assert_output ""
}

@test "one that goes with its run waits for no disk" {
	run traced -- run --rm --network none --rootfs "$(busybox_rootfs)" true
	assert_success
	run grep sync trace
	assert_output ""
}

@test "an image is on the disk before it has a name, whoever named its layers" {
	python3 - "$BATS_TEST_DIRNAME/../fixtures" layout <<-'END'
		import sys
		sys.path.insert(0, sys.argv[1])
		from oci import Layer, Layout
		Layout(sys.argv[2]).image("localhost/small:latest", Layer().file("file", b"bytes"))
	END
	# Killed as it is about to bring the name of the layer to the disk.
	run traced -e inject=fsync:signal=KILL:when=1 -- load oci:layout
	[ "$status" -ne 0 ] || fail "there is no fsync"
	order 'syncfs\(' 'renameat\(.*layers/' 'fsync\(.*/data/layers>'
	# Another command is at work: nothing is swept.
	exec 5<data/layers.lock
	flock --shared 5
	run traced -- load oci:layout
	exec 5<&-
	assert_success
	run grep 'rename.*layers/' trace
	assert_output ""
	order 'fsync\(.*/data/layers>' 'fsync\(.*/blobs/sha256/' 'renameat\(.*blobs/sha256/' 'fsync\(.*/blobs/sha256>' \
		'fsync\(.*/images/' 'renameat\(.*images/' 'fsync\(.*/images>' 'fsync\(.*/index\.json\.' \
		'renameat\(.*index\.json"' 'fsync\(.*/data>'
}
