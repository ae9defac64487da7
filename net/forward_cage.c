/* SPDX-License-Identifier: Apache-2.0 */
/* The cage of rlc-ports. */
#include "net/forward_cage.h"

#include "lib/base/auto.h"
#include "lib/kernel/cage.h"
#include "net/forward_order.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

enum { MEMORY = 64 << 20, SOCK_TYPES = 0xf /* the other bits are flags, socket(2) */ };

/* clang-format off */
#define WORD(nr, at, value) {nr, at, UINT32_MAX, value}
#define SOCKET(family, type) {SYS_socket, 0, UINT32_MAX, family, {1, SOCK_TYPES, type}}
static const struct allow allowed[] = {
	{SYS_splice}, {SYS_recvfrom}, {SYS_sendto}, {SYS_recvmmsg}, {SYS_sendmmsg},
#ifdef SYS_epoll_wait
	{SYS_epoll_wait},
#endif
	{SYS_epoll_pwait}, {SYS_epoll_create1}, {SYS_epoll_ctl}, {SYS_accept4}, {SYS_connect},
	{SYS_shutdown}, {SYS_close}, {SYS_getsockopt}, {SYS_setsockopt}, {SYS_bind}, {SYS_pipe2},
	/* No raw ones: CAP_NET_RAW may be left. */
	SOCKET(AF_INET, SOCK_STREAM), SOCKET(AF_INET, SOCK_DGRAM),
	SOCKET(AF_INET6, SOCK_STREAM), SOCKET(AF_INET6, SOCK_DGRAM),
	WORD(SYS_fcntl, 1, F_SETPIPE_SZ),
	WORD(SYS_fcntl, 1, F_GETPIPE_SZ),
	WORD(SYS_madvise, 2, MADV_DONTNEED), {SYS_brk}, {SYS_munmap},
	WORD(SYS_mmap, 2, PROT_READ | PROT_WRITE),
	{SYS_clock_gettime}, {SYS_getrandom},
	/* epoll_wait(2) is gone on with by it after SIGSTOP and SIGCONT. */
	{SYS_restart_syscall},
	/* Why it ends. */
	WORD(SYS_write, 0, FORWARD_CONTROL),
};
/* clang-format on */

/* CAP_NET_RAW, over the container's network alone, is what IP_TRANSPARENT and SO_MARK ask for. */
int forward_cage_enter(bool keep_source, struct err *e)
{
	const struct cage c = {
	    .name = "rlc-ports",
	    .in_namespaces = true,
	    .memory = MEMORY,
	    .descriptors = FORWARD_DESCRIPTORS,
	    .caps = keep_source ? UINT64_C(1) << CAP_NET_RAW : 0,
	    .allow = allowed,
	    .n_allow = array_len(allowed),
	};

	return cage_enter(&c, e);
}
