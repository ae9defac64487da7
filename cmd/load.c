/* SPDX-License-Identifier: Apache-2.0 */
/* `rlc load` and `rlc import`: images out of files, unpacked by rlc-image. */
#include "storage/load.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/kernel/idmap.h"

#include <strings.h>

struct load_request {
	char *input;
	bool quiet;
};

static const struct option_row load_rows[] = {
    {"input", 'i', .metavar = "FILE", .values = "@file", .group = "Options",
     .help = "Read this: FILE, oci:FOLDER, oci-archive:FILE or docker-archive:FILE",
     .set = option_set_text,
     .text = "A file is an archive of *docker save*, *podman save* or *skopeo copy*, compressed or "
	     "not; without any it is read from standard input. With a kind in front: "
	     "*oci:*_FOLDER_, an OCI image layout, *oci-archive:*_FILE_, a tar of one, or "
	     "*docker-archive:*_FILE_; _:NAME_ behind it takes that image alone.",
     .at = option_at(struct load_request, input, char *)},
    {"quiet", 'q', .group = "Options", .help = "Do not print what was loaded",
     .set = option_set_bool, .at = option_at(struct load_request, quiet, bool)},
};

static const struct option_refused load_refused[] = {
    {"signature-policy", .way = "leave it out: digests are always verified"},
    {0},
};

const struct option_set load_options = {
    .program = "rlc load",
    .rows = load_rows,
    .n_rows = array_len(load_rows),
    .refused = load_refused,
    .outer = &global_options,
};

/* The operand, -i, or standard input where it is no terminal. */
static const char *choose_source(const struct load_request *r, const char *operand, struct err *e)
{
	if (operand && r->input) {
		err_msg(e, "load: --input %s and \"%s\" exclude each other", r->input, operand);
		err_hint(e, "name one file");
		return NULL;
	}
	if (operand || r->input)
		return operand ? operand : r->input;
	if (!isatty(STDIN_FILENO))
		return "-";
	err_msg(e, "load: nothing to read: no file given, and standard input is a terminal");
	err_hint(e, "write: rlc load FILE, or rlc load oci:FOLDER[:NAME]");
	return NULL;
}

/* The next step where only what the user named can be wrong. */
static int hint_input(struct err *e, const char *way)
{
	bool of_input = e->sys == 0 || e->sys == ENOENT || e->sys == EACCES;

	return *e->hint || !of_input ? -1 : err_hint(e, "%s", way);
}

static int load(struct context *c, const struct load_request *r, const char *operand, struct err *e)
{
	const char *source = choose_source(r, operand, e);
	auto_strv struct strv loaded = {0};
	const struct dirs *d;
	struct id_map map;

	if (!source || context_dirs(c, &d, e) < 0 || idmap_for_caller(&map, e) < 0)
		return -1;
	if (load_images(d, &map, source, &loaded, e) < 0)
		return hint_input(e, "it reads what docker save, podman save or skopeo wrote, and "
				     "an OCI layout as oci:FOLDER[:NAME]");
	for (size_t i = 0; i < loaded.n && !r->quiet; i++)
		printf("Loaded image: %s\n", loaded.v[i]);
	return 0;
}

int cmd_load(struct context *c, int argc, char **argv, struct err *e)
{
	struct load_request r = {0};
	int at = command_parse(c, argc, argv, &r, e), rc = -1;

	if (at >= 0)
		rc = load(c, &r, at < argc ? argv[at] : NULL, e);
	free(r.input);
	return rc;
}

struct import_request {
	struct strv changes;
};

/* "WORD VALUE" or "WORD=VALUE" with the words of a Dockerfile that configure an image. */
static int set_change(const struct option_row *row, void *to, const char *value, struct err *e)
{
	static const char *const words[] = {"CMD",   "ENTRYPOINT", "ENV",    "EXPOSE",
					    "LABEL", "USER",	   "WORKDIR"};
	struct import_request *r = to;
	size_t n = strcspn(value, " =");

	(void)row;
	for (size_t i = 0; i < array_len(words); i++) {
		if (strlen(words[i]) != n || strncasecmp(words[i], value, n) != 0 || !value[n])
			continue;
		strv_addf(&r->changes, "%s %s", words[i], value + n + 1);
		return 0;
	}
	err_msg(e, "not a change");
	return err_hint(
	    e, "write CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, USER or WORKDIR and its value, as in "
	       "--change 'CMD [\"/bin/sh\"]'");
}

static const struct option_row import_rows[] = {
    {"change", 'c', .metavar = "CHANGE", .repeats = true, .group = "Options",
     .help = "Set CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, USER or WORKDIR of the image",
     .set = set_change},
};

static const struct option_refused import_refused[] = {
    {"message", 'm', "--change 'LABEL message=TEXT'"},
    {"quiet", 'q', "leave it out: the id alone is printed"},
    {"arch", .way = "leave it out: an image is of the machine it is imported on"},
    {"os", .way = "leave it out: it is linux"},
    {"variant", .way = "leave it out"},
    {0},
};

const struct option_set import_options = {
    .program = "rlc import",
    .rows = import_rows,
    .n_rows = array_len(import_rows),
    .refused = import_refused,
    .outer = &global_options,
};

int cmd_import(struct context *c, int argc, char **argv, struct err *e)
{
	struct import_request r = {0};
	int at = command_parse(c, argc, argv, &r, e), rc = -1;
	auto_free char *id = NULL;
	const struct dirs *d;
	struct id_map map;

	if (at >= 0 && context_dirs(c, &d, e) == 0 && idmap_for_caller(&map, e) == 0)
		rc = load_rootfs_tar(d, &map, argv[at], at + 1 < argc ? argv[at + 1] : NULL,
				     &r.changes, &id, e);
	if (rc == 0)
		puts(id);
	else if (at >= 0)
		hint_input(e, "it reads a tar of a root file system, plain or compressed; an image "
			      "goes by rlc load");
	strv_free(&r.changes);
	return rc;
}
