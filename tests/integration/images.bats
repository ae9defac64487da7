#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `rlc images`, `tag` and `rmi`: names of images. What load and import unpack is tested beside them.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	rlc import "$(embedded_image)" localhost/busybox:latest >id
	id=$(cat id)
}

teardown() {
	rlc rmi -a -f >/dev/null
}

@test "columns, ids and sizes" {
	run rlc images
	assert_success
	assert_match '^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE'
	assert_match "localhost/busybox +latest +${id:0:12} +[A-Z0-9][a-z0-9 ]+ ago +[0-9.]+ [kM]B"
	assert_line_count 2
	run rlc images --noheading
	assert_line_count 1
	run rlc images -q
	assert_output "${id:0:12}"
	run rlc images -q --no-trunc
	assert_output "$id"
	run rlc images --digests
	assert_match 'DIGEST +IMAGE ID'
	assert_match ' sha256:[0-9a-f]{64} '
}

@test "JSON has one entry an image, with all of its names" {
	need_program jq
	rlc tag busybox other:1
	run rlc images --format json
	assert_success
	assert_equal "$(jq length <<<"$output")" 1
	assert_equal "$(jq -r '.[0].Id' <<<"$output")" "$id"
	assert_equal "$(jq -r '.[0].Names | sort | join(" ")' <<<"$output")" \
		"localhost/busybox:latest localhost/other:1"
	[ "$(jq '.[0].Size' <<<"$output")" -gt 100000 ] || fail "size" "$(got)"
	assert_match '"CreatedAt": ?"20[0-9-]+T[0-9:]+Z"'
	run rlc images --format '{{.ID}}'
	assert_refused 125 "templates are not in this version"
}

@test "a name chooses, with or without tag and domain" {
	rlc tag busybox busybox:2 registry.example/busybox
	run rlc images -n busybox
	assert_line_count 2
	run rlc images -n busybox:2
	assert_line_count 1
	run rlc images -n localhost/busybox
	assert_line_count 2
	run rlc images -n registry.example/busybox
	assert_line_count 1
	run rlc images -n nosuch
	assert_output ""
	run rlc images 'BAD NAME'
	assert_refused 125 "BAD NAME"
}

@test "options of podman's that are not here" {
	run rlc images --all
	assert_refused 125 "this version has no option --all"
	run rlc images --filter dangling=true
	assert_refused 125 "this version has no option --filter"
}

@test "tag gives names, rmi takes them, the image goes with the last" {
	rlc tag busybox a b:1
	run rlc rmi a
	assert_success
	assert_output "Untagged: localhost/a:latest"
	run rlc rmi "$id"
	assert_refused 2 "has 2 names"
	run rlc rmi b:1 busybox
	assert_success
	assert_line "Untagged: localhost/b:1"
	assert_line "Deleted: $id"
	run rlc images -q
	assert_output ""
}

@test "rmi goes on after an image that is not there" {
	rlc tag busybox a
	run rlc rmi nosuch a
	assert_refused 1 "nosuch"
	assert_line "Untagged: localhost/a:latest"
	run rlc rmi --ignore nosuch
	assert_success
	assert_output ""
	run rlc rmi
	assert_refused 125 "no image given"
	run rlc rmi -a busybox
	assert_refused 125 "exclude each other"
}

@test "tag goes on after a name that is none, and tells of an image that is not there" {
	run rlc tag busybox 'NO' good
	assert_refused 125 "NO"
	run rlc images -n good
	assert_line_count 1
	run rlc tag nosuch name
	assert_refused 125 "nosuch"
	run rlc tag busybox
	assert_refused 125 "tag: NAME[:TAG]... is missing"
}

@test "rmi --force ends and forgets containers of the image" {
	rlc run -d --name holds localhost/busybox sleep 1000 >/dev/null
	rlc run -d --name holds-too --rm localhost/busybox sleep 1000 >/dev/null
	run rlc rm holds
	assert_refused 2 "container holds is running"
	assert_line "  fix: run: rlc rm -f holds"
	run rlc rmi localhost/busybox
	assert_refused 2 "in use by a container"
	run rlc rmi -f localhost/busybox
	assert_success
	assert_contains "Untagged: localhost/busybox:latest"
	assert_equal "$(rlc ps -aq)" ""
}
