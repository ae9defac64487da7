/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monitor with a real child, real pipes and terminals. Each case runs in a process of its own
 * ("rlc") whose stdio the test holds; "init" is that process' child.
 */
#include "cmd/launch/monitor.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/str.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <termios.h>

/* One case: what init does, and how the monitor is set up. */
struct scene {
	void (*init)(void);    /* runs with the container's stdio; exits */
	void (*before)(pid_t); /* in rlc, before the monitor */
	bool pipes, pty, detached, interactive, logged, no_stdin;
	int keep; /* a write end somebody outside keeps: its stdout's copy stays open */
};

/* What the test holds of rlc. */
struct stage_hands {
	pid_t rlc;
	int in, out, err, log;
};

enum { LOTS = 3 << 20 };

static void nap(int ms)
{
	usleep((useconds_t)ms * 1000);
}

static void use_as(int fd, int as)
{
	dup2(fd, as);
}

static pid_t start_init(const struct scene *s, struct monitor *m, int *ret_leak)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1}, slave = -1;
	pid_t pid;

	if (s->pipes &&
	    (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0))
		_exit(99);
	if (s->pty) {
		m->pty = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (m->pty < 0 || grantpt(m->pty) < 0 || unlockpt(m->pty) < 0)
			_exit(99);
		slave = ioctl(m->pty, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	}
	pid = fork();
	if (pid == 0) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		setsid();
		if (s->pty)
			ioctl(slave, TIOCSCTTY, 0);
		for (int i = 0; i < 3 && s->pty; i++)
			use_as(slave, i);
		if (s->pipes) {
			use_as(in[0], 0);
			use_as(out[1], 1);
			use_as(err[1], 2);
		}
		fd_close_all_but(3, NULL, 0);
		s->init();
		_exit(98);
	}
	if (slave >= 0)
		close(slave);
	if (s->pipes) {
		close(in[0]);
		close(err[1]);
		*ret_leak = out[1];
		m->in = s->no_stdin ? -1 : in[1];
		if (s->no_stdin)
			close(in[1]);
		m->out = out[0];
		m->err = err[0];
	}
	return pid;
}

static void __attribute__((noreturn)) rlc_main(const struct scene *s, int log)
{
	struct monitor m = {.pty = -1,
			    .in = -1,
			    .out = -1,
			    .err = -1,
			    .log_fd = log,
			    .attached = !s->detached,
			    .interactive = s->interactive,
			    .sig_proxy = true,
			    .stop_signal = SIGQUIT};
	struct err e = {0};
	int status = 97, leak = -1;

	m.pid = start_init(s, &m, &leak);
	if (s->keep && leak >= 0)
		use_as(leak, s->keep); /* outlives init, as a descriptor passed outside would */
	if (leak >= 0)
		close(leak);
	if (s->before)
		s->before(m.pid);
	if (monitor_run(&m, &status, &e) < 0)
		dprintf(2, "monitor: %s: %s\n", e.what, strerror(e.sys));
	if (m.pty != -1 || m.in != -1 || m.out != -1 || m.err != -1 || m.log_fd != -1)
		status = 96;
	if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD)
		status = 95;
	_exit(status);
}

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

static void say_keys(void)
{
	struct termios t;
	unsigned char key;

	tcgetattr(0, &t);
	cfmakeraw(&t);
	tcsetattr(0, TCSANOW, &t);
	(void)!write(1, "r", 1);
	while (read(0, &key, 1) == 1 && key != 'q')
		dprintf(1, "<%02x>", key);
	_exit(0);
}

