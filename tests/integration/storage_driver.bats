#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The three ways in which layers become one tree: they show the same, end cleanly, and which one is
# taken is told.
# shellcheck disable=SC2016 # what stands in single quotes is expanded elsewhere

load lib

# Those that work on this kernel; the others are compared with the first.
drivers=(fuse-overlayfs copy)
refused="Operation not permitted"
if kernel_overlay; then
	drivers=(overlay "${drivers[@]}")
	# What without_overlay makes of it.
	refused="Invalid argument"
fi

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	need_program python3
	need_program jq
	export PYTHONPATH=$BATS_TEST_DIRNAME/../fixtures PYTHONDONTWRITEBYTECODE=1
	store=$XDG_DATA_HOME/rlc
	# Each test names its driver; the automatic choice is a matter of its own.
	unset RLC_STORAGE_DRIVER
}

# Of an image made by Python: base is busybox, Layer() one more.
image() { # NAME, Python on stdin
	rm -rf oci
	{
		cat <<-'PY'
			import gzip, struct, sys
			from oci import *
			data = open(sys.argv[1], "rb").read()
			base = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
			l = Layout("oci")
		PY
		cat
		echo 'l.image(sys.argv[2], base, *layers)'
	} >image.py
	python3 image.py "$(embedded_image)" "$1" || fail "the fixture failed"
	rlc load oci:oci >/dev/null 2>load.err || fail "rlc load failed" "$(cat load.err)"
}

# An image of all that layers can do to one another, once a file.
need_layers() {
	[ ! -e "$BATS_FILE_TMPDIR/layers.ready" ] || return 0
	image layers <<'PY'
capability = struct.pack("<5I", 0x02000001, 1 << 10, 0, 0, 0)  # NET_BIND_SERVICE, effective
sparse = bytes(1 << 20) + b"data" + bytes(1 << 20)
# The marks by which fuse-overlayfs is told other owners and modes than those on disk.
lie = {"SCHILY.xattr.user.containers.override_stat": "77:77:04711",
       "SCHILY.xattr.user.fuseoverlayfs.override_stat": "77:77:04711"}
low = (Layer().dir(".", pax_headers=lie).file("lied", b"x", pax_headers=lie).dir("a", mode=0o2775, uid=3, gid=4).file("a/kept", b"low").file("a/gone", b"x")
    .file("a/changed", b"low", uid=1, gid=2, mode=0o4755)
    .dir("opaque").file("opaque/below", b"x").dir("opaque/sub").file("opaque/sub/below", b"x")
    .dir("to-file").file("to-file/x", b"x").file("to-folder", b"x").dir("removed").file("removed/x")
    .dir("again").file("again/below", b"x").dir("deep/er/st", mode=0o700, uid=9).file("deep/er/st/x", b"x")
    .file("one", b"same", uid=5).link("two", "one").link("deep/three", "one")
    .file("half", b"half").link("other-half", "half")
    .add("pipe", tarfile.FIFOTYPE, mode=0o620, uid=7)
    .add("link", tarfile.SYMTYPE, linkname="a/kept", uid=8).add("loop", tarfile.SYMTYPE, linkname="loop")
    .file("sparse", sparse).file("n" * 200, b"long").file("with\nnewline", b"x").file("-dash", b"x")
    .file("capable", b"#!/bin/sh\n", mode=0o755, pax_headers={"SCHILY.xattr.security.capability":
        capability.decode("utf-8", "surrogateescape")})
    .file("noted", b"x", pax_headers={"SCHILY.xattr.user.note": "hello"})
    .dir("sticky", mode=0o1777, mtime=1234567890))
top = (Layer().file("a/.wh.gone").file("a/changed", b"top", uid=11, gid=12, mode=0o640)
    .file("a/new", b"top").file("opaque/.wh..wh..opq").file("opaque/above", b"x")
    .file("to-file", b"now a file").dir("to-folder").file("to-folder/x", b"x").file(".wh.removed")
    .file(".wh.again").dir("again", mode=0o711).file("again/above", b"x").file("deep/er/new", b"x")
    .file("half", b"another").dir("sticky/in", mode=0o1777))
layers = [low, top]
PY
	touch "$BATS_FILE_TMPDIR/layers.ready"
}

