/* SPDX-License-Identifier: Apache-2.0 */
/* Writes and reads the JSON of a container's record; read by every command that names one. */
#include "lib/state/record_text.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"

#include <limits.h>
#include <signal.h>

static const char *const status_names[] = {
    [STATUS_CREATED] = "created",
    [STATUS_RUNNING] = "running",
    [STATUS_EXITED] = "exited",
    [STATUS_PAUSED] = "paused",
};

const char *record_status_name(enum record_status status)
{
	return status_names[status];
}

bool record_id_is_valid(const char *id)
{
	return strspn(id, "0123456789abcdef") == RECORD_ID_LEN && id[RECORD_ID_LEN] == '\0';
}

static char *print(struct json_object *j)
{
	return xstrdup(json_object_to_json_string_ext(j, JSON_C_TO_STRING_PLAIN |
							     JSON_C_TO_STRING_NOSLASHESCAPE));
}

char *record_format(const struct record *r)
{
	auto_json struct json_object *j = json_object_new_object();

	json_add_i64(j, "format", RECORD_FORMAT);
	json_add_str(j, "id", r->id);
	json_add_str(j, "name", r->name);
	json_add_str(j, "image_id", r->image_id);
	json_add_str(j, "image_name", r->image_name);
	json_add_str(j, "rootfs", r->rootfs);
	json_add_strv(j, "layers", &r->layers);
	json_add_strv(j, "args", &r->args);
	json_add_strv(j, "labels", &r->labels);
	json_add_strv(j, "ports", &r->ports);
	json_add_str(j, "log_path", r->log_path);
	json_add_str(j, "cidfile", r->cidfile);
	json_add_i64(j, "stop_signal", r->stop_signal);
	json_add_i64(j, "stop_timeout", r->stop_timeout);
	json_add_bool(j, "remove", r->remove);
	json_add_bool(j, "terminal", r->terminal);
	json_add_i64(j, "created_ns", r->created_ns);
	return print(j);
}

char *record_state_format(const struct record_state *s)
{
	auto_json struct json_object *j = json_object_new_object();

	json_add_i64(j, "format", RECORD_FORMAT);
	json_add_str(j, "status", record_status_name(s->status));
	json_add_i64(j, "pid", s->pid);
	json_add_i64(j, "monitor_pid", s->monitor_pid);
	json_add_i64(j, "pid_start", s->pid_start);
	json_add_str(j, "boot", s->boot);
	json_add_i64(j, "exit_code", s->exit_code);
	json_add_bool(j, "monitor_lost", s->monitor_lost);
	json_add_i64(j, "started_ns", s->started_ns);
	json_add_i64(j, "finished_ns", s->finished_ns);
	json_add_str(j, "cgroup", s->cgroup);
	json_add_str(j, "error", s->error);
	json_add_i64(j, "oom_kills", s->oom_kills);
	json_add_i64(j, "refused", s->refused);
	return print(j);
}

/* The format first: what a newer rlc means by the other keys is not ours to guess. */
static int check_format(struct json_object *j, const char *name, struct err *e)
{
	int64_t format = 0;

	if (!json_object_is_type(j, json_type_object))
		return err_msg(e, "%s: not an object", name);
	if (json_get_i64(j, "format", &format, e) < 0)
		return err_ctx(e, "%s", name);
	if (format < 1)
		return err_msg(e, "%s: no \"format\" number", name);
	if (format > RECORD_FORMAT) {
		err_msg(e, "%s: written by a newer rlc (format %lld, this one knows up to %d)",
			name, (long long)format, RECORD_FORMAT);
		return err_hint(e, "use the newer rlc for this container");
	}
	return 0;
}

/* Parses and checks the format; the remedy fits all that can be wrong but a newer format. */
static int open_text(const char *text, size_t n, const char *name, struct json_object **ret,
		     struct err *e)
{
	auto_json struct json_object *j = NULL;

	if (json_parse(text, n, name, &j, e) < 0 || check_format(j, name, e) < 0)
		return -1;
	*ret = take_ptr(j);
	return 0;
}

/* Like json_get_i64 with bounds; a missing member is 0. */
static int get_number(struct json_object *j, const char *key, int64_t min, int64_t max,
		      int64_t *ret, struct err *e)
{
	*ret = 0;
	if (json_get_i64(j, key, ret, e) < 0)
		return -1;
	if (*ret < min || *ret > max)
		return err_msg(e, "\"%s\" is %lld, not between %lld and %lld", key, (long long)*ret,
			       (long long)min, (long long)max);
	return 0;
}

static int get_path(struct json_object *j, const char *key, char **ret, struct err *e)
{
	const char *v = NULL;

	if (json_get_str(j, key, &v, e) < 0)
		return -1;
	if (v && v[0] != '/')
		return err_msg(e, "\"%s\" is not an absolute path", key);
	*ret = xstrdup_null(v);
	return 0;
}

static int get_names(struct json_object *j, struct record *r, struct err *e)
{
	const char *id = "", *name = "", *image_id = NULL, *image_name = NULL;

	if (json_get_str(j, "id", &id, e) < 0 || json_get_str(j, "name", &name, e) < 0 ||
	    json_get_str(j, "image_id", &image_id, e) < 0 ||
	    json_get_str(j, "image_name", &image_name, e) < 0)
		return -1;
	if (!record_id_is_valid(id))
		return err_msg(e, "\"id\" is not 64 hex digits");
	if (record_check_name(name, e) < 0)
		return -1;
	r->id = xstrdup(id);
	r->name = xstrdup(name);
	r->image_id = xstrdup_null(image_id);
	r->image_name = xstrdup_null(image_name);
	return 0;
}

