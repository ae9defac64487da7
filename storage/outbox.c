/* SPDX-License-Identifier: Apache-2.0 */
/* Writing frames without waiting; in rlc-fetch. */
#include "storage/outbox.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void outbox_init(struct outbox *o, int pipe)
{
	o->pipe = pipe;
	o->is_broken = o->is_open = false;
	o->begin = o->end = o->frame = 0;
}

static void add(struct outbox *o, const void *bytes, size_t n)
{
	if (n)
		memcpy(o->bytes + o->end, bytes, n);
	o->end += n;
}

static void add_head(struct outbox *o, enum fetch_type type, size_t n)
{
	const struct fetch_frame f = {(uint32_t)type, (uint32_t)n};

	add(o, &f, sizeof(f));
}

/* The frame that grew has its size. */
static void close_frame(struct outbox *o)
{
	const struct fetch_frame f = {FETCH_DATA,
				      (uint32_t)(o->end - o->frame - sizeof(struct fetch_frame))};

	if (o->is_open)
		memcpy(o->bytes + o->frame, &f, sizeof(f));
	o->is_open = false;
}

bool outbox_has_room(const struct outbox *o, size_t n)
{
	return o->end + sizeof(struct fetch_frame) + n <= FETCH_DATA_MAX;
}

void outbox_data(struct outbox *o, const void *bytes, size_t n)
{
	if (!o->is_open) {
		o->is_open = true;
		o->frame = o->end;
		add_head(o, FETCH_DATA, 0);
	}
	add(o, bytes, n);
}

void outbox_frame(struct outbox *o, enum fetch_type type, const void *bytes, size_t n)
{
	close_frame(o);
	add_head(o, type, n);
	add(o, bytes, n);
}

bool outbox_flush(struct outbox *o)
{
	ssize_t n;

	close_frame(o);
	while (o->begin < o->end && !o->is_broken) {
		n = write(o->pipe, o->bytes + o->begin, o->end - o->begin);
		if (n > 0)
			o->begin += (size_t)n;
		else if (n < 0 && errno == EAGAIN)
			return false;
		else if (errno != EINTR)
			o->is_broken = true;
	}
	o->begin = o->end = 0;
	return true;
}
