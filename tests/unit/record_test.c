/* SPDX-License-Identifier: Apache-2.0 */
/* Records on disk: born, found, listed and forgotten; what kill -9 and garbage leave. */
#include "lib/state/record.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/state/dirs.h"
#include "lib/state/record_text.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct dirs d;

static char *fill(struct record *r, const char *name)
{
	char *id = xcalloc(65, 1);

	record_new_id(id);
	*r = (struct record){
	    .id = xstrdup(id),
	    .name = xstrdup_null(name),
	    .image_name = xstrdup("localhost/x:1"),
	    .log_path = xstrdup("/var/log/with \"quotes\"\n"),
	    .stop_signal = 15,
	    .stop_timeout = 10,
	    .terminal = true,
	    .created_ns = 1700000000123456789,
	    .config_json = xstrdup("{\"ociVersion\":\"1.0.2\"}"),
	};
	strv_add(&r->args, "sh");
	strv_add(&r->args, "-c\x1b[2J");
	strv_add(&r->labels, "a=b=c");
	return id;
}

static int create(const char *name, char **ret_id, struct err *e)
{
	struct record r;
	auto_free char *id = fill(&r, name);
	int lock = record_create(&d, &r, false, e);

	record_free(&r);
	if (lock >= 0 && ret_id) {
		free(*ret_id);
		*ret_id = take_ptr(id);
	}
	return lock;
}

static bool exists(const char *folder, const char *name)
{
	auto_free char *path = xasprintf("%s/%s/%s", d.data, folder, name);
	struct stat st;

	return lstat(path, &st) == 0;
}

/* An id that no container has: 0123…, in base64url. */
#define STRANGER "ASNFZ4kBI0VniQEjRWeJASNFZ4kBI0VniQEjRWeJASM"

static void give_name(const char *id, const char *path)
{
	if (symlinkat(id, d.data_fd, path) < 0)
		perror(path);
}

static void put(const char *id, const char *file, const char *text)
{
	auto_free char *path = xasprintf("containers/%s/%s", id, file);
	struct err e;

	if (file_write(d.data_fd, path, text, strlen(text), 0600, false, &e) < 0)
		printf("# %s\n", e.what);
}

static int load_status(const char *id, struct record_state *s, struct err *e)
{
	struct record r;

	if (record_load(&d, id, &r, s, e) < 0)
		return -1;
	record_free(&r);
	return (int)s->status;
}

static size_t count(void)
{
	auto_strv struct strv ids = {0};
	struct err e;

	return record_list(&d, &ids, &e) == 0 ? ids.n : 9999;
}

