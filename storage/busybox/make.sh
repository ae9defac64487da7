#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the embedded default image from Debian's busybox-static: a root file system as a tar.
# The same busybox gives the same bytes, whoever builds it and when.
#
#   make.sh --check BUSYBOX          only says whether BUSYBOX will do
#   make.sh BUSYBOX TAR
set -eu
umask 022

die() {
	echo "make.sh: $*" >&2
	exit 1
}

# A dynamic busybox would find no loader in a root file system that holds nothing else.
check() { # BUSYBOX
	headers=$(readelf -lW "$1" 2>/dev/null) || die "$1 is not an ELF program"
	case $headers in
	*INTERP*) die "$1 is not static: install busybox-static" ;;
	esac
}

if [ "$1" = --check ]; then
	check "$2"
	exit
fi
busybox=$1
tar=$2
check "$busybox"
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 0755 "$root"

mkdir "$root/bin" "$root/dev" "$root/etc" "$root/home" "$root/mnt" "$root/proc" "$root/run" \
	"$root/sbin" "$root/sys" "$root/usr" "$root/usr/bin" "$root/usr/sbin" "$root/var"
mkdir -m 0700 "$root/root"
mkdir -m 1777 "$root/tmp" "$root/var/tmp"
install -m 0755 "$busybox" "$root/bin/busybox"
"$busybox" --list-full | while IFS= read -r applet; do
	case $applet in
	bin/busybox) continue ;;
	bin/*) target=busybox ;;
	sbin/*) target=../bin/busybox ;;
	usr/*bin/*) target=../../bin/busybox ;;
	*) continue ;;
	esac
	ln -s "$target" "$root/$applet"
done
[ -L "$root/bin/sh" ] || die "$busybox has no shell"

# Everything belongs to root, so that it unpacks where only one id can be mapped.
cat >"$root/etc/passwd" <<'EOF'
root:x:0:0:root:/root:/bin/sh
user:x:1000:1000:user:/tmp:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/false
EOF
cat >"$root/etc/group" <<'EOF'
root:x:0:
tty:x:5:
user:x:1000:
nogroup:x:65534:
EOF
echo 'PRETTY_NAME="rlc busybox"' >"$root/etc/os-release"

# Every owner and time is fixed here.
tar -C "$root" --format=ustar --sort=name --mtime="@${SOURCE_DATE_EPOCH:-0}" --numeric-owner \
	--owner=0 --group=0 -cf "$tar.part" .
mv "$tar.part" "$tar"
