#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Layers that mean harm (tests/fixtures/hostile.py): each is refused by its name, the host and the
# store stay as they were; and what is taken in without harm.

load lib
# shellcheck source=tests/fixtures/registry.bash
source "$BATS_TEST_DIRNAME/../fixtures/registry.bash"

setup_file() {
	file_begin
	export PYTHONPATH=$BATS_TEST_DIRNAME/../fixtures PYTHONDONTWRITEBYTECODE=1
	command -v python3 zstd >/dev/null || return 0
	cd "$BATS_FILE_TMPDIR" || return
	python3 "$BATS_TEST_DIRNAME/../fixtures/hostile.py" hostile
	# A store that holds something, and files of the user around it.
	python3 -c 'from oci import *
Layout("good").image("good", Layer().dir("d").file("d/f", b"good"))'
	rlc load oci:good >/dev/null
	mkdir "$HOME/canary"
	echo alive >"$HOME/canary/file"
}

teardown_file() {
	registries_end
	file_end
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	need_program python3
	need_program zstd
	export PYTHONPATH=$BATS_TEST_DIRNAME/../fixtures PYTHONDONTWRITEBYTECODE=1
	store=$XDG_DATA_HOME/rlc
	layouts=$BATS_FILE_TMPDIR
	snapshot >before
}

# Everything of the store and of the user's home, to the nanosecond; locks and the folder of
# scratch folders, which is empty, aside.
snapshot() {
	find "$HOME" \( -path "$store/tmp" -o -name '*lock' \) -prune -o \
		! -path "$store" ! -path "$store/layers" -printf '%P %y %m %n %s %T@ %i\n' | sort
	find "$store/tmp" -mindepth 1 -printf 'tmp: %P\n'
	find /tmp -maxdepth 1 -name 'rlc-evil*' -printf 'evil: %p\n'
	rlc images --no-trunc
}

unchanged() {
	snapshot >after
	cmp -s before after || fail "the store or the host changed:" "$(diff before after)"
}

refused() { # CASE TEXT
	run rlc load "oci:$layouts/hostile:$1"
	assert_refused 125 "$2"
	assert_contains "  fix: "
	refute_contains "docker save"
	unchanged
}

# --- paths --------------------------------------------------------------------------------------

@test "a name that leads out by .." {
	refused dots 'leads out of the image by ".."'
}
@test "an absolute name that leads out by .." {
	refused absolute-dots 'leads out of the image by ".."'
}
@test "a file through an absolute link" {
	refused symlink-absolute "way is a symbolic link, and the layer has files beneath it"
}
@test "a file through a chain of links" {
	refused symlink-chain "a is a symbolic link"
}
@test "a file through a link into /proc" {
	refused symlink-proc "way is a symbolic link"
}
@test "a folder that is known becomes a link, and a file goes through it" {
	refused symlink-swapped "d is a symbolic link"
}
@test "a file that is a folder" {
	refused file-as-folder "f is no folder"
}
@test "a root that is a file" {
	refused root-as-file "the root of a layer must be a folder"
}
@test "no name at all" {
	refused name-empty "tar entry without a name"
}
@test "a name of 64 KiB" {
	refused name-64k "a name longer than 4096 bytes"
}
@test "a part of a name that no file system takes" {
	refused name-part-256 "has a part longer than 255 bytes"
}
@test "a link of 64 KiB" {
	refused target-64k "a name longer than 4096 bytes"
}

# --- hard links ---------------------------------------------------------------------------------

@test "a hard link out by .." {
	refused hardlink-dots "unpack h: \"../../../index.json\" leads out"
}
@test "a hard link to a file of the host" {
	refused hardlink-absolute "a hard link to etc/passwd, which is in no layer"
}
@test "a hard link to 100 GiB of a layer below, which it becomes a copy of" {
	refused hardlink-to-100-gibibytes "unpack h: a copy of f from the layer below would be too large"
}
@test "a hard link to what lies behind a link" {
	refused hardlink-behind-symlink "which lies behind a symbolic link"
}
@test "a hard link to a folder" {
	refused hardlink-to-folder "which is a folder"
}
@test "a hard link to what the layer deletes" {
	refused hardlink-to-deleted "a hard link to base, which this layer deletes"
}
@test "a hard link into a folder that hides what is below" {
	refused hardlink-into-opaque "a hard link to d/low, which this layer deletes"
}

# --- whiteouts ----------------------------------------------------------------------------------

@test "a whiteout of nothing" {
	refused whiteout-empty "a whiteout that deletes no name"
}
@test "a whiteout of the folder itself" {
	refused whiteout-dot "a whiteout that deletes no name"
}
@test "a whiteout of the folder above" {
	refused whiteout-dotdot "a whiteout that deletes no name"
}
@test "a whiteout with files in it" {
	refused whiteout-folder "a folder named like a whiteout"
}

