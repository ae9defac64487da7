/* SPDX-License-Identifier: Apache-2.0 */
/* The allow-list of rlc-net; see lib/kernel/allow.h. */
#include "net/uplink_calls.h"

#include "lib/base/auto.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define ANY(name)                                                                                  \
	{                                                                                          \
		.nr = SYS_##name                                                                   \
	}
#define WITH(name, n, bits, is_value)                                                              \
	{                                                                                          \
		.nr = SYS_##name, .arg = (n), .mask = (bits), .value = (is_value)                  \
	}
#define ALL_BITS UINT64_C(0xffffffff)

/* clang-format off */
const struct allow uplink_calls[] = {
	/* each turn of the loop */
	ANY(poll), ANY(read), ANY(writev), ANY(recvfrom), ANY(sendto), ANY(clock_gettime),
	ANY(recvmsg), ANY(write), ANY(pread64),
	/* host sockets: to ask and to connect; none may listen, and none is of the host's own kind */
	WITH(socket, 0, ALL_BITS, AF_INET),
	WITH(socket, 0, ALL_BITS, AF_INET6),
	ANY(connect), ANY(bind), ANY(setsockopt), ANY(getsockopt), ANY(getsockname),
	ANY(getpeername), ANY(shutdown), ANY(close),
	WITH(ioctl, 1, ALL_BITS, FIONREAD),
	WITH(ioctl, 1, ALL_BITS, FIONBIO),
	WITH(ioctl, 1, ALL_BITS, SIOCGIFINDEX),
	WITH(fcntl, 1, ALL_BITS, F_GETFL),
	WITH(fcntl, 1, ALL_BITS, F_SETFL),
	WITH(fcntl, 1, ALL_BITS, F_GETFD),
	WITH(fcntl, 1, ALL_BITS, F_SETFD),
	/* memory, never executable */
	ANY(brk), ANY(munmap), ANY(mremap), ANY(madvise),
	WITH(mmap, 2, PROT_EXEC, 0),
	WITH(mprotect, 2, PROT_EXEC, 0),
	ANY(getrandom), ANY(futex), ANY(restart_syscall), ANY(rt_sigreturn),
};
/* clang-format on */
const size_t n_uplink_calls = array_len(uplink_calls);
