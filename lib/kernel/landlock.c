/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock rulesets of rlc's helper processes (Documentation/userspace-api/landlock.rst). */
#include "lib/kernel/landlock.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/kernel/lsm.h"

#include <linux/landlock.h>
#include <sys/syscall.h>

/* Newer than the headers of the oldest system that rlc is built on. */
enum {
	ABI_REFER = 2,
	ABI_TRUNCATE = 3,
	ABI_TCP = 4,
	ABI_IOCTL_DEV = 5,
	ABI_SCOPE = 6,
};
#define FS_EXECUTE	(1ULL << 0)
#define FS_WRITE_FILE	(1ULL << 1)
#define FS_READ_FILE	(1ULL << 2)
#define FS_READ_DIR	(1ULL << 3)
#define FS_REFER	(1ULL << 13)
#define FS_TRUNCATE	(1ULL << 14)
#define FS_IOCTL_DEV	(1ULL << 15)
#define NET_BIND_TCP	(1ULL << 0)
#define NET_CONNECT_TCP (1ULL << 1)
#define SCOPE_ABSTRACT	(1ULL << 0)
#define SCOPE_SIGNAL	(1ULL << 1)

struct ruleset_attr {
	uint64_t fs, net, scoped;
};

/* Every right over files that this ABI knows. */
static uint64_t rights_of(int abi)
{
	uint64_t rights = FS_REFER - 1; /* those of the first */

	if (abi >= ABI_REFER)
		rights |= FS_REFER;
	if (abi >= ABI_TRUNCATE)
		rights |= FS_TRUNCATE;
	if (abi >= ABI_IOCTL_DEV)
		rights |= FS_IOCTL_DEV;
	return rights;
}

static uint64_t rights_for(enum landlock_access access, uint64_t known)
{
	switch (access) {
	case LANDLOCK_READ:
		return known & (FS_READ_FILE | FS_READ_DIR);
	case LANDLOCK_CHANGE:
		return known & ~(FS_EXECUTE | FS_IOCTL_DEV);
	}
	return 0;
}

static int make_ruleset(int abi, enum landlock_network network, struct err *e)
{
	struct ruleset_attr attr = {.fs = rights_of(abi)};
	size_t size = sizeof(attr.fs);
	int fd;

	if (abi >= ABI_TCP) {
		attr.net = network == LANDLOCK_NETWORK_NONE ? NET_BIND_TCP | NET_CONNECT_TCP : 0;
		size += sizeof(attr.net);
	}
	if (abi >= ABI_SCOPE) {
		attr.scoped = SCOPE_ABSTRACT | SCOPE_SIGNAL;
		size += sizeof(attr.scoped);
	}
	fd = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
	return fd < 0 ? err_sys(e, "make a Landlock ruleset") : fd;
}

int landlock_confine(const struct landlock_beneath *rows, size_t n, enum landlock_network network,
		     struct err *e)
{
	const int abi = landlock_abi();
	auto_fd int ruleset = -1;

	if (abi <= 0)
		return 0;
	ruleset = make_ruleset(abi, network, e);
	if (ruleset < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct landlock_path_beneath_attr row = {
		    .allowed_access = rights_for(rows[i].access, rights_of(abi)),
		    .parent_fd = rows[i].folder,
		};

		if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &row, 0) <
		    0)
			return err_sys(e, "add a rule to the Landlock ruleset");
	}
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		return err_sys(e, "enforce the Landlock ruleset");
	return abi;
}