static void test_life(void)
{
	struct record_state s = {.status = STATUS_RUNNING, .pid = 4711, .monitor_pid = 4710};
	auto_free char *id = NULL, *config = NULL, *found = NULL;
	struct record r;
	struct err e = {0};
	int lock = create("web", &id, &e);

	ok(lock >= 0, "created: %s", e.what);
	ok(fcntl(lock, F_GETFD) == FD_CLOEXEC, "its lock does not leak into the container");
	ok(record_load(&d, id, &r, &s, &e) == 0 && s.status == STATUS_CREATED,
	   "it is being set up: %s", e.what);
	ok(strcmp(r.name, "web") == 0 && r.args.n == 2 && strcmp(r.args.v[1], "-c\x1b[2J") == 0 &&
	       strcmp(r.log_path, "/var/log/with \"quotes\"\n") == 0 && r.terminal && !r.remove &&
	       r.stop_timeout == 10 && r.created_ns == 1700000000123456789 && !r.rootfs &&
	       strcmp(r.labels.v[0], "a=b=c") == 0,
	   "what was written is read");
	record_free(&r);
	ok(record_load_config(&d, id, &config, &e) == 0 && config &&
	       strcmp(config, "{\"ociVersion\":\"1.0.2\"}") == 0,
	   "config.json is a file as given");
	s = (struct record_state){.status = STATUS_RUNNING, .pid = 4711, .monitor_pid = 4710};
	strcpy(s.cgroup, "/sys/fs/cgroup/x");
	strcpy(s.boot, "2f0f3c5e-9f0b-4f57-a8a5-1f2f6b8b4b11");
	ok(record_set_state(&d, id, &s, &e) == 0 && load_status(id, &s, &e) == STATUS_RUNNING &&
	       s.pid == 4711 && strcmp(s.cgroup, "/sys/fs/cgroup/x") == 0 &&
	       strcmp(s.boot, "2f0f3c5e-9f0b-4f57-a8a5-1f2f6b8b4b11") == 0,
	   "running while the lock is held: %s", e.what);
	ok(record_remove(&d, id, &e) == -1 && e.exit == 2 && e.hint[0],
	   "a running one is not removed: %s", e.what);
	ok(record_find(&d, "web", &found, &e) == 0 && strcmp(found, id) == 0, "found by name");
	ok(create("web", NULL, &e) == -1 && e.exit == EXIT_LAUNCHER && strstr(e.what, "web") &&
	       strstr(e.hint, "rm"),
	   "the name is taken: %s", e.what);
	ok(count() == 1 && !exists("tmp", id), "nothing is left of the refused one");
	s.status = STATUS_EXITED;
	s.exit_code = 137;
	ok(record_set_state(&d, id, &s, &e) == 0, "exited");
	close(lock);
	ok(load_status(id, &s, &e) == STATUS_EXITED && s.exit_code == 137 && !s.monitor_lost,
	   "the exit code stays");
	ok(record_remove(&d, id, &e) == 0 && count() == 0 && !exists("names", "web"),
	   "removed, the name is free: %s", e.what);
	ok(record_remove(&d, id, &e) == -1 && e.exit == 1, "not there twice: %s", e.what);
	ok(record_find(&d, "web", &found, &e) == -1 && e.exit == 1 && strstr(e.what, "web"),
	   "nor found: %s", e.what);
}

/* As the monitor of --rm does it: the lock is held until the process ends. */
static void test_remove_held(void)
{
	struct record r;
	auto_free char *id = fill(&r, NULL);
	auto_free char *cidfile = xasprintf("%s/cid", d.run), *path = xasprintf("%s/%s", d.run, id);
	struct err e = {0};
	int lock;

	r.cidfile = xstrdup(cidfile);
	file_write(AT_FDCWD, cidfile, id, 64, 0600, false, &e);
	lock = record_create(&d, &r, true, &e);
	ok(lock >= 0 && r.name && exists("names", r.name), "a name is made up: %s", r.name);
	file_make_folders(path, 0700, &e);
	ok(record_remove_held(&d, &r, &e) == 0 && count() == 0 && !exists("names", r.name),
	   "who holds the lock removes: %s", e.what);
	ok(access(cidfile, F_OK) < 0 && access(path, F_OK) < 0, "cidfile and run folder are gone");
	close(lock);
	file_write(AT_FDCWD, cidfile, "other", 5, 0600, false, &e);
	xstr_set(&r.name, NULL);
	lock = record_create(&d, &r, false, &e);
	record_remove_held(&d, &r, &e);
	close(lock);
	ok(access(cidfile, F_OK) == 0, "a cidfile that holds something else stays");
	record_free(&r);
}

