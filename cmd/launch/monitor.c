/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monitor: one loop over the container's first process, the signals sent to rlc, and up to
 * three streams. Runs in the process that started the container, as the user. Every signal but
 * faults is blocked meanwhile and read from a descriptor, so nothing interrupts a step halfway and
 * the terminal is always put back.
 */
#include "cmd/launch/monitor.h"

#include "cmd/launch/relay.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/kernel/pty.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>

enum {
	SLOT_SIGNALS,
	SLOT_INIT,
	SLOT_SERVER,
	SLOT_HELPERS,
	SLOT_IN = SLOT_HELPERS + MONITOR_HELPERS_MAX,
	SLOT_OUT = SLOT_IN + 2,
	SLOT_ERR = SLOT_OUT + 2,
	N_SLOTS = SLOT_ERR + 2
};

enum { LAST_MOMENT_MS = 2000, SERVER_END_MS = 10000 };

struct watch {
	struct monitor *m;
	int signals; /* signalfd */
	int init;    /* pidfd */
	int peer;    /* the pty's other side: see hold_peer() */
	int sizer;   /* terminal whose window size the pty follows, or -1 */
	bool raw;    /* stdin is a terminal that the container gets raw */
	bool typing; /* stdin is none, and goes to the container's terminal */
	int typed;   /* that input has ended: ms until the terminal is told again, else -1 */
	struct relay in, out, err;
	bool rootless; /* what serves the root has ended */
	bool dead;     /* init was reaped */
	bool give_up;  /* told to end while output was waiting for its reader */
	int status;    /* as of waitpid(2) */
};

/* ---- signals ---- */

/* Not read from the descriptor and not forwarded. */
static bool is_left_alone(int sig)
{
	switch (sig) {
	case SIGSEGV: /* our own faults: see pty_raw_begin() */
	case SIGBUS:
	case SIGILL:
	case SIGFPE:
	case SIGABRT:
	case SIGSYS:
	case SIGTRAP:
	case SIGTTIN: /* the kernel stops who reads a terminal from the background */
	case SIGTTOU:
		return true;
	default:
		return false;
	}
}

/* nohup(1), and sh for what it starts with "&", ask by this that a signal does nothing. */
static bool is_ignored(int sig)
{
	struct sigaction act;

	return sigaction(sig, NULL, &act) == 0 && act.sa_handler == SIG_IGN;
}

static int hold_signals(struct watch *w, sigset_t *was, struct err *e)
{
	static const int may_be_ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
	struct sigaction standard = {.sa_handler = SIG_DFL};
	sigset_t blocked, read;

	sigfillset(&blocked);
	for (int sig = 1; sig < SIGRTMIN; sig++)
		if (is_left_alone(sig))
			sigdelset(&blocked, sig);
	read = blocked;
	/* A reader of ours that went away is noticed by EPIPE. */
	sigdelset(&read, SIGPIPE);
	for (size_t i = 0; i < array_len(may_be_ignored); i++)
		if (is_ignored(may_be_ignored[i]))
			sigdelset(&read, may_be_ignored[i]);
	/* Inherited as ignored it would let the kernel reap init before its status is asked for. */
	sigaction(SIGCHLD, &standard, NULL);
	if (sigprocmask(SIG_SETMASK, &blocked, was) < 0)
		return err_sys(e, "block signals");
	w->signals = signalfd(-1, &read, SFD_CLOEXEC | SFD_NONBLOCK);
	return w->signals < 0 ? err_sys(e, "make a descriptor for signals") : 0;
}

/* Those of the terminal are not here: they are meant for rlc itself. */
static void forward(const struct watch *w, int sig)
{
	const struct monitor *m = w->m;

	if (w->dead || !m->sig_proxy || sig == SIGURG)
		return;
	/* Who ends the monitor of a detached container wants the container to end. */
	if (!m->attached && sig == SIGTERM && m->stop_signal > 0)
		sig = m->stop_signal;
	if (pidfd_send_signal(w->init, sig, NULL, 0) < 0 && errno != ESRCH)
		log_warn("forward signal %d to the container: %s", sig, strerror(errno));
}

static bool ends_a_program(int sig)
{
	return sig == SIGTERM || sig == SIGINT || sig == SIGHUP || sig == SIGQUIT;
}

/* ---- terminal ---- */

