/* SPDX-License-Identifier: Apache-2.0 */
/* The remedies, as one table; every process of rlc may name one. */
#include "lib/kernel/fix.h"

#include "lib/base/err.h"

/* Commands can be pasted as they stand; a line that explains the next one ends with a colon. */
static const char *const texts[FIX_N] = {
    [FIX_NONE] = "",
    [FIX_DOCTOR] = "run: rlc doctor (it tries everything that a run needs)",
    [FIX_USERNS_SYSCTL] =
	"unprivileged user namespaces are switched off; allow them:\n"
	"echo kernel.unprivileged_userns_clone=1 | sudo tee /etc/sysctl.d/60-userns.conf && "
	"sudo sysctl --system",
    [FIX_USERNS_MAX] =
	"the number of user namespaces is limited to what is in use already; raise it:\n"
	"echo user.max_user_namespaces=15000 | sudo tee /etc/sysctl.d/60-userns.conf && "
	"sudo sysctl --system",
    [FIX_NAMESPACES_MAX] =
	"a kind of namespace is limited to what is in use already; raise the limits:\n"
	"for n in mnt pid net ipc uts cgroup; do echo user.max_${n}_namespaces=15000; done | "
	"sudo tee /etc/sysctl.d/60-namespaces.conf && sudo sysctl --system",
    [FIX_USERNS_APPARMOR] =
	"AppArmor keeps programs without a profile from using user namespaces; give rlc one:\n"
	"printf 'abi <abi/4.0>,\\nprofile rlc %s flags=(unconfined) {\\n  userns,\\n}\\n' "
	"\"$(command -v rlc)\" | sudo tee /etc/apparmor.d/rlc && "
	"sudo apparmor_parser -r /etc/apparmor.d/rlc",
    [FIX_USERNS_KERNEL] = "this kernel is built without user namespaces: boot one with "
			  "CONFIG_USER_NS=y (every distribution's own kernel has it)",
    [FIX_USERNS_CHROOT] = "the kernel refuses user namespaces inside a chroot: run rlc outside of "
			  "it, or enter the tree by pivot_root (systemd-nspawn, bwrap)",
    [FIX_USERNS_NESTED] =
	"a seccomp filter set by an outer container or service refuses namespaces; start that "
	"one so:\n"
	"podman run --security-opt seccomp=unconfined --security-opt unmask=ALL "
	"--device /dev/fuse --device /dev/net/tun …\n"
	"docker run --security-opt seccomp=unconfined --security-opt systempaths=unconfined "
	"--device /dev/fuse --device /dev/net/tun …\n"
	"or, for a systemd service, take RestrictNamespaces= and SystemCallFilter= out of it",
    [FIX_USERNS_OTHER] = "no switch of the kernel forbids it; inside a chroot it always refuses, "
			 "and a security module "
			 "may, which it logs:\n"
			 "sudo dmesg | tail -n 20",
    [FIX_NEWUIDMAP_MISSING] = "install newuidmap and newgidmap:\n"
			      "sudo apt-get install uidmap\n"
			      "or on Fedora: sudo dnf install shadow-utils",
    [FIX_NEWUIDMAP_PRIVILEGE] =
	"newuidmap and newgidmap have lost their privilege; give it back:\n"
	"sudo chmod u+s \"$(command -v newuidmap)\" \"$(command -v newgidmap)\"\n"
	"or: sudo setcap cap_setuid=ep \"$(command -v newuidmap)\" && "
	"sudo setcap cap_setgid=ep \"$(command -v newgidmap)\"",
    [FIX_NEWUIDMAP_NOSUID] =
	"newuidmap cannot gain privilege here: its file system is mounted nosuid or "
	"no_new_privs is set; mend the mount:\n"
	"sudo mount -o remount,suid \"$(findmnt -n -o TARGET -T \"$(command -v newuidmap)\")\"\n"
	"or start rlc from a shell without no_new_privs (systemd: NoNewPrivileges=no)",
    [FIX_SUBIDS] = "give yourself subordinate ids that nobody else has:\n"
		   "n=$(cat /etc/subuid /etc/subgid 2>/dev/null | awk -F: 'BEGIN { n = 100000 } "
		   "$2 + $3 > n { n = $2 + $3 } END { print n }'); sudo usermod "
		   "--add-subuids $n-$((n + 65535)) --add-subgids $n-$((n + 65535)) \"$(id -un)\"",
    [FIX_OVERLAY] =
	"this kernel keeps overlay from users, who may mount it since Linux 5.11: boot a newer one",
    [FIX_OVERLAY_MODULE] = "load the module:\n"
			   "sudo modprobe overlay",
    [FIX_OVERLAY_STORE] = "the store's file system cannot carry an overlay (NFS and another "
			  "overlay cannot); keep the "
			  "store on ext4, xfs, btrfs or tmpfs: rlc --root FOLDER",
    [FIX_FUSE] = "open /dev/fuse to users:\n"
		 "sudo modprobe fuse && sudo chmod 0666 /dev/fuse",
    [FIX_FUSE_OVERLAYFS] = "install fuse-overlayfs:\n"
			   "sudo apt-get install fuse-overlayfs\n"
			   "or on Fedora: sudo dnf install fuse-overlayfs",
    [FIX_TUN] = "open /dev/net/tun to users:\n"
		"sudo modprobe tun && sudo chmod 0666 /dev/net/tun\n"
		"or run without it: --network none, or --network host",
    [FIX_CGROUP_DELEGATION] =
	"let systemd hand the controllers to user sessions, then log out and in again:\n"
	"sudo mkdir -p /etc/systemd/system/user@.service.d && "
	"printf '[Service]\\nDelegate=cpu cpuset io memory pids\\n' | "
	"sudo tee /etc/systemd/system/user@.service.d/delegate.conf && "
	"sudo systemctl daemon-reload\n"
	"or go on without the limit: --limits=best-effort",
    [FIX_CGROUP_SCOPE] =
	"this shell stands in a cgroup that is not yours; start rlc in one of your own:\n"
	"systemd-run --user --scope rlc …\n"
	"or without systemd, give this shell one:\n"
	"d=/sys/fs/cgroup/rlc-$(id -u); echo +memory +pids +cpu | sudo tee "
	"/sys/fs/cgroup/cgroup.subtree_control; sudo mkdir -p \"$d/shell\" && sudo chown "
	"\"$(id -u)\" \"$d\" \"$d/cgroup.procs\" \"$d/cgroup.subtree_control\" && echo $$ | sudo "
	"tee "
	"\"$d/shell/cgroup.procs\"\n"
	"or go on without the limit: --limits=best-effort",
    [FIX_CGROUP_BUSY] =
	"a cgroup with processes in it cannot limit its children; start rlc in a scope:\n"
	"systemd-run --user --scope rlc …\n"
	"or move this shell into a leaf:\n"
	"d=/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup); mkdir \"$d/shell\" && "
	"echo $$ >\"$d/shell/cgroup.procs\"",
    [FIX_CGROUP_NONE] = "boot a kernel that has it (every distribution's own does), or go on "
			"without the limit: --limits=best-effort",
    [FIX_CGROUP_MOUNT] = "mount cgroup v2:\n"
			 "sudo mount -t cgroup2 -o nsdelegate cgroup2 /sys/fs/cgroup\n"
			 "or go on without the limit: --limits=best-effort",
    [FIX_CGROUP_V1] =
	"the controllers are on cgroup v1, which unprivileged users cannot use; boot with "
	"cgroup v2 alone:\n"
	"sudo sed -i 's/^GRUB_CMDLINE_LINUX=\"/&systemd.unified_cgroup_hierarchy=1 /' "
	"/etc/default/grub && sudo update-grub && sudo reboot\n"
	"or go on without the limit: --limits=best-effort",
    [FIX_CGROUP_NSDELEGATE] =
	"a container that mounts cgroup2 itself could raise its own limits; forbid it:\n"
	"sudo mount -o remount,nsdelegate \"$(findmnt -n -t cgroup2 -o TARGET | head -n 1)\"",
    [FIX_RUN_FOLDER] =
	"log in properly (not by su or sudo), or name the folder that is yours:\n"
	"export XDG_RUNTIME_DIR=/run/user/$(id -u)\n"
	"or, where there is none, have it made: sudo loginctl enable-linger \"$(id -un)\"\n"
	"or do without a session: unset XDG_RUNTIME_DIR",
    [FIX_LINGER] = "detached containers end when you log out; let them stay:\n"
		   "sudo loginctl enable-linger \"$(id -un)\"",
    [FIX_PING_RANGE] = "let every group send ICMP echo requests:\n"
		       "echo 'net.ipv4.ping_group_range=0 2147483647' | "
		       "sudo tee /etc/sysctl.d/60-ping.conf && sudo sysctl --system",
    [FIX_PROC_MISSING] = "rlc and the kernel speak through /proc; mount it:\n"
			 "sudo mount -t proc proc /proc",
    [FIX_PROC_MASKED] =
	"an outer container hides parts of /proc, so the kernel refuses a fresh one; start the "
	"outer one so:\n"
	"podman run --security-opt unmask=ALL …\n"
	"docker run --security-opt systempaths=unconfined …",
    [FIX_LANDLOCK_KERNEL] = "boot Linux 5.13 or later, built with CONFIG_SECURITY_LANDLOCK=y",
    [FIX_LANDLOCK_BOOT] =
	"let the kernel start with it:\n"
	"echo 'GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX lsm=landlock,'\"$(cat "
	"/sys/kernel/security/lsm)\"'\"' | sudo tee /etc/default/grub.d/landlock.cfg && "
	"sudo update-grub && sudo reboot",
    [FIX_KERNEL] =
	"boot Linux 5.6 or later, or 5.13 for all that rlc uses; where the kernel is new enough, "
	"a seccomp filter around "
	"rlc refuses the call (container: --security-opt seccomp=unconfined)",
};

const char *fix_text(enum fix id)
{
	return (unsigned int)id < FIX_N && texts[id] ? texts[id] : "";
}

int err_fix(struct err *e, enum fix id)
{
	return err_hint(e, "%s", fix_text(id));
}
