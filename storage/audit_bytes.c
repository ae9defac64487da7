/* SPDX-License-Identifier: Apache-2.0 */
/* Reads blobs and trees of the store to their ends. In rlc-image. */
#include "storage/audit_bytes.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "storage/layer_record.h"
#include "storage/source.h"
#include "storage/stream.h"
#include "storage/verify.h"

#include <fcntl.h>
#include <sys/stat.h>

enum {
	FOLDER = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
	DEPTH_MAX = 2100, /* a tar's names have 4096 bytes */
};

static void add_fault(struct json_object *faults, const char *kind, const char *name,
		      const struct err *e)
{
	auto_free char *why =
	    xasprintf("%s%s%s", e->what, e->sys ? ": " : "", e->sys ? strerror(e->sys) : "");
	struct json_object *o = json_object_new_object();

	json_add_str(o, kind, name);
	json_add_str(o, "why", why);
	json_object_array_add(faults, o);
}

static int read_blob(struct source *s, const char *hex, struct err *e)
{
	auto_free char *path = xasprintf("blobs/sha256/%s", hex);
	auto_stream struct stream *in = NULL;
	struct digest_result result;
	const unsigned char *bytes;
	struct stream *file;
	uint64_t size;
	ssize_t n;

	if (source_open(s, path, &file, &size, e) < 0)
		return -1;
	in = stream_verify(file, "it", hex, DIGEST_ANY_SIZE, &result);
	while ((n = in->next(in, &bytes, e)) > 0)
		;
	return n < 0 ? -1 : 0;
}

/* Takes folder. Adds how many names are in the tree beneath it. */
static int count_names(int folder, int depth, int64_t *count, struct err *e)
{
	auto_dir DIR *d = fdopendir(folder);
	struct dirent *entry;

	if (!d) {
		err_sys(e, "list a folder of it");
		close(folder);
		return -1;
	}
	while ((errno = 0, entry = readdir(d))) {
		int below;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		++*count;
		if (entry->d_type != DT_DIR)
			continue;
		below = depth < DEPTH_MAX ? openat(dirfd(d), entry->d_name, FOLDER) : -1;
		if (below < 0)
			return err_sys(e, "open a folder of it");
		if (count_names(below, depth + 1, count, e) < 0)
			return -1;
	}
	return errno ? err_sys(e, "list a folder of it") : 0;
}

static int read_layer(int layers, const char *name, struct err *e)
{
	auto_fd int folder = openat(layers, name, FOLDER);
	struct layer_record r = {0};
	int64_t wanted, count = 0;
	int fs;

	if (folder < 0)
		return err_sys(e, "open it");
	if (layer_record_read(folder, &r, e) < 0)
		return -1;
	wanted = r.names;
	layer_record_free(&r);
	fs = openat(folder, "fs", FOLDER);
	if (fs < 0)
		return err_sys(e, "open its folder fs");
	if (count_names(fs, 0, &count, e) < 0)
		return -1;
	if (wanted >= 0 && wanted != count)
		return err_msg(e, "%lld files and folders are in it, %lld were unpacked",
			       (long long)count, (long long)wanted);
	return 0;
}

int audit_bytes(int sock, int layers, const struct strv *blob_names, const struct strv *layer_names,
		struct json_object *answer, struct err *e)
{
	struct json_object *faults = json_add_array(answer, "faults");
	struct source *s = source_folder(sock, "the store");
	struct err why;

	(void)e; /* whatever fails is a fault of the store */
	for (size_t i = 0; i < blob_names->n; i++)
		if (read_blob(s, blob_names->v[i], &why) < 0)
			add_fault(faults, "blob", blob_names->v[i], &why);
	for (size_t i = 0; i < layer_names->n; i++)
		if (read_layer(layers, layer_names->v[i], &why) < 0)
			add_fault(faults, "layer", layer_names->v[i], &why);
	source_free(s);
	return 0;
}
