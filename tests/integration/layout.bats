#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is pulled is what was pushed, down to attributes and holes; and the store is an OCI layout
# that other tools read.

load lib
# shellcheck source=tests/fixtures/registry.bash
source "$BATS_TEST_DIRNAME/../fixtures/registry.bash"

setup_file() {
	file_begin
	unset RLC_PULL
	export RLC_NETWORK=none
}

teardown_file() {
	registries_end
	file_end
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	need_registry
	registry_plain
	export PYTHONPATH=$BATS_TEST_DIRNAME/../fixtures PYTHONDONTWRITEBYTECODE=1
	store=$XDG_DATA_HOME/rlc
}

teardown() {
	rlc rmi -a -f >/dev/null
}

# Python that makes images in ./oci, with the busybox as `base`; pushes app to the registry.
push() { # NAME [OPTION OF skopeo…]
	local name=$1
	shift
	python3 - "$(embedded_image)" <<-EOF2
		from oci import *; import gzip, json, subprocess, sys, tarfile
		base = open(sys.argv[1], "rb").read()
		base = gzip.decompress(base) if base[:2] == b"\x1f\x8b" else base
		l = Layout("oci")
		$(cat)
	EOF2
	skopeo copy -q --insecure-policy --dest-tls-verify=false "$@" oci:oci:app \
		"docker://$registry/$name" >&2
}

pull() {
	rlc pull -q --tls-verify=false "$@"
}

inside() { # NAME COMMAND
	run rlc run --rm "$registry/$1" sh -c "$2"
	assert_success
}

@test "owners, modes, times, links and names come through" {
	push owners <<<'
l.image("app", base,
    Layer().dir("low", mode=0o1750, uid=7, gid=8, mtime=1500000000).file("low/f", b"low", uid=7, mode=0o640),
    Layer().file("low/g", b"x").file("su", b"x", mode=0o4711, uid=1000).link("h", "low/f")
    .symlink("s", "/nowhere", uid=9).add("p", tarfile.FIFOTYPE).file("L" * 200 + "/" + "n" * 200, b"long"))'
	pull "$registry/owners"
	inside owners 'cd / && stat -c "%n %u:%g %a %Y" low; stat -c "%n %u %a" su h s p; cat /L*/n*'
	assert_line "low 7:8 1750 1500000000"
	assert_line "su 1000 4711"
	assert_line "h 7 640"
	assert_line "s 9 777"
	assert_line "p 0 644"
	assert_line "long"
}

@test "attributes: capabilities stay, marks of overlayfs do not, devices are counted" {
	push attributes <<<'
l.image("app", base, Layer()
    .file("bin/ping2", b"x", mode=0o755, pax_headers={"SCHILY.xattr.user.note": "kept",
        "SCHILY.xattr.security.capability": "\1\0\0\2\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0"})
    .dir("etc", pax_headers={"SCHILY.xattr.user.overlay.opaque": "y"})
    .add("dev/sda", tarfile.BLKTYPE, devmajor=8).add("dev/null2", tarfile.CHRTYPE, devmajor=1, devminor=3))'
	run pull "$registry/attributes"
	assert_success
	assert_contains "device files of the image were left out (2)"
	assert_contains "extended attributes of the image were left out (1)"
	inside attributes 'test -f /etc/passwd && echo there'
	assert_output there
	run as_namespace_root python3 -c 'import glob, os, sys
at, = glob.glob(sys.argv[1] + "/layers/*/fs/bin/ping2")
print(os.getxattr(at, "user.note").decode(), len(os.getxattr(at, "security.capability")))' "$store"
	assert_match '^kept 2[04]$'
}

@test "sparse files of tar's four formats keep their holes" {
	# Data, hole, data, hole.
	python3 -c '
f = open("sparse", "wb"); f.write(b"a" * 5000); f.seek(3 << 20); f.write(b"b" * 70000); f.truncate(9 << 20)'
	tar -cf gnu.tar --format=gnu --sparse --owner 0 --group 0 --transform 's/sparse/gnu/' sparse
	for version in 0.0 0.1 1.0; do
		tar -cf $version.tar --format=posix --sparse --sparse-version=$version --owner 0 --group 0 \
			--transform "s/sparse/$version/" sparse
	done
	push sparse <<<'
l.image("app", base, *[open(f + ".tar", "rb").read() for f in ("gnu", "0.0", "0.1", "1.0")])'
	pull "$registry/sparse"
	sum=$(sha256sum <sparse | cut -d' ' -f1)
	for file in gnu 0.0 0.1 1.0; do
		inside sparse "sha256sum < /$file; stat -c '%s %b' /$file"
		assert_contains "$sum"
		assert_match '9437184 [0-9]{1,3}$'
	done
}

