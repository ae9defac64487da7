/* SPDX-License-Identifier: Apache-2.0 */
/* Shows the notices of the halves of a pull, harmless; runs in rlc. */
#include "storage/notices.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/log.h"

#include <fcntl.h>

int notices_open(struct notices *n, const char *program, struct err *e)
{
	int ends[2];

	n->program = program;
	n->pipe = -1;
	n->len = n->said = 0;
	/* Each end has flags of its own: the writer may wait. */
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, "pipe for the notices of %s", program);
	n->pipe = ends[0];
	if (fcntl(n->pipe, F_SETFL, O_NONBLOCK) == 0)
		return ends[1];
	err_sys(e, "pipe for the notices of %s", program);
	close(ends[1]);
	close(take_fd(&n->pipe));
	return -1;
}

static void show_line(struct notices *n)
{
	n->line[n->len] = '\0';
	n->len = 0;
	log_relay(n->program, n->line);
}

static void take_byte(struct notices *n, char c)
{
	if (n->said > NOTICES_MAX)
		return;
	if (++n->said > NOTICES_MAX) {
		log_warn("what else %s says is left out", n->program);
		n->len = 0;
		return;
	}
	if (c != '\n')
		n->line[n->len++] = c;
	if (c == '\n' || n->len == sizeof(n->line) - 1)
		show_line(n);
}

/* One read(2), so that a writer without end does not keep rlc from what else it has to do. */
static ssize_t relay(struct notices *n)
{
	char part[16384];
	ssize_t got;

	do
		got = read(n->pipe, part, sizeof(part));
	while (got < 0 && errno == EINTR);
	for (ssize_t i = 0; i < got; i++)
		take_byte(n, part[i]);
	return got;
}

void notices_relay(struct notices *n)
{
	ssize_t got = relay(n);

	if (got == 0 || (got < 0 && errno != EAGAIN))
		notices_end(n);
}

void notices_end(struct notices *n)
{
	if (n->pipe < 0)
		return;
	while (n->said <= NOTICES_MAX && relay(n) > 0)
		;
	if (n->len)
		show_line(n);
	close(take_fd(&n->pipe));
}
