/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layers of an image, by a small crew of threads. Each takes the lowest layer that nobody has
 * begun, so whoever waits for layers below waits for threads that do not wait for him. In
 * rlc-image.
 */
#include "storage/layers.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "storage/feed.h"
#include "storage/progress.h"
#include "storage/stream.h"

#include <pthread.h>

/* Each is a chain of three threads. Two are slower by a tenth on two processors. */
enum { AT_ONCE = 3 };

struct crew {
	struct layers *l;
	const struct layer_blob *blobs;
	const struct layer_supply *from;
	pthread_mutex_t lock; /* over what follows, and the shelf */
	pthread_cond_t changed;
	bool *done;   /* of each layer */
	size_t known; /* how many, from the lowest, are done */
	size_t begun;
	atomic_bool failed;
	struct err e; /* of the first that failed */
};

static void tell(const struct crew *c, size_t i, enum progress_state state)
{
	const struct layer_blob *blob = &c->blobs[i];
	struct progress p = {.layer = (uint32_t)i, .layers = (uint32_t)c->l->n, .state = state};

	if (c->l->news < 0 || !blob->hex)
		return;
	p.total = blob->size == DIGEST_ANY_SIZE ? 0 : blob->size;
	p.done = state == PROGRESS_DONE ? p.total : 0;
	snprintf(p.digest, sizeof(p.digest), "sha256:%s", blob->hex);
	progress_send(c->l->news, &p);
}

static void set_done(struct crew *c, size_t i)
{
	pthread_mutex_lock(&c->lock);
	c->done[i] = true;
	while (c->known < c->l->n && c->done[c->known])
		c->known++;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
}

/* Only the first error is one to tell: the others follow from it. */
static void set_failed(struct crew *c, const struct err *e)
{
	bool is_first;

	pthread_mutex_lock(&c->lock);
	is_first = !c->failed;
	if (is_first)
		c->e = *e;
	c->failed = true;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
	if (is_first && c->from->cancel)
		c->from->cancel(c->from->arg);
}

/* Waits until the layers below number i are done. */
static int wait_below(struct crew *c, size_t i, struct err *e)
{
	bool is_known;

	pthread_mutex_lock(&c->lock);
	while (c->known < i && !c->failed)
		pthread_cond_wait(&c->changed, &c->lock);
	is_known = c->known >= i;
	pthread_mutex_unlock(&c->lock);
	return is_known ? 0 : err_msg(e, "another layer failed");
}

static bool is_known(struct crew *c, size_t i)
{
	bool known;

	pthread_mutex_lock(&c->lock);
	known = c->known >= i;
	pthread_mutex_unlock(&c->lock);
	return known;
}

/* What one layer's unpacker is told of those below. */
struct below {
	struct crew *crew;
	size_t i;
	int *roots;
};

static int wait_for_roots(void *arg, struct err *e)
{
	const struct below *b = arg;

	if (wait_below(b->crew, b->i, e) < 0)
		return -1;
	for (size_t k = 0; k < b->i; k++)
		b->roots[k] = b->crew->l->v[k].fs;
	return 0;
}

static int make_folder(struct crew *c, int *ret_folder, int *ret_fs, size_t *ret_number,
		       struct err *e)
{
	int rc;

	pthread_mutex_lock(&c->lock);
	*ret_number = c->l->shelf->made.n;
	rc = shelf_make(c->l->shelf, ret_folder, ret_fs, e);
	pthread_mutex_unlock(&c->lock);
	return rc;
}

static int give_name(struct crew *c, size_t i, size_t number, bool depends, struct err *e)
{
	/* The name is made of those below. */
	if (depends && wait_below(c, i, e) < 0)
		return -1;
	c->l->v[i].folder = layer_name(c->l, i, depends);
	pthread_mutex_lock(&c->lock);
	shelf_name(c->l->shelf, number, c->l->v[i].folder);
	pthread_mutex_unlock(&c->lock);
	return 0;
}

