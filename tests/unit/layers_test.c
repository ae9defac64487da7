/* SPDX-License-Identifier: Apache-2.0 */
/* The layers of an image by some threads: who waits for whom, and what a failure does. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "storage/layer_record.h"
#include "storage/layers.h"
#include "storage/remove.h"
#include "storage/stream.h"
#include "tests/unit/namespace.h"
#include "tests/unit/tap.h"
#include "tests/unit/tar_build.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

enum { BLOBS = 4, ALL_OTHERS = -2 };

/* Blobs in memory, and a gate that a blob's stream may wait at. */
struct scene {
	struct str tars[BLOBS];
	char hex[BLOBS][DIGEST_HEX], diff_id[BLOBS][72];
	struct layer_blob blobs[BLOBS];
	size_t n;
	int opened[BLOBS];
	/* This blob (or all but the one that breaks) gives nothing before that one was read; -1. */
	int gated, opens;
	int fails; /* this one breaks; -1 */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_open, cancelled;
	struct shelf shelf;
	struct strv stored;
	struct layers l;
	struct err e;
};

struct gate_stream {
	struct stream base;
	struct stream *source;
	struct scene *s;
	int i;
};

static ssize_t gate_next(struct stream *base, const unsigned char **ret, struct err *e)
{
	struct gate_stream *g = (struct gate_stream *)base;
	struct scene *s = g->s;
	bool cancelled;
	ssize_t n;

	pthread_mutex_lock(&s->lock);
	while ((g->i == s->gated || (s->gated == ALL_OTHERS && g->i != s->fails)) && !s->is_open &&
	       !s->cancelled)
		pthread_cond_wait(&s->changed, &s->lock);
	cancelled = s->cancelled;
	pthread_mutex_unlock(&s->lock);
	if (cancelled)
		return err_msg(e, "cancelled");
	if (g->i == s->fails)
		return err_msg(e, "broken on purpose");
	n = g->source->next(g->source, ret, e);
	if (n == 0 && g->i == s->opens) {
		pthread_mutex_lock(&s->lock);
		s->is_open = true;
		pthread_cond_broadcast(&s->changed);
		pthread_mutex_unlock(&s->lock);
	}
	return n;
}

static void gate_free(struct stream *base)
{
	struct gate_stream *g = (struct gate_stream *)base;

	stream_free(g->source);
	free(g);
}

static int open_blob(void *arg, size_t n, struct stream **ret, struct err *e)
{
	struct scene *s = arg;
	struct gate_stream *g = xcalloc(1, sizeof(*g));

	(void)e;
	g->base = (struct stream){.next = gate_next, .free = gate_free};
	g->source = stream_memory(s->tars[n].s, s->tars[n].len);
	g->s = s;
	g->i = (int)n;
	s->opened[n]++;
	*ret = &g->base;
	return 0;
}

