/* SPDX-License-Identifier: Apache-2.0 */
/* From rlc-image's scratch folder into the store; runs in rlc. */
#include "storage/take_in.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/kernel/idmap.h"
#include "lib/state/dirs.h"
#include "storage/commit.h"
#include "storage/lock.h"
#include "storage/offer.h"
#include "storage/prune.h"
#include "storage/scratch.h"
#include "storage/sweep.h"
#include "storage/worker.h"

static int take(const struct dirs *d, const struct scratch *scratch, struct json_object *answer,
		struct worker_request *r, const struct offer_terms *terms, struct strv *names,
		struct strv *ids, struct err *e)
{
	struct offer offer = {0};
	int rc = offer_read(answer, terms, &offer, e);

	r->unchanged = offer.is_here;
	if (rc == 0)
		rc = commit_images(d, scratch, &offer, names, ids, e);
	offer_free(&offer);
	return rc;
}

static int run(const struct dirs *d, const struct id_map *map, struct worker_request *r,
	       const struct offer_terms *terms, struct strv *names, struct strv *ids, struct err *e)
{
	auto_json struct json_object *answer = NULL;
	struct scratch scratch;
	int rc;

	if (scratch_make(d, map, &scratch, e) < 0)
		return -1;
	r->root = scratch.path;
	rc = worker_run(d, map, r, &answer, e);
	if (rc == 0)
		rc = take(d, &scratch, answer, r, terms, names, ids, e);
	scratch_end(d, map, &scratch);
	return rc;
}

/* Runs rlc-image and puts what it unpacked into the index, shielded from removal meanwhile. */
static int run_locked(const struct dirs *d, const struct id_map *map, struct worker_request *r,
		      const struct offer_terms *terms, struct strv *names, struct strv *ids,
		      struct err *e)
{
	auto_fd int lock = lock_layers_shared(d->data_fd, e);

	return lock < 0 ? -1 : run(d, map, r, terms, names, ids, e);
}

int take_in_images(const struct dirs *d, const struct id_map *map, struct worker_request *r,
		   const struct offer_terms *terms, struct strv *names, struct strv *ids,
		   struct err *e)
{
	struct offer_terms own = *terms;
	struct err ignored;

	own.is_single = map->single;
	/* What killed loads left may be what fills the disk. */
	(void)sweep_run(d, map, &ignored);
	(void)prune_unused(d, map, &ignored);
	return run_locked(d, map, r, &own, names, ids, e);
}
