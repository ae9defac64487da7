#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `rlc image`: check and prune; the other words stand for commands that have files of their own.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	need_program python3
	export PYTHONPATH=$BATS_TEST_DIRNAME/../fixtures PYTHONDONTWRITEBYTECODE=1
	store=$XDG_DATA_HOME/rlc
}

teardown() {
	rlc rm -f -a >/dev/null
	rlc rmi -a -f >/dev/null
}

# Two images of two layers, the lower of which they share.
two_images() {
	python3 -c '
from oci import *
l = Layout("oci")
base = Layer().dir("d").file("d/f", b"x" * 3000000).symlink("s", "d").link("h", "d/f").bytes()
l.image("one:1", base, Layer().file("1"))
l.image("two:1", base, Layer().file("2", b"y" * 2000000))'
	rlc load oci:oci >/dev/null
}

# Breaks something, wants one fault that is named, with its remedy, and the exit status 1.
wants_fault() { # TEXT
	run rlc image check
	assert_status 1
	assert_contains "$1"
	# What the remedy says mends it.
	if [[ $output == *"fix: rlc rmi --force"* ]]; then
		assert_contains "  fix: rlc rmi --force localhost/"
		eval "$(sed -n 's/^  fix: \(rlc rmi --force [^;]*\);.*/\1/p' <<<"$output" | head -n 1)" >/dev/null
	fi
	assert_contains "load or import localhost/"
	rlc load oci:oci >/dev/null
	run rlc image check --quiet
	assert_success
	assert_output ""
}

layer_of() { # IMAGE N: folder of its layer number N
	local id
	id=$(rlc image inspect --format json "$1" | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["Id"])')
	python3 -c 'import json, sys
print(json.load(open(sys.argv[1]))["layers"][int(sys.argv[2])])' "$(grep -l "$id" "$store"/images/*.json)" "$2"
}

@test "check: a whole store has no faults" {
	run rlc image check
	assert_success
	assert_output "0 images, 0 layers and 0 blobs checked: 0 faults"
	two_images
	run rlc image check
	assert_success
	assert_output "2 images, 3 layers and 4 blobs checked: 0 faults"
	rlc rmi two:1 >/dev/null
	rlc rmi one:1 >/dev/null
	rlc import "$(embedded_image)" >/dev/null
	run rlc image check
	assert_output "1 image, 1 layer and 2 blobs checked: 0 faults"
	rm "$store/images"/*.json
	run rlc image check
	assert_status 1
	assert_contains ": 1 fault"
	refute_contains "1 faults"
	run rlc image check one
	assert_refused 125 "one too many"
}

@test "check: blobs, by their digests" {
	two_images
	config=$(rlc images --no-trunc -q one)
	printf X | dd of="$store/blobs/sha256/$config" bs=1 seek=9 conv=notrunc status=none
	wants_fault "image localhost/one:1: blob sha256:$config: it is damaged or forged"
	rm "$store/blobs/sha256/$config"
	wants_fault "blob sha256:$config: read blobs/sha256/$config of the store: No such file"
	manifest=$(rlc images --digests --format json one | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["Digest"][7:])')
	printf ' ' >>"$store/blobs/sha256/$manifest"
	wants_fault "image localhost/one:1: its manifest:"
}

@test "check: records and layers, for each image that has them" {
	two_images
	base=$(layer_of one:1 0)
	top=$(layer_of two:1 1)
	rm -r "$store/layers/$base/fs/d"
	wants_fault "image localhost/two:1: its layer $base: 2 files and folders are in it, 4 were unpacked"
	rm -rf "$store/layers/$base"
	run rlc image check -q
	assert_status 1
	assert_contains "image localhost/one:1: its layer $base: open it: No such file"
	assert_contains "image localhost/two:1: its layer $base: open it: No such file"
	assert_line_count 4
	rlc load oci:oci >/dev/null
	rm -r "$store/layers/$top/fs"
	wants_fault "image localhost/two:1: its layer $top: open its folder fs: No such file"
	echo '{' >"$store/layers/$top/record.json"
	wants_fault "its layer $top: record.json"
	record=$(echo "$store"/images/*.json | cut -d' ' -f1)
	echo '{"format":1,"config":"sha256:../../x","layers":[]}' >"$record"
	wants_fault "its record: "
}

@test "check changes nothing and leaves nothing" {
	two_images
	before=$(cd "$store" && find . -printf '%p %s %T@ %i\n' | grep -vE '^\./(tmp|\S*lock| )' | sort)
	rlc image check >/dev/null
	after=$(cd "$store" && find . -printf '%p %s %T@ %i\n' | grep -vE '^\./(tmp|\S*lock| )' | sort)
	assert_equal "$after" "$before"
	[ -z "$(ls -A "$store/tmp")" ] || fail "left in tmp" "$(ls -A "$store/tmp")"
}

@test "prune: nameless images, with --all those without a container, and what is freed" {
	need_busybox
	two_images
	rlc tag two:1 one:1
	run rlc image prune </dev/null
	assert_refused 125 "no terminal to ask on"
	assert_contains "rlc image prune --force"
	one=$(rlc images --no-trunc --format json | python3 -c 'import json, sys
print([i["Id"] for i in json.load(sys.stdin) if not i["Names"]][0])')
	run rlc image prune --force
	assert_success
	assert_line "$one"
	assert_line_count 2
	run rlc images -n
	refute_contains "<none>"
	rlc run -d --network none busybox sleep 100 >/dev/null
	run rlc image prune -a -f
	assert_success
	assert_match 'Total reclaimed space: 5(\.[0-9]+)? ?MB'
	run rlc images -n
	assert_line_count 1
	assert_contains localhost/busybox
	run rlc image prune -a -f
	assert_output "Total reclaimed space: 0 B"
}

@test "prune: what a killed pull left goes and is counted" {
	local left=$store/tmp/image-0123456789abcdef
	rlc images -q >/dev/null
	mkdir -p "$left/layer/fs/etc"
	dd if=/dev/zero of="$left/layer/fs/etc/data" bs=1000000 count=3 status=none
	# Root's files of the container are ours, others belong to subordinate ids.
	as_namespace_root chown -R 5:5 "$left/layer/fs/etc/data"
	run rlc image prune --force
	assert_success
	assert_match '^Total reclaimed space: 3(\.[0-9]+)? MB$'
	refute_exists "$left"
	# What a living command holds stays, and is not counted.
	mkdir "$left"
	dd if=/dev/zero of="$left/data" bs=1000000 count=3 status=none
	exec 7<"$left"
	flock 7
	run rlc image prune --force
	assert_output "Total reclaimed space: 0 B"
	assert_exists "$left/data"
	exec 7<&-
}

@test "podman's longer words" {
	two_images
	run rlc image ls -q
	assert_line_count 2
	run rlc image inspect one:1
	assert_success
	run rlc image tag one:1 three
	assert_success
	run rlc image rm three
	assert_output "Untagged: localhost/three:latest"
	run rlc image
	assert_refused 125 "what about images"
	run rlc image frob
	assert_refused 125 '"frob" is not known'
	run rlc image check --help
	assert_contains "Usage: rlc image check"
	run rlc help image prune
	assert_contains "Usage: rlc image prune"
	run rlc help image frob
	assert_refused 125 "unknown command"
}
