/* SPDX-License-Identifier: Apache-2.0 */
/* `rlc load` and `rlc import`, as far as rlc itself does them: the input is opened, rlc-image
 * started. */
#include "storage/load.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "lib/kernel/idmap.h"
#include "lib/state/dirs.h"
#include "storage/change.h"
#include "storage/offer.h"
#include "storage/reference.h"
#include "storage/take_in.h"
#include "storage/worker.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* "KIND:PATH[:REF]" taken apart. */
struct input {
	const char *kind; /* of rlc-image's request */
	char *path;
	char *reference; /* or NULL */
	int fd;		 /* of the file or folder */
};

static const struct {
	const char *prefix, *kind;
} kinds[] = {
    {"oci:", "oci"},
    {"oci-archive:", "oci-archive"},
    {"docker-archive:", "docker-archive"},
};

static void input_free(struct input *in)
{
	free(in->path);
	free(in->reference);
	if (in->fd >= 0)
		close(in->fd);
}

/* A name of that very file wins; else what follows the first ":" is the reference. */
static void split_path(struct input *in, const char *text)
{
	const char *colon = strchr(text, ':');

	if (!colon || access(text, F_OK) == 0) {
		in->path = xstrdup(text);
		return;
	}
	in->path = xstrndup(text, (size_t)(colon - text));
	in->reference = colon[1] ? xstrdup(colon + 1) : NULL;
}

static int open_input(struct input *in, struct err *e)
{
	struct stat st;

	if (strcmp(in->path, "-") == 0)
		in->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		in->fd = open(in->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (in->fd < 0 || fstat(in->fd, &st) < 0)
		return err_sys(e, "open %s", in->path);
	/* rlc-image would hold it, and may be taken over by what it reads: it could type there. */
	if (isatty(in->fd)) {
		err_msg(e, "%s is a terminal", strcmp(in->path, "-") ? in->path : "standard input");
		return err_hint(e, "name a file, or pipe one in: rlc … - <FILE");
	}
	if (S_ISDIR(st.st_mode) == (strcmp(in->kind, "oci") == 0))
		return 0;
	if (!S_ISDIR(st.st_mode)) {
		err_msg(e, "%s is no folder", in->path);
		return err_hint(e, "an archive of a layout is: oci-archive:%s", in->path);
	}
	err_msg(e, "%s is a folder", in->path);
	return err_hint(e, "if it is an OCI layout: rlc load oci:%s", in->path);
}

static int parse_input(const char *source, struct input *in, struct err *e)
{
	*in = (struct input){.kind = "auto", .fd = -1};
	for (size_t i = 0; i < array_len(kinds) && !in->path; i++)
		if (str_starts(source, kinds[i].prefix)) {
			in->kind = kinds[i].kind;
			split_path(in, source + strlen(kinds[i].prefix));
		}
	if (!in->path)
		in->path = xstrdup(source);
	return open_input(in, e);
}

/* One notice a command, before the work: it explains what the image will look like. */
static void tell_single(const struct id_map *map)
{
	if (map->single)
		log_warn("only one id is mapped: %s", map->why_single);
}

static int load_folder(const struct dirs *d, const struct id_map *map, const struct input *in,
		       struct worker_request *r, const struct offer_terms *terms,
		       struct strv *loaded, struct err *e)
{
	auto_fd int ours = -1, theirs = -1;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "make a socket to rlc-image");
	ours = pair[0];
	theirs = pair[1];
	r->folder = in->fd;
	r->folder_sock = ours;
	r->input = theirs;
	return take_in_images(d, map, r, terms, loaded, NULL, e);
}

/*
 * An archive says itself what its images are called, unless one was asked for: that one gets the
 * name it was asked for by, or none where it is no name.
 */
static char *name_of(const struct input *in)
{
	struct reference r = {0};
	struct err ignored;
	char *full = NULL;
	int rc;

	if (!in->reference)
		return NULL;
	rc = strcmp(in->kind, "docker-archive") == 0
		 ? reference_parse(in->reference, &r, &ignored)
		 : reference_parse_local(in->reference, &r, &ignored);
	if (rc == 0)
		full = reference_full(&r);
	reference_free(&r);
	return full;
}

static int load_input(const struct dirs *d, const struct id_map *map, const struct input *in,
		      struct strv *loaded, struct err *e)
{
	struct worker_request r = {
	    .verb = "load", .input = in->fd, .folder = -1, .folder_sock = -1};
	auto_free char *name = name_of(in);
	struct offer_terms terms = {
	    .name = name, .any_name = !in->reference, .platform = platform_native()};
	int rc;

	strv_addf(&r.keys, "kind=%s", in->kind);
	strv_addf(&r.keys, "name=%s", in->path);
	if (in->reference)
		strv_addf(&r.keys, "reference=%s", in->reference);
	tell_single(map);
	if (strcmp(in->kind, "oci") == 0)
		rc = load_folder(d, map, in, &r, &terms, loaded, e);
	else
		rc = take_in_images(d, map, &r, &terms, loaded, NULL, e);
	strv_free(&r.keys);
	return rc;
}

int load_images(const struct dirs *d, const struct id_map *map, const char *source,
		struct strv *loaded, struct err *e)
{
	struct input in;
	int rc = parse_input(source, &in, e);

	if (rc == 0)
		rc = load_input(d, map, &in, loaded, e);
	input_free(&in);
	return rc;
}

/* A tar to import may be named like anything: no prefix is looked for. */
static int import(const struct dirs *d, const struct id_map *map, const char *path,
		  const char *name, struct strv *keys, char **ret_id, struct err *e)
{
	struct input in = {.kind = "auto", .path = xstrdup(path), .fd = -1};
	struct worker_request r = {
	    .verb = "import", .keys = *keys, .folder = -1, .folder_sock = -1};
	struct offer_terms terms = {.name = name, .is_one = true};
	auto_strv struct strv ids = {0};
	int rc = open_input(&in, e);

	r.input = in.fd;
	tell_single(map);
	if (rc == 0)
		rc = take_in_images(d, map, &r, &terms, NULL, &ids, e);
	if (rc == 0)
		*ret_id = xstrdup(ids.v[0]);
	input_free(&in);
	return rc;
}

int load_rootfs_tar(const struct dirs *d, const struct id_map *map, const char *path,
		    const char *reference, const struct strv *changes, char **ret_id, struct err *e)
{
	auto_free char *run = NULL, *full = NULL;
	auto_strv struct strv keys = {0};
	struct reference r = {0};

	/* What the user typed is checked before minutes are spent on the tar. */
	if (changes_to_json(changes, &run, e) < 0 ||
	    (reference && reference_parse_local(reference, &r, e) < 0))
		return -1;
	strv_addf(&keys, "name=%s", path);
	strv_addf(&keys, "run=%s", run);
	if (reference) {
		full = reference_full(&r);
		strv_addf(&keys, "reference=%s", full);
	}
	reference_free(&r);
	return import(d, map, path, full, &keys, ret_id, e);
}
