#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# An rlc-image that an image has taken over: whatever it answers, rlc gives no image another content
# or name, keeps nothing, and hands it no terminal. tests/fixtures/broken_half.py stands in its place.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	need_program python3
	cp -r "${RLC%/bin/*}/libexec/rlc" libexec
	rm libexec/rlc-image
	# What is copied is the program, not a wrapper of it.
	cp "$(python3 -c 'import os, sys; print(os.path.realpath(sys.executable))')" libexec/rlc-image
	cp "$BATS_TEST_DIRNAME/../fixtures/broken_half.py" .
	printf 'from broken_half import *\nremove()\n' >remove
	need_busybox
	known=$(rlc images -q --no-trunc busybox)
	[ -n "$known" ] || fail "no busybox"
}

# With the broken one: broken SCRIPT ARGUMENT…; the script is what it does for each of its verbs.
broken() {
	printf 'from broken_half import *\n%s\n' "$1" | tee pull load >import
	shift
	RLC_LIBEXEC=$PWD/libexec "$RLC" "$@"
}

# Nobody listens there, and nobody asks.
pulled() {
	broken "$1" pull -q --tls-verify=false "${2:-127.0.0.1:9/app:1}"
}

# The store is as it was before.
nothing_kept() {
	assert_equal "$(rlc images -q --no-trunc busybox)" "$known"
	assert_equal "$(rlc images -q | wc -l)" 1
	assert_equal "$(find "$XDG_DATA_HOME/rlc/layers" -mindepth 1 -maxdepth 1 | wc -l)" 1
	assert_equal "$(find "$XDG_DATA_HOME/rlc/tmp" -mindepth 1)" ""
	run rlc image check
	assert_success
	run rlc run --rm --network none busybox echo alive
	assert_output alive
}

@test "the one that stands in its place is taken for rlc-image" {
	run pulled 'make_layer(); answer()'
	assert_success
	run rlc images -q 127.0.0.1:9/app:1
	assert_line_count 1
	rlc rmi 127.0.0.1:9/app:1
	nothing_kept
}

@test "a pull gives the name that was asked for and no other" {
	run pulled 'make_layer(); answer({"names": ["localhost/busybox:latest"]})'
	assert_refused 125 "it would give the name localhost/busybox:latest, and 127.0.0.1:9/app:1 was asked for"
	assert_contains "fix: nothing was kept"
	nothing_kept
	run pulled 'make_layer(); answer({"names": keys("reference") + ["localhost/busybox:latest"]})'
	assert_refused 125 "it would give the name localhost/busybox:latest"
	nothing_kept
}

@test "so does an import" {
	echo >tar
	run broken 'make_layer(); answer({"names": ["localhost/busybox:latest"]})' import tar app
	assert_refused 125 "it would give the name localhost/busybox:latest, and localhost/app:latest was asked for"
	nothing_kept
	run broken 'make_layer(); answer({"names": ["localhost/busybox:latest"]})' import tar
	assert_refused 125 "and no name was asked for"
	nothing_kept
}

@test "an image asked for by digest is of that digest" {
	local pin
	pin=127.0.0.1:9/app@sha256:$(printf 'x' | sha256sum | cut -c1-64)
	run pulled 'make_layer(); answer()' "$pin"
	assert_refused 125 "has digest sha256:"
	nothing_kept
	pin=127.0.0.1:9/app@sha256:$(python3 -c 'from broken_half import *; print(hex_of(manifest()))')
	run pulled 'make_layer(); answer()' "$pin"
	assert_success
	rlc rmi "$pin"
	nothing_kept
}

@test "layers, configurations and blobs are those of the manifest" {
	run pulled 'make_layer(); answer({"config": CONFIG + " "})'
	assert_refused 125 "a configuration of"
	run pulled 'make_layer(); answer({"layers": [hex_of("another")]})'
	assert_refused 125 "is not what its manifest says"
	run pulled 'make_layer(); make_layer(1); answer(made=[LAYER, hex_of("another")])'
	assert_refused 125 "more layers or blobs than its images have"
	run pulled 'make_layer(); answer(made=[hex_of("another")])'
	assert_refused 125 "which is no image's"
	run pulled 'answer(made=[])'
	assert_refused 125 "rlc-image says that it is here, and it is not"
	run pulled 'make_layer(); answer(unchanged=True)'
	assert_refused 125 "it calls unchanged what is not here"
	nothing_kept
	# shellcheck disable=SC2016 # Python's
	run broken 'make_layer()
open(f"/proc/self/fd/{ROOT}/blob-0", "w").write("another")
answer(kept=[LAYER])' pull -q --keep-blobs --tls-verify=false 127.0.0.1:9/app:1
	assert_refused 125 "rlc-image kept bytes of digest sha256:"
	run rlc images -q 127.0.0.1:9/app:1
	assert_output ""
	rlc image prune -f >/dev/null
	nothing_kept
}

@test "it holds no terminal, and no byte that it writes is obeyed by one" {
	need_program script
	# shellcheck disable=SC2016 # Python's and the inner shell's
	printf '%s\n' 'from broken_half import *' \
		'ttys = [n for n in range(64) if os.path.exists(f"/proc/self/fd/{n}") and os.isatty(n)]' \
		'os.write(2, b"terminals: %r\n\x1b]0;title\x07\xc2\x9b2J\x9b1m\n" % ttys)' \
		'os.write(ANSWER, b"J{\x1b[31m")' >pull
	RLC_LIBEXEC=$PWD/libexec timeout 20 script -qec \
		"$RLC pull -q --tls-verify=false 127.0.0.1:9/app:1" typescript </dev/null >/dev/null || true
	run cat -v typescript
	assert_contains 'rlc-image: terminals: []'
	assert_contains 'rlc-image: \x1b]0;title\x07\xc2\x9b2J\x9b1m'
	refute_contains '^[]0'
	run grep -c $'\x9b' typescript
	assert_output 0
}

@test "a terminal is no input for it" {
	need_program script
	timeout 20 script -qec "$RLC import - app" typescript </dev/null >/dev/null || true
	run cat -v typescript
	assert_contains "standard input is a terminal"
	nothing_kept
}

@test "one that answers and lives on is killed" {
	SECONDS=0
	run pulled 'import time; make_layer(); answer(); os.close(ANSWER); time.sleep(300)'
	assert_refused 125 "rlc-image has answered and did not end: it was killed"
	[ "$SECONDS" -lt 60 ] || fail "it took $SECONDS s"
	nothing_kept
}

@test "and does not hold a Ctrl-C up" {
	printf '%s\n' 'from broken_half import *' 'import time' 'open("began", "w").close()' \
		'os.close(ANSWER)' 'time.sleep(300)' >pull
	RLC_LIBEXEC=$PWD/libexec "$RLC" pull -q --tls-verify=false 127.0.0.1:9/app:1 2>said &
	local pid=$! began
	await 20 [ -e began ]
	began=$(date +%s%N)
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	local ms=$((($(date +%s%N) - began) / 1000000))
	assert_status 143
	[ "$ms" -lt 3000 ] || fail "it took $ms ms"
	run cat said
	assert_contains interrupted
	nothing_kept
}
