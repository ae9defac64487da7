/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monitor with a real child, real pipes and terminals. Each case runs in a process of its own
 * ("rlc") whose stdio the test holds; "init" is that process' child.
 */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/file.h"
#include "lib/base/str.h"
#include "tests/unit/monitor_scene.h"
#include "tests/unit/tap.h"

#include <sys/resource.h>
#include <sys/time.h>

enum { LOTS = 3 << 20 };

/* What the test holds of rlc. */
struct stage_hands {
	pid_t rlc;
	int in, out, err, log;
};

static struct stage_hands start(const struct scene *s)
{
	struct stage_hands h = {.log = -1};
	int in[2], out[2], err[2];

	fflush(stdout);
	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
		exit(1);
	if (s->logged)
		h.log = open("/tmp", O_RDWR | O_TMPFILE | O_APPEND | O_CLOEXEC, 0600);
	h.rlc = fork();
	if (h.rlc == 0) {
		use_as(in[0], 0);
		use_as(out[1], 1);
		use_as(err[1], 2);
		close(in[0]);
		close(in[1]);
		close(out[0]);
		close(out[1]);
		close(err[0]);
		close(err[1]);
		rlc_main(s, h.log);
	}
	close(in[0]);
	close(out[1]);
	close(err[1]);
	h.in = in[1];
	h.out = out[0];
	h.err = err[0];
	return h;
}

static int finish(struct stage_hands *h)
{
	int *const fds[] = {&h->in, &h->out, &h->err};
	int status;

	for (size_t i = 0; i < array_len(fds); i++)
		if (*fds[i] >= 0)
			close(take_fd(fds[i]));
	for (int ms = 0; ms < 10000; ms += 5) {
		if (waitpid(h->rlc, &status, WNOHANG) == h->rlc)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
		nap(5);
	}
	kill(h->rlc, SIGKILL);
	waitpid(h->rlc, NULL, 0);
	return 9999; /* it hung */
}

static char *read_all(int fd, size_t *n)
{
	char *text = NULL;
	struct err e;

	*n = 0;
	return file_read_fd(fd, "pipe", 64 << 20, &text, n, &e) < 0 ? xstrdup("") : text;
}

static char *read_log(struct stage_hands *h)
{
	size_t n;
	char *text;

	lseek(h->log, 0, SEEK_SET);
	text = read_all(h->log, &n);
	close(take_fd(&h->log));
	return text;
}

/* ---- init's parts ---- */

static void exit_7(void)
{
	_exit(7);
}

static void kill_self(void)
{
	kill(getpid(), SIGKILL);
	pause();
}

static void late_exit_5(void)
{
	nap(60);
	_exit(5);
}

static void speak_both(void)
{
	(void)!write(1, "to out\n", 7);
	(void)!write(2, "to err", 6);
	_exit(3);
}

static void write_lots(void)
{
	char block[65536];

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = (char)('a' + i % 26);
	for (size_t i = 0; i < LOTS / sizeof(block); i++)
		if (fd_write_all(1, block, sizeof(block)) < 0)
			_exit(1);
	_exit(0);
}

static void write_lines(void)
{
	for (int i = 0; i < 20000; i++)
		dprintf(1, "%d\n", i);
	_exit(0);
}

static void cat(void)
{
	char block[65536];
	ssize_t n;

	while ((n = read(0, block, sizeof(block))) > 0)
		if (fd_write_all(1, block, (size_t)n) < 0)
			_exit(1);
	_exit(n == 0 ? 0 : 2);
}

static void close_stdin_then_speak(void)
{
	close(0);
	nap(100);
	speak_both();
}

static volatile sig_atomic_t got;

static void note(int sig)
{
	got = sig;
}

/* Says when it is ready, exits with the number of the signal that comes. */
static void exit_by_signal(void)
{
	struct sigaction act = {.sa_handler = note};

	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &act, NULL);
	(void)!write(1, "r", 1);
	for (int i = 0; i < 160 && !got; i++)
		nap(5);
	_exit(got);
}

static void sleep_half_a_second(void)
{
	(void)!write(1, "r", 1);
	nap(500);
	_exit(0);
}

