/* SPDX-License-Identifier: Apache-2.0 */
/* The order from set-up to init; encoded in rlc, decoded in rlc-init. */
#include "lib/launch/wire.h"

#include "lib/base/alloc.h"
#include "lib/base/err.h"

#include <stdlib.h>
#include <string.h>

/* The arrays behind the head, widest alignment first, so that none needs padding. */
struct layout {
	size_t rlimits, insns, groups, text, size;
};

static struct layout layout_of(const struct wire_head *h)
{
	struct layout l = {.rlimits = sizeof(*h)};

	/* 32-bit counts times small sizes cannot overflow 64 bits. */
	l.insns = l.rlimits + (size_t)h->n_rlimits * sizeof(struct wire_rlimit);
	l.groups = l.insns + (size_t)h->n_insns * sizeof(struct sock_filter);
	l.text = l.groups + (size_t)h->n_groups * sizeof(uint32_t);
	l.size = l.text + h->text_size;
	return l;
}

static size_t list_size(const char *const *list, uint32_t *n)
{
	size_t size = 0;

	for (*n = 0; list[*n]; (*n)++)
		size += strlen(list[*n]) + 1;
	return size;
}

static char *put_text(char *at, const char *text)
{
	size_t n = strlen(text) + 1;

	memcpy(at, text, n);
	return at + n;
}

static void put_array(char *at, const void *from, size_t n)
{
	if (n)
		memcpy(at, from, n);
}

void *wire_encode(const struct init_order *o, size_t *ret_size)
{
	struct wire_head h = o->head;
	struct layout l;
	uint64_t size;
	char *bytes, *body, *at;

	h.magic = WIRE_MAGIC;
	h.text_size = (uint32_t)(list_size(o->args, &h.n_args) + list_size(o->env, &h.n_env) +
				 strlen(o->workdir) + 1);
	l = layout_of(&h);
	size = l.size;
	bytes = xcalloc(1, sizeof(size) + l.size);
	body = bytes + sizeof(size);
	memcpy(bytes, &size, sizeof(size));
	memcpy(body, &h, sizeof(h));
	put_array(body + l.rlimits, o->rlimits, l.insns - l.rlimits);
	put_array(body + l.insns, o->insns, l.groups - l.insns);
	put_array(body + l.groups, o->groups, l.text - l.groups);
	at = body + l.text;
	for (uint32_t i = 0; i < h.n_args; i++)
		at = put_text(at, o->args[i]);
	for (uint32_t i = 0; i < h.n_env; i++)
		at = put_text(at, o->env[i]);
	put_text(at, o->workdir);
	*ret_size = sizeof(size) + l.size;
	return bytes;
}

/* Next string in [*at, end), or NULL when none ends there. */
static const char *get_text(const char **at, const char *end)
{
	const char *text = *at, *nul = memchr(text, '\0', (size_t)(end - text));

	if (!nul)
		return NULL;
	*at = nul + 1;
	return text;
}

int wire_decode(const void *bytes, size_t size, struct init_order *ret, void **ret_owned,
		struct err *e)
{
	const char *base = bytes, *at, *end = base + size;
	struct init_order o = {0};
	const char **list;
	struct layout l;
	size_t n;

	if (size < sizeof(o.head))
		return err_msg(e, "order of %zu bytes is too short", size);
	memcpy(&o.head, bytes, sizeof(o.head));
	l = layout_of(&o.head);
	if (o.head.magic != WIRE_MAGIC || l.size != size || o.head.n_insns > BPF_MAXINSNS ||
	    (size_t)o.head.n_args + o.head.n_env + 1 > o.head.text_size || o.head.n_args == 0)
		return err_msg(e, "order does not fit this rlc-init: rlc and rlc-init are of "
				  "different builds");
	o.rlimits = (const struct wire_rlimit *)(const void *)(base + l.rlimits);
	if (o.head.n_insns)
		o.insns = (const struct sock_filter *)(const void *)(base + l.insns);
	o.groups = (const uint32_t *)(const void *)(base + l.groups);
	n = (size_t)o.head.n_args + o.head.n_env;
	list = xcalloc(n + 2, sizeof(*list));
	o.args = list;
	o.env = list + o.head.n_args + 1;
	at = base + l.text;
	for (size_t i = 0; i < n; i++) {
		list[i + (i >= o.head.n_args)] = get_text(&at, end);
		if (!list[i + (i >= o.head.n_args)])
			break;
	}
	o.workdir = get_text(&at, end);
	if (!o.workdir || at != end) {
		free(list);
		return err_msg(e, "order's text does not end where its head says");
	}
	*ret = o;
	*ret_owned = list;
	return 0;
}