# Everything of a tree that a program inside can see, but for what rlc itself mounts and the times of
# folders that it mounts in.
survey='cd / && seen() { find . -xdev \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./run \
	-o -path ./etc \) -prune -o ! -name . "$@"; }
{
	seen -exec stat -c "%n %F %u:%g %a %Y %N" {} +
	seen ! -type d ! -name other-half -exec stat -c "%n %h %s" {} +
	seen -type f -exec md5sum {} +
} | sort'

on() { # DRIVER ARGUMENT…
	local driver=$1
	shift
	rlc run --rm --network=none --storage-driver "$driver" "$@"
}

root_type() { # DRIVER
	on "$1" busybox awk '$2 == "/" { type = $3 } END { print type }' /proc/mounts
}

# The process that serves a container's root: a child of its monitor.
server_of() { # NAME
	local monitor
	monitor=$(rlc inspect "$1" | jq '.[0].Rlc.MonitorPid')
	pgrep -P "$monitor" -f '^fuse-overlayfs '
}

teardown() {
	rlc rm -f -t 0 -a >/dev/null
}

gone() { # PID
	! kill -0 "$1" 2>/dev/null || grep -q '^State:.*Z' "/proc/$1/status"
}

@test "all show the same tree, entry by entry" {
	need_layers
	on "${drivers[0]}" layers sh -c "$survey" >first.txt
	[ "$(wc -l <first.txt)" -gt 100 ] || fail "the survey is too short" "$(cat first.txt)"
	for driver in "${drivers[@]:1}"; do
		on "$driver" layers sh -c "$survey" >"$driver.txt"
		diff first.txt "$driver.txt" || fail "$driver shows another tree"
	done
	# What the survey must have seen, or it proves nothing.
	grep -q '^./a/changed regular file 11:12 640' first.txt || fail "$(cat first.txt)"
	grep -q '^./deep/er/st directory 9:0 700' first.txt || fail "$(cat first.txt)"
	! grep -qE 'below|gone|removed|\.wh\.' first.txt || fail "$(cat first.txt)"
}

@test "hidden stays hidden when the root of a layer is opaque" {
	image blank <<'PY'
layers = [Layer().file("below", b"x"), None]
inner = tarfile.open(fileobj=io.BytesIO(base))
again = Layer()
again.file(".wh..wh..opq")
for member in inner:
    again.tar.addfile(member, inner.extractfile(member) if member.isreg() else None)
layers[1] = again
PY
	for driver in "${drivers[@]}"; do
		run on "$driver" blank sh -c 'ls -d /below /bin/sh'
		assert_contains "/bin/sh"
		assert_contains "/below: No such file"
	done
}

@test "capabilities of files count, holes stay holes" {
	need_layers
	for driver in "${drivers[@]}"; do
		run on "$driver" --user 1000 layers sh -c '
			cat /bin/busybox >/tmp/cat && chmod 755 /tmp/cat && /tmp/cat /proc/self/status'
		assert_contains "CapEff:	0000000000000000"
	done
	image capable <<'PY'
inner = tarfile.open(fileobj=io.BytesIO(base))
program = next(m for m in inner if m.isreg() and m.size > 500000)
capability = struct.pack("<5I", 0x02000001, 1 << 10, 0, 0, 0)
layers = [Layer().file("cat", inner.extractfile(program).read(), mode=0o755,
    pax_headers={"SCHILY.xattr.security.capability": capability.decode("latin-1")}),
    Layer().file("holes", bytes(4 << 20) + b"end")]
PY
	for driver in "${drivers[@]}"; do
		run on "$driver" --user 1000 capable /cat /proc/self/status
		assert_contains "CapEff:	0000000000000400"
	done
	as_namespace_root fallocate --dig-holes "$(echo "$store"/layers/*/fs/holes)"
	id=$(rlc run -d --network=none --storage-driver copy capable sleep 1000)
	blocks=$(as_namespace_root stat -c %b "$store/containers/$id/copy/rootfs/holes")
	[ "$blocks" -lt 100 ] || fail "$blocks blocks for a file of holes"
	rlc rm -f -t 0 "$id"
}