# --- sizes and bombs ----------------------------------------------------------------------------

@test "a size beyond the end" {
	refused size-beyond-end "ends in the middle of an entry"
}
@test "a negative size" {
	refused size-negative "its size is not a number"
}
@test "a size beyond 64 bits" {
	refused size-beyond-64-bits "its size is not a number"
}
@test "a file of a terabyte" {
	refused size-of-a-terabyte "the layer holds more than 68719476736 bytes"
}
@test "a header of two mebibytes" {
	refused pax-of-two-mebibytes "more than 1 MiB is refused"
}
@test "headers without end" {
	refused pax-without-end "more than 64 headers about one entry"
}
@test "64 MiB of zeros behind the end" {
	refused bomb-behind-the-end "more than 16 MiB follow the end of the tar"
}
@test "a piece of a sparse file outside of it" {
	refused sparse-beyond-size "piece 0 lies outside"
}
@test "pieces of a sparse file backwards" {
	refused sparse-backwards "piece 1 lies outside"
}
@test "a sparse file of 70,000 pieces" {
	refused sparse-of-70000-pieces '"GNU.sparse.map" has an impossible value'
}
@test "an attribute larger than any file system takes" {
	refused xattr-of-70000-bytes '"SCHILY.xattr.user.big" has an impossible value'
}
@test "300 attributes" {
	refused xattrs-300 "more than 256 extended attributes"
}

# --- broken tars --------------------------------------------------------------------------------

@test "a pax record that lies about its length" {
	refused pax-length-lie "a record has a wrong length"
}
@test "a name with a NUL" {
	refused pax-nul-in-path '"path" has an impossible value'
}
@test "an entry of an unknown kind" {
	refused kind-unknown "unknown type 0x5a"
}
@test "a wrong checksum" {
	refused checksum-wrong "wrong checksum"
}
@test "entries behind a lone zero block" {
	refused lone-zero-block "an entry follows a lone zero block"
}
@test "a tar that is cut" {
	refused cut-in-an-entry "ends in the middle of an entry (after 3000 bytes)"
}
@test "an owner whom nobody has" {
	[ "$(id -u)" -ne 0 ] || must_skip "root's own range may have it"
	refused owner-nobody-has "it belongs to uid 3000000000"
	assert_contains "sudo usermod --add-subuids"
}

# --- compression and digests --------------------------------------------------------------------

@test "gzip data that is cut" {
	refused gzip-cut "ends in the middle of its compressed data"
}
@test "gzip data with a wrong checksum" {
	refused gzip-checksum "damaged gzip data: incorrect data check"
}
@test "garbage behind gzip data" {
	refused gzip-garbage-behind "damaged gzip data"
}
@test "a second tar behind zeros that gzip(1) stops at" {
	refused gzip-member-behind-zeros "something follows its gzip data"
}
@test "zstd data that is cut" {
	refused zstd-cut "ends in the middle of its compressed data"
}
@test "zstd data that wants two gibibytes of memory" {
	refused zstd-window-of-two-gibibytes "damaged zstd data: Frame requires too much memory"
}
@test "a blob longer than its descriptor says" {
	refused descriptor-too-small "bytes its descriptor says"
}
@test "a blob shorter than its descriptor says" {
	refused descriptor-too-large "bytes where its descriptor says"
}
@test "a blob of another digest" {
	refused digest-wrong "is damaged or forged"
}
@test "1025 layers" {
	refused layers-1025 '"layers" has more than 1024 members'
}

# --- from a registry ----------------------------------------------------------------------------