static void say_size(void)
{
	struct winsize size = {0}, was = {0};

	ioctl(0, TIOCGWINSZ, &was);
	dprintf(1, "%dx%d.", was.ws_col, was.ws_row);
	for (int i = 0; i < 400; i++) {
		ioctl(0, TIOCGWINSZ, &size);
		if (size.ws_col != was.ws_col)
			break;
		nap(5);
	}
	dprintf(1, "%dx%d.", size.ws_col, size.ws_row);
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
	ok(finish(&h) == 0, "a caller that closed our stdout does not stop the container");
	log = read_log(&h);
	ok(strstr(log, " stdout F 0\n") && strstr(log, " stdout F 19999\n"),
	   "and the log has all of it");
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

/* ---- with a terminal of our own: a "shell" that leads a session ---- */

struct terminal {
	int master;
	pid_t shell;
	int report; /* the shell writes how rlc ended or stopped */
};

/* As a shell with job control: rlc in a process group of its own, in front. */
static void __attribute__((noreturn)) shell_main(const struct scene *s, int slave, int report)
{
	int status;
	pid_t rlc;

	setsid();
	ioctl(slave, TIOCSCTTY, 0);
	for (int i = 0; i < 3; i++)
		use_as(slave, i);
	signal(SIGTTOU, SIG_IGN);
	rlc = fork();
	if (rlc == 0) {
		signal(SIGTTOU, SIG_DFL);
		setpgid(0, 0);
		tcsetpgrp(0, getpid());
		close(report);
		rlc_main(s, -1);
	}
	setpgid(rlc, rlc);
	tcsetpgrp(0, rlc);
	(void)!write(report, &rlc, sizeof(rlc));
	for (;;) {
		waitpid(rlc, &status, WUNTRACED);
		(void)!write(report, &status, sizeof(status));
		if (!WIFSTOPPED(status))
			break;
	}
	pause(); /* the terminal must not hang up before the test looked at it */
	_exit(0);
}

static struct terminal open_terminal(const struct scene *s, pid_t *ret_rlc)
{
	struct terminal t;
	struct winsize size = {.ws_col = 91, .ws_row = 17};
	int ends[2], slave;

	t.master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (t.master < 0 || grantpt(t.master) < 0 || unlockpt(t.master) < 0 ||
	    pipe2(ends, O_CLOEXEC) < 0)
		exit(1);
	ioctl(t.master, TIOCSWINSZ, &size);
	slave = ioctl(t.master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	fflush(stdout);
	t.shell = fork();
	if (t.shell == 0) {
		close(ends[0]);
		shell_main(s, slave, ends[1]);
	}
	close(slave);
	close(ends[1]);
	t.report = ends[0];
	(void)!read(t.report, ret_rlc, sizeof(*ret_rlc));
	return t;
}

static void close_terminal(struct terminal *t)
{
	kill(t->shell, SIGKILL);
	waitpid(t->shell, NULL, 0);
	close(t->master);
	close(t->report);
}

static bool is_raw(const struct terminal *t)
{
	struct termios mode;

	tcgetattr(t->master, &mode);
	return !(mode.c_lflag & (ICANON | ECHO | ISIG));
}

static bool becomes_raw(const struct terminal *t, bool raw)
{
	for (int i = 0; i < 400 && is_raw(t) != raw; i++)
		nap(5);
	return is_raw(t) == raw;
}

/* Reads until `want` is there. */
static bool sees(const struct terminal *t, const char *want)
{
	auto_str struct str text = {0};
	char part[512];
	ssize_t n;

	fcntl(t->master, F_SETFL, O_RDWR | O_NONBLOCK);
	for (int i = 0; i < 400; i++) {
		while ((n = read(t->master, part, sizeof(part))) > 0)
			str_addn(&text, part, (size_t)n);
		if (strstr(str_get(&text), want))
			return true;
		nap(5);
	}
	printf("# saw \"%s\" instead of \"%s\"\n", str_get(&text), want);
	return false;
}

static int next_status(const struct terminal *t)
{
	int status = -1;

	return read(t->report, &status, sizeof(status)) == sizeof(status) ? status : -1;
}

static const struct scene keys = {.init = say_keys, .pty = true, .interactive = true};

static void test_terminal(void)
{
	struct termios before, after;
	struct terminal t;
	pid_t rlc;

	t = open_terminal(&keys, &rlc);
	tcgetattr(t.master, &before);
	ok(becomes_raw(&t, true) && sees(&t, "r"), "the terminal becomes raw");
	(void)!write(t.master, "\x03\x1a\r", 3);
	ok(sees(&t, "<03><1a><0d>"), "keys go through as they are");
	(void)!write(t.master, "q", 1);
	ok(next_status(&t) == 0, "the container ends");
	tcgetattr(t.master, &after);
	ok(!is_raw(&t) && after.c_oflag == (OPOST | ONLCR) && (after.c_lflag & ECHO),
	   "the terminal is as it was");
	close_terminal(&t);

	t = open_terminal(&keys, &rlc);
	becomes_raw(&t, true);
	kill(rlc, SIGSEGV);
	ok(WTERMSIG(next_status(&t)) == SIGSEGV && !is_raw(&t), "also when rlc itself crashes");
	close_terminal(&t);

	t = open_terminal(&(struct scene){.init = sleep_half_a_second, .pty = true}, &rlc);
	ok(sees(&t, "r") && !is_raw(&t), "without -i the terminal stays as it is");
	close_terminal(&t);
}

static void test_job_control(void)
{
	struct terminal t;
	pid_t rlc;

	t = open_terminal(&keys, &rlc);
	becomes_raw(&t, true);
	sees(&t, "r");
	kill(rlc, SIGTSTP);
	ok(WSTOPSIG(next_status(&t)) == SIGTSTP && !is_raw(&t),
	   "stopped: the terminal is given back");
	kill(rlc, SIGCONT);
	ok(becomes_raw(&t, true), "continued: it is taken again");
	kill(rlc, SIGSTOP);
	next_status(&t);
	kill(rlc, SIGCONT);
	(void)!write(t.master, "xq", 2);
	ok(sees(&t, "<78>") && next_status(&t) == 0, "and the container went on meanwhile");
	ok(!is_raw(&t), "the terminal is as it was");
	close_terminal(&t);
}

static void test_window_size(void)
{
	struct winsize size = {.ws_col = 120, .ws_row = 40};
	struct terminal t;
	pid_t rlc;

	t = open_terminal(&(struct scene){.init = say_size, .pty = true, .interactive = true},
			  &rlc);
	ok(sees(&t, "91x17."), "the pty starts with our window's size");
	ioctl(t.master, TIOCSWINSZ, &size);
	ok(sees(&t, "120x40."), "and follows it");
	close_terminal(&t);
}

int main(void)
{
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
	test_terminal();
	test_job_control();
	test_window_size();
	return tap_end();
}