static bool must_keep(const struct crew *c, size_t i)
{
	const struct shelf *s = c->l->shelf;
	const char *hex = c->blobs[i].hex;

	return s->keep_blobs && !(hex && s->blobs && strv_has(s->blobs, hex));
}

/* A blob on its way in. */
struct inflow {
	struct stream *stream;
	int copy; /* where it is kept, or -1 */
	size_t number;
};

static int keep(struct crew *c, struct inflow *in, struct err *e)
{
	pthread_mutex_lock(&c->lock);
	in->copy = shelf_keep(c->l->shelf, &in->number, e);
	pthread_mutex_unlock(&c->lock);
	return in->copy < 0 ? -1 : 0;
}

/* All of it was read, and is what it should be. */
static void name_kept(struct crew *c, struct inflow *in, const char *hex)
{
	if (in->copy < 0)
		return;
	close(take_fd(&in->copy));
	pthread_mutex_lock(&c->lock);
	xstr_set(&c->l->shelf->kept.v[in->number], hex);
	pthread_mutex_unlock(&c->lock);
}

static int open_blob(struct crew *c, size_t i, struct inflow *in, struct err *e)
{
	struct feed feed = {.news = c->blobs[i].hex ? c->l->news : -1,
			    .layer = i,
			    .layers = c->l->n,
			    .hex = c->blobs[i].hex,
			    .total = c->blobs[i].size,
			    .stop = &c->failed};

	if ((must_keep(c, i) && keep(c, in, e) < 0) ||
	    c->from->open(c->from->arg, i, &in->stream, e) < 0)
		return -1;
	feed.copy = in->copy;
	in->stream = stream_feed(in->stream, &feed);
	return 0;
}

static int unpack(struct crew *c, size_t i, struct err *e)
{
	struct below b = {.crew = c, .i = i};
	struct lower lower = {.n = i, .wait = wait_for_roots, .arg = &b};
	auto_free int *roots = xcalloc(i, sizeof(*roots));
	auto_fd int folder = -1;
	struct inflow in = {.copy = -1};
	bool depends = false;
	size_t number;
	int rc;

	lower.layers = b.roots = roots;
	if (make_folder(c, &folder, &c->l->v[i].fs, &number, e) < 0)
		return -1;
	rc = open_blob(c, i, &in, e);
	if (rc == 0)
		rc = layer_unpack(c->l, i, &c->blobs[i], in.stream, &lower, folder, &depends, e);
	if (rc == 0) {
		name_kept(c, &in, c->l->v[i].hex);
		rc = give_name(c, i, number, depends, e);
	}
	if (in.copy >= 0)
		close(in.copy);
	return rc;
}

/* One blob twice in an image: the second is not to be unpacked beside the first. */
static bool is_repeated(const struct crew *c, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (c->blobs[i].hex && c->blobs[k].hex &&
		    strcmp(c->blobs[i].hex, c->blobs[k].hex) == 0)
			return true;
	return false;
}

static int find(struct crew *c, size_t i, struct err *e)
{
	bool known = is_known(c, i);
	int rc;

	if (!known && is_repeated(c, i)) {
		if (wait_below(c, i, e) < 0)
			return -1;
		known = true;
	}
	pthread_mutex_lock(&c->lock);
	rc = layer_find(c->l, i, &c->blobs[i], known, e);
	pthread_mutex_unlock(&c->lock);
	if (rc != LAYER_ASK_AGAIN)
		return rc;
	if (wait_below(c, i, e) < 0)
		return -1;
	pthread_mutex_lock(&c->lock);
	rc = layer_find(c->l, i, &c->blobs[i], true, e);
	pthread_mutex_unlock(&c->lock);
	return rc;
}

/* It is there, but only somebody's word says what its tar is; or its blob is to be kept now. */
static int check_found(struct crew *c, size_t i, struct err *e)
{
	const struct layer_blob *blob = &c->blobs[i];
	bool must_hash = c->l->v[i].diff_id_is_claim && !blob->diff_id_is_claim && blob->diff_id;
	struct inflow in = {.copy = -1};
	int rc;

	if (!must_hash && !must_keep(c, i))
		return 0;
	rc = open_blob(c, i, &in, e);
	if (rc == 0)
		rc = layer_check_blob(blob, in.stream, e);
	if (rc == 0)
		name_kept(c, &in, blob->hex);
	if (in.copy >= 0)
		close(in.copy);
	return rc;
}

