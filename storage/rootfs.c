/* SPDX-License-Identifier: Apache-2.0 */
/* The table of root file system drivers. */
#include "storage/rootfs.h"

#include <stddef.h>
#include <string.h>

const struct rootfs_driver *rootfs_driver_find(const char *name)
{
	static const struct rootfs_driver *const drivers[] = {&rootfs_overlay};

	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
		if (strcmp(drivers[i]->name, name) == 0)
			return drivers[i];
	return NULL;
}
