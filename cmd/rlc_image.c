/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rlc-image: unpacks images, and removes what containers left, as root of a user namespace that
 * sees only its own folder of the store. Started by rlc (storage/worker.c), never by hand:
 *
 *	rlc-image VERB KEY=VALUE…
 *	0 /dev/null, 1 the answer (storage/answer.h), 2 notices, 3 the folder that becomes its
 *	root, 4 the input, 5 the store's layers, 6 news of a pull (storage/progress.h)
 *
 * Should: confine itself before it reads a byte of the input. Mustn't: reach anything of the store
 * but the layers (to read) and its own folder, run anything, keep a descriptor of a host folder.
 */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "storage/answer.h"
#include "storage/audit_bytes.h"
#include "storage/ingest.h"
#include "storage/jail.h"
#include "storage/platform.h"
#include "storage/reference.h"
#include "storage/remove.h"
#include "storage/source.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FD_ANSWER = 1, FD_ROOT = 3, FD_INPUT = 4, FD_LAYERS = 5, FD_NEWS = 6 };

struct request {
	char *kind;	 /* load: auto, oci, oci-archive, docker-archive */
	char *name;	 /* of the input, for errors */
	char *reference; /* load: which image; import, pull: its name. NULL: all, none */
	char *what;	 /* pull: tag or "sha256:HEX" to ask rlc-fetch for */
	char *have;	 /* pull: digest of the manifest that is here already */
	char *platform;	 /* pull: "linux/ARCHITECTURE[/VARIANT]"; NULL: this machine's */
	char *run;	 /* import: "config" of the image, JSON */
	char *uids, *gids, *next_free, *user, *single; /* struct unpack_ids */
	char *log_level;
	char *keep_blobs;   /* "1": the blobs of layers too */
	struct strv blobs;  /* hex digests: of those that are here already; check: to read */
	struct strv layers; /* check: names of folders */
	struct strv paths;  /* remove: names in the folder */
};

static const struct {
	const char *key;
	size_t at;
} keys[] = {
    {"kind", offsetof(struct request, kind)},
    {"name", offsetof(struct request, name)},
    {"reference", offsetof(struct request, reference)},
    {"what", offsetof(struct request, what)},
    {"have", offsetof(struct request, have)},
    {"platform", offsetof(struct request, platform)},
    {"run", offsetof(struct request, run)},
    {"uids", offsetof(struct request, uids)},
    {"gids", offsetof(struct request, gids)},
    {"next-free", offsetof(struct request, next_free)},
    {"user", offsetof(struct request, user)},
    {"single", offsetof(struct request, single)},
    {"keep-blobs", offsetof(struct request, keep_blobs)},
    {"log-level", offsetof(struct request, log_level)},
};

/* Keys that may be given more than once. */
static const struct {
	const char *key;
	size_t at;
} lists[] = {
    {"path", offsetof(struct request, paths)},
    {"blob", offsetof(struct request, blobs)},
    {"layer", offsetof(struct request, layers)},
};

static int parse_argument(char *argument, struct request *r, struct err *e)
{
	char *value = strchr(argument, '=');

	if (!value)
		return err_msg(e, "rlc-image: \"%s\" is not KEY=VALUE", argument);
	*value++ = '\0';
	for (size_t i = 0; i < array_len(lists); i++)
		if (strcmp(argument, lists[i].key) == 0) {
			strv_add((struct strv *)((char *)r + lists[i].at), value);
			return 0;
		}
	for (size_t i = 0; i < array_len(keys); i++)
		if (strcmp(argument, keys[i].key) == 0) {
			memcpy((char *)r + keys[i].at, &value, sizeof(value));
			return 0;
		}
	return err_msg(e, "rlc-image: unknown key \"%s\"", argument);
}

static int read_number(const char *text, const char *key, uint64_t *ret, struct err *e)
{
	int64_t v;

	if (!text || !str_to_i64(text, 0, UINT32_MAX + 1LL, &v))
		return err_msg(e, "rlc-image: %s is not a number of ids", key);
	*ret = (uint64_t)v;
	return 0;
}