@test "what a container does to the image's files works, and stays its own" {
	need_layers
	for driver in "${drivers[@]}"; do
		run on "$driver" layers sh -ec '
			cd / && echo more >>a/kept && cat a/kept
			mv deep moved && cat moved/er/st/x && ! ls deep
			rm -r a && mkdir a && ls -A a
			ln one five && stat -c %h one >&2
			mkfifo a/p && chown 3:4 capable && chmod 4711 capable && stat -c "%a %u" capable
			echo >a/.hidden && rmdir opaque 2>/dev/null || rm -r opaque && touch opaque
			cp -a again copied && ls copied && mknod a/c c 1 3 2>&1 | grep -o "not permitted"' 2>&1
		assert_success
		assert_line "lowmore"
		assert_line "4711 3"
		assert_line "above"
		assert_line "not permitted"
		run on "$driver" layers sh -c 'cat /a/kept; ls /a /deep/er/st'
		assert_contains changed
	done
}

@test "each is what it is called, and inspect tells" {
	need_busybox
	[ "${drivers[0]}" != overlay ] || assert_equal "$(root_type overlay)" overlay
	[[ $(root_type fuse-overlayfs) == fuse* ]] || fail "$(root_type fuse-overlayfs)"
	[[ $(root_type copy) != overlay && $(root_type copy) != fuse* ]] || fail "$(root_type copy)"
	assert_equal "$(root_type vfs)" "$(root_type copy)"
	for driver in "${drivers[@]}"; do
		rlc run -d --name it --network=none --storage-driver "$driver" busybox sleep 1000
		assert_equal "$(rlc inspect it | jq -r '.[0].Driver')" "$driver"
		assert_equal "$(rlc inspect it | jq -r '.[0].Rlc.DriverWhy')" null
		rlc rm -f -t 0 it
		run rlc run --dry-run --storage-driver "$driver" busybox true
		assert_match "driver +$driver"
	done
	run env RLC_STORAGE_DRIVER=copy "$RLC" run --dry-run busybox true
	assert_match "driver +copy"
}

@test "read-only, volumes, another user, a new working folder, a terminal" {
	need_busybox
	mkdir volume && echo from-host >volume/f
	rlc import --change 'WORKDIR /made/here' "$(embedded_image)" elsewhere >/dev/null
	for driver in "${drivers[@]}"; do
		run on "$driver" --read-only -v "$PWD/volume:/mnt/new" -w / busybox \
			sh -c 'cat /mnt/new/f; touch /x 2>&1; touch /tmp/x && echo tmp'
		assert_contains from-host
		assert_contains "Read-only file system"
		assert_contains tmp
		run on "$driver" --user 12:34 elsewhere sh -c 'pwd; id -u; id -g'
		assert_output $'/made/here\n12\n34'
		run on "$driver" -t busybox tty
		assert_contains /dev/
	done
}

@test "five hundred layers" {
	image many <<<'layers = [Layer().file("f%d" % i, b"x").file("last", b"%d" % i) for i in range(499)]'
	for driver in "${drivers[@]}"; do
		run on "$driver" many sh -c 'ls / | grep -c "^f[0-9]"; cat /last'
		# Where a copy takes long, it is said.
		assert_line 499
		assert_line 498
	done
}

# --- the process that serves a FUSE root --------------------------------------------------------

@test "it holds little: layers read-only, five capabilities, a filter, no network, no other file" {
	local pid status own
	need_busybox
	rlc run -d --name served --network=host --storage-driver fuse-overlayfs busybox sleep 1000
	pid=$(server_of served)
	status=$(cat "/proc/$pid/status")
	[[ $status == *"NoNewPrivs:	1"* && $status == *"Seccomp:	2"* ]] || fail "$status"
	for set in CapPrm CapEff CapBnd; do
		[[ $status == *"$set:	000000008000001b"* ]] || fail "$status"
	done
	[[ $status == *"CapInh:	0000000000000000"* ]] || fail "$status"
	for kind in mnt pid net ipc uts cgroup; do
		[ "$(readlink "/proc/$pid/ns/$kind")" != "$(readlink "/proc/self/ns/$kind")" ] ||
			fail "it shares our $kind namespace"
		own=$(rlc inspect served | jq '.[0].State.Pid')
		[ "$kind" = cgroup ] || [ "$kind" = ipc ] || [ "$kind" = uts ] ||
			[ "$(readlink "/proc/$pid/ns/$kind")" != "$(readlink "/proc/$own/ns/$kind")" ] ||
			fail "it shares the container's $kind namespace"
	done
	as_namespace_root true
	run ls "/proc/$pid/root/"
	assert_success
	for name in $output; do
		[[ $name =~ ^([0-9]+|own|usr|lib|lib32|lib64|libx32|etc|proc|dev|nix|gnu)$ ]] ||
			fail "it sees /$name" "$(got)"
	done
	assert_equal "$(ls "/proc/$pid/root/etc")" ld.so.cache
	assert_equal "$(ls "/proc/$pid/root/dev")" fd
	# Of the container's folder only what it changes: no record.
	assert_equal "$(ls "/proc/$pid/root/own")" $'upper\nwork'
	assert_equal "$(readlink "/proc/$pid/cwd")" /
	run awk '$5 != "/proc" && $5 != "/own" && $6 !~ /^ro/ { print $5 }' "/proc/$pid/mountinfo"
	assert_output ""
	# Its own channel, and the layers it opened itself.
	run find "/proc/$pid/fd" -type l -printf '%l\n'
	for target in $output; do
		[[ $target =~ ^((/dev)?/(null|fuse)|pipe:\[[0-9]+\]|/[0-9]+(/.*)?|/own/(upper|work).*)$ ]] ||
			fail "it holds $target" "$(got)"
	done
	rlc rm -f -t 0 served
	await 5 gone "$pid"
}