static void cancel(void *arg)
{
	struct scene *s = arg;

	pthread_mutex_lock(&s->lock);
	s->cancelled = true;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static int scenes;

static int new_folder(const char *kind)
{
	auto_free char *name = xasprintf("%s%d", kind, scenes);

	if (mkdir(name, 0755) < 0)
		abort();
	return open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void begin(struct scene *s)
{
	*s = (struct scene){.gated = -1, .opens = -1, .fails = -1};
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	scenes++;
	s->shelf = (struct shelf){
	    .scratch = new_folder("scratch"),
	    .layers = new_folder("layers"),
	    .ids = {.uids = 1, .gids = 1, .single = true, .user = "me"},
	};
}

/* The tar that was put together in tars[n] becomes the next blob. */
static void add_blob(struct scene *s, bool is_claim)
{
	size_t i = s->n++;

	tar_end(&s->tars[i]);
	digest_of(s->tars[i].s, s->tars[i].len, s->hex[i]);
	memcpy(s->diff_id[i], "sha256:", 7);
	memcpy(s->diff_id[i] + 7, s->hex[i], DIGEST_HEX);
	s->blobs[i] = (struct layer_blob){.name = "layer",
					  .hex = s->hex[i],
					  .size = s->tars[i].len,
					  .diff_id = s->diff_id[i],
					  .diff_id_is_claim = is_claim};
}

static int make(struct scene *s)
{
	struct layer_supply from = {.open = open_blob, .cancel = cancel, .arg = s};

	s->l = (struct layers){.shelf = &s->shelf, .news = -1};
	s->cancelled = false;
	return layers_make(&s->l, s->blobs, s->n, &from, &s->e);
}

/* As rlc does when all went well: what was made becomes what the store has. */
static void publish(struct scene *s)
{
	for (size_t i = 0; i < s->shelf.made.n; i++) {
		char number[32];

		snprintf(number, sizeof(number), "%zu", i);
		if (renameat(s->shelf.scratch, number, s->shelf.layers, s->shelf.made.v[i]) < 0)
			abort();
	}
	strv_free(&s->shelf.made);
	layers_free(&s->l);
	memset(s->opened, 0, sizeof(s->opened));
}

static void end(struct scene *s)
{
	for (size_t i = 0; i < s->n; i++)
		str_free(&s->tars[i]);
	layers_free(&s->l);
	close(s->shelf.scratch);
	close(s->shelf.layers);
	strv_free(&s->shelf.made);
	strv_free(&s->shelf.kept);
}

static mode_t mode_in(const struct layer *y, const char *path)
{
	struct stat st = {0};

	(void)fstatat(y->fs, path, &st, AT_SYMLINK_NOFOLLOW);
	return st.st_mode & 07777;
}

/* The lower layer comes in only after the upper one did: one after the other never ends. */
static void test_side_by_side(void)
{
	struct scene s;

	begin(&s);
	tar_add(&s.tars[0], (struct tar_member){.type = '5', .path = "d", .mode = 0711});
	tar_add(&s.tars[0], (struct tar_member){.type = '0', .path = "d/low", .data = "low"});
	add_blob(&s, false);
	tar_add(&s.tars[1], (struct tar_member){.type = '0', .path = "d/up"});
	add_blob(&s, false);
	tar_add(&s.tars[2], (struct tar_member){.type = '1', .path = "h", .link = "d/low"});
	add_blob(&s, false);
	s.gated = 0;
	s.opens = 1;
	ok(make(&s) == 0, "an upper layer comes in before the lower one: %s", s.e.what);
	ok(s.l.n == 3 && mode_in(&s.l.v[1], "d") == 0711,
	   "and waits for the mode of a folder that it leaves out");
	ok(mode_in(&s.l.v[2], "h") == 0644, "as one above does for a file that it links to");
	ok(strlen(s.l.v[1].folder) > 64 + 4 && strlen(s.l.v[0].folder) == 64 + 4,
	   "its name says that it depends on those below");
	publish(&s);
	ok(make(&s) == 0 && !s.opened[0] && !s.opened[1] && !s.opened[2],
	   "nothing is read a second time");
	end(&s);
}

static void test_failure(void)
{
	struct scene s;

	begin(&s);
	for (int i = 0; i < BLOBS; i++) {
		auto_free char *name = xasprintf("f%d", i);

		tar_add(&s.tars[i], (struct tar_member){.type = '0', .path = name});
		add_blob(&s, false);
	}
	s.gated = ALL_OTHERS; /* they wait for ever, unless they are cancelled */
	s.fails = 1;
	ok(make(&s) < 0 && strstr(s.e.what, "broken on purpose"),
	   "a failure ends what waits, and is what is told: %s", s.e.what);
	/* The third may or may not have been, by another thread. */
	ok(!s.opened[3], "no further layer is begun");
	end(&s);
}

static void test_waiting_ends(void)
{
	struct scene s;

	begin(&s);
	tar_add(&s.tars[0], (struct tar_member){.type = '5', .path = "d"});
	add_blob(&s, false);
	tar_add(&s.tars[1], (struct tar_member){.type = '0', .path = "d/up"});
	add_blob(&s, false);
	s.gated = 0;
	s.opens = 1;
	s.fails = 0;
	ok(make(&s) < 0 && strstr(s.e.what, "broken on purpose"),
	   "who waits for a layer that fails ends too: %s", s.e.what);
	end(&s);
}

static void test_repeated(void)
{
	struct scene s;

	begin(&s);
	for (int i = 0; i < 2; i++) {
		tar_add(&s.tars[i], (struct tar_member){.type = '0', .path = "f"});
		add_blob(&s, false);
	}
	ok(make(&s) == 0 && s.opened[0] == 1 && s.opened[1] == 0 && s.shelf.made.n == 1 &&
	       strcmp(s.l.v[0].folder, s.l.v[1].folder) == 0,
	   "one blob twice is unpacked once: %s", s.e.what);
	end(&s);
}

/* Above another it has a whiteout, which as the lowest of an image would show as a device. */
static void test_whiteouts_at_the_bottom(void)
{
	struct scene s, other;
	struct stat st;

	begin(&s);
	tar_add(&s.tars[0], (struct tar_member){.type = '0', .path = "f"});
	add_blob(&s, false);
	tar_add(&s.tars[1], (struct tar_member){.type = '0', .path = ".wh.f"});
	add_blob(&s, false);
	ok(make(&s) == 0 && fstatat(s.l.v[1].fs, "f", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISCHR(st.st_mode),
	   "a layer that deletes: %s", s.e.what);
	publish(&s);
	begin(&other);
	close(other.shelf.layers);
	other.shelf.layers = fcntl(s.shelf.layers, F_DUPFD_CLOEXEC, 0);
	tar_add(&other.tars[0], (struct tar_member){.type = '0', .path = ".wh.f"});
	add_blob(&other, false);
	ok(make(&other) == 0 && other.opened[0] == 1 &&
	       fstatat(other.l.v[0].fs, "f", &st, AT_SYMLINK_NOFOLLOW) < 0,
	   "is unpacked anew for an image that begins with it: %s", other.e.what);
	end(&other);
	end(&s);
}

static void test_claims(void)
{
	struct layer_record r = {0};
	auto_fd int folder = -1;
	struct scene s;

	begin(&s);
	tar_add(&s.tars[0], (struct tar_member){.type = '0', .path = "f"});
	add_blob(&s, true);
	memset(s.diff_id[0] + 7, '0', 64);
	ok(make(&s) == 0, "a false diff id is not noticed where the blob's digest is enough");
	folder = openat(s.shelf.scratch, "0", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ok(layer_record_read(folder, &r, &s.e) == 0 && r.diff_id_is_claim,
	   "but is recorded as a claim");
	layer_record_free(&r);
	publish(&s);
	s.blobs[0].diff_id_is_claim = false;
	ok(make(&s) < 0 && s.opened[0] == 1 && strstr(s.e.what, "configuration says sha256:000"),
	   "which nothing trusts: %s", s.e.what);
	layers_free(&s.l);
	memcpy(s.diff_id[0] + 7, s.hex[0], 64);
	ok(make(&s) == 0 && s.opened[0] == 2 && s.shelf.made.n == 0, "while the true one fits: %s",
	   s.e.what);
	end(&s);
}

static void test_keep(void)
{
	auto_free char *kept = NULL;
	struct scene s;
	size_t n = 0;

	begin(&s);
	tar_add(&s.tars[0], (struct tar_member){.type = '0', .path = "f", .data = "x"});
	add_blob(&s, true);
	ok(make(&s) == 0 && s.shelf.kept.n == 0, "a blob is not kept");
	publish(&s);
	s.shelf.keep_blobs = true;
	ok(make(&s) == 0 && s.shelf.kept.n == 1 && s.shelf.made.n == 0 &&
	       strcmp(s.shelf.kept.v[0], s.hex[0]) == 0,
	   "unless that is wished, even when its layer is there: %s", s.e.what);
	ok(file_read(s.shelf.scratch, "blob-0", 1 << 20, &kept, &n, &s.e) == 0 &&
	       n == s.tars[0].len && memcmp(kept, s.tars[0].s, n) == 0,
	   "byte by byte");
	layers_free(&s.l);
	memset(s.opened, 0, sizeof(s.opened));
	strv_add(&s.stored, s.hex[0]);
	s.shelf.blobs = &s.stored;
	ok(make(&s) == 0 && !s.opened[0], "what the store has is not read again");
	strv_free(&s.stored);
	end(&s);
}

static void test_lies(void)
{
	struct scene s;

	begin(&s);
	tar_add(&s.tars[0], (struct tar_member){.type = '0', .path = "f"});
	add_blob(&s, true);
	s.blobs[0].size--;
	ok(make(&s) < 0 && strstr(s.e.what, "descriptor says"), "a byte too much: %s", s.e.what);
	layers_free(&s.l);
	s.blobs[0].size += 2;
	ok(make(&s) < 0 && strstr(s.e.what, "descriptor says"), "a byte too few: %s", s.e.what);
	layers_free(&s.l);
	s.blobs[0].size--;
	s.hex[0][5] = s.hex[0][5] == '0' ? '1' : '0';
	ok(make(&s) < 0 && strstr(s.e.what, "forged"), "another digest: %s", s.e.what);
	end(&s);
}

/* What could not be read again would be a layer that is there and is not. */
static void test_record(void)
{
	enum { MANY = 1000000 };
	struct layer_record r = {.diff_id = (char[]){"sha256:0"}, .names = -1};
	auto_fd int folder = new_folder("record");
	char f[] = "f", **many = xcalloc(MANY, sizeof(*many));
	struct err e;

	strv_add(&r.inherits, "usr");
	ok(layer_record_write(folder, &r, &e) == 0, "a record of a folder that is left out");
	strv_free(&r.inherits);
	for (int i = 0; i < MANY; i++)
		many[i] = f;
	r.inherits = (struct strv){.v = many, .n = MANY};
	ok(layer_record_write(folder, &r, &e) < 0 && strstr(e.what, "too many of its folders"),
	   "none of a million of them");
	free(many);
	r.inherits = (struct strv){0};
	ok(layer_record_read(folder, &r, &e) == 0 && r.inherits.n == 1,
	   "what was there can be read");
	layer_record_free(&r);
}

int main(void)
{
	/* Not /tmp: a tmpfs had no user.* attributes before Linux 6.6. */
	char folder[] = "/var/tmp/rlc-layers-XXXXXX";
	struct err e;

	if (!mkdtemp(folder) || chdir(folder) < 0) {
		printf("Bail out! no folder in /var/tmp\n");
		return 1;
	}
	(void)umask(0);
	if (geteuid() != 0 && !namespace_enter(0)) {
		printf("1..0 # SKIP no user namespace to be root in\n");
		return 0;
	}
	(void)alarm(60); /* one that waits for ever fails */
	test_side_by_side();
	test_failure();
	test_waiting_ends();
	test_repeated();
	test_whiteouts_at_the_bottom();
	test_claims();
	test_keep();
	test_lies();
	test_record();
	ok(remove_tree(AT_FDCWD, folder, &e) == 0, "all is gone at the end");
	return tap_end();
}
