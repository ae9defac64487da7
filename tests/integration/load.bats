#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `rlc load` and `rlc import`: what is taken, what is refused, and what the store holds afterwards.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	need_program python3
	export PYTHONPATH=$BATS_TEST_DIRNAME/../fixtures PYTHONDONTWRITEBYTECODE=1
	store=$XDG_DATA_HOME/rlc
}

# Every test begins with an empty store, so that "nothing is left" can be said.
teardown() {
	rlc rmi -a -f >/dev/null
}

# layout [NAME=x]: Python that calls l.image(NAME, Layer()…) on a layout in ./oci.
layout() {
	rm -rf oci
	{
		echo 'from oci import *; import gzip, json, tarfile; l = Layout("oci")'
		cat
	} | python3 - || fail "the fixture failed"
}

# As container root sees a path of the topmost layer of an image.
in_layer() { # IMAGE COMMAND…
	local id layer
	id=$(rlc images --no-trunc --format json | python3 -c '
import json, sys
for image in json.load(sys.stdin):
    if any(sys.argv[1] in name for name in image["Names"] or []): print(image["Id"])' "$1")
	layer=$(grep -l "$id" "$store"/images/*.json | xargs cat | python3 -c '
import json, sys
print(json.load(sys.stdin)["layers"][-1])')
	shift
	(cd "$store/layers/$layer/fs" && as_namespace_root "$@")
}

nothing_is_left() {
	[ -z "$(ls -A "$store/tmp" 2>/dev/null)" ] || fail "left in tmp:" "$(find "$store/tmp")"
	[ -z "$(ls -A "$store/layers" 2>/dev/null)" ] || fail "left in layers:" "$(ls "$store/layers")"
	[ -z "$(rlc images -q)" ] || fail "an image is listed" "$(rlc images)"
}

# A busybox image over which layers can be put: its tar is the first layer.
busybox_layer() {
	python3 - "$(embedded_image)" <<'PY'
import gzip, sys
data = open(sys.argv[1], "rb").read()
open("busybox.tar", "wb").write(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
PY
}

@test "a file of nothing is called that" {
	: >empty
	for source in empty docker-archive:empty oci-archive:empty /dev/null; do
		run rlc load "$source"
		assert_refused 125 "${source#*:} is empty"
		assert_line "  fix: what should have written it may have failed"
	done
	run bash -c '"$RLC" load <empty'
	assert_refused 125 "is empty"
	run rlc load --help
	assert_contains "docker-archive"
}

@test "a layout in a folder: by name, whole, and what it holds when the name is wrong" {
	layout <<<'
l.image("one", Layer().file("1", b"1"))
l.image("two:2", Layer().file("2", b"2"))'
	run rlc load oci:oci:one
	assert_success
	assert_output "Loaded image: localhost/one:latest"
	run rlc load oci:oci
	assert_success
	assert_line "Loaded image: localhost/two:2"
	assert_line_count 2
	run rlc load oci:oci:three
	assert_refused 125 'no image "three"'
	assert_contains "one, two:2"
	run rlc load oci
	assert_refused 125 "is a folder"
	assert_contains "rlc load oci:oci"
}

@test "archives: OCI and Docker, plain and compressed, from a file and from a pipe" {
	need_program skopeo
	layout <<<'l.image("app", Layer().file("f", b"x"))'
	skopeo copy -q oci:oci:app oci-archive:oci.tar:app:1
	skopeo copy -q oci:oci:app docker-archive:docker.tar:app:2
	gzip -k docker.tar
	run rlc load oci.tar
	assert_output "Loaded image: localhost/app:1"
	run rlc load docker.tar
	assert_output "Loaded image: docker.io/library/app:2"
	run rlc load docker.tar.gz
	assert_output "Loaded image: docker.io/library/app:2"
	run rlc load docker-archive:docker.tar:app:2
	assert_output "Loaded image: docker.io/library/app:2"
	run bash -c 'cat docker.tar.gz | "$RLC" load'
	assert_output "Loaded image: docker.io/library/app:2"
	run rlc load docker-archive:docker.tar:other
	assert_refused 125 'no image "other"'
}

@test "compression: gzip of several members, zstd, none; xz names the way out" {
	need_program zstd
	layout <<<'
import subprocess
def parts(t): return gzip.compress(t[:700]) + gzip.compress(t[700:])
def zstd(t): return subprocess.run(["zstd", "-qc"], input=t, stdout=subprocess.PIPE).stdout
def xz(t): import lzma; return lzma.compress(t)
def plain(t): return t
for c in parts, zstd, plain, xz:
    l.image(c.__name__, Layer().file("f", b"content" * 100), compress=c)'
	for name in parts zstd plain; do
		run rlc load oci:oci:$name
		assert_success
		run in_layer $name cat f
		assert_contains "contentcontent"
		rlc rmi $name >/dev/null
	done
	run rlc load oci:oci:xz
	assert_refused 125 "compressed with xz"
	assert_contains "xz -d"
	nothing_is_left
}

@test "an index of several machines gives the image of this one" {
	layout <<<'
def arch(a, text):
    d = l.manifest([Layer().file("f", text).bytes()])
    return {**d, "platform": {"os": "linux", "architecture": a}}
index = {"schemaVersion": 2, "manifests": [arch("s390x", b"wrong"), arch(ARCHITECTURE, b"right"),
         {**arch("unknown", b"attestation"), "platform": {"os": "unknown", "architecture": "unknown"}}]}
l.tag("multi", l.blob(index, "index.v1+json"))
l.tag("foreign", l.blob({"schemaVersion": 2, "manifests": [arch("s390x", b"w")]}, "index.v1+json"))'
	run rlc load oci:oci:multi
	assert_success
	run in_layer multi cat f
	assert_output right
	run rlc load oci:oci:foreign
	assert_refused 125 "no image for this machine"
	assert_contains "s390x"
}

@test "every digest and size is checked, and nothing stays of what fails" {
	layout <<<'l.image("app", Layer().file("f", b"x" * 5000))'
	cp -r oci good
	for blob in oci/blobs/sha256/*; do
		rm -rf oci && cp -r good oci
		printf X | dd of="$blob" bs=1 seek=20 conv=notrunc status=none
		run rlc load oci:oci
		assert_refused 125 "sha256:"
		rm -rf oci && cp -r good oci
		printf X >>"$blob"
		run rlc load oci:oci
		assert_status 125
		rm -rf oci && cp -r good oci
		truncate -s -1 "$blob"
		run rlc load oci:oci
		assert_status 125
		rm -rf oci && cp -r good oci && rm "$blob"
		run rlc load oci:oci
		assert_refused 125 "No such file"
		nothing_is_left
	done
}

@test "a configuration that claims another diff id is refused" {
	layout <<<'
t = Layer().file("f", b"x").bytes()
c = l.blob({"rootfs": {"diff_ids": ["sha256:" + "0" * 64]}}, "config.v1+json")
blob = l.blob(gzip.compress(t), "layer.v1.tar+gzip")
l.tag("liar", l.blob({"schemaVersion": 2, "config": c, "layers": [blob]}))
c = l.config([t, t])
l.tag("short", l.blob({"schemaVersion": 2, "config": c, "layers": [blob]}))'
	run rlc load oci:oci:liar
	assert_refused 125 "configuration says sha256:0000"
	run rlc load oci:oci:short
	assert_refused 125 "1 layers, its configuration 2"
	nothing_is_left
}

@test "documents that lie are refused" {
	layout <<<'
t = Layer().file("f").bytes()
good = json.loads(open("oci/blobs/sha256/" + l.manifest([t])["digest"][7:]).read())
l.tag("both", l.blob({**good, "manifests": []}))
l.tag("neither", l.blob({"schemaVersion": 2}))
l.tag("path", l.blob({**good, "layers": [{**good["layers"][0], "digest": "sha256:../../../index.json"}]}))
l.tag("negative", l.blob({**good, "layers": [{**good["layers"][0], "size": -1}]}))
l.tag("size", l.blob({**good, "config": {**good["config"], "size": good["config"]["size"] + 1}}))
l.tag("huge", l.blob({**good, "layers": [{**good["layers"][0], "size": 1 << 62}]}))
l.tag("escape", l.blob({**good, "config": "\u001b[31m"}))
l.tag("garbage", l.blob(b"\x00\xff"))'
	for name in both neither path negative size huge escape garbage; do
		run rlc load "oci:oci:$name"
		assert_status 125 || fail "$name"
		[[ ${lines[0]} == "rlc: "* ]] || fail "$name" "$(got)"
		[[ $output != *$'\e'* ]] || fail "an escape sequence reached the terminal"
	done
	nothing_is_left
}

@test "what is no image says so" {
	run rlc load /etc/passwd
	assert_refused 125 "/etc/passwd"
	run rlc load missing.tar
	assert_refused 125 "No such file"
	run rlc load oci:/etc
	assert_refused 125 "index.json"
	: >empty
	run rlc load empty
	assert_refused 125 "empty"
	tar -cf plain.tar empty
	run rlc load plain.tar
	assert_refused 125 "not of an image"
	assert_contains "rlc import plain.tar"
	nothing_is_left
}

@test "layers that try to leave their folder are refused" {
	layout <<<'
l.image("dots", Layer().file("../../evil", b"x"))
l.image("symlink", Layer().symlink("l", "/").file("l/tmp/evil", b"x"))
l.image("up", Layer().symlink("l", "../../..").file("l/evil", b"x"))
l.image("hardlink", Layer().link("h", "../../index.json"))
l.image("chain", Layer().symlink("l", "..").link("h", "l/index.json"))
l.image("proc", Layer().symlink("l", "/proc/self/fd/3").file("l/evil", b"x"))'
	for name in dots symlink up hardlink chain proc; do
		run rlc load "oci:oci:$name"
		assert_refused 125 "layer sha256:"
	done
	refute_exists "$store/evil"
	refute_exists /tmp/evil
	nothing_is_left
}

@test "a link of one layer does not lead the next one astray" {
	busybox_layer
	layout <<<'
base = open("busybox.tar", "rb").read()
l.image("app", base, Layer().symlink("way", "/etc"), Layer().file("way/passwd", b"mine\n"))'
	run rlc load oci:oci
	assert_success
	run rlc run --rm --network=none app cat /way/passwd
	assert_output mine
	run rlc run --rm --network=none app head -n 1 /etc/passwd
	refute_contains mine
}

@test "owners, modes, times, links and attributes are the image's" {
	layout <<<'
l.image("app", Layer().dir("d", mode=0o1770, uid=33, gid=44)
    .file("d/f", b"x", mode=0o4711, uid=1000, gid=1001)
    .file("g", b"x", mode=0o2755, gid=5).link("h", "d/f").symlink("s", "d/f", uid=7)
    .add("p", tarfile.FIFOTYPE).file("L" * 120 + "/" + "n" * 120, b"long")
    .file("x", b"x", pax_headers={"SCHILY.xattr.user.foo": "bar"})
    .file("c", b"x", mode=0o755, pax_headers={"SCHILY.xattr.security.capability":
        "\1\0\0\2\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0"}))'
	run rlc load oci:oci
	assert_success
	run in_layer app stat -c '%n %u:%g %a %h %Y' d d/f g h
	assert_line "d 33:44 1770 2 1700000000"
	assert_line "d/f 1000:1001 4711 2 1700000000"
	assert_line "g 0:5 2755 1 1700000000"
	assert_line "h 1000:1001 4711 2 1700000000"
	run in_layer app stat -c '%n %F %u' s p
	assert_line "s symbolic link 7"
	assert_line "p fifo 0"
	run in_layer app python3 -c 'import os
print(os.getxattr("x", "user.foo"), len(os.getxattr("c", "security.capability")))'
	assert_match "b'bar' 2[04]"
	run in_layer app sh -c 'cat L*/n*'
	assert_output long
}

@test "devices are left out with one notice" {
	layout <<<'
l.image("app", Layer().add("null", tarfile.CHRTYPE, devmajor=1, devminor=3)
    .add("sda", tarfile.BLKTYPE, devmajor=8).link("again", "null").file("f"))'
	run rlc load oci:oci
	assert_success
	assert_contains "device files of the image were left out (3)"
	assert_line_count 2
	run in_layer app ls
	assert_output f
}

@test "attributes that would steer overlayfs are dropped" {
	busybox_layer
	layout <<<'
base = open("busybox.tar", "rb").read()
l.image("app", base, Layer().dir("etc", pax_headers={"SCHILY.xattr.user.overlay.opaque": "y"})
    .dir("bin", pax_headers={"SCHILY.xattr.trusted.overlay.opaque": "y",
                             "SCHILY.xattr.user.overlay.redirect": "/etc"}))'
	run rlc load oci:oci
	assert_success
	assert_contains "extended attributes of the image were left out (3)"
	run rlc run --rm --network=none app sh -c 'ls /etc/passwd'
	assert_success
}

@test "whiteouts and opaque folders hide, in every order" {
	busybox_layer
	layout <<<'
base = open("busybox.tar", "rb").read()
low = Layer().file("a/f", b"1").file("a/g", b"2").file("o/x", b"x").file("late/x", b"x").file("dir/x", b"x")
top = (Layer().file("a/.wh.f").file("o/.wh..wh..opq").file("o/y", b"y").file("o/.wh.x")
    .file("late/y", b"y").file("late/.wh..wh..opq").file(".wh.dir").dir("dir").file("dir/new")
    .file(".wh..wh.aufs"))
l.image("app", base, low, top)'
	run rlc load oci:oci
	assert_success
	run rlc run --rm --network=none app sh -c 'cd / && echo a/* o/* late/* dir/* .wh*'
	assert_output "a/g o/y late/y dir/new .wh*"
	rlc rmi app >/dev/null
	layout <<<'
for n, bad in enumerate((".wh.", "d/.wh.", ".wh..", ".wh...", ".wh.d/f")):
    l.image("bad%d" % n, Layer().file("f"), Layer().file(bad))'
	for n in 0 1 2 3 4; do
		run rlc load "oci:oci:bad$n"
		assert_refused 125 "whiteout"
	done
	nothing_is_left
}

@test "folders that a layer leaves out keep their owner and mode" {
	busybox_layer
	layout <<<'
base = open("busybox.tar", "rb").read()
low = Layer().dir("secret", mode=0o700, uid=7, gid=8).dir("wide", mode=0o777)
top = Layer().file("secret/f", b"x", uid=7, gid=8).file("wide/f", b"x").bytes()
other = Layer().dir("secret", mode=0o750, uid=9, gid=9)
# First above a layer that says nothing of these folders: what comes of it is no good for the others.
l.image("plain", base, top)
l.image("app", base, low, top)
l.image("other", base, other, top)'
	run rlc load oci:oci
	assert_success
	run rlc run --rm --network=none app stat -c '%n %u:%g %a' /secret /wide
	assert_line "/secret 7:8 700"
	assert_line "/wide 0:0 777"
	# The same blob above other layers is another folder: neither image spoils the other.
	run rlc run --rm --network=none other stat -c '%n %u:%g %a' /secret /wide
	assert_line "/secret 9:9 750"
	assert_line "/wide 0:0 755"
	run rlc run --rm --network=none plain stat -c '%n %u:%g %a' /secret
	assert_output "/secret 0:0 755"
}

@test "a hard link to a file of a layer below becomes a copy" {
	busybox_layer
	layout <<<'
base = open("busybox.tar", "rb").read()
l.image("app", base, Layer().file("d/f", b"below", mode=0o640, uid=5), Layer().link("h", "d/f"))
l.image("lost", base, Layer().link("h", "nowhere"))'
	run rlc load oci:oci:app
	assert_success
	run rlc run --rm --network=none app sh -c 'cat /h; stat -c " %u %a" /h'
	assert_output "below 5 640"
	run rlc load oci:oci:lost
	assert_refused 125 "nowhere, which is in no layer"
}

@test "an owner beyond the subordinate ids: path, id and remedy" {
	[ "$(id -u)" -ne 0 ] || must_skip "root's own range is larger"
	layout <<<'l.image("app", Layer().file("d/f", b"x", uid=2000000))'
	run rlc load oci:oci
	assert_refused 125 "unpack d/f: it belongs to uid 2000000"
	assert_contains "sudo usermod --add-subuids"
	assert_contains "$(id -un)"
	nothing_is_left
}

@test "lies about sizes and broken tars are refused" {
	layout <<<'
import struct
def lie(f):
    t = bytearray(Layer().file("f", b"x" * 100).bytes())
    f(t)
    s = sum(t[:148]) + 8 * 32 + sum(t[156:512]); t[148:156] = b"%06o\0 " % s
    return bytes(t)
def big(t): t[124:136] = b"77777777777\0"
def minus(t): t[124:136] = b"\xff" * 12
def wrap(t): t[124:136] = b"\x80" + b"\x7f" * 11
def kind(t): t[156:157] = b"Z"
def checksum(t): t[0:1] = b"g"
for f in big, minus, wrap, kind: l.image(f.__name__, lie(f))
t = bytearray(Layer().file("f", b"x").bytes()); t[0:1] = b"g"; l.image("checksum", bytes(t))
l.image("cut", Layer().file("f", b"x" * 5000).bytes()[:3000])
l.image("pax", Layer().add("p", b"x", data=b"99 path=a\n").file("f").bytes())
l.image("nul", Layer().add("p", b"x", data=b"12 path=a\0b\n").file("f").bytes())'
	for name in big minus wrap kind checksum cut pax nul; do
		run rlc load "oci:oci:$name"
		assert_status 125 || fail "$name" "$(got)"
		assert_contains "rlc: " || fail "$name"
	done
	nothing_is_left
}

@test "what is no image of a container is refused by the name of its type" {
	layout <<<'
t = Layer().file("f").bytes()
good = json.loads(open("oci/blobs/sha256/" + l.manifest([t])["digest"][7:]).read())
def with_layer(kind): return {**good, "layers": [{**good["layers"][0], "mediaType": kind}]}
l.tag("chart", l.blob({**good, "config": {**good["config"], "mediaType": "application/vnd.cncf.helm.config.v1+json"}}))
l.tag("foreign", l.blob(with_layer("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")))
l.tag("secret", l.blob(with_layer("application/vnd.oci.image.layer.v1.tar+gzip+encrypted")))
l.tag("wasm", l.blob(with_layer("application/wasm")))
l.tag("index", l.blob({**good, "mediaType": "application/vnd.oci.image.index.v1+json"}))
l.tag("list", l.blob(good, "index.v1+json"))
l.tag("skipped", l.blob({"schemaVersion": 2, "manifests": [
    {**l.blob(b"{}"), "mediaType": "application/vnd.in-toto+json"}]}, "index.v1+json"))'
	while read -r name text; do
		run rlc load "oci:oci:$name"
		assert_refused 125 "$text"
	done <<-'EOF'
		chart configuration is of type: application/vnd.cncf.helm.config.v1+json
		foreign fetched from its vendor: application/vnd.docker.image.rootfs.foreign
		secret an encrypted layer: application/vnd.oci.image.layer.v1.tar+gzip+encrypted
		wasm a layer that is no tar: application/wasm
		index its mediaType: a manifest that calls itself an index
		list a manifest that calls itself an index
		skipped no image for this machine
	EOF
	nothing_is_left
}

@test "a damaged layer is mended by the next load, a newer one is left alone" {
	layout <<<'l.image("app", Layer().file("f", b"x" * 1000), Layer().file("g"))'
	rlc load oci:oci >/dev/null
	layer=$(find "$store/layers" -mindepth 1 -maxdepth 1 | head -n 1)
	rm -r "$layer/fs"
	run rlc load oci:oci
	assert_success
	assert_exists "$layer/fs"
	printf 'half a rec' >"$layer/record.json"
	run rlc load oci:oci
	assert_success
	grep -q diff_id "$layer/record.json" || fail "the record is still broken"
	sed -i 's/"format":1/"format":0/; s/"format": 1/"format": 0/' "$layer/record.json"
	run rlc load oci:oci
	assert_success
	! grep -qE '"format": ?0' "$layer/record.json" || fail "the old layer is still there"
	sed -i 's/"format":1/"format":9/; s/"format": 1/"format": 9/' "$layer/record.json"
	run rlc load oci:oci
	assert_refused 125 "format 9 is not known"
	assert_contains "newer rlc"
	grep -qE '"format": ?9' "$layer/record.json" || fail "the newer layer was replaced"
	[ -z "$(ls -A "$store/tmp")" ] || fail "left in tmp" "$(ls -A "$store/tmp")"
}

@test "layers are unpacked once and shared" {
	layout <<<'
base = Layer().file("base", b"x" * 1000).bytes()
l.image("one", base, Layer().file("1"))
l.image("two", base, Layer().file("2"))'
	rlc load oci:oci >/dev/null
	assert_equal "$(find "$store/layers" -mindepth 1 -maxdepth 1 -type d | wc -l)" 3
	rlc load oci:oci >/dev/null
	assert_equal "$(find "$store/layers" -mindepth 1 -maxdepth 1 -type d | wc -l)" 3
	rlc rmi one >/dev/null
	assert_equal "$(find "$store/layers" -mindepth 1 -maxdepth 1 -type d | wc -l)" 2
	rlc rmi two >/dev/null
	nothing_is_left
}

@test "one layer twice in an image, and more layers than a page of mount options" {
	busybox_layer
	layout <<<'
base = open("busybox.tar", "rb").read()
twice = Layer().file("t", b"t").bytes()
l.image("twice", base, twice, Layer().file(".wh.t"), twice)
l.image("many", base, *[Layer().file("l%d" % n) for n in range(130)])'
	rlc load oci:oci >/dev/null
	run rlc run --rm --network=none twice cat /t
	assert_output t
	run rlc run --rm --network=none many sh -c 'ls -d /l* | grep -c "l[0-9]"'
	assert_output 130
}

@test "two loads of one image at once" {
	layout <<<'l.image("app", *[Layer().file("f%d" % n, b"x" * 100000) for n in range(20)])'
	"$RLC" load oci:oci >first &
	"$RLC" load oci:oci >second &
	wait -n && wait -n
	assert_equal "$(cat first)" "Loaded image: localhost/app:latest"
	assert_equal "$(cat second)" "Loaded image: localhost/app:latest"
	[ -z "$(ls -A "$store/tmp")" ] || fail "left in tmp" "$(ls -A "$store/tmp")"
	assert_equal "$(find "$store/layers" -mindepth 1 -maxdepth 1 -type d | wc -l)" 20
}

@test "kill -9 in the middle leaves what the next command removes" {
	layout <<<'l.image("app", Layer().file("f", b"x"))'
	mkfifo fifo
	"$RLC" import - app <fifo &
	exec 5>fifo
	python3 -c 'from oci import *
import sys
t = Layer().dir("shut", mode=0, uid=5).file("shut/f", b"x" * 2000000, uid=5).bytes()
sys.stdout.buffer.write(t[:1500000])' >&5
	await 10 bash -c "[ -n \"\$(ls -A '$store/tmp')\" ]"
	kill -9 $!
	wait $! || true
	exec 5>&-
	[ -n "$(ls -A "$store/tmp")" ] || fail "the test came too late"
	# The worker follows rlc: its lock is free soon.
	await 10 bash -c "'$RLC' load oci:oci >/dev/null && [ -z \"\$(ls -A '$store/tmp')\" ]"
	run rlc images -q
	assert_line_count 1
}

@test "the unpacker sees only the store and holds few capabilities" {
	need_program strace
	layout <<<'l.image("app", Layer().file("f", b"x"))'
	# Under a tracer setuid helpers have no power: as root of a namespace there is one id, mapped
	# without them. The process and its order are the same.
	run unshare --map-root-user -- strace -f -o trace \
		-e trace=pivot_root,umount2,capset,prctl,openat,mkdirat,execveat \
		"$RLC" --root "$PWD/data" --runroot "$PWD/run" load oci:oci
	assert_success
	# Order: root changed, capabilities dropped, and only then a byte of the image is opened.
	python3 - <<'PY'
import re
worker = None; order = []
for line in open("trace"):
    pid, call = line.split(None, 1)
    if call.startswith("execveat"): worker = pid
    if pid != worker: continue
    for what in ("pivot_root", "umount2", "capset", "PR_SET_NO_NEW_PRIVS", "PR_SET_DUMPABLE"):
        if what in call and call.rstrip().endswith("= 0"): order.append(what)
    if '"tmp"' in call or '"f"' in call: order.append("unpack")
assert order, "no worker in the trace"
first = {what: order.index(what) for what in order}
assert first["pivot_root"] < first["umount2"] < first["capset"] < first["unpack"], order
assert first["PR_SET_NO_NEW_PRIVS"] < first["unpack"], order
assert first["PR_SET_DUMPABLE"] < first["unpack"], order
kept = [l for l in open("trace") if l.startswith(worker) and "capset" in l][-1]
for cap in "CAP_SYS_ADMIN", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_KILL", "CAP_SETUID":
    assert cap not in kept, kept
PY
}

@test "the unpacker is given no folder of the host" {
	layout <<<'l.image("app", Layer().file("f", b"x"))'
	mkdir outside && echo secret >outside/secret
	blob=$(grep -l diff_ids oci/blobs/sha256/*)
	# A layout may not reach outside by a symlink either.
	mv "$blob" outside/ && ln -s "$PWD/outside/$(basename "$blob")" "$blob"
	run rlc load oci:oci
	assert_status 125
	rm "$blob" && mv outside/"$(basename "$blob")" oci/moved && ln -s ../../moved "$blob"
	run rlc load oci:oci
	assert_success
}

@test "import: a root file system with its changes" {
	busybox_layer
	# shellcheck disable=SC2016 # for the container's shell
	run rlc import --change 'CMD ["/bin/sh","-c","echo $A$(id -u)$(pwd)"]' --change 'ENV A=b' \
		--change 'USER 5' --change 'WORKDIR /tmp' --change 'LABEL k=v' busybox.tar app
	assert_success
	assert_match '^[0-9a-f]{64}$'
	run rlc run --rm --network=none app
	assert_output "b5/tmp"
	gzip -c busybox.tar >busybox.tar.gz
	run bash -c '"$RLC" import - app:gz <busybox.tar.gz'
	assert_success
	run rlc run --rm --network=none app:gz echo run
	assert_output run
	run rlc import busybox.tar 'Bad Name'
	assert_refused 125 "Bad Name"
	run rlc import /etc/passwd
	assert_refused 125 "/etc/passwd"
	# shellcheck disable=SC2016 # for the container's shell
	run rlc import --change 'CMD ["x"' busybox.tar
	assert_refused 125 "CMD"
}

@test "import refuses the nothing that a failed command left in a pipe" {
	run rlc import - localhost/nothing:1 </dev/null
	assert_refused 125 "is empty"
	assert_contains "fix: "
	run rlc images -q localhost/nothing
	assert_output ""
	# A tar without entries is an image all the same.
	tar -cf none.tar -T /dev/null
	run rlc import none.tar localhost/nothing:1
	assert_success
	rlc rmi localhost/nothing:1 >/dev/null
}