@test "it ends with its container, however that ends" {
	local pid monitor
	need_busybox
	mkdir volume
	for way in exit stop kill rm lost; do
		rm -f volume/end
		rlc run -d --name served --network=none --storage-driver fuse-overlayfs -v "$PWD/volume:/mnt" \
			busybox sh -c 'trap exit TERM; echo x >/f; while ! [ -e /mnt/end ]; do sleep 0.05; done'
		pid=$(server_of served)
		monitor=$(rlc inspect served | jq '.[0].Rlc.MonitorPid')
		case $way in
		exit) touch volume/end ;;
		stop) rlc stop -t 5 served ;;
		kill) rlc kill served ;;
		rm) rlc rm -f -t 0 served ;;
		lost)
			# Even while somebody from outside keeps the container's mounts.
			exec 9<"/proc/$(rlc inspect served | jq '.[0].State.Pid')/ns/mnt"
			kill -KILL "$monitor"
			;;
		esac
		await 5 gone "$pid"
		exec 9<&-
		rlc rm -f --ignore served
	done
}

@test "nothing of it is left when the start fails, early or late" {
	need_busybox
	ls_before=$(ls -A "$store/tmp")
	for bad in "-w /etc/passwd" "--user nobody-there" "-v $PWD:/bin/sh" "--entrypoint /not/there"; do
		# shellcheck disable=SC2086 # options
		run on fuse-overlayfs $bad busybox true
		[ "$status" -ge 125 ] || fail "$bad worked" "$(got)"
		run pgrep -u "$(id -u)" -f '^fuse-overlayfs -f -o lowerdir=0:1,upperdir=own'
		[ -z "$output" ] || await 5 gone "$output"
		assert_equal "$(ls -A "$store/tmp")" "$ls_before"
	done
}

@test "killed beneath its container, it takes that with it, and it is said" {
	need_busybox
	rlc run --name served --network=none --storage-driver fuse-overlayfs busybox sleep 1000 \
		2>notice 3>&- &
	local rlc=$!
	await 5 server_of served
	kill -KILL "$(server_of served)"
	wait "$rlc" && fail "it went on" || status=$?
	assert_equal "$status" 137
	grep -q "the process that serves the container's files has ended" notice || fail "$(cat notice)"
	rlc rm served
}

@test "killed beneath a container in the background, that is ended too, and its state says why" {
	need_busybox
	rlc run -d --name served --network=none --storage-driver fuse-overlayfs busybox sleep 1000
	kill -KILL "$(server_of served)"
	await 10 sh -c "'$RLC' inspect served | jq -e '.[0].State.Status == \"exited\"'"
	run sh -c "'$RLC' inspect served | jq -r '.[0].State.ExitCode, .[0].State.Error'"
	assert_line 137
	assert_contains "the process that serves the container's files has ended"
	rlc rm served
}

@test "Ctrl-C is for the container: it answers, and its files are still there" {
	need_busybox
	cat >ctrl_c.py <<-'PY'
		import os, pty, sys, time
		pid, master = pty.fork()
		if pid == 0:
		    os.execvp(sys.argv[1], sys.argv[1:])
		seen = b""
		while b"ready" not in seen:
		    seen += os.read(master, 1000)
		os.write(master, b"\x03")
		try:
		    while True:
		        seen += os.read(master, 1000)
		except OSError:
		    pass
		print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen)
	PY
	run timeout 30 python3 ctrl_c.py "$RLC" run --rm --network=none --storage-driver fuse-overlayfs \
		busybox sh -c 'trap "cat /etc/passwd | head -1; exit 7" INT; echo ready; sleep 20 & wait'
	assert_match "^7 .*root:"
}

