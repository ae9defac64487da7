/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what was asked (default, unconfined, a Docker/Podman/OCI JSON file) to a BPF program for
 * seccomp(2). A warm start reads the cache and never calls libseccomp.
 */
#pragma once
#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct profile;

/* Everything that shapes a program; all of it is in the cache key. */
struct filter_request {
	const char *profile; /* NULL: the built-in default; else a path (absolute or to cwd) */
	uint64_t caps;	     /* bit n: CAP n is in the bounding set: profiles ask for it */
	bool no_new_privs;   /* false: the init still needs capset after loading */
};

struct filter {
	struct sock_filter *insns;
	size_t n;	   /* instructions, 1 … BPF_MAXINSNS */
	uint32_t flags;	   /* SECCOMP_FILTER_FLAG_*, e.g. SPEC_ALLOW, LOG */
	bool cached;	   /* came from the cache */
	char *description; /* "default", or the path: for inspect and info */
};

/*
 * cache_dirfd: RUN/bpf opened O_DIRECTORY (made by the caller), or -1: no cache. Refuses a profile
 * under which the init could not even exec (it names the missing system calls).
 */
int filter_build(const struct filter_request *r, int cache_dirfd, struct filter *ret,
		 struct err *e);
/* The rules of a request as they apply on this host: what filter_build() compiles. */
int filter_profile(const struct filter_request *r, struct profile *ret, struct err *e);
void filter_free(struct filter *f);
