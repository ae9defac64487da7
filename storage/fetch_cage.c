/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rlc-fetch may do. Should: sockets of the Internet, threads (libcurl resolves names in one),
 * memory, time. Mustn't: files but its own four, programs, other families of sockets, other
 * processes.
 */
#include "storage/fetch_cage.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/kernel/cage.h"
#include "storage/trust.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

enum { HOST_FILE_MAX = 64 << 10, DESCRIPTORS = 256 };

#define WHOLE UINT64_MAX
#define LOW   UINT32_MAX /* of an int: the kernel ignores the upper half */
/* What makes a clone a thread and nothing else. */
#define THREAD_ONLY                                                                                \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_NEWNS |          \
	 CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |               \
	 CLONE_NEWCGROUP | CLONE_PTRACE | CLONE_PARENT)
#define THREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)

/* Seen by strace of pulls over http and TLS, with names and without. */
static const struct allow rows[] = {
    /* frequent */
    {SYS_recvfrom},
    {SYS_read},
    {SYS_write},
#ifdef SYS_poll /* newer machines have ppoll alone */
    {SYS_poll},
#endif
    {SYS_ppoll},
    {SYS_sendto},
    {SYS_futex},
    {SYS_clock_gettime},
    /* sockets */
    {SYS_socket, 0, LOW, AF_INET},
    {SYS_socket, 0, LOW, AF_INET6},
    {SYS_connect},
    {SYS_bind}, /* the resolver's, to any port */
    {SYS_getsockname},
    {SYS_getpeername},
    {SYS_getsockopt},
    {SYS_setsockopt},
    {SYS_sendmsg},
    {SYS_sendmmsg},
    {SYS_recvmsg}, /* requests, with their pipes */
    {SYS_shutdown},
    {SYS_ioctl, 1, LOW, FIONREAD},
    {SYS_ioctl, 1, LOW, FIONBIO},
    {SYS_pipe2},
    {SYS_eventfd2},
    {SYS_socketpair, 0, LOW, AF_UNIX}, /* libcurl wakes itself by one; it leads nowhere */
    {SYS_fcntl, 1, LOW, F_GETFL},
    {SYS_fcntl, 1, LOW, F_SETFL},
    {SYS_fcntl, 1, LOW, F_GETFD},
    {SYS_fcntl, 1, LOW, F_SETFD},
    {SYS_close},
    /* its own files */
    {SYS_openat, 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY},
    {SYS_fstat},
    {SYS_newfstatat},
    {SYS_lseek},
    /* memory, threads, time */
    {SYS_mmap, 2, LOW, PROT_READ | PROT_WRITE},
    {SYS_mmap, 2, LOW, PROT_READ},
    {SYS_mmap, 2, LOW, PROT_NONE},
    {SYS_mprotect, 2, LOW, PROT_READ | PROT_WRITE},
    {SYS_mprotect, 2, LOW, PROT_READ},
    {SYS_mprotect, 2, LOW, PROT_NONE},
    {SYS_munmap},
    {SYS_mremap},
    {SYS_madvise},
    {SYS_brk},
    {SYS_clone, 0, THREAD_ONLY, THREAD}, /* clone3 answers ENOSYS: glibc falls back */
    {SYS_set_robust_list},
    {SYS_rseq},
    {SYS_prctl, 0, LOW, PR_SET_NAME},
    {SYS_gettid},
    {SYS_getpid},
    {SYS_getuid},
    {SYS_geteuid},
    {SYS_getgid},
    {SYS_getegid},
    {SYS_getrandom},
    {SYS_rt_sigaction},
    {SYS_rt_sigprocmask},
    {SYS_rt_sigreturn},
    {SYS_restart_syscall},
    {SYS_clock_nanosleep},
    {SYS_sched_yield},
    {SYS_exit},
};

/* A host without the file resolves without it. */
static char *read_host_file(const char *path)
{
	struct err ignored;
	char *text;

	return file_read(AT_FDCWD, path, HOST_FILE_MAX, &text, NULL, &ignored) < 0 ? NULL : text;
}

int fetch_cage_enter(const struct trust *t, struct err *e)
{
	auto_free char *resolv = read_host_file("/etc/resolv.conf");
	auto_free char *hosts = read_host_file("/etc/hosts");
	const struct cage_file files[] = {
	    {"etc/resolv.conf", resolv ? resolv : ""},
	    {"etc/hosts", hosts ? hosts : "127.0.0.1 localhost\n::1 localhost\n"},
	    /* Other sources are modules, daemons and sockets: none of them fits in here. */
	    {"etc/nsswitch.conf", "hosts: files dns\n"},
	    {&FETCH_CAGE_AUTHORITIES[1], str_get(&t->authorities)},
	};
	const struct cage cage = {
	    .name = "rlc-fetch",
	    .files = files,
	    .n_files = array_len(files),
	    .descriptors = DESCRIPTORS,
	    .allow = rows,
	    .n_allow = array_len(rows),
	};

	return cage_enter(&cage, e);
}