static void follow_size(const struct watch *w)
{
	if (w->sizer >= 0 && pty_copy_size(w->sizer, w->m->pty) < 0)
		log_debug("set the window size: %s", strerror(errno));
}

/* From the background the terminal is another's: it is taken when rlc comes to the fore. */
static void take_terminal(const struct watch *w)
{
	struct err e;

	if (!w->raw || pty_is_raw() || !pty_is_foreground(STDIN_FILENO))
		return;
	if (pty_raw_begin(STDIN_FILENO, &e) < 0)
		log_debug("%s: %s", e.what, strerror(e.sys));
	follow_size(w);
}

/* Stops rlc as the kernel would have; the container goes on. SIGCONT is read from the descriptor.
 */
static void suspend(void)
{
	sigset_t stop;

	pty_raw_end();
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL);
	sigprocmask(SIG_BLOCK, &stop, NULL);
}

/*
 * While somebody has the other side open, a container whose processes all close the terminal for a
 * moment does not make it hang up for good, and poll(2) does not report that without end.
 */
static void hold_peer(struct watch *w)
{
	w->peer = ioctl(w->m->pty, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (w->peer < 0)
		log_debug("open the other side of the pty: %s", strerror(errno));
}

/* ---- processes ---- */

static int reap_init(struct watch *w, struct err *e)
{
	pid_t pid;

	while ((pid = waitpid(w->m->pid, &w->status, __WALL)) < 0 && errno == EINTR)
		;
	if (pid < 0)
		return err_sys(e, "wait for the container's first process %d", w->m->pid);
	w->dead = true;
	return 0;
}

/* The container goes on without it: whoever needs what is lost now learns why. */
static void lose_helper(const struct watch *w, struct monitor_helper *h, int status)
{
	struct err e = {0};

	h->pid = 0;
	if (w->dead)
		return;
	monitor_helper_lost(h, status, &e);
	if (w->m->helper_lost)
		w->m->helper_lost(w->m->arg, &e);
}

/* Helpers that ended; init is reaped here too when it comes first. */
static void reap_others(struct watch *w)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0) {
		if (pid == w->m->pid) {
			w->status = status;
			w->dead = true;
		}
		for (size_t i = 0; i < w->m->n_helpers; i++)
			if (w->m->helpers[i].pid == pid)
				lose_helper(w, &w->m->helpers[i], status);
	}
}

static void take_signal(struct watch *w, int sig)
{
	switch (sig) {
	case SIGCHLD:
		reap_others(w);
		break;
	case SIGWINCH:
		follow_size(w);
		break;
	case SIGTSTP:
		suspend();
		break;
	case SIGCONT:
		take_terminal(w);
		follow_size(w);
		break;
	default:
		w->give_up |= w->dead && ends_a_program(sig);
		forward(w, sig);
		break;
	}
}

static void read_signals(struct watch *w)
{
	struct signalfd_siginfo info[8];
	ssize_t n;

	while ((n = read(w->signals, info, sizeof(info))) > 0)
		for (size_t i = 0; i < (size_t)n / sizeof(info[0]); i++)
			take_signal(w, (int)info[i].ssi_signo);
}

/* ---- streams ---- */

static struct relay outward(int from, bool owned, int to, enum log_stream stream)
{
	struct relay r = {
	    .from = relay_inner_end(from), .to = {.fd = -1}, .logged = true, .stream = stream};

	r.from.own = owned;
	if (from >= 0 && to >= 0)
		r.to = relay_outer_end(to, O_WRONLY);
	return r;
}

static void open_streams(struct watch *w)
{
	const struct monitor *m = w->m;
	bool has_pty = m->pty >= 0;

	w->out = outward(has_pty ? m->pty : m->out, !has_pty, m->attached ? STDOUT_FILENO : -1,
			 LOG_STDOUT);
	w->err = outward(m->err, true, m->attached ? STDERR_FILENO : -1, LOG_STDERR);
	w->in = (struct relay){.from = {.fd = -1}, .to = relay_inner_end(m->in)};
	if (has_pty)
		w->in.to = (struct relay_end){.fd = m->pty};
	if (m->attached && (has_pty ? m->interactive : m->in >= 0))
		w->in.from = relay_outer_end(STDIN_FILENO, O_RDONLY);
	if (!has_pty)
		return;
	hold_peer(w);
	if (!m->attached)
		return;
	w->raw = m->interactive && isatty(STDIN_FILENO);
	w->typing = m->interactive && !w->raw;
	w->sizer = isatty(STDIN_FILENO) ? STDIN_FILENO : isatty(STDOUT_FILENO) ? STDOUT_FILENO : -1;
	follow_size(w);
	take_terminal(w);
}