/* A creator or monitor that is killed: its locks go with it. */
static void test_killed(void)
{
	struct record_state s = {.status = STATUS_RUNNING, .pid = 4711, .monitor_pid = 4710};
	auto_free char *id = NULL, *gone = NULL, *path = NULL;
	struct err e = {0};
	int lock = create("lost", &id, &e);

	record_set_state(&d, id, &s, &e);
	close(lock);
	ok(load_status(id, &s, &e) == STATUS_EXITED && s.monitor_lost && s.exit_code == -1 &&
	       s.pid == 0 && s.finished_ns > 0,
	   "a monitor that died is noticed");
	ok(load_status(id, &s, &e) == STATUS_EXITED && s.monitor_lost, "and set down");
	ok(record_remove(&d, id, &e) == 0, "and its container is removed");

	lock = create("born", &gone, &e);
	close(lock);
	ok(load_status(gone, &s, &e) == STATUS_EXITED && s.monitor_lost,
	   "killed before the first state was written");
	record_remove(&d, gone, &e);

	give_name(STRANGER, "names/stale");
	lock = create("stale", NULL, &e);
	ok(lock >= 0, "a name whose container never came is taken over: %s", e.what);
	close(lock);
	give_name("no id at all", "names/odd");
	lock = create("odd", NULL, &e);
	ok(lock >= 0, "and one that names no container: %s", e.what);
	close(lock);
	path = xasprintf("tmp/%s", gone);
	mkdirat(d.data_fd, path, 0700);
	ok(record_find(&d, gone, &path, &e) == -1 && e.exit == 1, "what lies in tmp is not there");
}

/* What the next one who wants its name, or a list, does about a --rm container of a dead monitor.
 */
static void test_lost(void)
{
	auto_free char *kept = NULL;
	struct record_state s;
	struct record r, read;
	auto_free char *id = fill(&r, "fleeting");
	struct err e = {0};
	int lock;

	r.remove = true;
	lock = record_create(&d, &r, false, &e);
	ok(create("fleeting", NULL, &e) == -1, "while it lives its name is taken");
	ok(record_load(&d, id, &read, &s, &e) == 0 && !record_clean_lost(&d, &read, &s),
	   "and it is left alone");
	record_free(&read);
	record_free(&r);
	close(lock);
	lock = create("fleeting", &kept, &e);
	ok(lock >= 0 && !exists("containers", id), "then it gives way: %s", e.what);
	close(lock);
	ok(create("fleeting", NULL, &e) == -1, "one without --rm does not");
	ok(record_load(&d, kept, &read, &s, &e) == 0 && s.monitor_lost &&
	       !record_clean_lost(&d, &read, &s) && exists("containers", kept),
	   "nor does a list remove it");
	record_free(&read);
	record_remove(&d, kept, &e);
}

/* Locked in tmp and named, but not published: the name is not free yet. */
static void test_half_made(void)
{
	struct err e = {0};
	auto_free char *id = NULL, *from = NULL, *to = NULL;
	int lock = create("half", &id, &e), taken;

	from = xasprintf("containers/%s", id);
	to = xasprintf("tmp/%s", id);
	renameat(d.data_fd, from, d.data_fd, to);
	taken = create("half", NULL, &e);
	ok(taken == -1 && strstr(e.what, "belongs to"), "a name being born is taken: %s", e.what);
	close(lock);
	taken = create("half", NULL, &e);
	ok(taken >= 0, "and free when its creator died: %s", e.what);
	close(taken);
}

static void test_garbage(void)
{
	static const struct {
		const char *file, *text, *what;
	} bad[] = {
	    {"record.json", "{", "ends too early"},
	    {"record.json", "[]", "not an object"},
	    {"record.json", "{\"id\":1}", "no \"format\""},
	    {"record.json", "{\"format\":2,\"id\":[]}", "newer rlc"},
	    {"record.json", "{\"format\":1,\"id\":\"../../etc\"}", "64 hex"},
	    {"state.json", "{\"format\":1,\"status\":\"dancing\"}", "\"status\""},
	    {"state.json", "{\"format\":1,\"status\":\"running\"}", "\"pid\""},
	    {"state.json", "{\"format\":1,\"status\":\"exited\",\"exit_code\":256}", "exit_code"},
	    {"state.json", "{\"format\":1,\"status\":\"exited\",\"cgroup\":\"/a/../b\"}", "cgroup"},
	    {"state.json", "{\"format\":9}", "newer rlc"},
	};
	struct record_state s;
	struct err e = {0};
	size_t before = count();

	for (size_t i = 0; i < array_len(bad); i++) {
		auto_free char *id = NULL;
		int lock = create("garbage", &id, &e);

		put(id, bad[i].file, bad[i].text);
		ok(load_status(id, &s, &e) == -1 && strstr(e.what, bad[i].what) &&
		       strstr(e.what, bad[i].file) && strstr(e.what, id) && e.hint[0],
		   "%s", e.what);
		ok(count() == before + 1, "the others stay listed");
		close(lock);
		if (strcmp(bad[i].text, "{\"format\":2,\"id\":[]}") == 0) {
			ok(record_remove(&d, id, &e) == -1 && strstr(e.what, "newer"),
			   "what a newer rlc wrote is not removed: %s", e.what);
			put(id, bad[i].file, "{}");
		}
		ok(record_remove(&d, id, &e) == 0 && !exists("names", "garbage"),
		   "it can be removed: %s", e.what);
	}
}

