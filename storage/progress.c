/* SPDX-License-Identifier: Apache-2.0 */
/* The two ends of the pipe that tells of a pull. rlc-image may have been broken by an image. */
#include "storage/progress.h"

#include "lib/base/fd.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void progress_send(int pipe, const struct progress *p)
{
	(void)!fd_write_all(pipe, p, sizeof(*p));
}

bool progress_is_sound(const struct progress *p)
{
	static const char begin[] = "sha256:";
	const size_t n = sizeof(begin) - 1;

	return p->layers > 0 && p->layers <= PROGRESS_LAYERS_MAX && p->layer < p->layers &&
	       p->state <= PROGRESS_DONE && p->done <= p->total &&
	       memcmp(p->digest, begin, n) == 0 && p->digest[PROGRESS_DIGEST - 1] == '\0' &&
	       strspn(p->digest + n, "0123456789abcdef") == PROGRESS_DIGEST - 1 - n;
}

int progress_receive(int pipe, struct progress *ret)
{
	struct progress p;
	ssize_t n;

	do
		n = read(pipe, &p, sizeof(p));
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(p) || !progress_is_sound(&p))
		return 0;
	*ret = p;
	return 1;
}