/* Closes its terminal for a while: nobody but the monitor has it then. */
static void reopen_terminal(void)
{
	char name[64];
	int fd;

	if (ttyname_r(0, name, sizeof(name)) != 0)
		_exit(90);
	for (int i = 0; i < 3; i++)
		close(i);
	nap(300);
	fd = open(name, O_RDWR);
	if (fd < 0)
		_exit(91);
	(void)!write(fd, "back", 4);
	_exit(0);
}

/* ---- cases ---- */

static int status_of(const struct scene *s)
{
	struct stage_hands h = start(s);

	return finish(&h);
}

static void ignore_children(pid_t init)
{
	(void)init;
	signal(SIGCHLD, SIG_IGN);
}

static void leave_child(pid_t init)
{
	(void)init;
	if (fork() == 0)
		_exit(0);
	nap(20);
}

static void test_status(void)
{
	ok(status_of(&(struct scene){.init = exit_7}) == 7, "exit status");
	ok(status_of(&(struct scene){.init = kill_self}) == 128 + SIGKILL, "128+N after a signal");
	ok(status_of(&(struct scene){.init = late_exit_5, .before = ignore_children}) == 5,
	   "the status is not lost where SIGCHLD came in ignored");
	ok(status_of(&(struct scene){.init = late_exit_5, .before = leave_child}) == 5,
	   "other children are reaped too");
}

static void test_pipes(void)
{
	struct stage_hands h = start(&(struct scene){.init = speak_both, .pipes = true});
	auto_free char *out = NULL, *err = NULL;
	size_t n;

	out = read_all(h.out, &n);
	ok(strcmp(out, "to out\n") == 0, "stdout: %zu bytes", n);
	err = read_all(h.err, &n);
	ok(strcmp(err, "to err") == 0, "stderr: %zu bytes", n);
	ok(finish(&h) == 3, "and the status");
}

static void test_slow_reader(void)
{
	struct stage_hands h = start(&(struct scene){.init = write_lots, .pipes = true});
	auto_str struct str got_all = {0};
	char part[5000];
	bool right = true;
	ssize_t n;

	nap(200); /* all buffers on the way are full by now, init still waits to write */
	while ((n = read(h.out, part, sizeof(part))) > 0)
		str_addn(&got_all, part, (size_t)n);
	for (size_t i = 0; i < got_all.len; i++)
		right = right && got_all.s[i] == (char)('a' + i % 65536 % 26);
	ok(got_all.len == LOTS && right, "nothing is lost on a slow reader: %zu bytes",
	   got_all.len);
	ok(finish(&h) == 0, "and the writer ends well");
}

static void test_stdin(void)
{
	struct stage_hands h = start(&(struct scene){.init = cat, .pipes = true});
	auto_free char *lots = xcalloc(LOTS, 1), *out = NULL;
	size_t n;
	pid_t writer;

	memset(lots, 'x', LOTS);
	fflush(stdout);
	writer = fork();
	if (writer == 0)
		_exit(fd_write_all(h.in, lots, LOTS) < 0);
	close(take_fd(&h.in));
	out = read_all(h.out, &n);
	waitpid(writer, NULL, 0);
	ok(n == LOTS && memcmp(out, lots, LOTS) == 0, "stdin reaches the container: %zu bytes", n);
	ok(finish(&h) == 0, "its end too");
	h = start(&(struct scene){.init = close_stdin_then_speak, .pipes = true});
	signal(SIGPIPE, SIG_IGN);
	(void)!write(h.in, lots, 60000);
	signal(SIGPIPE, SIG_DFL);
	ok(finish(&h) == 3, "a container that closes its stdin goes on");
}

static void test_closed_stdout(void)
{
	struct stage_hands h =
	    start(&(struct scene){.init = write_lines, .pipes = true, .logged = true});
	auto_free char *log = NULL;

	close(take_fd(&h.out));
	ok(finish(&h) == 128 + SIGPIPE, "a container whose reader is gone learns it as any writer");
	log = read_log(&h);
	ok(strstr(log, " stdout F 0\n") && !strstr(log, " stdout F 19999\n"),
	   "and its log does not grow without end");
}

