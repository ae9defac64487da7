/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What mount_setattr(2) does, for Linux before 5.12. Older calls change flags only of a mount that
 * is attached to this namespace, one at a time, and clear what they are not told again.
 */
#pragma once
#include <stdbool.h>

/*
 * Adds MS_* flags to an attached mount that `at` is the root of, with `recursive` to those beneath
 * too, and sets propagation (MS_PRIVATE, …; 0: as it is). Needs /proc. -1 and errno.
 */
int mount_old_restrict(int at, bool recursive, unsigned long flags, unsigned long propagation);
/*
 * The same for a detached copy of what `source` refers to, which must be of this namespace and
 * private to it. *tree becomes a new detached copy with the flags. -1 and errno.
 */
int mount_old_restrict_copy(int *tree, int source, bool recursive, unsigned long flags,
			    unsigned long propagation);
