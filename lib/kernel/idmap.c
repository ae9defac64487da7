/* SPDX-License-Identifier: Apache-2.0 */
/* Id maps of user namespaces; runs as the user, outside of the namespace it maps. */
#include "lib/kernel/idmap.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"
#include "lib/kernel/diagnose.h"
#include "lib/kernel/spawn.h"
#include "lib/kernel/subid.h"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>

extern char **environ;

/*
 * For real root without a line in /etc/subuid: the last block of the ids that systemd sets apart
 * for containers (systemd.io/UIDS-GIDS: 524288…1879048191).
 */
enum { ROOT_FIRST_ID = 1878982656, ROOT_ID_COUNT = 65536 };

char *idmap_helper_path(const char *name)
{
	/* setuid programs of the system only: PATH belongs to the caller, so it is asked last. */
	static const char *const folders[] = {"/usr/bin", "/bin", "/usr/sbin", "/usr/local/bin",
					      "/run/wrappers/bin"};

	for (size_t i = 0; i < array_len(folders); i++) {
		char *path = xasprintf("%s/%s", folders[i], name);

		if (access(path, X_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

bool idmap_helper_privileged(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return false;
	return (st.st_uid == 0 && (st.st_mode & S_ISUID)) ||
	       getxattr(path, "security.capability", NULL, 0) > 0;
}

/* Whether uid 0 here is uid 0 of the whole machine, and not of a container. */
static bool in_first_userns(void)
{
	struct err ignored;
	auto_free char *map = NULL;
	unsigned int inside, outside, count;

	if (file_read(AT_FDCWD, "/proc/self/uid_map", 65536, &map, NULL, &ignored) < 0)
		return true;
	return sscanf(map, "%u %u %u", &inside, &outside, &count) == 3 && inside == 0 &&
	       outside == 0 && count == UINT32_MAX;
}

static void append(struct id_range *list, size_t *n, uint32_t outside, uint32_t count)
{
	uint32_t inside = *n ? list[*n - 1].inside + list[*n - 1].count : 0;

	if (*n < ID_RANGES_MAX && count && inside + count > inside)
		list[(*n)++] = (struct id_range){inside, outside, count};
}

static int fill(struct id_map *m, const char *user, uint32_t uid, struct err *e)
{
	struct subid_span spans[ID_RANGES_MAX - 1];
	int n;

	n = subid_spans(user, uid, false, spans, array_len(spans), e);
	for (int i = 0; i < n; i++)
		append(m->uid, &m->n_uid, spans[i].start, spans[i].count);
	if (n < 0)
		return -1;
	n = subid_spans(user, uid, true, spans, array_len(spans), e);
	for (int i = 0; i < n; i++)
		append(m->gid, &m->n_gid, spans[i].start, spans[i].count);
	return n < 0 ? -1 : 0;
}

static int for_real_root(struct id_map *m, struct err *e)
{
	static const char *const users[] = {"root", "containers"};

	m->direct = true;
	for (size_t i = 0; i < array_len(users); i++) {
		if (fill(m, users[i], UINT32_MAX, e) < 0)
			return -1;
		if (m->n_uid && m->n_gid)
			return 0;
		m->n_uid = m->n_gid = 0;
	}
	append(m->uid, &m->n_uid, ROOT_FIRST_ID, ROOT_ID_COUNT);
	append(m->gid, &m->n_gid, ROOT_FIRST_ID, ROOT_ID_COUNT);
	return 0;
}

/* Why the helpers cannot give this user more than one id, or NULL. Owned by the caller. */
static char *why_no_helper(void)
{
	static const char *const names[] = {"newuidmap", "newgidmap"};

	for (size_t i = 0; i < array_len(names); i++) {
		auto_free char *path = idmap_helper_path(names[i]);

		if (!path)
			return xasprintf("%s is not installed (sudo apt install uidmap)", names[i]);
		if (!idmap_helper_privileged(path))
			return xasprintf("%s has no privilege (sudo chmod u+s %s)", path, path);
	}
	return NULL;
}

int idmap_for_caller(struct id_map *ret, struct err *e)
{
	uint32_t uid = geteuid(), gid = getegid();
	struct id_map m = {0};
	auto_free char *why = NULL;
	char digits[16];
	const char *user = digits;
	struct passwd *pw;

	if (uid == 0 && in_first_userns()) {
		if (for_real_root(&m, e) < 0)
			return -1;
		*ret = m;
		return 0;
	}
	snprintf(digits, sizeof(digits), "%u", uid);
	pw = getpwuid(uid);
	if (pw)
		user = pw->pw_name;
	append(m.uid, &m.n_uid, uid, 1);
	append(m.gid, &m.n_gid, gid, 1);
	why = why_no_helper();
	if (!why && fill(&m, user, uid, e) < 0)
		return -1;
	if (!why && (m.n_uid == 1 || m.n_gid == 1))
		why = xasprintf("%s has no subordinate ids in /etc/%s (sudo usermod "
				"--add-subuids 100000-165535 --add-subgids 100000-165535 %s)",
				user, m.n_uid == 1 ? "subuid" : "subgid", user);
	if (why) {
		m.single = true;
		m.n_uid = m.n_gid = 1;
		snprintf(m.why_single, sizeof(m.why_single), "%s", why);
	}
	*ret = m;
	return 0;
}

static int64_t look_up(const struct id_range *list, size_t n, uint32_t id, bool outward)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t from = outward ? list[i].inside : list[i].outside;
		uint32_t to = outward ? list[i].outside : list[i].inside;

		if (id >= from && id - from < list[i].count)
			return (int64_t)to + (id - from);
	}
	return -1;
}

int64_t idmap_uid_outside(const struct id_map *m, uint32_t inside)
{
	return look_up(m->uid, m->n_uid, inside, true);
}

int64_t idmap_gid_outside(const struct id_map *m, uint32_t inside)
{
	return look_up(m->gid, m->n_gid, inside, true);
}

int64_t idmap_uid_inside(const struct id_map *m, uint32_t outside)
{
	return look_up(m->uid, m->n_uid, outside, false);
}

static uint64_t count_all(const struct id_range *list, size_t n)
{
	uint64_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += list[i].count;
	return count;
}

uint64_t idmap_uid_count(const struct id_map *m)
{
	return count_all(m->uid, m->n_uid);
}

uint64_t idmap_gid_count(const struct id_map *m)
{
	return count_all(m->gid, m->n_gid);
}

static void helper_free(struct idmap_helper *h)
{
	free(h->path);
	free(h->stack);
	strv_free(&h->argv);
	*h = (struct idmap_helper){0};
}

/* In the child that shares our memory: system calls only. */
static int helper_exec(void *arg)
{
	const struct idmap_helper *h = arg;

	if (dup2(h->said, STDERR_FILENO) >= 0)
		execve(h->path, h->argv.v, environ);
	_exit(127);
}

/* Not posix_spawn: that returns only when the child has executed, one helper after the other. */
static int helper_start(const char *name, const struct id_range *list, size_t n, pid_t pid,
			struct idmap_helper *h, struct err *e)
{
	int ends[2];

	h->path = idmap_helper_path(name);
	if (!h->path)
		return err_msg(e, "%s is not installed", name);
	strv_add(&h->argv, name);
	strv_addf(&h->argv, "%d", pid);
	for (size_t i = 0; i < n; i++) {
		strv_addf(&h->argv, "%u", list[i].inside);
		strv_addf(&h->argv, "%u", list[i].outside);
		strv_addf(&h->argv, "%u", list[i].count);
	}
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, "pipe for %s", name);
	h->said = ends[1];
	h->stack = xcalloc(1, SPAWN_STACK);
	h->pid = spawn_shared(helper_exec, h, h->stack, 0, NULL);
	close(ends[1]);
	if (h->pid < 0) {
		close(ends[0]);
		err_sys(e, "run %s", h->path);
		helper_free(h);
		return -1;
	}
	h->name = name;
	h->complaint = ends[0];
	return 0;
}

static int helper_wait(struct idmap_helper *h, struct err *e)
{
	auto_fd int complaint = -1;
	const char *name = h->name;
	char text[512];
	ssize_t n;
	int status;

	if (!name)
		return 0;
	complaint = h->complaint;
	while (waitpid(h->pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(e, "wait for %s", name);
	helper_free(h);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	n = fd_read_full(complaint, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	err_msg(e, "%s could not map the subordinate ids: %s", name,
		text[0] ? text : "it could not be run, or was killed");
	return err_fix(e, idmap_diagnose());
}

static int write_file(pid_t pid, const char *name, const char *text, struct err *e)
{
	char path[64];
	auto_fd int fd = -1;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || fd_write_all(fd, text, strlen(text)) < 0)
		return err_sys(e, "write \"%s\" to %s", text, path);
	return 0;
}

static int write_direct(const struct id_map *m, pid_t pid, struct err *e)
{
	auto_str struct str uids = {0}, gids = {0};

	for (size_t i = 0; i < m->n_uid; i++)
		str_addf(&uids, "%u %u %u\n", m->uid[i].inside, m->uid[i].outside, m->uid[i].count);
	for (size_t i = 0; i < m->n_gid; i++)
		str_addf(&gids, "%u %u %u\n", m->gid[i].inside, m->gid[i].outside, m->gid[i].count);
	/* Without privilege the kernel takes a gid map only once setgroups is given up for good. */
	if (m->single && write_file(pid, "setgroups", "deny", e) < 0)
		return -1;
	if (write_file(pid, "uid_map", str_get(&uids), e) < 0)
		return -1;
	return write_file(pid, "gid_map", str_get(&gids), e);
}

int idmap_start(const struct id_map *m, pid_t pid, struct idmap_job *ret, struct err *e)
{
	struct err ignored;

	*ret = (struct idmap_job){0};
	if (m->single || m->direct)
		return write_direct(m, pid, e);
	if (helper_start("newuidmap", m->uid, m->n_uid, pid, &ret->uids, e) < 0)
		return -1;
	if (helper_start("newgidmap", m->gid, m->n_gid, pid, &ret->gids, e) < 0) {
		(void)helper_wait(&ret->uids, &ignored); /* the first error is the one to tell */
		return -1;
	}
	return 0;
}

int idmap_wait(struct idmap_job *j, struct err *e)
{
	struct err ignored;
	int failed = helper_wait(&j->uids, e);

	return helper_wait(&j->gids, failed ? &ignored : e) || failed ? -1 : 0;
}

int idmap_write(const struct id_map *m, pid_t pid, struct err *e)
{
	struct idmap_job job;

	return idmap_start(m, pid, &job, e) < 0 ? -1 : idmap_wait(&job, e);
}