static int get_members(struct json_object *j, struct record *r, struct err *e)
{
	int64_t stop_signal, stop_timeout;

	if (get_names(j, r, e) < 0 || get_path(j, "rootfs", &r->rootfs, e) < 0 ||
	    get_path(j, "log_path", &r->log_path, e) < 0 ||
	    get_path(j, "cidfile", &r->cidfile, e) < 0 ||
	    json_get_strv(j, "layers", &r->layers, e) < 0 ||
	    json_get_strv(j, "args", &r->args, e) < 0 ||
	    json_get_strv(j, "labels", &r->labels, e) < 0 ||
	    json_get_strv(j, "ports", &r->ports, e) < 0 ||
	    get_number(j, "stop_signal", 1, SIGRTMAX, &stop_signal, e) < 0 ||
	    get_number(j, "stop_timeout", -1, INT_MAX, &stop_timeout, e) < 0 ||
	    json_get_bool(j, "remove", &r->remove, e) < 0 ||
	    json_get_bool(j, "terminal", &r->terminal, e) < 0 ||
	    get_number(j, "created_ns", 0, INT64_MAX, &r->created_ns, e) < 0)
		return -1;
	r->stop_signal = (int)stop_signal;
	r->stop_timeout = (int)stop_timeout;
	return 0;
}

int record_parse(const char *text, size_t n, const char *name, struct record *ret, struct err *e)
{
	auto_json struct json_object *j = NULL;
	struct record r = {0};

	if (open_text(text, n, name, &j, e) < 0)
		return -1;
	if (get_members(j, &r, e) < 0) {
		record_free(&r);
		return err_ctx(e, "%s", name);
	}
	*ret = r;
	return 0;
}

static int get_status(struct json_object *j, enum record_status *ret, struct err *e)
{
	const char *v = NULL;

	if (json_get_str(j, "status", &v, e) < 0)
		return -1;
	for (size_t i = 0; v && i < STATUS_PAUSED; i++)
		if (strcmp(v, status_names[i]) == 0) {
			*ret = (enum record_status)i;
			return 0;
		}
	return err_msg(e, "\"status\" is none of created, running, exited");
}

static int get_text(struct json_object *j, const char *key, char *buf, size_t room, struct err *e)
{
	const char *v = "";

	if (json_get_str(j, key, &v, e) < 0)
		return -1;
	if (strlen(v) >= room)
		return err_msg(e, "\"%s\" is longer than %zu bytes", key, room - 1);
	memcpy(buf, v, strlen(v) + 1);
	return 0;
}

static int get_state_members(struct json_object *j, struct record_state *s, struct err *e)
{
	int64_t pid, monitor_pid, exit_code;

	if (get_status(j, &s->status, e) < 0 || get_number(j, "pid", 0, INT_MAX, &pid, e) < 0 ||
	    get_number(j, "monitor_pid", 0, INT_MAX, &monitor_pid, e) < 0 ||
	    get_number(j, "pid_start", 0, INT64_MAX, &s->pid_start, e) < 0 ||
	    get_number(j, "exit_code", -1, 255, &exit_code, e) < 0 ||
	    json_get_bool(j, "monitor_lost", &s->monitor_lost, e) < 0 ||
	    get_number(j, "started_ns", 0, INT64_MAX, &s->started_ns, e) < 0 ||
	    get_number(j, "finished_ns", 0, INT64_MAX, &s->finished_ns, e) < 0 ||
	    get_text(j, "boot", s->boot, sizeof(s->boot), e) < 0 ||
	    get_text(j, "cgroup", s->cgroup, sizeof(s->cgroup), e) < 0 ||
	    get_text(j, "error", s->error, sizeof(s->error), e) < 0 ||
	    get_number(j, "oom_kills", 0, INT64_MAX, &s->oom_kills, e) < 0 ||
	    get_number(j, "refused", 0, INT64_MAX, &s->refused, e) < 0)
		return -1;
	/* Clean-up removes this folder. */
	if (s->cgroup[0] && (s->cgroup[0] != '/' || strstr(s->cgroup, "/..")))
		return err_msg(e, "\"cgroup\" is not an absolute path without \"..\"");
	if (s->status == STATUS_RUNNING && pid < 2)
		return err_msg(e, "\"pid\" is missing of what runs");
	s->pid = (pid_t)pid;
	s->monitor_pid = (pid_t)monitor_pid;
	s->exit_code = (int)exit_code;
	return 0;
}

int record_state_parse(const char *text, size_t n, const char *name, struct record_state *ret,
		       struct err *e)
{
	auto_json struct json_object *j = NULL;
	struct record_state s = {0};

	if (open_text(text, n, name, &j, e) < 0)
		return -1;
	if (get_state_members(j, &s, e) < 0)
		return err_ctx(e, "%s", name);
	*ret = s;
	return 0;
}

bool record_is_newer(const char *text, size_t n)
{
	auto_json struct json_object *j = NULL;
	int64_t format = 0;
	struct err e;

	return json_parse(text, n, "", &j, &e) == 0 &&
	       json_get_i64(j, "format", &format, &e) == 0 && format > RECORD_FORMAT;
}
