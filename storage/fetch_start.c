/* SPDX-License-Identifier: Apache-2.0 */
/* rlc's side of rlc-fetch: what it is given, and how it ends. */
#include "storage/fetch_start.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/base/strv.h"
#include "lib/state/libexec.h"
#include "storage/answer.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* What steers libcurl and finds certificates; nothing else of the user's environment goes in. */
static void keep_environment(struct strv *environment)
{
	static const char *const names[] = {"http_proxy",      "https_proxy",	"HTTPS_PROXY",
					    "all_proxy",       "ALL_PROXY",	"no_proxy",
					    "NO_PROXY",	       "SSL_CERT_FILE", "HOME",
					    "XDG_CONFIG_HOME", "ASAN_OPTIONS",	"UBSAN_OPTIONS"};

	for (size_t i = 0; i < array_len(names); i++) {
		const char *value = getenv(names[i]);

		if (value)
			strv_addf(environment, "%s=%s", names[i], value);
	}
}

static void make_argv(const char *registry, const char *repository, const struct fetch_options *o,
		      struct strv *argv)
{
	strv_add(argv, "rlc-fetch");
	strv_addf(argv, "registry=%s", registry);
	strv_addf(argv, "repository=%s", repository);
	strv_addf(argv, "tls-verify=%d", o->tls_verify);
	strv_addf(argv, "timeout=%u", o->timeout);
	strv_addf(argv, "retries=%u", o->retries);
	strv_addf(argv, "retry-delay=%u", o->retry_delay);
	strv_addf(argv, "log-level=%d", (int)log_get_level());
	if (o->cert_dir)
		strv_addf(argv, "cert-dir=%s", o->cert_dir);
}

/* In the child: exactly descriptors 0 to 3 and the program. Only returns to end. */
static void become_fetch(int null, int answer, int notices, int sock, int program,
			 char *const *argv, char *const *environment)
{
	int *all[] = {&null, &answer, &notices, &sock, &program};
	struct err e = {0};

	/* Out of the way first: one of them may have the number another is to get. */
	for (size_t i = 0; i < array_len(all); i++) {
		*all[i] = fcntl(*all[i], F_DUPFD_CLOEXEC, 10);
		if (*all[i] < 0)
			_exit(EXIT_LAUNCHER);
	}
	if (dup2(null, 0) < 0 || dup2(answer, 1) < 0 || dup2(notices, 2) < 0 || dup2(sock, 3) < 0)
		_exit(EXIT_LAUNCHER);
	fd_close_all_but(4, &program, 1);
	syscall(SYS_execveat, program, "", argv, environment, AT_EMPTY_PATH);
	err_sys(&e, "run rlc-fetch");
	answer_send_error(1, &e);
}

int fetch_start(const char *registry, const char *repository, const struct fetch_options *o,
		int sock, struct fetch_process *ret, struct err *e)
{
	auto_fd int program = libexec_open("rlc-fetch", e), null = -1, in = -1, out = -1;
	auto_fd int said = -1;
	auto_strv struct strv argv = {0}, environment = {0};
	int ends[2];
	pid_t pid;

	if (program < 0)
		return -1;
	make_argv(registry, repository, o, &argv);
	keep_environment(&environment);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return err_sys(e, "open /dev/null");
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, "pipe to rlc-fetch");
	in = ends[0];
	out = ends[1];
	said = notices_open(&ret->notices, "rlc-fetch", e);
	if (said < 0)
		return -1;
	pid = fork();
	if (pid < 0) {
		err_sys(e, "start rlc-fetch");
		notices_end(&ret->notices);
		return -1;
	}
	if (pid == 0) {
		become_fetch(null, out, said, sock, program, strv_list(&argv),
			     strv_list(&environment));
		_exit(EXIT_LAUNCHER);
	}
	ret->pid = pid;
	ret->answer = take_fd(&in);
	return 0;
}

int fetch_end(struct fetch_process *p, struct err *e)
{
	auto_fd int answer = p->answer;
	char bytes[1 + sizeof(*e)];
	int status = 0;
	ssize_t n;

	kill(p->pid, SIGKILL); /* nothing of it is worth waiting for */
	while (waitpid(p->pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(e, "wait for rlc-fetch");
	p->answer = -1;
	notices_end(&p->notices);
	n = fd_read_full(answer, bytes, sizeof(bytes));
	if (n == (ssize_t)sizeof(bytes) && bytes[0] == 'E') {
		answer_read_error(bytes + 1, e);
		return -1;
	}
	if (!WIFSIGNALED(status) || WTERMSIG(status) == SIGKILL)
		return 0;
	err_msg(e, "rlc-fetch was ended by signal %d (%s)", WTERMSIG(status),
		strsignal(WTERMSIG(status)));
	return err_hint(e, "the registry may be made to break it; nothing was kept");
}