static int read_ids(const struct request *r, struct unpack_ids *ids, struct err *e)
{
	*ids = (struct unpack_ids){.single = r->single && *r->single == '1', .user = r->user};
	if (read_number(r->uids, "uids", &ids->uids, e) < 0 ||
	    read_number(r->gids, "gids", &ids->gids, e) < 0 ||
	    read_number(r->next_free, "next-free", &ids->next_free, e) < 0)
		return -1;
	return ids->user ? 0 : err_msg(e, "rlc-image: no user was named");
}

/* What a tar holds is told by its table file; docker save writes both nowadays. */
static int load_archive(struct ingest *in, const struct request *r, struct err *e)
{
	struct source *s = source_archive(FD_INPUT, r->name, &in->shelf, e);
	int rc;

	if (!s)
		return -1;
	if (strcmp(r->kind, "oci-archive") == 0 ||
	    (strcmp(r->kind, "auto") == 0 && source_has(s, "index.json"))) {
		rc = ingest_oci(in, s, r->reference, e);
	} else if (strcmp(r->kind, "docker-archive") == 0 || source_has(s, "manifest.json")) {
		rc = ingest_docker(in, s, r->reference, e);
	} else {
		err_msg(e, "%s is a tar, but not of an image: no index.json or manifest.json",
			r->name);
		rc = err_hint(e, "if it is a root file system: rlc import %s NAME", r->name);
	}
	source_free(s);
	return rc;
}

static int load_folder(struct ingest *in, const struct request *r, struct err *e)
{
	struct source *s = source_folder(FD_INPUT, r->name);
	int rc = ingest_oci(in, s, r->reference, e);

	source_free(s);
	return rc;
}

static int load(struct ingest *in, const struct request *r, struct err *e)
{
	if (!r->kind || !r->name)
		return err_msg(e, "rlc-image: load needs kind and name");
	return strcmp(r->kind, "oci") == 0 ? load_folder(in, r, e) : load_archive(in, r, e);
}

static int import(struct ingest *in, const struct request *r, struct err *e)
{
	if (!r->name || !r->run)
		return err_msg(e, "rlc-image: import needs name and run");
	return ingest_rootfs(in, FD_INPUT, r->name, r->reference, r->run, e);
}

static int pull(struct ingest *in, const struct request *r, struct err *e)
{
	struct registry_request request = {.name = r->name,
					   .what = r->what,
					   .reference = r->reference,
					   .have = r->have,
					   .platform = platform_native(),
					   .platform_asked = r->platform};

	if (!r->name || !r->what)
		return err_msg(e, "rlc-image: pull needs name and what");
	if (r->have && !reference_is_digest(r->have))
		return err_msg(e, "rlc-image: have is no digest");
	if (r->platform && platform_parse(r->platform, &request.platform, e) < 0)
		return -1;
	in->news = FD_NEWS;
	return ingest_registry(in, FD_INPUT, &request, e);
}

