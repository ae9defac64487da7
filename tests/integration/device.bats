#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --device takes devices and folders of them, and is no way around what -v keeps out.

load lib

setup_file() {
	file_begin
	need_busybox
}

@test "a device by a link, and a folder of devices" {
	ln -s /dev/full link
	run rlc run --rm --device "$PWD/link:/dev/mine" busybox sh -c 'echo x >/dev/mine'
	assert_contains "No space left on device"
	[ -d /dev/net ] || must_skip "this host has no folder of devices"
	run rlc run --rm --device /dev/net busybox ls /dev/net
	assert_success
	assert_line tun
}

@test "read-only: what can be read of a device still can" {
	run rlc run --rm --device /dev/zero:/dev/mine:r busybox sh -c 'head -c 3 /dev/mine | wc -c'
	assert_success
	assert_output 3
}

@test "files, folders, missing paths and rlc's own folders are no devices" {
	touch file
	mkdir folder
	ln -s "$XDG_DATA_HOME/rlc" store
	run rlc run --rm --device "$PWD/file:/x" busybox true
	assert_refused 125 "device $PWD/file is no device"
	assert_contains "-v $PWD/file:/x"
	run rlc run --rm --device "$PWD/folder:/x" busybox true
	assert_refused 125 "device $PWD/folder is no device"
	run rlc run --rm --device /dev/none-such busybox true
	assert_refused 125 "device /dev/none-such: No such file"
	run rlc run --rm --device "$PWD/store:/x" busybox true
	assert_refused 125 "lies in rlc's own folder"
	run rlc run --rm --device /dev/null:/proc/version busybox true
	assert_refused 125 "mount on /proc/version"
}