@test "gzip of members, zstd, plain tars, Docker's manifest, an index in an index" {
	need_program zstd
	push zstd <<<'
def zstd(t): return subprocess.run(["zstd", "-qc"], input=t, stdout=subprocess.PIPE).stdout
def kind(d, compress, name):
    m = json.load(open("oci/blobs/sha256/" + l.manifest([base], compress=compress)["digest"][7:]))
    m["layers"][0]["mediaType"] = "application/vnd.oci.image.layer.v1.tar" + name
    return l.blob(m)
l.tag("app", kind(l, zstd, "+zstd"))
l.tag("plain", kind(l, lambda t: t, ""))
l.tag("members", kind(l, lambda t: gzip.compress(t[:9000]) + gzip.compress(t[9000:]), "+gzip"))
def at(d, a, os="linux"): return {**d, "platform": {"os": os, "architecture": a}}
inner = l.blob({"schemaVersion": 2, "manifests": [at(l.manifest([Layer().file("f").bytes()]), "s390x"),
    at(kind(l, gzip.compress, "+gzip"), ARCHITECTURE),
    at(l.blob({"schemaVersion": 2, "config": l.blob(b"{}", "config.v1+json"), "layers": []}), "unknown", "unknown")]}, "index.v1+json")
l.tag("nested", l.blob({"schemaVersion": 2, "manifests": [inner]}, "index.v1+json"))'
	for name in plain members; do
		skopeo copy -q --insecure-policy --dest-tls-verify=false "oci:oci:$name" \
			"docker://$registry/$name" >&2
	done
	skopeo copy -q --insecure-policy --dest-tls-verify=false --format v2s2 oci:oci:members \
		"docker://$registry/docker" >&2
	python3 "$BATS_TEST_DIRNAME/../fixtures/push.py" oci nested "$registry/nested:latest"
	for name in zstd plain members docker nested; do
		run pull "$registry/$name"
		assert_success
		inside "$name" "echo $name runs"
		assert_output "$name runs"
		run skopeo inspect "oci:$store:$registry/$name:latest"
		assert_success
	done
}

@test "Docker's manifest is kept in OCI's words, and known by its own digest" {
	push docker --format v2s2 <<<'l.image("app", base)'
	digest=$(skopeo inspect --tls-verify=false --raw "docker://$registry/docker" | sha256sum | cut -d' ' -f1)
	pull "$registry/docker"
	run rlc images --digests
	assert_contains "sha256:$digest"
	run skopeo inspect --raw "oci:$store:$registry/docker:latest"
	refute_contains docker.distribution
	# The registry has what is here: nothing but the manifest is asked for.
	before=$(grep -c '/blobs/' "$registry_at/plain.log")
	pull "$registry/docker"
	assert_equal "$(grep -c '/blobs/' "$registry_at/plain.log")" "$before"
	run rlc run --rm --pull never "$registry/docker@sha256:$digest" echo pinned
	assert_output pinned
}

@test "layers that wait for those below do not keep them from coming" {
	# More than fits into all pipes and buffers, behind an entry that must wait.
	push waiting <<<'
import os
def bulk(layer, n): return layer.file("bulk%d" % n, os.urandom(20 << 20))
l.image("app", base, bulk(Layer().dir("d", mode=0o711).file("d/f", b"low"), 1),
    bulk(Layer().link("h2", "d/f"), 2), bulk(Layer().link("h3", "d/f"), 3),
    bulk(Layer().link("h4", "h3").file("d/x"), 4))'
	run timeout 60 "$RLC" pull -q --tls-verify=false "$registry/waiting"
	assert_success
	inside waiting 'cat /h2 /h3 /h4; stat -c %a /d; ls /bulk* | wc -l'
	assert_output $'lowlowlow711\n4'
}