/* Everything that makes layers: on the disk before rlc gives them their names. */
static int take_in(int (*verb)(struct ingest *, const struct request *, struct err *),
		   const struct request *r, struct json_object *answer, struct err *e)
{
	auto_fd int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_fd int layers = open("/layers", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct ingest in = {.shelf = {.scratch = root, .layers = layers}, .news = -1};
	int rc;

	if (root < 0 || layers < 0)
		return err_sys(e, "open the store");
	if (read_ids(r, &in.shelf.ids, e) < 0)
		return -1;
	in.shelf.keep_blobs = r->keep_blobs && *r->keep_blobs == '1';
	in.shelf.blobs = &r->blobs;
	in.images = json_add_array(answer, "images");
	rc = verb(&in, r, e);
	if (rc == 0 && (in.shelf.made.n || in.shelf.kept.n) && syncfs(root) < 0)
		rc = err_sys(e, "write the layers to the disk");
	json_add_strv(answer, "made", &in.shelf.made);
	json_add_bool(answer, "unchanged", in.unchanged);
	json_add_strv(answer, "kept", &in.shelf.kept);
	strv_free(&in.shelf.made);
	strv_free(&in.shelf.kept);
	return rc;
}

static int verb_load(const struct request *r, struct json_object *answer, struct err *e)
{
	return take_in(load, r, answer, e);
}

static int verb_import(const struct request *r, struct json_object *answer, struct err *e)
{
	return take_in(import, r, answer, e);
}

static int verb_pull(const struct request *r, struct json_object *answer, struct err *e)
{
	return take_in(pull, r, answer, e);
}

static int verb_check(const struct request *r, struct json_object *answer, struct err *e)
{
	auto_fd int layers = open("/layers", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (layers < 0)
		return err_sys(e, "open the store");
	return audit_bytes(FD_INPUT, layers, &r->blobs, &r->layers, answer, e);
}

/*
 * With its lock held to the end: two that remove the same tree trip over each other. What cannot
 * be opened (a link, a socket) has no maker that could lock it.
 */
static int remove_unlocked(int at, const char *name, struct err *e)
{
	auto_fd int fd =
	    openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return 0;
	return remove_tree(at, name, e);
}

/* Goes on after a failure: one odd tree must not keep the others. */
static int verb_remove(const struct request *r, struct json_object *answer, struct err *e)
{
	auto_fd int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct err first = {0};
	int rc = 0;

	(void)answer; /* success says it all */
	if (root < 0)
		return err_sys(e, "open the store");
	for (size_t i = 0; i < r->paths.n; i++)
		if (remove_unlocked(root, r->paths.v[i], e) < 0 && rc == 0) {
			first = *e;
			rc = -1;
		}
	if (rc)
		*e = first;
	return rc;
}

static const struct {
	const char *name;
	int (*run)(const struct request *r, struct json_object *answer, struct err *e);
	bool sees_layers;
} verbs[] = {
    {"load", verb_load, true},	 {"import", verb_import, true},	 {"pull", verb_pull, true},
    {"check", verb_check, true}, {"remove", verb_remove, false},
};

/* If rlc died before we asked for the signal, its end of the pipe is closed already. */
static int follow_rlc(struct err *e)
{
	struct pollfd answer = {.fd = FD_ANSWER};

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return err_sys(e, "ask to end with rlc");
	if (poll(&answer, 1, 0) == 1 && (answer.revents & (POLLERR | POLLNVAL)))
		return err_msg(e, "rlc-image is started by rlc, not by hand");
	return 0;
}

static int run(int argc, char **argv, struct json_object *answer, struct err *e)
{
	struct request r = {0};
	int rc = -1;
	int64_t level;

	if (follow_rlc(e) < 0)
		return -1;
	for (int i = 2; i < argc; i++)
		if (parse_argument(argv[i], &r, e) < 0)
			return -1;
	if (r.log_level && str_to_i64(r.log_level, LOG_ERROR, LOG_DEBUG, &level))
		log_set_level((enum log_level)level);
	(void)umask(0); /* modes are the image's */
	err_msg(e, "rlc-image: unknown verb");
	for (size_t i = 0; i < array_len(verbs); i++) {
		if (argc < 2 || strcmp(argv[1], verbs[i].name) != 0)
			continue;
		rc = jail_enter(FD_ROOT, verbs[i].sees_layers ? FD_LAYERS : -1, e);
		if (rc == 0)
			rc = jail_filter(e);
		if (rc == 0)
			rc = verbs[i].run(&r, answer, e);
	}
	strv_free(&r.paths);
	strv_free(&r.blobs);
	strv_free(&r.layers);
	return rc;
}

int main(int argc, char **argv)
{
	auto_json struct json_object *answer = json_object_new_object();
	struct err e = {0};

	if (run(argc, argv, answer, &e) < 0) {
		answer_send_error(FD_ANSWER, &e);
		return EXIT_LAUNCHER;
	}
	answer_send(FD_ANSWER, answer);
	return 0;
}
