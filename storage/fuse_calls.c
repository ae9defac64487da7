/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table, by what fuse-overlayfs 1.10 … 1.16, libfuse 3 and the C libraries call: a name that is
 * not here answers ENOSYS, for which all of them have another way.
 */
#include "storage/fuse_calls.h"

#include "lib/base/auto.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/fuse.h>
#include <sched.h>
#include <sys/syscall.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

#define ONE_OF(nr, arg, value)                                                                     \
	{                                                                                          \
		nr, arg, UINT64_MAX >> 32, value                                                   \
	}

/* clang-format off */
const struct allow fuse_calls[] = {
	/* requests and answers */
	{SYS_read}, {SYS_writev}, {SYS_write}, {SYS_readv}, {SYS_splice}, {SYS_vmsplice},
	{SYS_pread64}, {SYS_pwrite64}, {SYS_preadv}, {SYS_pwritev},
	{SYS_copy_file_range}, {SYS_sendfile},
	/* files, by name and by descriptor */
	{SYS_openat}, {SYS_openat2}, {SYS_close}, {SYS_close_range}, {SYS_statx}, {SYS_fstat},
	{SYS_newfstatat}, {SYS_fstatfs}, {SYS_statfs}, {SYS_faccessat}, {SYS_faccessat2},
	{SYS_getdents64}, {SYS_lseek}, {SYS_readlinkat}, {SYS_getcwd}, {SYS_chdir},
	{SYS_mkdirat}, {SYS_mknodat}, {SYS_unlinkat}, {SYS_renameat}, {SYS_renameat2},
	{SYS_linkat}, {SYS_symlinkat},
	{SYS_fchmod}, {SYS_fchmodat}, {SYS_fchmodat2}, {SYS_fchown}, {SYS_fchownat},
	{SYS_utimensat}, {SYS_truncate}, {SYS_ftruncate}, {SYS_fallocate}, {SYS_fadvise64},
	{SYS_fsync}, {SYS_fdatasync}, {SYS_syncfs}, {SYS_umask}, {SYS_flock},
	{SYS_getxattr}, {SYS_lgetxattr}, {SYS_fgetxattr},
	{SYS_setxattr}, {SYS_lsetxattr}, {SYS_fsetxattr},
	{SYS_listxattr}, {SYS_llistxattr}, {SYS_flistxattr},
	{SYS_removexattr}, {SYS_lremovexattr}, {SYS_fremovexattr},
	{SYS_fcntl}, {SYS_dup}, {SYS_dup3}, {SYS_pipe2},
	/* a container asks for these through it; and how a thread gets a queue of its own */
	ONE_OF(SYS_ioctl, 1, FS_IOC_GETFLAGS), ONE_OF(SYS_ioctl, 1, FS_IOC_SETFLAGS),
	ONE_OF(SYS_ioctl, 1, FS_IOC_GETVERSION), ONE_OF(SYS_ioctl, 1, FS_IOC_SETVERSION),
	ONE_OF(SYS_ioctl, 1, FS_IOC_FSGETXATTR), ONE_OF(SYS_ioctl, 1, FS_IOC_FSSETXATTR),
	ONE_OF(SYS_ioctl, 1, FICLONE), ONE_OF(SYS_ioctl, 1, FUSE_DEV_IOC_CLONE),
	/* memory, also for the dynamic linker */
	{SYS_mmap}, {SYS_munmap}, {SYS_mprotect}, {SYS_mremap}, {SYS_madvise}, {SYS_brk},
	/* threads; clone3, whose flags cannot be seen, falls back to clone */
	{SYS_clone, 0, CLONE_THREAD, CLONE_THREAD}, {SYS_futex}, {SYS_set_tid_address},
	{SYS_set_robust_list}, {SYS_rseq}, {SYS_sched_yield}, {SYS_sched_getaffinity}, {SYS_exit},
	/* itself */
	{SYS_getpid}, {SYS_gettid}, {SYS_getuid}, {SYS_geteuid}, {SYS_getgid}, {SYS_getegid},
	{SYS_prlimit64}, {SYS_getrlimit}, {SYS_setrlimit}, {SYS_uname}, {SYS_sysinfo},
	{SYS_rt_sigaction}, {SYS_rt_sigprocmask}, {SYS_rt_sigreturn}, {SYS_sigaltstack},
	{SYS_ppoll}, {SYS_pselect6}, {SYS_nanosleep}, {SYS_clock_nanosleep}, {SYS_clock_gettime},
	{SYS_clock_getres}, {SYS_gettimeofday}, {SYS_getrandom}, {SYS_restart_syscall},
	ONE_OF(SYS_execveat, 4, AT_EMPTY_PATH),
#ifdef SYS_open /* what younger machines have in one form only */
	{SYS_open}, {SYS_stat}, {SYS_lstat}, {SYS_access}, {SYS_readlink}, {SYS_mkdir}, {SYS_mknod},
	{SYS_rmdir}, {SYS_unlink}, {SYS_rename}, {SYS_link}, {SYS_symlink}, {SYS_chmod},
	{SYS_chown}, {SYS_lchown}, {SYS_dup2}, {SYS_pipe}, {SYS_poll}, {SYS_select}, {SYS_time},
	{SYS_arch_prctl},
#endif
};
/* clang-format on */
const size_t n_fuse_calls = array_len(fuse_calls);