static int make_one(struct crew *c, size_t i, struct err *e)
{
	int rc = find(c, i, e);

	if (rc < 0)
		return -1;
	if (rc == LAYER_FOUND) {
		tell(c, i, PROGRESS_EXISTS);
		return check_found(c, i, e);
	}
	if (unpack(c, i, e) < 0)
		return -1;
	tell(c, i, PROGRESS_DONE);
	return 0;
}

/*
 * What is there already, from below: only here are names tried that depend on the layers below. The
 * first that is missing ends it, since then no image can have been made of those above in this
 * place.
 */
static int take_present(struct crew *c, struct err *e)
{
	for (size_t i = 0; i < c->l->n; i++) {
		int rc = find(c, i, e);

		if (rc == LAYER_ABSENT)
			return 0;
		if (rc < 0 || check_found(c, i, e) < 0)
			return -1;
		tell(c, i, PROGRESS_EXISTS);
		set_done(c, i);
		c->begun++;
	}
	return 0;
}

/* Number of the next layer, or -1: all are begun, or one failed. */
static ssize_t begin_next(struct crew *c)
{
	ssize_t i = -1;

	pthread_mutex_lock(&c->lock);
	if (c->begun < c->l->n && !c->failed)
		i = (ssize_t)c->begun++;
	pthread_mutex_unlock(&c->lock);
	return i;
}

/*
 * Nothing is left to begin, but others still work: what is done may go to the disk now, so that
 * less is left for the sync at the end, whose answer counts.
 */
static void flush(struct crew *c)
{
	if (!atomic_load(&c->failed) && !is_known(c, c->l->n))
		(void)syncfs(c->l->shelf->scratch);
}

static void *work(void *arg)
{
	struct crew *c = arg;
	struct err e = {0};
	ssize_t i;

	while ((i = begin_next(c)) >= 0) {
		if (make_one(c, (size_t)i, &e) < 0)
			set_failed(c, &e);
		else
			set_done(c, (size_t)i);
	}
	flush(c);
	return NULL;
}

/* We are one of the crew ourselves: where a task limit refuses threads, the only one. */
static void run(struct crew *c)
{
	pthread_t threads[AT_ONCE - 1];
	size_t n = 0, left = c->l->n - c->begun;

	while (n < array_len(threads) && n + 1 < left &&
	       pthread_create(&threads[n], NULL, work, c) == 0)
		n++;
	(void)work(c);
	while (n-- > 0)
		pthread_join(threads[n], NULL);
}

int layers_make(struct layers *l, const struct layer_blob *blobs, size_t n,
		const struct layer_supply *from, struct err *e)
{
	auto_free bool *done = xcalloc(n, sizeof(*done));
	struct crew c = {.l = l, .blobs = blobs, .from = from, .done = done};

	l->v = xcalloc(n, sizeof(*l->v));
	l->n = n;
	for (size_t i = 0; i < n; i++) {
		l->v[i].fs = -1;
		tell(&c, i, PROGRESS_WAITING);
	}
	pthread_mutex_init(&c.lock, NULL);
	pthread_cond_init(&c.changed, NULL);
	if (take_present(&c, e) < 0)
		set_failed(&c, e);
	else
		run(&c);
	pthread_mutex_destroy(&c.lock);
	pthread_cond_destroy(&c.changed);
	if (!c.failed)
		return 0;
	*e = c.e;
	/* Neither the machine nor the network is at fault: the image is. */
	if (!*e->hint && e->sys == 0)
		err_hint(e, "nothing of it was kept; get the image again, or from somebody else");
	return -1;
}

void layers_free(struct layers *l)
{
	for (size_t i = 0; i < l->n; i++)
		layer_free(&l->v[i]);
	free(l->v);
	l->v = NULL;
	l->n = 0;
}
