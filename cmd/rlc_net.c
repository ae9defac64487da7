/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rlc-net: the gateway of one container with a private network. A process of the user's in the
 * host's network namespace, started by rlc with the socket of net/uplink_wire.h as descriptor 3. It
 * reads what the container sends, so it is caged before the first frame: no file, no capability,
 * system calls of net/uplink.c and libslirp alone. It ends when the other end of the socket closes,
 * which no kind of death of the monitor can prevent.
 */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/kernel/cage.h"
#include "lib/kernel/shed.h"
#include "net/config.h"
#include "net/uplink.h"
#include "net/uplink_calls.h"
#include "net/uplink_wire.h"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>

/* ADDRESSES_A_BYTE: so much of the address space for each byte of memory: of 16 GiB one. */
enum { RESOLV_MAX = UPLINK_TEXT_MAX - 1, ADDRESSES_A_BYTE = 16 };

/*
 * Every TCP connection of libslirp takes 2 × 128 KiB, of which most is never touched. By mmap those
 * pages stay away; glibc's own threshold grows with the first free and moves them onto the heap,
 * where a realloc copies and touches them all (hundreds of MB after some thousand connections).
 */
static void keep_buffers_apart(void)
{
	enum { SMALLER_THAN_BUFFERS = 64 << 10 };

	mallopt(M_MMAP_THRESHOLD, SMALLER_THAN_BUFFERS);
	mallopt(M_ARENA_MAX, 1);
}

static int receive_config(struct net_config *c, struct err *e)
{
	struct {
		char kind;
		struct net_config config;
	} __attribute__((packed)) message;
	ssize_t n = recv(UPLINK_FD, &message, sizeof(message), 0);

	if (n != (ssize_t)sizeof(message) || message.kind != UPLINK_CONFIG ||
	    message.config.magic != NET_CONFIG_MAGIC) {
		err_msg(e, "rlc-net is started by rlc, not by hand");
		return err_hint(e, "or rlc and rlc-net are of different builds: install rlc again");
	}
	*c = message.config;
	return 0;
}

static void read_resolv(char **ret)
{
	struct err ignored;

	/* A host without the file: resolv.conf(5) has 127.0.0.1 then. */
	if (file_read(AT_FDCWD, "/etc/resolv.conf", RESOLV_MAX, ret, NULL, &ignored) < 0)
		*ret = strdup("");
}

/*
 * Of address space, not memory: of the 64 KiB that libslirp takes for any segment one of a single
 * byte touches a page or two. 400 connections full of what nobody took came to 137 MB of addresses
 * and 51 of memory, segments out of order to 8.3 GB and 0.5: that is the factor.
 */
static uint64_t address_limit(void)
{
	const uint64_t most = UINT64_C(16) << 30;
	struct rlimit l;

	if (getrlimit(RLIMIT_AS, &l) < 0 || l.rlim_max > most)
		return most;
	return l.rlim_max;
}

/* glib ends by a trap when it gets no memory (g_malloc), and libslirp allocates by it. */
static void tell_and_end(int sig)
{
	static const struct err last_words = {.exit = EXIT_LAUNCHER,
					      .what = "it could get no more memory"};

	(void)sig;
	(void)send(UPLINK_FD, &last_words, sizeof(last_words), MSG_NOSIGNAL | MSG_DONTWAIT);
	_exit(EXIT_LAUNCHER);
}

static void hear_out_of_memory(void)
{
	sigset_t trap;

	signal(SIGTRAP, tell_and_end);
	/* Others stay blocked, as the launch left them. */
	sigemptyset(&trap);
	sigaddset(&trap, SIGTRAP);
	sigprocmask(SIG_UNBLOCK, &trap, NULL);
}

/* As many connections as the user may have open, but not so many that the loop crawls. */
static uint64_t descriptor_limit(void)
{
	enum { MANY = 16384 };
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0)
		return 0;
	return l.rlim_max < MANY ? l.rlim_max : MANY;
}

static int run(struct err *e)
{
	const int keep[] = {UPLINK_FD};
	auto_free char *resolv = NULL;
	struct net_config config;
	struct uplink *u;

	fd_close_all_but(UPLINK_FD, keep, array_len(keep));
	keep_buffers_apart();
	if (receive_config(&config, e) < 0)
		return -1;
	read_resolv(&resolv);
	u = uplink_new(&config, resolv ? resolv : "", address_limit() / ADDRESSES_A_BYTE, UPLINK_FD,
		       e);
	if (!u)
		return -1;
	const struct cage cage = {
	    .name = "rlc-net",
	    .memory = address_limit(),
	    .descriptors = descriptor_limit(),
	    .allow = uplink_calls,
	    .n_allow = n_uplink_calls,
	};
	hear_out_of_memory();
	if (cage_enter(&cage, e) < 0)
		return -1;
	shed_pages();
	return uplink_serve(u, e);
}

int main(void)
{
	struct err e = {0};

	if (run(&e) == 0)
		_exit(0);
	(void)send(UPLINK_FD, &e, sizeof(e), MSG_NOSIGNAL | MSG_DONTWAIT); /* none listens */
	_exit(EXIT_LAUNCHER);
}
