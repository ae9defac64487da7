/* SPDX-License-Identifier: Apache-2.0 */
/* `rlc kill`: sends a signal to the first process of containers. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/containers.h"
#include "cmd/halt.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/kernel/signal_name.h"
#include "lib/state/process.h"
#include "lib/state/record_text.h"

#include <signal.h>
#include <sys/pidfd.h>

enum { BIRTH_MS = 5000 }; /* of a container that is being set up */

struct kill_request {
	struct selection which;
	int sig;
};

static int set_signal(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct kill_request *r = to;
	int sig = signal_number(value);

	(void)row;
	if (sig < 0) {
		err_msg(e, "no such signal");
		return err_hint(e,
				"write a name such as TERM or SIGHUP, or a number; see: kill -l");
	}
	r->sig = sig;
	return 0;
}

/* clang-format off */
static const struct option_row rows[] = {
	SELECTION_ALL("Signal every container that runs"),
	SELECTION_CIDFILE,
	SELECTION_LATEST,
	{"signal", 's', .metavar = "SIGNAL", .group = "Options", .set = set_signal,
	 .help = "Send this signal (default: KILL)",
	 .text = "After *KILL* the end of the container is waited for."},
};
/* clang-format on */

const struct option_set kill_options = {
    .program = "rlc kill",
    .rows = rows,
    .n_rows = array_len(rows),
    .outer = &global_options,
};

static int kill_one(const struct dirs *d, const char *id, const char *name, int sig,
		    struct halt *ret, struct err *e)
{
	auto_fd int process = -1;
	struct process p;

	if (process_open_born(d, id, BIRTH_MS, &p, e) < 0)
		return -1;
	process = p.fd;
	if (process < 0) {
		err_msg(e, "container %s cannot be signalled: it is %s", name,
			record_status_name(p.status));
		return err_hint(e, "only one that runs can be; see: rlc ps");
	}
	if (pidfd_send_signal(process, sig, NULL, 0) < 0)
		return err_sys(e, "send signal %d to container %s", sig, name);
	if (sig != SIGKILL)
		return 0;
	halt_thaw(p.cgroup);
	*ret = (struct halt){
	    .id = xstrdup(id), .name = xstrdup(name), .process = take_fd(&process), .killed = true};
	return 0;
}

/*
 * SIGKILL is the container's end: when it has been waited for, `rlc rm` finds a container that has
 * ended, as after docker kill. What another signal does is the program's affair.
 */
static void wait_for_ends(const struct dirs *d, struct halt *killed, size_t n, int *status)
{
	struct err e;

	for (size_t i = 0; i < n; i++)
		if (killed[i].id && halt_finish(d, &killed[i], &e) < 0)
			containers_tell(&e, status);
}

static int kill_all(const struct dirs *d, const struct selected *s, int sig, int status)
{
	auto_free struct halt *killed = xcalloc(s->ids.n, sizeof(*killed));
	auto_free bool *sent = xcalloc(s->ids.n, sizeof(*sent));
	struct err e;

	for (size_t i = 0; i < s->ids.n; i++) {
		sent[i] = kill_one(d, s->ids.v[i], s->names.v[i], sig, &killed[i], &e) == 0;
		if (!sent[i])
			containers_tell(&e, &status);
	}
	wait_for_ends(d, killed, s->ids.n, &status);
	for (size_t i = 0; i < s->ids.n; i++)
		if (sent[i])
			puts(s->names.v[i]);
	return status;
}

int cmd_kill(struct context *c, int argc, char **argv, struct err *e)
{
	struct kill_request r = {.sig = SIGKILL};
	auto_selected struct selected s = {0};
	const struct dirs *d;
	int at = command_parse(c, argc, argv, &r, e), status = 0, result = -1;

	if (at >= 0 && context_dirs(c, &d, e) == 0)
		result = selection_find(&r.which, d, argc - at, argv + at,
					1u << STATUS_RUNNING | 1u << STATUS_PAUSED, &s, &status, e);
	selection_free(&r.which);
	if (result < 0)
		return -1;
	return kill_all(d, &s, r.sig, status);
}
