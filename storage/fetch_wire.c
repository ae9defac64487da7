/* SPDX-License-Identifier: Apache-2.0 */
/* What rlc-image and rlc-fetch say to each other, and what neither believes of the other. */
#include "storage/fetch_wire.h"

#include "lib/base/auto.h"
#include "lib/base/str.h"
#include "storage/answer.h"
#include "storage/reference.h"

int fetch_request_make(enum fetch_kind kind, const char *what, uint64_t max,
		       struct fetch_request *ret, struct err *e)
{
	struct fetch_request r = {.kind = (uint32_t)kind, .max = max};
	size_t n = strlen(what);

	if (n < sizeof(r.what))
		memcpy(r.what, what, n);
	if (n >= sizeof(r.what) || !fetch_request_is_sound(&r, sizeof(r))) {
		auto_str struct str shown = {0};

		str_add_visible(&shown, what);
		return err_msg(e, "\"%.100s\" is no %s that can be fetched", str_get(&shown),
			       kind == FETCH_BLOB ? "digest" : "tag or digest");
	}
	*ret = r;
	return 0;
}

bool fetch_request_is_sound(const struct fetch_request *r, size_t n)
{
	if (n != sizeof(*r) || r->kind > FETCH_BLOB || r->what[FETCH_WHAT - 1] != '\0')
		return false;
	return reference_is_digest(r->what) ||
	       (r->kind == FETCH_MANIFEST && reference_is_tag(r->what));
}

static int mad(const char *why, struct err *e)
{
	err_msg(e, "rlc-fetch sent %s", why);
	return err_hint(e, "the registry may have been made to break it; nothing was kept");
}

int fetch_answer_step(struct fetch_answer *a, const struct fetch_frame *f, uint64_t max,
		      struct err *e)
{
	if (a->ended)
		return mad("more than an answer", e);
	switch (f->type) {
	case FETCH_HEAD:
		if (a->has_head || f->size != sizeof(struct fetch_head))
			return mad("a head in the wrong place or size", e);
		a->has_head = true;
		return 0;
	case FETCH_DATA:
		if (!a->has_head || f->size == 0 || f->size > FETCH_DATA_MAX)
			return mad("data in the wrong place or size", e);
		if (f->size > max || a->got > max - f->size)
			return mad("more data than was asked for", e);
		a->got += f->size;
		return 0;
	case FETCH_ERROR:
		if (f->size != sizeof(struct err))
			return mad("an error of the wrong size", e);
		a->ended = true;
		return 0;
	case FETCH_END:
		if (!a->has_head || f->size != 0)
			return mad("an end in the wrong place or size", e);
		a->ended = true;
		return 0;
	default:
		return mad("an unknown frame", e);
	}
}

/* Ends in its room and could stand in a header. */
static bool is_text(const char *text, size_t room)
{
	size_t n = strnlen(text, room);

	for (size_t i = 0; i < n; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	return n < room;
}

int fetch_head_decode(const void *bytes, size_t n, struct fetch_head *ret, struct err *e)
{
	struct fetch_head h;

	if (n != sizeof(h))
		return mad("a head of the wrong size", e);
	memcpy(&h, bytes, sizeof(h));
	if (!is_text(h.media_type, sizeof(h.media_type)) || !is_text(h.digest, sizeof(h.digest)))
		return mad("a head that is no text", e);
	*ret = h;
	return 0;
}

int fetch_error_decode(const void *bytes, size_t n, struct err *e)
{
	if (n != sizeof(*e))
		return mad("an error of the wrong size", e);
	answer_read_error(bytes, e);
	return -1;
}
