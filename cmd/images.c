/* SPDX-License-Identifier: Apache-2.0 */
/* `rlc images`: what is in the store. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/image_names.h"
#include "cmd/table.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/str.h"
#include "storage/reference.h"
#include "storage/short_name.h"
#include "storage/store.h"

enum { SHORT_ID = 12 };

struct images_request {
	bool digests, no_heading, no_trunc, quiet, json;
};

#define BOOL(member)                                                                               \
	.group = "Options", .at = option_at(struct images_request, member, bool),                  \
	.set = option_set_bool

static int set_format(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct images_request *r = to;

	(void)row;
	r->json = strcmp(value, "json") == 0;
	if (r->json)
		return 0;
	err_msg(e, "templates are not in this version");
	return err_hint(e,
			"write --format json and pick with jq, as in: rlc images --format json | "
			"jq -r '.[].Id'");
}

static const struct option_row rows[] = {
    {"digests", .help = "Show the digests of manifests too", BOOL(digests)},
    {"format", .metavar = "FORMAT", .values = "json", .group = "Options",
     .help = "Print in this format: json", .set = set_format},
    {"noheading", 'n', .help = "Leave the line of headings out", BOOL(no_heading)},
    {"no-trunc", .help = "Show ids in full", BOOL(no_trunc)},
    {"quiet", 'q', .help = "Print ids alone", BOOL(quiet)},
};

static const struct option_refused refused[] = {
    {"all", 'a', "leave it out: nothing is hidden"},
    {"filter", 'f', "name an image: rlc images NAME; else: rlc images --format json | jq ..."},
    {"sort", .way = "leave it out: the newest stands first; else: rlc images -n | sort"},
    {"history", .way = "leave it out: former names are not kept"},
    {0},
};

const struct option_set images_options = {
    .program = "rlc images",
    .rows = rows,
    .n_rows = array_len(rows),
    .refused = refused,
    .outer = &global_options,
};

/* What was typed to choose images by. A short name may mean several repositories. */
struct choice {
	struct strv names; /* full, without their tag */
	char *tag;	   /* NULL: any */
};

static int choice_parse(const char *typed, const struct image_names *names, struct choice *ret,
			struct err *e)
{
	auto_strv struct strv full = {0};
	const char *slash = strrchr(typed, '/');
	struct reference r = {0};

	if (reference_parse(typed, &r, e) < 0)
		return -1;
	ret->tag = strchr(slash ? slash : typed, ':') ? xstrdup_null(r.tag) : NULL;
	reference_free(&r);
	short_name_here(typed, &names->aliases, &names->search, &full);
	for (size_t i = 0; i < full.n; i++) {
		if (reference_parse(full.v[i], &r, e) < 0)
			return -1;
		strv_addf(&ret->names, "%s/%s", r.domain, r.path);
		reference_free(&r);
	}
	return 0;
}

static bool is_chosen(const struct choice *c, const struct image_row *row)
{
	return row->name && strv_has(&c->names, row->name) &&
	       (!c->tag || (row->tag && strcmp(row->tag, c->tag) == 0));
}

/* Moves the rows that are chosen to the front and sets *n to how many they are. */
static int keep_chosen(struct image_row *images, size_t *n, const char *typed,
		       const struct image_names *names, struct err *e)
{
	struct choice c = {0};
	size_t kept = 0;
	int rc = choice_parse(typed, names, &c, e);

	for (size_t i = 0; rc == 0 && i < *n; i++) {
		struct image_row row = images[i];

		if (!is_chosen(&c, &row))
			continue;
		/* Swapped, not overwritten: the whole array is freed by its full length. */
		images[i] = images[kept];
		images[kept++] = row;
	}
	strv_free(&c.names);
	free(c.tag);
	*n = kept;
	return rc;
}

/* Whether an earlier row has the same id: -q prints each once. */
static bool is_repeated(const struct image_row *images, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(images[k].id, images[i].id) == 0)
			return true;
	return false;
}

static void print_ids(const struct images_request *r, const struct image_row *images, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_repeated(images, i))
			printf("%.*s\n", r->no_trunc ? -1 : SHORT_ID, images[i].id);
}

static void print_json(const struct image_row *images, size_t n)
{
	auto_json struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < n; i++) {
		struct json_object *j = json_object_new_object();
		auto_strv struct strv names = {0};
		char when[32];
		struct tm tm;

		if (is_repeated(images, i)) {
			json_object_put(j);
			continue;
		}
		for (size_t k = i; k < n; k++)
			if (images[k].name && strcmp(images[k].id, images[i].id) == 0)
				strv_addf(&names, "%s%s%s", images[k].name,
					  images[k].tag ? ":" : "",
					  images[k].tag ? images[k].tag : "");
		json_add_str(j, "Id", images[i].id);
		json_add_strv(j, "Names", &names);
		json_add_str(j, "Digest", images[i].manifest_digest);
		json_add_i64(j, "Size", (int64_t)images[i].size);
		json_add_i64(j, "Created", images[i].created);
		if (gmtime_r(&images[i].created, &tm) &&
		    strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm))
			json_add_str(j, "CreatedAt", when);
		json_object_array_add(list, j);
	}
	puts(json_text(list));
}

static void add_row(struct table *t, const struct images_request *r, const struct image_row *image)
{
	auto_free char *id = xstrndup(image->id, r->no_trunc ? strlen(image->id) : SHORT_ID);
	auto_free char *span = table_span(time(NULL) - image->created);
	auto_free char *created = xasprintf("%s ago", span);
	char size[16];

	table_add(t, image->name ? image->name : "<none>");
	table_add(t, image->tag ? image->tag : "<none>");
	if (r->digests)
		table_add(t, image->manifest_digest);
	table_add(t, id);
	table_add(t, created);
	table_add(t, str_human_bytes(size, sizeof(size), image->size));
}

static void print_table(const struct images_request *r, const struct image_row *images, size_t n)
{
	auto_table struct table t = {.columns = r->digests ? 6 : 5};

	if (!r->no_heading) {
		table_add(&t, "REPOSITORY");
		table_add(&t, "TAG");
		if (r->digests)
			table_add(&t, "DIGEST");
		table_add(&t, "IMAGE ID");
		table_add(&t, "CREATED");
		table_add(&t, "SIZE");
	}
	for (size_t i = 0; i < n; i++)
		add_row(&t, r, &images[i]);
	table_print(&t);
}

int cmd_images(struct context *c, int argc, char **argv, struct err *e)
{
	auto_image_names struct image_names names = {0};
	struct images_request r = {0};
	int at = command_parse(c, argc, argv, &r, e), rc = 0;
	struct image_row *images = NULL;
	const struct dirs *d;
	size_t n, shown;

	if (at < 0 || context_dirs(c, &d, e) < 0 || image_names_load(c, &names, e) < 0 ||
	    store_list(d, &images, &n, e) < 0)
		return -1;
	shown = n;
	if (at < argc)
		rc = keep_chosen(images, &shown, argv[at], &names, e);
	if (rc == 0) {
		if (r.json)
			print_json(images, shown);
		else if (r.quiet)
			print_ids(&r, images, shown);
		else
			print_table(&r, images, shown);
	}
	image_rows_free(images, n);
	return rc;
}