@test "skopeo inspects what is pulled and what is loaded, by name" {
	push app <<<'l.image("app", base, Layer().file("f", b"x"))'
	pull "$registry/app"
	rlc load oci:oci >/dev/null
	for name in "$registry/app:latest" localhost/app:latest; do
		run skopeo inspect "oci:$store:$name"
		assert_success
		assert_contains '"Architecture"'
		assert_equal "$(python3 -c 'import json, sys; print(len(json.load(sys.stdin)["Layers"]))' <<<"$output")" 2
	done
	# The blobs of the layers are not kept.
	run skopeo copy -q --insecure-policy "oci:$store:$registry/app:latest" dir:copied
	[ "$status" -ne 0 ] || fail "the layers were there" "$(got)"
}

@test "with kept blobs skopeo copies images out, and they go with their image" {
	push app <<<'l.image("app", base, Layer().file("f", b"x"))'
	# By an option when the layers are here already, by a setting when they are not.
	pull "$registry/app"
	run pull --keep-blobs "$registry/app"
	assert_success
	run skopeo copy -q --insecure-policy "oci:$store:$registry/app:latest" dir:first
	assert_success
	rlc image check >/dev/null
	rlc rmi "$registry/app" >/dev/null
	assert_equal "$(find "$store/blobs/sha256" -type f | wc -l)" 0
	mkdir -p "$XDG_CONFIG_HOME/rlc"
	echo 'store.keep-blobs: true' >"$XDG_CONFIG_HOME/rlc/config.yaml"
	run pull "$registry/app"
	rm "$XDG_CONFIG_HOME/rlc/config.yaml"
	assert_success
	run skopeo copy -q --insecure-policy "oci:$store:$registry/app:latest" dir:second
	assert_success
	diff -r first second || fail "another image came out"
	# What other images need stays.
	rlc tag "$registry/app" other
	rlc rmi "$registry/app" >/dev/null
	run skopeo copy -q --insecure-policy "oci:$store:localhost/other:latest" dir:third
	assert_success
	# A blob that is damaged is told, with what mends it.
	blob=$(find "$store/blobs/sha256" -type f -size +64k)
	printf X | dd of="$blob" bs=1 seek=100 conv=notrunc status=none
	run rlc image check -q
	assert_status 1
	assert_contains "blob sha256:$(basename "$blob"): it is damaged or forged"
	assert_contains "fix: rlc rmi --force localhost/other:latest; then: load or import"
}

@test "a kept blob that is gone or damaged is told, with what mends it" {
	push app <<<'l.image("app", base, Layer().file("f", b"x"))'
	pull --keep-blobs "$registry/app"
	blob=$(find "$store/blobs/sha256" -type f -size +64k)
	fix="rlc rmi --force $registry/app:latest; then: rlc pull --keep-blobs $registry/app:latest"
	for harm in rm "truncate -s 1000"; do
		$harm "$blob"
		run rlc image check -q
		assert_status 1
		assert_contains "  fix: $fix"
		rlc rmi --force "$registry/app:latest"
		pull --keep-blobs "$registry/app:latest"
		rlc image check
	done
}

# As a pull leaves them that was killed before its last step.
@test "blobs that nothing names are not counted upon" {
	push app <<<'l.image("app", base, Layer().file("f", b"x"))'
	pull --keep-blobs "$registry/app"
	echo '{"schemaVersion":2,"manifests":[]}' >"$store/index.json"
	pull --keep-blobs "$registry/app"
	rlc image check
}

@test "a layer pulled on a claim is verified when an archive brings it" {
	push liar <<<'
t = Layer().file("f", b"x").bytes()
c = l.blob({"architecture": ARCHITECTURE, "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": ["sha256:" + "0" * 64]}}, "config.v1+json")
l.tag("app", l.blob({"schemaVersion": 2, "config": c, "layers": [l.blob(packed(t), "layer.v1.tar+gzip")]}))
l.image("honest", t)'
	pull "$registry/liar"
	run rlc load oci:oci:app
	assert_refused 125 "but the image's configuration says sha256:0000"
	run rlc load oci:oci:honest
	assert_success
	assert_equal "$(find "$store/layers" -mindepth 1 -maxdepth 1 | wc -l)" 1
}
