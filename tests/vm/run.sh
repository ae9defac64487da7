#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Boots one bed as an ordinary user and runs its bats files inside: RESULTS gets FILE.tap and
# FILE.end ("STATUS SECONDS") for each, and console.log.
#
#   run.sh BED IMAGE PREFIX SRC RESULTS
#
#   BED     a file of tests/vm/beds
#   IMAGE   what image.sh made
#   PREFIX  rlc, installed; the guest gets it under the same path
#   SRC     the source tree's tests; likewise
#
#   run.sh --list BED   prints the files that the bed runs
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
list=
if [ "$1" = --list ]; then
	list=yes
	shift
fi
bed=$1 image=${2:-} prefix=${3:-} src=${4:-} results=${5:-}

# What a bed may say, and what holds when it does not.
kernel=          # uml, or one of image.sh's kernels, in QEMU
append=()        # the kernel's command line
root=disk        # or ram: the initial RAM disk, without systemd (uml only)
sysctls=()       # NAME=VALUE
subids=yes       # the user has subordinate ids
delegate=        # "yes": systemd hands cpuset and io to users too, as rlc doctor advises
driver=          # --storage-driver; otherwise what rlc chooses
files=()         # of tests/integration
outside=()       # more of them: run in a group of root's, as a login session's is
before=          # a program of tests/vm, run as root before them
script=          # a program of tests/vm, run as the user instead of them
home=            # MiB of a disk for the user's home, with a journal (uml only)
cuts=0           # how often the power fails while the script runs (power/host.bash)
filter=          # only the cases that match
memory=1536      # MiB
processors=2     # in QEMU
seconds=600      # for all of it
patience=120     # for a case
# shellcheck source=/dev/null
. "$here/beds/$bed"
files+=("${outside[@]}")
if [ -n "$list" ]; then
	[ "$cuts" = 0 ] || files=(power-cut)
	printf '%s\n' "${files[@]}"
	exit
fi

work=$(mktemp -d "${TMPDIR:-/var/tmp}/rlc-bed.XXXXXX")
guest=
# User-mode Linux makes a session of its own.
kill_guest() {
	local group
	for group in "$guest" "$(cat "$work/uml.pid" 2>/dev/null)"; do
		[ -z "$group" ] || kill -KILL -- "-$group" 2>/dev/null || true
	done
	guest=
}
end_guest() {
	kill_guest
	rm -rf "$work"
}
trap end_guest EXIT
trap 'exit 143' TERM HUP
trap 'exit 130' INT

make_payload() {
	mkdir -p "$work/payload/run/vm"
	cp "$here/guest/start" "$work/payload/run/vm/"
	[ "$cuts" = 0 ] || python3 "$here/power/images.py" "$prefix/share/rlc/busybox.tar" "$work/payload/run/vm/images"
	declare -p bed prefix src sysctls subids delegate driver files outside before script filter patience |
		sed "s/^declare -[-a] //" \
		>"$work/payload/run/vm/bed"
	echo "must_work=${RLC_MUST_WORK:-0}" >>"$work/payload/run/vm/bed"
	tar -cf "$work/payload.tar" -C "$work/payload" run -C / "${prefix#/}" "${src#/}"
	truncate -s 64M "$work/results.img"
}

common=(rw quiet loglevel=3 panic=-1 audit=0 systemd.show_status=0 systemd.log_level=warning)

boot_uml() { # ARGUMENT…: more of the kernel's command line
	local where=(root=/dev/ubda)
	[ -z "$home" ] || where+=(ubd3="$work/home.img")
	[ "$root" = disk ] || where[0]=initrd="$image/root.cpio"
	# A file as its console gives epoll EPERM: hence the pipe.
	{
		echo "$BASHPID" >"$work/uml.pid"
		TMPDIR=/dev/shm exec linux.uml mem="${memory}M" ubd0="$work/changes,$image/guest.ext4" \
			ubd1r="$work/payload.tar" ubd2="$work/results.img" con=null con0=null,fd:1 \
			ssl0=null console=tty0 "${where[@]}" "${common[@]}" "${append[@]}" "$@"
	} </dev/null 2>&1 | cat
}

boot_qemu() {
	local fast=(console=ttyS0 8250.nr_uarts=1 reboot=t tsc=reliable no_timer_check nokaslr
		mitigations=off random.trust_cpu=on cryptomgr.notests nomodeset)
	# KVM is not asked for: there are hosts whose kernels offer it and boot nothing with it.
	qemu-system-x86_64 -accel tcg,thread=multi -cpu qemu64,+rdrand,+ssse3,+sse4.1,+sse4.2,+popcnt \
		-smp "$processors" -m "$memory" -nodefaults -no-user-config -display none -serial stdio \
		-no-reboot -kernel "$image/$kernel/vmlinuz" -initrd "$image/initrd-$kernel" \
		-drive "file=$image/guest.ext4,file.locking=off,if=none,id=root,format=raw,snapshot=on" \
		-device virtio-blk-pci,drive=root \
		-drive "file=$work/payload.tar,if=none,id=in,format=raw,readonly=on" \
		-device virtio-blk-pci,drive=in \
		-drive "file=$work/results.img,if=none,id=out,format=raw" \
		-device virtio-blk-pci,drive=out -device virtio-rng-pci \
		-append "${fast[*]} ${common[*]} ${append[*]}" \
		</dev/null 2>&1 | stdbuf -oL tr -d '\r'
}

mkdir -p "$results"
make_payload
if [ "$cuts" -gt 0 ]; then
	# shellcheck source=tests/vm/power/host.bash
	. "$here/power/host.bash"
	cut_again_and_again
	exit
fi
set -m
if [ "$kernel" = uml ]; then
	boot_uml >"$results/console.log" &
else
	boot_qemu >"$results/console.log" &
fi
guest=$!
set +m
tries=$seconds
while kill -0 "-$guest" 2>/dev/null && [ $((tries -= 1)) -gt 0 ]; do
	sleep 1
done
[ "$tries" -gt 0 ] || echo "run.sh: the guest was ended after $seconds s" >>"$results/console.log"
tar -C "$results" --strip-components=1 -xf "$work/results.img" 2>/dev/null || true
[ -f "$results/status" ]