@test "another's program by that name is not started" {
	need_busybox
	mkdir bin
	printf '#!/bin/sh\n' >bin/fuse-overlayfs
	chmod 777 bin/fuse-overlayfs
	run env PATH="$PWD/bin:$PATH" "$RLC" run --rm --storage-driver fuse-overlayfs busybox true
	assert_refused 125 "can be changed by other users"
	# One that cannot be executed, one that ends at once: what to do.
	chmod 755 bin/fuse-overlayfs
	run env PATH="$PWD/bin:$PATH" "$RLC" run --rm --storage-driver fuse-overlayfs busybox true
	assert_refused 125 "run fuse-overlayfs"
	assert_contains "--storage-driver copy"
	cp "$(type -P false)" bin/fuse-overlayfs
	run env PATH="$PWD/bin:$PATH" "$RLC" run --rm --storage-driver fuse-overlayfs busybox true
	assert_refused 125 "fuse-overlayfs"
	assert_contains "--storage-driver copy"
	# A relative folder of PATH is whatever lies where the caller stands.
	run env PATH="bin" "$RLC" run --rm --storage-driver fuse-overlayfs busybox true
	assert_refused 125 "fuse-overlayfs is not installed"
	assert_contains "apt-get install fuse-overlayfs"
}

# --- the copy -----------------------------------------------------------------------------------

@test "a copy that is interrupted leaves nothing" {
	image big <<<'layers = [Layer().file("big%d" % i, os.urandom(1 << 20) * 8) for i in range(24)]'
	for sig in INT TERM KILL; do
		# In the background sh lets its children ignore SIGINT, and rlc would obey.
		env --default-signal=INT "$RLC" run --network=none --storage-driver copy big true 2>err 3>&- &
		local rlc=$!
		await 10 sh -c "find '$store/containers' -path '*/copy/rootfs.part/big*' | grep -q ."
		kill "-$sig" "$rlc"
		wait "$rlc" && fail "$sig did not end it" || status=$?
		case $sig in
		INT) assert_equal "$status" 130 ;;
		TERM) assert_equal "$status" 143 ;;
		esac
		[ "$sig" != KILL ] || rlc rm -f -a >/dev/null
		assert_equal "$(find "$store/containers" "$store/tmp" -mindepth 1 | head)" ""
	done
}

@test "a full disk is said, and is not full afterwards" {
	cat >fill.sh <<-'SH'
		set -e
		mount -t tmpfs -o size=24m none /mnt
		export HOME=/mnt
		rlc() { "$RLC" --root /mnt/s --runroot /mnt/r "$@"; }
		rlc import "$1" busybox >/dev/null
		# Room for the record, not for the copy.
		head -c 1000000 /dev/zero >/mnt/reserve
		cat /dev/zero >/mnt/ballast 2>/dev/null || :
		rm /mnt/reserve
		rlc run --rm --network=none --storage-driver copy busybox true 2>&1 && exit 1
		find /mnt/s/containers /mnt/s/tmp -mindepth 1
	SH
	run unshare --user --map-root-user --mount sh fill.sh "$(embedded_image)"
	assert_success
	assert_contains "No space left on device"
	assert_contains "rlc rmi"
	refute_contains "/mnt/s/"
}

@test "on a file system without execution a copy is refused, and why" {
	run unshare --user --map-root-user --mount sh -c '
		mount -t tmpfs -o noexec none /mnt
		rlc() { "$RLC" --root /mnt/s --runroot /mnt/r "$@"; }
		rlc import "$1" busybox >/dev/null && rlc run --rm --network=none --storage-driver copy busybox true' \
		sh "$(embedded_image)"
	assert_refused 125 noexec
	assert_contains "--root FOLDER"
}

# --- the choice ---------------------------------------------------------------------------------