static void test_detached(void)
{
	struct stage_hands h = start(
	    &(struct scene){.init = speak_both, .pipes = true, .logged = true, .detached = true});
	auto_free char *out = NULL, *log = NULL;
	size_t n;

	out = read_all(h.out, &n);
	ok(n == 0 && finish(&h) == 3, "detached: nothing on our stdout");
	log = read_log(&h);
	ok(strstr(log, " stdout F to out\n") && strstr(log, " stderr P to err\n"),
	   "both streams in the log");
	h = start(&(struct scene){.init = cat, .pipes = true, .detached = true});
	nap(100);
	ok(waitpid(h.rlc, NULL, WNOHANG) == 0, "an open stdin of a detached one stays open");
	kill(h.rlc, SIGTERM);
	ok(finish(&h) == 128 + SIGQUIT, "told to end, it passes on the stop signal");
}

static void test_outsider(void)
{
	ok(status_of(&(struct scene){.init = speak_both, .pipes = true, .keep = 50}) == 3,
	   "a copy of stdout that lives on elsewhere does not hold us up");
}

static int signalled(const struct scene *s, int sig)
{
	struct stage_hands h = start(s);
	char c;

	(void)!read(h.out, &c, 1);
	kill(h.rlc, sig);
	return finish(&h);
}

static void ignore_hangup(pid_t init)
{
	(void)init;
	signal(SIGHUP, SIG_IGN);
}

static void test_signals(void)
{
	const int passed[] = {SIGTERM, SIGINT,	SIGHUP,	 SIGQUIT,
			      SIGUSR1, SIGALRM, SIGPOLL, SIGRTMIN + 3};
	const struct scene s = {.init = exit_by_signal, .pipes = true, .no_stdin = true};
	struct scene nohup = s;

	for (size_t i = 0; i < array_len(passed); i++)
		ok(signalled(&s, passed[i]) == passed[i], "signal %d is passed on", passed[i]);
	ok(signalled(&s, SIGWINCH) == 0, "that of the window is not");
	ok(signalled(&s, SIGURG) == 0, "nor SIGURG");
	nohup.before = ignore_hangup;
	ok(signalled(&nohup, SIGHUP) == 0, "nor a SIGHUP that nohup had us ignore");
}

/* Sat still for half a second: how much processor time did rlc use? */
static long busy_millis(const struct scene *s)
{
	struct rusage before, after;
	struct stage_hands h;

	getrusage(RUSAGE_CHILDREN, &before);
	h = start(s);
	close(take_fd(&h.in)); /* stdin is at its end from the start */
	finish(&h);
	getrusage(RUSAGE_CHILDREN, &after);
	return (after.ru_utime.tv_sec + after.ru_stime.tv_sec - before.ru_utime.tv_sec -
		before.ru_stime.tv_sec) *
		   1000 +
	       (after.ru_utime.tv_usec + after.ru_stime.tv_usec - before.ru_utime.tv_usec -
		before.ru_stime.tv_usec) /
		   1000;
}

static void test_idle(void)
{
	long pipes = busy_millis(&(struct scene){.init = sleep_half_a_second, .pipes = true});
	long pty = busy_millis(
	    &(struct scene){.init = sleep_half_a_second, .pty = true, .interactive = true});
	long hung = busy_millis(&(struct scene){.init = reopen_terminal, .pty = true});

	ok(pipes < 100, "no busy loop on pipes: %ld ms", pipes);
	ok(pty < 100, "nor on a pty: %ld ms", pty);
	ok(hung < 100, "nor on one that the container has closed: %ld ms", hung);
}

static void test_pty(void)
{
	struct stage_hands h =
	    start(&(struct scene){.init = write_lines, .pty = true, .logged = true});
	auto_free char *out = NULL, *log = NULL;
	size_t n;

	out = read_all(h.out, &n);
	ok(str_ends(out, "19999\r\n") && n == 108890 + 20000, "all output of a pty: %zu bytes", n);
	ok(finish(&h) == 0, "its status");
	log = read_log(&h);
	ok(strstr(log, " stdout F 19999\r\n"), "and it is logged as stdout");
	free(take_ptr(out));
	h = start(&(struct scene){.init = reopen_terminal, .pty = true});
	out = read_all(h.out, &n);
	ok(strcmp(out, "back") == 0 && finish(&h) == 0, "a terminal that is closed for a while");
}

int main(void)
{
	/* What nohup(1), or a shell without job control, leaves ignored would not be passed on. */
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	test_status();
	test_pipes();
	test_slow_reader();
	test_stdin();
	test_closed_stdout();
	test_detached();
	test_outsider();
	test_signals();
	test_idle();
	test_pty();
	return tap_end();
}