@test "the same out of a registry" {
	need_registry
	registry_plain
	for name in dots symlink-absolute symlink-swapped hardlink-absolute whiteout-dotdot \
		size-beyond-end size-of-a-terabyte pax-without-end bomb-behind-the-end lone-zero-block \
		gzip-cut gzip-member-behind-zeros zstd-window-of-two-gibibytes; do
		XDG_DATA_HOME=$BATS_TEST_TMPDIR/skopeo registry_push "$layouts/hostile:$name" "$registry/$name:1"
		run rlc load "oci:$layouts/hostile:$name"
		wanted=${lines[0]#*image "$name": }
		run rlc pull -q --tls-verify=false "$registry/$name:1"
		assert_refused 125 "$wanted"
		unchanged
	done
}

# --- taken in without harm ----------------------------------------------------------------------

# take_in: Python that makes image "app" of layers over a busybox; loads it. The next test finds
# the store as this one did.
take_in() {
	python3 - "$(embedded_image)" <<-EOF
		from oci import *; import gzip, sys, tarfile
		base = open(sys.argv[1], "rb").read()
		base = gzip.decompress(base) if base[:2] == b"\x1f\x8b" else base
		l = Layout("app")
		$1
	EOF
	run rlc load oci:app
	assert_success
	# Whatever was replaced and deleted on the way: as many names came out as were counted.
	"$RLC" image check --quiet || fail "the store has faults"
}

inside() { # COMMAND
	run rlc run --rm --network none app sh -c "$1"
	assert_success
}

teardown() {
	rlc rmi -i app >/dev/null
}

@test "overlayfs' own whiteout, as a device, hides nothing" {
	take_in 'l.image("app", base, Layer().add("etc", tarfile.CHRTYPE).add("bin/sh", tarfile.CHRTYPE))'
	assert_contains "device files of the image were left out (2)"
	inside "test -f /etc/passwd && echo there"
	assert_output there
}

@test "marks of overlayfs in attributes, escaped ones too, hide nothing" {
	take_in 'l.image("app", base,
    Layer().dir("etc", pax_headers={"SCHILY.xattr.user.overlay.opaque": "y",
        "SCHILY.xattr.user.overlay.overlay.opaque": "y", "SCHILY.xattr.trusted.overlay.opaque": "y",
        "SCHILY.xattr.trusted.overlay.overlay.whiteout": "y"})
    .file("etc/passwd2", b"x", pax_headers={"SCHILY.xattr.user.overlay.whiteout": "y",
        "SCHILY.xattr.user.overlay.metacopy": "", "SCHILY.xattr.user.overlay.redirect": "/etc/passwd"}))'
	assert_contains "extended attributes of the image were left out (7)"
	inside "test -f /etc/passwd && cat /etc/passwd2"
	assert_output x
}

@test "a hard link to a link is the link, whatever it leads to" {
	ln "$HOME/canary/file" witness
	take_in "l.image('app', base, Layer().symlink('s', '$HOME/canary/file').link('h', 's'))"
	inside 'readlink /h'
	assert_output "$HOME/canary/file"
	assert_equal "$(stat -c %h witness)" 2
	rm witness
}

@test "whiteouts and opaque marks in every order show nothing of theirs" {
	take_in 'l.image("app", base, Layer().file("o/low", b"1").file("p/low", b"1").file("q/low"),
    Layer().file("o/.wh.low").file("o/.wh..wh..opq").file("o/new")
    .file("p/.wh..wh..opq").file("p/.wh.other").file(".wh..wh.plnk/x").file("q/.wh..wh..opq").file(".wh.q"))'
	inside 'cd / && ls -A o p q; ls -d .wh* 2>/dev/null || true'
	assert_output $'o:\nnew\n\np:\n\nq:'
}

@test "a layer that deletes everything below leaves its own" {
	take_in 'l.image("app", Layer().file("old"), Layer().file(".wh..wh..opq"), base)'
	inside 'ls /old 2>&1; echo over'
	assert_line over
	assert_contains "No such file"
}

@test "entries that stand twice: the later counts, whatever it is" {
	take_in 'l.image("app", base, Layer().file("a", b"1").file("a", b"2").dir("b").file("b/x").file("b", b"3")
    .file("c", b"x").dir("c").file("c/d", b"4").symlink("e", "a").file("e", b"5").link("f", "a").file("f", b"6"))'
	inside 'cat /a /b /c/d /e /f; test ! -L /e'
	assert_output 23456
}

@test "a sparse file of a terabyte takes no room" {
	take_in 'import hostile; l.image("app", base,
    hostile.pax([(b"GNU.sparse.major", b"0"), (b"GNU.sparse.minor", b"1"),
        (b"GNU.sparse.size", b"1099511627776"), (b"GNU.sparse.map", b"1099511627264,512")])
    + hostile.entry("lastlog", size=512, data=b"x" * 512) + hostile.END)'
	# shellcheck disable=SC2016 # for the container's shell
	inside 'stat -c "%s" /lastlog; echo $(($(stat -c "%b" /lastlog) < 64))'
	assert_output $'1099511627776\n1'
}

@test "two thousand folders in each other, and gone again" {
	take_in 'l.image("app", base, Layer().file("d/" * 2000 + "f", b"deep"))'
	# shellcheck disable=SC2016 # for the container's shell
	inside 'n=0; while cd d 2>/dev/null; do n=$((n + 1)); done; cat f; echo " $n"'
	assert_output "deep 2000"
	rlc rmi app >/dev/null
	assert_equal "$(find "$store/layers" "$store/tmp" -mindepth 1 -maxdepth 1 | wc -l)" 1
}

@test "setuid files of an image are out of the user's reach" {
	take_in 'l.image("app", base, Layer().file("su", b"#!/bin/sh\n", mode=0o4755))'
	for layer in "$store"/layers/*; do
		assert_equal "$(stat -c %a "$layer")" 700
	done
}

@test "501 layers are taken in, and a start says what is too much" {
	take_in 'l.image("app", base, *[Layer().file("f%d" % n) for n in range(500)])'
	RLC_STORAGE_DRIVER=overlay run rlc run --rm --network none app true
	assert_refused 125 "501 layers; the kernel takes 500"
}