/*
 * A raw terminal has no end of file but its own: the window was closed. The container's terminal
 * hangs up too; else `rlc run --rm -it IMG sh` would stay for good, for as PID 1 a shell that does
 * not handle SIGHUP is not sent it.
 */
static void hang_up(struct watch *w)
{
	while (relay_fill(&w->out, w->m->log_fd, false))
		w->out.len = 0;
	relay_close_from(&w->out);
	relay_close(&w->in);
	w->in.to.fd = -1;
	w->sizer = -1;
	if (w->peer >= 0)
		close(take_fd(&w->peer));
	close(take_fd(&w->m->pty));
}

/*
 * What was piped into a container's terminal ends as a person ends it: by Ctrl-D. A program that
 * was just changing the terminal's mode does not see it, and the end of a pipe can be read more
 * than once: it is typed again, ever more slowly.
 */
static void end_typing(struct watch *w)
{
	enum { FIRST_MS = 250, LAST_MS = 4000 };
	const char end = 4; /* VEOF, termios(3): the terminal is the container's and starts so */

	w->typed = w->typing ? FIRST_MS : 2 * w->typed;
	if (w->typed > LAST_MS)
		w->typed = LAST_MS;
	w->typing = false;
	if (w->m->pty >= 0 && write(w->m->pty, &end, 1) < 0)
		log_debug("end the container's input: %s", strerror(errno));
}

/* One direction's end is the other's: to the container by closing its stdin (never a pty). */
static void settle_input(struct watch *w)
{
	if (w->raw && pty_is_raw() && w->m->pty >= 0 && w->in.from.fd < 0 && !w->dead)
		hang_up(w);
	else if (!w->raw && w->typing && relay_is_done(&w->in))
		end_typing(w);
	if (w->in.to.fd < 0)
		relay_close_from(&w->in);
	else if (w->m->attached && w->in.to.own && relay_is_done(&w->in))
		relay_close(&w->in);
}

static void move_bytes(struct watch *w, const struct pollfd p[N_SLOTS])
{
	struct relay *const all[] = {&w->in, &w->out, &w->err};

	if (p[SLOT_IN].revents)
		take_terminal(w);
	for (size_t i = 0; i < array_len(all); i++) {
		const struct pollfd *ends = p + SLOT_IN + 2 * i;

		if (ends[0].revents)
			(void)relay_fill(all[i], w->m->log_fd, false);
		if (ends[1].revents)
			relay_flush(all[i]);
	}
	settle_input(w);
}

/*
 * All that init and its children wrote is in the pipes once it is reaped, for it ends after them.
 * So what is empty then is done, even when somebody outside was given a copy of the other end.
 */
static void drain(struct watch *w)
{
	relay_close_from(&w->in);
	while (relay_fill(&w->out, w->m->log_fd, true))
		;
	while (relay_fill(&w->err, w->m->log_fd, true))
		;
}

static void poll_helpers(const struct watch *w, struct pollfd *p)
{
	for (size_t i = 0; i < MONITOR_HELPERS_MAX; i++) {
		const struct monitor_helper *h = &w->m->helpers[i];
		bool asks = !w->dead && i < w->m->n_helpers && h->asks_resolv && h->pid > 0;

		p[i] = (struct pollfd){.fd = asks ? h->control : -1, .events = POLLIN};
	}
}

static void answer_helpers(struct watch *w, const struct pollfd *p)
{
	for (size_t i = 0; i < w->m->n_helpers; i++)
		if (p[i].fd >= 0 && p[i].revents)
			monitor_helper_answer(&w->m->helpers[i]);
}

/* Its processes would go on with what is in memory, and fail at everything else. */
static void stop_without_root(struct watch *w)
{
	struct pollfd init = {.fd = w->init, .events = POLLIN};
	struct err e;

	/* At a container's end it goes with the mounts, a moment before init can be reaped. */
	if (poll(&init, 1, LAST_MOMENT_MS) != 0) {
		w->rootless = true;
		return;
	}
	w->rootless = true;
	err_msg(&e, "the process that serves the container's files has ended: the container is "
		    "stopped");
	if (w->m->helper_lost)
		w->m->helper_lost(w->m->arg, &e);
	(void)pidfd_send_signal(w->init, SIGKILL, NULL, 0); /* gone already */
}

