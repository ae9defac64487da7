#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds what every bed boots, as an ordinary user, from Debian's packages: DIR gets
#
#   guest.ext4   Debian 12 with systemd, an ordinary user rlc-test who lingers and has subordinate
#                ids, and what the integration suite calls; the modules of all kernels below
#   initrd-V     for the kernels that boot in QEMU: finds the disk, goes on there
#   root.cpio    the same tree as an initial RAM disk, for the bed that has no systemd
#   V/           kernels of other releases (kernels.sh)
#
# DIR appears complete or not at all. Needs subordinate ids and a Debian mirror; three minutes.
#
#   image.sh DIR
set -euo pipefail
umask 022
PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "$0")" && pwd)
kernels=(5.10=bullseye:linux-image-cloud-amd64 6.12=trixie:linux-image-cloud-amd64)
world=systemd-sysv,dbus,dbus-user-session,libpam-systemd,uidmap,udev,kmod,procps,iproute2
lsms=apparmor,selinux-policy-default,policycoreutils,selinux-utils,checkpolicy,semodule-utils
rlc_needs=fuse-overlayfs,busybox-static,libcurl4,libisal2,libslirp0,libsubid4
suite_needs=bats,jq,python3,curl,strace,libcap2-bin,bsdutils,attr,zstd,openssl,gcc,libc6-dev

# --- inside mmdebstrap's namespace: ROOT is the new tree ------------------------------------------

furnish() { # ROOT
	local root=$1 unit modules
	for modules in "$work"/*/modules/* /usr/lib/uml/modules/*; do
		mkdir -p "$root/lib/modules"
		cp -r "$modules" "$root/lib/modules/"
		depmod -b "$root" "$(basename "$modules")"
	done
	chroot "$root" useradd --create-home --shell /bin/bash --uid 1001 rlc-test
	echo rlc-test:100000:65536 | tee "$root/etc/subuid" >"$root/etc/subgid"
	mkdir -p "$root/var/lib/systemd/linger"
	touch "$root/var/lib/systemd/linger/rlc-test"
	cp -r "$here/guest/etc" "$root/"
	install "$here/guest/rlc-vm" "$here/guest/label" "$root/usr/local/sbin/"
	install "$here/guest/init-ram" "$root/init"
	ln -s ../rlc-vm.service "$root/etc/systemd/system/multi-user.target.wants/"
	# Devices are there without udev, which would take most of the boot.
	for unit in systemd-udevd.service systemd-udev-trigger.service systemd-udevd-control.socket \
		systemd-udevd-kernel.socket systemd-journal-flush.service systemd-random-seed.service \
		systemd-update-utmp.service getty.target apt-daily.timer apt-daily-upgrade.timer \
		dpkg-db-backup.timer fstrim.timer e2scrub_all.timer e2scrub_reap.service; do
		ln -sf /dev/null "$root/etc/systemd/system/$unit"
	done
}

if [ "${1:-}" = --furnish ]; then
	work=$2
	furnish "$3"
	exit
fi

# --- outside --------------------------------------------------------------------------------------

dir=$1
work=$(mktemp -d "$(dirname "$dir")/.rlc-vm.XXXXXX")
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT

# A RAM disk that loads what the disk needs and goes on there.
make_initrd() { # KERNEL
	local tree=$work/initrd-tree version module
	version=$(basename "$work/$1"/modules/*)
	mkdir -p "$tree/bin" "$tree/proc" "$tree/dev" "$tree/root" "$tree/modules"
	cp /bin/busybox "$tree/bin/"
	install "$here/guest/init-disk" "$tree/init"
	mkdir -p "$work/depmod/lib/modules"
	cp -r "$work/$1/modules/$version" "$work/depmod/lib/modules/"
	depmod -b "$work/depmod" "$version"
	for module in virtio_pci virtio_blk virtio_rng ext4; do
		/sbin/modprobe -d "$work/depmod" -S "$version" --show-depends "$module" 2>/dev/null
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r module; do
		case $module in
		*.xz) xz -dc "$module" >"$tree/modules/$(basename "${module%.xz}")" ;;
		*) cp "$module" "$tree/modules/" ;;
		esac
		basename "${module%.xz}" >>"$tree/modules/order"
	done
	(cd "$tree" && find . | cpio -o -H newc --quiet | gzip -1) >"$work/initrd-$1"
	rm -rf "$tree" "$work/depmod"
}

"$here/kernels.sh" "$work" "${kernels[@]}"
for row in "${kernels[@]}"; do
	make_initrd "${row%%=*}"
done
mmdebstrap --quiet --mode=unshare --variant=minbase \
	--aptopt='APT::Install-Recommends "false"' --dpkgopt='path-exclude=/usr/share/doc/*' \
	--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
	--include="$world,$lsms,$rlc_needs,$suite_needs" \
	--customize-hook="$here/image.sh --furnish $work \"\$1\"" bookworm "$work/guest.tar"
# Owners of the tree are ids of the user namespace, which mke2fs and cpio then write down as such.
cd "$work"
unshare --map-root-user --map-auto -- sh -euc '
	mkdir tree
	tar -C tree --xattrs --xattrs-include="*" --exclude="./dev/*" -xf guest.tar
	mke2fs -q -t ext4 -O ^has_journal -E lazy_itable_init=1,root_owner=0:0 -d tree guest.ext4 2500M
	rm -rf tree/lib/modules tree/var/lib/apt tree/var/cache tree/usr/lib/gcc tree/usr/include
	cd tree
	find . | cpio -o -H newc --quiet >../root.cpio
	cd ..
	rm -rf tree guest.tar' 
# SELinux's labels are extended attributes that only a real root may write: a guest's.
TMPDIR=/dev/shm linux.uml mem=512M ubd0="$work/guest.ext4" root=/dev/ubda rw quiet con=null \
	con0=null,fd:1 ssl0=null console=tty0 init=/usr/local/sbin/label </dev/null 2>&1 |
	tee "$work/label.log" | cat
grep -q '^labelled' "$work/label.log"
mv -T "$work" "$dir"
trap - EXIT
