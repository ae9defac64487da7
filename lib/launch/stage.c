/* SPDX-License-Identifier: Apache-2.0 */
/* The stage engine: the same in the host, set-up and init processes. */
#include "lib/launch/stage.h"

#include "lib/base/err.h"

#include <errno.h>
#include <stddef.h>

int stages_run(const struct stage *s, struct live *l, struct err *e)
{
	const struct stage *at;
	int keep;

	for (at = s; at->name; at++) {
		if (at->wanted && !at->wanted(l))
			continue;
		if (at->run(l, e) == 0)
			continue;
		keep = errno;
		while (at-- > s)
			if (at->undo && (!at->wanted || at->wanted(l)))
				at->undo(l);
		errno = keep;
		return -1;
	}
	return 0;
}