/* Power loss leaves an unsynced file empty. */
static void test_empty_record(void)
{
	auto_free char *id = NULL;
	struct record_state s;
	struct err e = {0};
	size_t before = count();
	int lock = create(NULL, &id, &e);

	close(lock);
	put(id, "record.json", "");
	ok(load_status(id, &s, &e) == -1 && e.exit == 1 && count() == before,
	   "a record that was never written is forgotten: %s", e.what);
	lock = create(NULL, &id, &e);
	put(id, "state.json", "");
	ok(load_status(id, &s, &e) == STATUS_CREATED, "an empty state is no state: %s", e.what);
	close(lock);
	record_remove(&d, id, &e);
}

static void test_find(void)
{
	auto_free char *a = NULL, *b = NULL, *prefix = NULL, *found = NULL;
	auto_strv struct strv ids = {0};
	struct err e = {0};
	int locks[2];
	char lots[300];

	locks[0] = create("first", &a, &e);
	/* Times of files are as coarse as the kernel's tick. */
	usleep(20 * 1000);
	locks[1] = create("second", &b, &e);
	prefix = xstrndup(a, 20);
	ok(record_find(&d, prefix, &found, &e) == 0 && strcmp(found, a) == 0, "by first digits");
	xstr_set(&found, NULL);
	ok(record_find(&d, b, &found, &e) == 0 && strcmp(found, b) == 0, "by id");
	ok(record_find(&d, "", &found, &e) == -1 && e.exit == 1, "an empty name is nobody's");
	ok(record_find(&d, "../../etc/passwd", &found, &e) == -1 && e.exit == 1,
	   "nor is a path: %s", e.what);
	ok(record_find(&d, "a\x1b[31m", &found, &e) == -1 && !strchr(e.what, '\x1b'),
	   "escapes are made visible: %s", e.what);
	memset(lots, 'f', sizeof(lots));
	lots[sizeof(lots) - 1] = '\0';
	ok(record_find(&d, lots, &found, &e) == -1 && e.exit == 1, "nor what is too long");
	record_list(&d, &ids, &e);
	ok(ids.n >= 2 && strcmp(ids.v[ids.n - 2], a) == 0 && strcmp(ids.v[ids.n - 1], b) == 0,
	   "listed oldest first");
	mkdirat(d.data_fd, "containers/not-an-id", 0700);
	ok(count() == ids.n, "what is no id is skipped");
	unlinkat(d.data_fd, "containers/not-an-id", AT_REMOVEDIR);
	close(locks[0]);
	close(locks[1]);
}

static void test_ambiguous(void)
{
	struct err e = {0};
	auto_free char *found = NULL;
	char digit[2] = "0";
	int locks[40];
	bool seen = false;

	for (size_t i = 0; i < array_len(locks); i++)
		locks[i] = create(NULL, NULL, &e);
	/* Forty ids share a first digit somewhere. */
	for (int i = 0; i < 16 && !seen; i++) {
		digit[0] = "0123456789abcdef"[i];
		seen = record_find(&d, digit, &found, &e) < 0 && e.exit == EXIT_LAUNCHER;
	}
	ok(seen && strstr(e.what, "begins the ids"), "an ambiguous prefix is refused: %s", e.what);
	for (size_t i = 0; i < array_len(locks); i++)
		close(locks[i]);
}