# Commands in a place where the kernel refuses an overlay: the store lies on one. Our own ids, as
# in a container that somebody else started.
without_overlay() { # SHELL-COMMANDS; more to hide first in $hide
	local spoil
	[ "${drivers[0]}" != overlay ] || spoil='mount -t overlay -o \
		lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work,userxattr none /mnt/merged'
	unshare --user --map-root-user --mount -- sh -ec "
		mount -t tmpfs none /mnt
		mkdir /mnt/lower /mnt/upper /mnt/work /mnt/merged
		${spoil:-}
		${hide:-}
		exec unshare --user --map-user=$(id -u) --map-group=$(id -g) -- \"\$@\"" sh \
		sh -c "rlc() { \"\$RLC\" --root /mnt/merged/s --runroot /mnt/merged/r \"\$@\"; }
			rlc import '$(embedded_image)' busybox >/dev/null 2>&1
			$1"
}

@test "no overlay: fuse-overlayfs, told once, and told where one looks" {
	run without_overlay '
		rlc run --rm --network=none busybox awk "\$2 == \"/\" { print \$3 }" /proc/mounts
		echo again
		rlc run --rm --network=none busybox true
		rlc run --dry-run busybox true
		rlc info
		rlc run -d --name it --network=none busybox sleep 1000
		rlc inspect it | jq -r ".[0].Driver, .[0].Rlc.DriverWhy"
		rlc rm -f -t 0 it'
	assert_success
	assert_line fuse
	assert_equal "$(grep -c "become one tree by fuse-overlayfs" <<<"$output")" 1
	assert_match "one tree by fuse-overlayfs: the kernel refuses an overlay.*again"
	assert_match "driver +fuse-overlayfs"
	assert_line "  driver: fuse-overlayfs"
	assert_line fuse-overlayfs
	assert_line "the kernel refuses an overlay here ($refused)"
}

@test "no overlay, no FUSE: a copy, with what to install" {
	hide='mount --bind /dev/null /dev/fuse' run without_overlay '
		rlc run --rm --network=none busybox sh -c "echo it works"'
	assert_success
	assert_line "it works"
	assert_match "one tree by copy: .*FUSE too"
	hide='mount --bind /dev/null /usr/bin/fuse-overlayfs' run without_overlay '
		rlc run --rm --network=none busybox sh -c "echo it works"'
	assert_line "it works"
	assert_match "one tree by copy: .*apt install fuse-overlayfs"
}

@test "a driver that was asked for and cannot be had is an error with its remedy" {
	need_busybox
	run without_overlay 'rlc run --rm --network=none --storage-driver overlay busybox true'
	assert_refused 125 "--storage-driver overlay: mount an overlay: $refused"
	if [ "${drivers[0]}" = overlay ]; then
		assert_contains "rlc --root FOLDER"
	else
		assert_contains "since Linux 5.11"
	fi
	hide='mount --bind /dev/null /dev/fuse' run without_overlay '
		rlc run --rm --network=none --storage-driver fuse-overlayfs busybox true'
	assert_refused 125 "FUSE"
	assert_contains "chmod 0666 /dev/fuse"
	run rlc run --storage-driver zfs busybox
	assert_refused 125 "zfs"
	assert_contains "overlay, fuse-overlayfs, copy (podman's vfs)"
}

# --- layers in use ------------------------------------------------------------------------------

n_layers() {
	find "$store/layers" -mindepth 1 -maxdepth 1 | wc -l
}

@test "layers beneath a container stay when their image has gone meanwhile" {
	need_busybox
	image fleeting <<<'layers = [Layer().file("own", b"mine")]'
	image other <<<'layers = [Layer().file("other", b"x")]'
	mkdir volume
	id=$(rlc run -d --network=none --storage-driver "${drivers[0]}" -v "$PWD/volume:/mnt" fleeting sh -c \
		'while ! [ -e /mnt/go ]; do sleep 0.1; done; cat /own')
	before=$(n_layers)
	# As if the name went between the start's look at the image and its record.
	python3 - "$store/index.json" <<-'PY'
		import json, sys
		index = json.load(open(sys.argv[1]))
		index["manifests"] = [m for m in index["manifests"]
		                      if "fleeting" not in json.dumps(m)]
		json.dump(index, open(sys.argv[1], "w"))
	PY
	rlc rmi other >/dev/null
	assert_equal "$(n_layers)" "$((before - 1))"
	touch volume/go
	await 5 sh -c "'$RLC' logs $id | grep -q mine"
	rlc rm -f -t 0 "$id"
	image other <<<'layers = [Layer().file("other", b"x")]'
	rlc rmi other >/dev/null
	assert_equal "$(n_layers)" "$((before - 2))"
}
