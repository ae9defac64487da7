#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Options of `rlc run` and keys of the configuration, seen from inside the container.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	need_busybox
}

inside() { # [OPTION...] -- COMMAND...
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	rlc run --rm "${options[@]}" busybox "$@"
}

@test "environment: image, file, option, in that order" {
	printf '# comment\nA=file\n B=file\nHOME\n' >variables
	export FROM_CALLER=1 FROM_OTHER=2
	run inside --env-file variables -e B=option -e C= -e FROM_C* -e NOWHERE -- env
	assert_success
	assert_line A=file
	assert_line B=option
	assert_line C=
	assert_line FROM_CALLER=1
	assert_line "HOME=$HOME"
	refute_contains FROM_OTHER
	refute_contains NOWHERE
	run inside --env-file nosuch -- true
	assert_refused 125 "option --env-file: open nosuch: No such file or directory"
}

@test "process: user, groups, folder, umask, entry point" {
	run inside -u 5:6 --group-add 7 -w /tmp --umask 0077 -- sh -c 'id; pwd; umask'
	assert_success
	assert_line /tmp
	assert_line 0077
	assert_match 'uid=5.* gid=6.* groups=.*7'
	run inside --entrypoint '["echo", "a b"]' -- c
	assert_output "a b c"
	run inside --entrypoint /bin/echo -- c
	assert_output c
}

@test "volumes: relative, read-only, with their flags" {
	mkdir folder
	echo hello >folder/file
	run inside -v ./folder:/data:ro -- sh -c \
		'cat /data/file; touch /data/new; grep " /data " /proc/self/mountinfo'
	assert_line hello
	assert_contains "Read-only file system"
	assert_match ' /data ro,nosuid,nodev'
	run inside --mount "type=bind,src=folder,dst=/data,noexec" -- \
		grep ' /data ' /proc/self/mountinfo
	assert_match ' /data rw,nosuid,nodev,noexec'
	run inside -v folder:/data -- true
	assert_refused 125 '"folder" would be a named volume'
	run inside -v ./nosuch:/data -- true
	assert_refused 125 "$PWD/nosuch: No such file or directory"
}

@test "tmpfs: size, mode, flags" {
	run inside --tmpfs /t:size=1m,mode=1777,exec,notmpcopyup -- sh -c \
		'stat -c %a /t; grep " /t " /proc/self/mountinfo'
	assert_success
	assert_line 1777
	assert_match ' /t rw,nosuid,nodev,relatime.* - tmpfs .*size=1024k'
	run inside --mount type=tmpfs,dst=/t -- grep ' /t ' /proc/self/mountinfo
	assert_match ' /t rw,nosuid,nodev,noexec,'
	run inside --shm-size 1m -- df -k /dev/shm
	assert_match ' 1024 '
}

@test "read-only root, and what stays writable" {
	run inside --read-only -- sh -c 'touch /x; touch /tmp/x && echo written'
	assert_contains "/x: Read-only file system"
	assert_line written
	run inside --read-only --read-only-tmpfs=false -- sh -c 'touch /tmp/x'
	assert_status 1
	assert_contains "Read-only file system"
}

@test "capabilities, new privileges, masked paths" {
	run inside --cap-drop ALL --security-opt no-new-privileges -- cat /proc/self/status
	assert_match 'CapBnd:[[:space:]]0000000000000000'
	assert_match 'NoNewPrivs:[[:space:]]1'
	run inside --cap-drop ALL --cap-add KILL -- grep CapBnd /proc/self/status
	assert_match '0000000000000020'
	run inside --security-opt mask=/etc/passwd -- cat /etc/passwd
	assert_success
	assert_output ""
}

@test "ulimits and host name" {
	run inside --ulimit nofile=10:20 -h web.example -- sh -c 'ulimit -n; ulimit -Hn; hostname'
	assert_success
	assert_output $'10\n20\nweb.example'
}

@test "words behind the image belong to the container" {
	run inside -- echo --rm -v x -- --help
	assert_output "--rm -v x -- --help"
	run rlc run --rm -- busybox echo -n x
	assert_output x
}

@test "a private network is the default" {
	run rlc run --rm busybox ls /sys/class/net
	assert_line tap0
	run rlc run --rm --net none busybox ls /sys/class/net
	assert_output lo
}

@test "configuration is the default of options and loses to them" {
	cat >c.yaml <<-END
		env: [FROM=file, KEPT=file]
		umask: 0027
		read-only: yes
		cap-drop: [CHOWN, KILL]
		no-new-privileges: on
		init: true
	END
	run rlc --config c.yaml run --rm -e FROM=option --umask 0077 --cap-add KILL busybox sh -c \
		'env; umask; touch /x; grep -E "CapBnd|NoNew" /proc/self/status; cat /proc/1/comm'
	assert_line FROM=option
	assert_line KEPT=file
	assert_line 0077
	assert_contains "/x: Read-only file system"
	assert_match 'NoNewPrivs:[[:space:]]1'
	# Podman's eleven, 800405fb, without CHOWN.
	assert_match 'CapBnd:[[:space:]]00000000800405fa'
	RLC_UMASK=0011 run rlc --config c.yaml run --rm busybox sh -c 'umask'
	assert_output 0011
}

@test "configuration: a bad value names its place, and nothing starts" {
	printf 'init: true\nmemory: lots\n' >c.yaml
	run rlc --config c.yaml run --rm busybox true
	assert_refused 125 'c.yaml:2:9: memory "lots": not a size'
	RLC_CPUS=many run rlc run --rm busybox true
	assert_refused 125 'variable RLC_CPUS "many": not a number of processors'
}

@test "every option of the manual is in --help and the other way round" {
	need_program man
	local page=${RLC%/bin/*}/share/man/man1/rlc-run.1
	[ -r "$page" ] || must_skip "built without the manual"
	MANWIDTH=400 man -P cat -l "$page" 2>/dev/null | sed -n 's/^ *\(-[a-z], \)\?\(--[a-z-]*\).*/\2/p' |
		sort -u >manual
	rlc run --help | sed -n 's/^ *\(-[a-z], \)\?\(--[a-z-]*\).*/\2/p' | sort -u >help
	run diff manual help
	assert_success
	[ "$(wc -l <help)" -ge 40 ] || fail "too few options" "$(cat help)"
}