/*
 * What serves the root goes with the last process that has it: by itself, once it has written what
 * the kernel still held. Before the record goes, or it would write into what is being removed.
 */
static void end_server(const struct monitor *m)
{
	struct pollfd end = {.fd = m->server, .events = POLLIN};

	if (m->server < 0)
		return;
	if (poll(&end, 1, SERVER_END_MS) == 0)
		(void)pidfd_send_signal(m->server, SIGKILL, NULL, 0); /* gone already */
	/* Reaped already, perhaps, as a child like others. */
	while (waitid(P_PIDFD, (id_t)m->server, NULL, WEXITED) < 0 && errno == EINTR)
		;
}

static bool is_finished(const struct watch *w)
{
	return w->dead && (w->give_up || (relay_is_done(&w->out) && relay_is_done(&w->err)));
}

static int watch_loop(struct watch *w, struct err *e)
{
	struct pollfd p[N_SLOTS];
	int n;

	for (;;) {
		if (w->dead)
			drain(w);
		if (is_finished(w))
			return 0;
		p[SLOT_SIGNALS] = (struct pollfd){.fd = w->signals, .events = POLLIN};
		p[SLOT_INIT] = (struct pollfd){.fd = w->dead ? -1 : w->init, .events = POLLIN};
		poll_helpers(w, p + SLOT_HELPERS);
		p[SLOT_SERVER] = (struct pollfd){.fd = w->dead || w->rootless ? -1 : w->m->server,
						 .events = POLLIN};
		relay_poll(&w->in, p + SLOT_IN);
		relay_poll(&w->out, p + SLOT_OUT);
		relay_poll(&w->err, p + SLOT_ERR);
		n = poll(p, N_SLOTS, w->dead ? -1 : w->typed);
		if (n < 0 && errno != EINTR)
			return err_sys(e, "wait for the container");
		if (n == 0)
			end_typing(w);
		if (p[SLOT_SIGNALS].revents)
			read_signals(w);
		move_bytes(w, p);
		answer_helpers(w, p + SLOT_HELPERS);
		if (p[SLOT_INIT].revents && !w->dead && reap_init(w, e) < 0)
			return -1;
		if (p[SLOT_SERVER].revents && !w->dead)
			stop_without_root(w);
	}
}

static void close_all(struct watch *w)
{
	struct monitor *m = w->m;
	int *const fds[] = {&w->signals, &w->init, &w->peer, &m->pty, &m->log_fd, &m->server};

	pty_raw_end();
	relay_close(&w->in);
	relay_close(&w->out);
	relay_close(&w->err);
	m->in = m->out = m->err = -1;
	for (size_t i = 0; i < array_len(fds); i++)
		if (*fds[i] >= 0)
			close(take_fd(fds[i]));
}

/* One that a write of ours raised would end rlc as soon as it is let through. */
static void forget_broken_pipes(void)
{
	struct timespec now = {0};
	sigset_t pipe_signal;

	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	(void)sigtimedwait(&pipe_signal, NULL, &now);
}

int monitor_run(struct monitor *m, int *ret_status, struct err *e)
{
	struct watch w = {.m = m, .signals = -1, .init = -1, .peer = -1, .sizer = -1, .typed = -1};
	sigset_t was;
	int result = hold_signals(&w, &was, e);

	open_streams(&w);
	w.init = pidfd_open(m->pid, 0);
	if (result == 0 && w.init < 0)
		result = err_sys(e, "open the container's first process %d", m->pid);
	/* A SIGCHLD of before was discarded when its action was set (sigaction(2)). */
	if (result == 0)
		reap_others(&w);
	if (result == 0)
		result = watch_loop(&w, e);
	if (result == 0)
		end_server(m);
	close_all(&w);
	for (size_t i = 0; i < m->n_helpers; i++)
		monitor_helper_end(&m->helpers[i]);
	forget_broken_pipes();
	sigprocmask(SIG_SETMASK, &was, NULL);
	if (result == 0)
		*ret_status =
		    WIFSIGNALED(w.status) ? 128 + WTERMSIG(w.status) : WEXITSTATUS(w.status);
	return result;
}
