/* SPDX-License-Identifier: Apache-2.0 */
/* How rlc and rlc-monitor hand a container's watch to each other; in both. */
#include "cmd/launch/handover.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"

#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static const struct {
	const char *key;
	size_t at;
	bool descriptor;
} numbers[] = {
    {"pid", offsetof(struct handover, monitor.pid), false},
    {"pty", offsetof(struct handover, monitor.pty), true},
    {"in", offsetof(struct handover, monitor.in), true},
    {"out", offsetof(struct handover, monitor.out), true},
    {"err", offsetof(struct handover, monitor.err), true},
    {"log", offsetof(struct handover, monitor.log_fd), true},
    {"server", offsetof(struct handover, monitor.server), true},
    {"stop-signal", offsetof(struct handover, monitor.stop_signal), false},
    {"rlc", offsetof(struct handover, rlc), true},
};

static const struct {
	const char *key;
	size_t at;
} texts[] = {
    {"id", offsetof(struct handover, id)},
    {"data", offsetof(struct handover, data)},
    {"run", offsetof(struct handover, run)},
};

/* "PID:CONTROL:WAITED:ASKS:NAME:LOST" */
static void write_helpers(const struct handover *h, struct strv *argv)
{
	for (size_t i = 0; i < h->monitor.n_helpers; i++)
		if (h->helpers[i].pid > 0)
			strv_addf(argv, "helper=%d:%d:%d:%d:%s:%s", h->helpers[i].pid,
				  h->helpers[i].control, h->helpers[i].waited_for,
				  h->helpers[i].asks_resolv, h->helpers[i].name,
				  h->helpers[i].lost);
}

/* execveat(2) by descriptor: the file that was opened, whatever its path names by now. */
static int become(int program, const struct strv *argv, const char *name, struct err *e)
{
	syscall(SYS_execveat, program, "", strv_list(argv), environ, AT_EMPTY_PATH);
	return err_sys(e, "become %s", name);
}

static int keep(int fd, struct err *e)
{
	if (fd >= 0 && fcntl(fd, F_SETFD, 0) < 0)
		return err_sys(e, "hand on descriptor %d", fd);
	return 0;
}

int handover_to_monitor(int program, const struct handover *h, int lock, struct err *e)
{
	auto_strv struct strv argv = {0};

	strv_add(&argv, "rlc-monitor");
	for (size_t i = 0; i < array_len(numbers); i++) {
		int value;

		memcpy(&value, (const char *)h + numbers[i].at, sizeof(value));
		if (numbers[i].descriptor && keep(value, e) < 0)
			return -1;
		strv_addf(&argv, "%s=%d", numbers[i].key, value);
	}
	for (size_t i = 0; i < array_len(texts); i++) {
		const char *value;

		memcpy(&value, (const char *)h + texts[i].at, sizeof(value));
		strv_addf(&argv, "%s=%s", texts[i].key, value);
	}
	write_helpers(h, &argv);
	for (size_t i = 0; i < h->monitor.n_helpers; i++)
		if (h->helpers[i].pid > 0 && keep(h->helpers[i].control, e) < 0)
			return -1;
	return keep(lock, e) < 0 ? -1 : become(program, &argv, "rlc-monitor", e);
}

static bool parse_int(const char *text, int *ret)
{
	int64_t number;

	if (!text || !str_to_i64(text, -1, INT_MAX, &number))
		return false;
	*ret = (int)number;
	return true;
}

static bool parse_helper(char *text, struct handover *ret)
{
	struct monitor_helper *h = &ret->helpers[ret->monitor.n_helpers];
	const char *pid = strsep(&text, ":"), *control = strsep(&text, ":");
	const char *waited_for = strsep(&text, ":"), *asks = strsep(&text, ":");
	int waits, asks_resolv;

	if (ret->monitor.n_helpers == MONITOR_HELPERS_MAX || !parse_int(pid, &h->pid) ||
	    h->pid <= 0 || !parse_int(control, &h->control) || !parse_int(waited_for, &waits) ||
	    !parse_int(asks, &asks_resolv))
		return false;
	h->waited_for = waits;
	h->asks_resolv = asks_resolv;
	h->name = strsep(&text, ":");
	h->lost = text;
	ret->monitor.n_helpers++;
	return h->name && h->lost;
}

/* value: behind the "=". False: it cannot be that. */
static bool parse_value(const char *key, char *value, struct handover *ret)
{
	int number;

	if (strcmp(key, "helper") == 0)
		return parse_helper(value, ret);
	for (size_t i = 0; i < array_len(numbers); i++) {
		if (strcmp(numbers[i].key, key) != 0)
			continue;
		if (!parse_int(value, &number))
			return false;
		memcpy((char *)ret + numbers[i].at, &number, sizeof(number));
		return true;
	}
	for (size_t i = 0; i < array_len(texts); i++)
		if (strcmp(texts[i].key, key) == 0) {
			memcpy((char *)ret + texts[i].at, &value, sizeof(value));
			return true;
		}
	return false;
}

int handover_parse(int argc, char **argv, struct handover *ret, struct err *e)
{
	*ret = (struct handover){
	    .monitor = {.pty = -1, .in = -1, .out = -1, .err = -1, .log_fd = -1, .server = -1},
	    .rlc = -1};
	for (int i = 1; i < argc; i++) {
		char *value = argv[i];
		const char *key = strsep(&value, "=");

		if (!value || !parse_value(key, value, ret))
			return err_msg(e, "rlc-monitor is started by rlc, not with \"%s\"", key);
	}
	if (ret->monitor.pid <= 0 || ret->rlc < 0 || !ret->id || !ret->data || !ret->run)
		return err_msg(e, "rlc-monitor is started by rlc, not by hand");
	ret->monitor.helpers = ret->helpers;
	return 0;
}

/* The beginning of every command line of rlc's. */
static void name_rlc(const struct handover *h, const char *verb, struct strv *argv)
{
	strv_add(argv, "rlc");
	strv_addf(argv, "--root=%s", h->data);
	strv_addf(argv, "--runroot=%s", h->run);
	strv_add(argv, verb);
	strv_add(argv, "--"); /* a status that is not known is -1 */
	strv_add(argv, h->id);
}

int handover_to_rlc(const struct handover *h, int status, struct err *e)
{
	auto_strv struct strv argv = {0};

	name_rlc(h, "finish", &argv);
	strv_addf(&argv, "%d", status);
	return become(h->rlc, &argv, "rlc", e);
}

void handover_note(const struct handover *h, const char *text)
{
	auto_strv struct strv argv = {0};
	struct err e;
	pid_t pid;

	name_rlc(h, "note", &argv);
	strv_add(&argv, text);
	pid = fork();
	if (pid == 0) {
		(void)become(h->rlc, &argv, "rlc", &e);
		_exit(EXIT_LAUNCHER);
	}
	/* To the end: it must not write after us. A task limit may refuse it; the end is told. */
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}