/* Twelve processes want one name that a dead container still has: exactly one gets it. */
static void test_race(void)
{
	struct err e = {0};
	int go[2], won = 0, status;

	give_name(STRANGER, "names/prize");
	if (pipe(go) < 0)
		return;
	for (int i = 0; i < 12; i++)
		if (fork() == 0) {
			char c;
			int lock;

			close(go[1]);
			(void)!read(go[0], &c, 1);
			lock = create("prize", NULL, &e);
			/* The winner lives until all others have tried. */
			if (lock >= 0)
				usleep(300 * 1000);
			_exit(lock >= 0 ? 0 : strstr(e.what, "belongs to") ? 1 : 2);
		}
	close(go[0]);
	close(go[1]);
	for (int i = 0; i < 12; i++) {
		wait(&status);
		won += WEXITSTATUS(status) == 0;
		if (WEXITSTATUS(status) == 2)
			won = 1000;
	}
	ok(won == 1, "one of twelve gets the name (%d)", won);
}

/* A sweeper that takes from tmp whatever nobody locks, as storage's does, never gets a container.
 */
static void test_sweeper(void)
{
	struct err e = {0};
	int made = 0;
	pid_t sweeper = fork();

	if (sweeper == 0)
		for (;;) {
			int tmp = openat(d.data_fd, "tmp", O_RDONLY | O_DIRECTORY);
			DIR *list = tmp < 0 ? NULL : fdopendir(tmp);
			struct dirent *entry;

			while (list && (entry = readdir(list))) {
				auto_fd int fd = openat(tmp, entry->d_name, O_RDONLY);

				if (entry->d_name[0] != '.' && fd >= 0 &&
				    flock(fd, LOCK_EX | LOCK_NB) == 0)
					(void)file_remove_tree(tmp, entry->d_name, &e);
			}
			if (list)
				closedir(list);
		}
	for (int i = 0; i < 60; i++) {
		auto_free char *id = NULL;
		struct record r;
		struct record_state s;
		int lock = create(NULL, &id, &e);

		if (lock < 0 || record_load(&d, id, &r, &s, &e) < 0) {
			printf("# %s: %s\n", e.what, strerror(e.sys));
			continue;
		}
		made++;
		record_remove_held(&d, &r, &e);
		record_free(&r);
		close(lock);
	}
	kill(sweeper, SIGKILL);
	waitpid(sweeper, NULL, 0);
	ok(made == 60, "%d of 60 survive a sweeper at work", made);
}

static void test_names(void)
{
	static const char *const good[] = {"a", "0", "web-1", "a_b.c", "A9"};
	static const char *const bad[] = {"",	 "-a", ".a",  "_a",	 "a/b",
					  "a b", "..", "a\n", "\xc3\xa4"};
	auto_free char *most = xcalloc(130, 1);
	struct err e = {0};

	for (size_t i = 0; i < array_len(good); i++)
		ok(record_check_name(good[i], &e) == 0, "\"%s\" is a name", good[i]);
	for (size_t i = 0; i < array_len(bad); i++)
		ok(record_check_name(bad[i], &e) == -1 && e.hint[0], "not a name: %s", e.what);
	memset(most, 'a', 128);
	ok(record_check_name(most, &e) == 0, "128 letters are");
	most[128] = 'a';
	ok(record_check_name(most, &e) == -1, "129 are not");
	for (int i = 0; i < 100; i++) {
		auto_free char *name = record_new_name();

		if (record_check_name(name, &e) < 0)
			ok(false, "made-up name: %s", e.what);
	}
}

int main(void)
{
	char base[] = "/tmp/rlc-record-XXXXXX";
	struct err e;

	if (!mkdtemp(base) || dirs_open(base, base, &d, &e) < 0)
		return 1;
	test_names();
	test_life();
	test_remove_held();
	test_killed();
	test_lost();
	test_half_made();
	test_garbage();
	test_empty_record();
	test_find();
	test_ambiguous();
	test_race();
	test_sweeper();
	dirs_close(&d);
	file_remove_tree(AT_FDCWD, base, &e);
	return tap_end();
}
