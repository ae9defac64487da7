/* SPDX-License-Identifier: Apache-2.0 */
/* Fetching an image: rlc-fetch and rlc-image at the two ends of a socket; runs in rlc. */
#include "storage/pull.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/kernel/idmap.h"
#include "lib/state/dirs.h"
#include "storage/commit.h"
#include "storage/lock.h"
#include "storage/offer.h"
#include "storage/prune.h"
#include "storage/reference.h"
#include "storage/take_in.h"
#include "storage/worker.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

/* Signals that give a pull up, held back meanwhile so that it can be tidied up. */
struct stop {
	sigset_t signals, before;
	int fd;
};

static int stop_begin(struct stop *s, struct err *e)
{
	sigemptyset(&s->signals);
	sigaddset(&s->signals, SIGINT);
	sigaddset(&s->signals, SIGTERM);
	sigaddset(&s->signals, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &s->signals, &s->before) < 0)
		return err_sys(e, "hold signals back");
	s->fd = signalfd(-1, &s->signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->fd >= 0)
		return 0;
	err_sys(e, "watch for signals");
	(void)sigprocmask(SIG_SETMASK, &s->before, NULL); /* cannot fail where the first did not */
	return -1;
}

/* The signal that came, 0 for none; it is taken then, for the caller says what comes of it. */
static int stop_end(struct stop *s)
{
	struct signalfd_siginfo info;
	int signo = read(s->fd, &info, sizeof(info)) == sizeof(info) ? (int)info.ssi_signo : 0;

	close(s->fd);
	(void)sigprocmask(SIG_SETMASK, &s->before, NULL); /* as above */
	return signo;
}

/* Pinned by digest: the tag beside it says nothing more. */
static char *name_of(const struct reference *r)
{
	return r->digest ? xasprintf("%s/%s@%s", r->domain, r->path, r->digest) : reference_full(r);
}

/*
 * rlc-image is told of the blobs that are here: none of them may go before the index names them
 * again. -1 in *ret_lock: nothing to hold.
 */
static int hold_blobs(const struct dirs *d, const struct id_map *map, const struct pull_request *r,
		      int *ret_lock, struct err *e)
{
	struct err ignored;

	if (!r->keep_blobs)
		return 0;
	(void)prune_unused(d, map, &ignored); /* not later, then */
	*ret_lock = lock_layers_shared(d->data_fd, e);
	return *ret_lock < 0 ? -1 : 0;
}

static int add_keys(const struct dirs *d, const struct pull_request *r, struct strv *keys,
		    struct err *e)
{
	auto_free char *name = name_of(r->reference);

	strv_addf(keys, "name=%s", name);
	strv_addf(keys, "reference=%s", name);
	strv_addf(keys, "what=%s", r->reference->digest ? r->reference->digest : r->reference->tag);
	/* What is here may lack the blobs; its layers are not fetched again for them. */
	if (r->have && !r->keep_blobs)
		strv_addf(keys, "have=%s", r->have);
	if (r->platform)
		strv_addf(keys, "platform=%s", r->platform);
	return r->keep_blobs ? commit_keep_keys(d, keys, e) : 0;
}

/* rlc-fetch names the registry; what rlc-image finds wrong with what came does not. */
static int explain(const struct pull_request *r, struct err *e)
{
	auto_free char *name = name_of(r->reference);

	if (!strstr(e->what, r->reference->domain))
		err_ctx(e, "pull %.300s", name);
	if (!*e->hint && !e->sys)
		err_hint(e, "nothing of it was kept: ask the keepers of %s, or fetch another tag",
			 r->reference->domain);
	return -1;
}

/* rlc-image with rlc-fetch at the other end of its input. */
static int run_halves(const struct dirs *d, const struct id_map *map, const struct pull_request *r,
		      struct worker_request *w, const struct offer_terms *terms, struct strv *ids,
		      struct err *e)
{
	auto_fd int asking = -1, answering = -1;
	struct fetch_process fetch;
	struct err own;
	int pair[2], rc;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "make a socket between the halves of a pull");
	asking = pair[0];
	answering = pair[1];
	if (fetch_start(r->reference->domain, r->reference->path, &r->options, answering, &fetch,
			e) < 0)
		return -1;
	close(take_fd(&answering)); /* or the asker would not see it end */
	w->input = asking;
	w->others = &fetch.notices;
	rc = take_in_images(d, map, w, terms, NULL, ids, e);
	/* What ails rlc-fetch is why rlc-image did not get what it asked for. */
	if (fetch_end(&fetch, &own) < 0 && rc < 0)
		*e = own;
	return rc;
}

static int make_terms(const struct pull_request *r, const char *name, struct offer_terms *ret,
		      struct err *e)
{
	*ret = (struct offer_terms){.name = name,
				    .is_one = true,
				    .may_be_here = r->have && !r->keep_blobs,
				    .keeps_blobs = r->keep_blobs,
				    .platform = platform_native(),
				    .platform_asked = r->platform};
	return r->platform ? platform_parse(r->platform, &ret->platform, e) : 0;
}

static int pull(const struct dirs *d, const struct id_map *map, const struct pull_request *r,
		int stop, char **ret_id, struct err *e)
{
	struct worker_request w = {
	    .verb = "pull",
	    .folder = -1,
	    .folder_sock = -1,
	    .can_stop = true,
	    .stop = stop,
	    .progress = r->progress,
	    .progress_arg = r->progress_arg,
	};
	auto_free char *name = name_of(r->reference);
	auto_strv struct strv ids = {0};
	auto_fd int lock = -1;
	struct offer_terms terms;
	int rc = make_terms(r, name, &terms, e);

	if (rc == 0)
		rc = hold_blobs(d, map, r, &lock, e);
	if (rc == 0)
		rc = add_keys(d, r, &w.keys, e);
	if (rc == 0)
		rc = run_halves(d, map, r, &w, &terms, &ids, e);
	strv_free(&w.keys);
	if (rc < 0)
		return explain(r, e);
	*ret_id = ids.n ? xstrdup(ids.v[0]) : NULL;
	return 0;
}

int pull_image(const struct dirs *d, const struct id_map *map, const struct pull_request *r,
	       char **ret_id, struct err *e)
{
	struct stop stop;
	int rc, signo;

	if (map->single)
		log_warn("only one id is mapped: %s", map->why_single);
	if (stop_begin(&stop, e) < 0)
		return -1;
	rc = pull(d, map, r, stop.fd, ret_id, e);
	signo = stop_end(&stop);
	if (!signo)
		return rc;
	if (rc == 0)
		free(take_ptr(*ret_id));
	err_msg(e, "pull of %s/%s: interrupted", r->reference->domain, r->reference->path);
	return err_exit(e, 128 + signo);
}
