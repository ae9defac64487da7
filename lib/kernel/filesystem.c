/* SPDX-License-Identifier: Apache-2.0 */
/* Names of file systems; for messages of the host process. */
#include "lib/kernel/filesystem.h"

#include "lib/base/auto.h"

#include <linux/magic.h>

/* Those a home folder or a store is met on; the ones without a name are not in linux/magic.h. */
static const struct {
	uint64_t magic;
	const char *name;
} kinds[] = {
    {EXT4_SUPER_MAGIC, "ext4"},
    {XFS_SUPER_MAGIC, "xfs"},
    {BTRFS_SUPER_MAGIC, "btrfs"},
    {TMPFS_MAGIC, "tmpfs"},
    {F2FS_SUPER_MAGIC, "f2fs"},
    {OVERLAYFS_SUPER_MAGIC, "overlay"},
    {NFS_SUPER_MAGIC, "nfs"},
    {FUSE_SUPER_MAGIC, "fuse"},
    {0x2fc12fc1, "zfs"},
    {0xca451a4e, "bcachefs"},
    {0x0bd00bd0, "lustre"},
    {CEPH_SUPER_MAGIC, "ceph"},
    {SMB2_SUPER_MAGIC, "cifs"},
    {V9FS_MAGIC, "9p"},
    {AFS_SUPER_MAGIC, "afs"},
    {0x47504653, "gpfs"},
    {ECRYPTFS_SUPER_MAGIC, "ecryptfs"},
    {RAMFS_MAGIC, "ramfs"},
    {MSDOS_SUPER_MAGIC, "vfat"},
    {SQUASHFS_MAGIC, "squashfs"},
};

const char *filesystem_name(uint64_t magic)
{
	for (size_t i = 0; i < array_len(kinds); i++)
		if (kinds[i].magic == magic)
			return kinds[i].name;
	return "unknown";
}
