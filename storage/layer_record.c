/* SPDX-License-Identifier: Apache-2.0 */
/* Records of unpacked layers; written in rlc-image, read on both sides. */
#include "storage/layer_record.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/json.h"

#include <fcntl.h>

static int get_u64(struct json_object *o, const char *key, uint64_t *ret, struct err *e)
{
	int64_t v = 0;

	if (json_get_i64(o, key, &v, e) < 0)
		return -1;
	*ret = v > 0 ? (uint64_t)v : 0;
	return 0;
}

static int parse(struct json_object *o, struct layer_record *r, struct err *e)
{
	const char *diff_id = NULL;
	int64_t format = 0;

	if (json_get_i64(o, "format", &format, e) < 0)
		return -1;
	if (format > LAYER_RECORD_FORMAT) {
		err_msg(e, "record format %lld is not known", (long long)format);
		e->sys = ENOTSUP;
		return err_hint(e, "a newer rlc wrote it: use that one");
	}
	if (format < LAYER_RECORD_FORMAT)
		return err_msg(e, "record format %lld is too old", (long long)format);
	if (json_get_str(o, "diff_id", &diff_id, e) < 0 ||
	    json_get_bool(o, "diff_id_is_claim", &r->diff_id_is_claim, e) < 0 ||
	    get_u64(o, "size", &r->size, e) < 0 || get_u64(o, "entries", &r->entries, e) < 0 ||
	    get_u64(o, "whiteouts", &r->whiteouts, e) < 0 ||
	    json_get_i64(o, "names", &r->names, e) < 0 ||
	    json_get_bool(o, "hides_all", &r->hides_all, e) < 0 ||
	    json_get_strv(o, "inherits", &r->inherits, e) < 0)
		return -1;
	r->diff_id = xstrdup_null(diff_id);
	return r->diff_id ? 0 : err_msg(e, "\"diff_id\" is missing");
}

int layer_record_parse(const char *text, size_t n, struct layer_record *ret, struct err *e)
{
	auto_json struct json_object *o = NULL;
	struct layer_record r = {.names = -1};

	if (json_parse(text, n, "record.json", &o, e) < 0)
		return -1;
	if (parse(o, &r, e) < 0) {
		layer_record_free(&r);
		return err_ctx(e, "record.json");
	}
	*ret = r;
	return 0;
}

int layer_record_read(int folder, struct layer_record *ret, struct err *e)
{
	/* rlc-image wrote it, maybe a broken one: a fifo would hang us, a link lead elsewhere. */
	auto_fd int fd = openat(folder, "record.json",
				O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	auto_free char *text = NULL;
	size_t n;

	if (fd < 0)
		return err_sys(e, "open record.json");
	if (file_read_fd(fd, "record.json", LAYER_RECORD_MAX, &text, &n, e) < 0)
		return -1;
	return layer_record_parse(text, n, ret, e);
}

bool layer_record_is_newer(const struct err *e)
{
	return e->sys == ENOTSUP;
}

int layer_record_write(int folder, const struct layer_record *r, struct err *e)
{
	auto_json struct json_object *o = json_object_new_object();
	struct layer_record again = {0};
	const char *text;
	size_t n;

	json_add_i64(o, "format", LAYER_RECORD_FORMAT);
	json_add_str(o, "diff_id", r->diff_id);
	if (r->diff_id_is_claim)
		json_add_bool(o, "diff_id_is_claim", true);
	json_add_i64(o, "size", (int64_t)r->size);
	json_add_i64(o, "entries", (int64_t)r->entries);
	json_add_i64(o, "whiteouts", (int64_t)r->whiteouts);
	if (r->hides_all)
		json_add_bool(o, "hides_all", true);
	if (r->names >= 0)
		json_add_i64(o, "names", r->names);
	json_add_strv(o, "inherits", &r->inherits);
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE);
	n = strlen(text);
	/* An image of absurdly many folders: what cannot be read again would be no layer. */
	if (n > LAYER_RECORD_MAX || layer_record_parse(text, n, &again, e) < 0)
		return err_msg(e, "the layer leaves out too many of its folders");
	layer_record_free(&again);
	return file_write(folder, "record.json", text, n, 0600, false, e);
}

void layer_record_free(struct layer_record *r)
{
	free(r->diff_id);
	strv_free(&r->inherits);
	*r = (struct layer_record){0};
}
