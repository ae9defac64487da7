/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Seccomp profiles as text: OCI's linux.seccomp object (runtime-spec, config-linux.md) and Docker's
 * and Podman's extension of it (archMap, includes, excludes, errno by name, single "name").
 */
#pragma once
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/strv.h"

struct err;

/* What the conditions of a profile are asked about. */
struct profile_host {
	const char *arch;	 /* as profiles name it: amd64, arm64 … */
	uint64_t caps;		 /* bit n: CAP n is in the bounding set */
	unsigned kernel_version; /* 6.18 is 6 << 16 | 18 */
};

struct profile_rule {
	struct strv names;
	uint32_t action; /* SECCOMP_RET_* with its data, which equals libseccomp's SCMP_ACT_* */
	struct scmp_arg_cmp *args;
	size_t n_args;
};

/* The rules that apply on this host, in the order of the text. */
struct profile {
	uint32_t default_action;
	uint32_t flags; /* SECCOMP_FILTER_FLAG_* */
	struct profile_rule *rules;
	size_t n_rules;
};

/*
 * Pure: text in, profile out. name is for errors, which say where in the text they arose. What a
 * filter could not hold to is an error even in a rule that does not apply here.
 */
int profile_parse(const char *text, size_t n, const char *name, const struct profile_host *host,
		  struct profile *ret, struct err *e);
void profile_free(struct profile *p);
#define auto_profile __attribute__((cleanup(profile_free)))
