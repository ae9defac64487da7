/* SPDX-License-Identifier: Apache-2.0 */
/* Compiles profiles in the host process, when the cache has no program. */
#include "seccomp/compile.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "seccomp/assemble.h"
#include "seccomp/profile.h"
#include "seccomp/syscalls.h"

#include <linux/seccomp.h>
#include <sys/mman.h>

#define auto_scmp __attribute__((cleanup(scmp_put)))
static void scmp_put(scmp_filter_ctx *at)
{
	if (*at)
		seccomp_release(*at);
}

/* libseccomp answers with a negative errno and leaves errno alone. */
static int scmp_error(int rc, const char *what, const char *name, struct err *e)
{
	errno = -rc;
	return err_sys(e, "seccomp profile %s: %s", name, what);
}

struct clauses {
	struct clause *v;
	size_t n, room;
};

#define auto_clauses __attribute__((cleanup(clauses_free)))
static void clauses_free(struct clauses *c)
{
	free(c->v);
}

static void add_clause(struct clauses *c, int number, const struct profile_rule *rule,
		       const struct scmp_arg_cmp *args, size_t n_args)
{
	if (c->n == c->room) {
		c->room = c->room ? 2 * c->room : 512;
		c->v = xreallocarray(c->v, c->room, sizeof(*c->v));
	}
	c->v[c->n] = (struct clause){.number = number,
				     .order = c->n,
				     .action = rule->action,
				     .args = args,
				     .n_args = n_args};
	c->n++;
}

static bool index_twice(const struct profile_rule *rule)
{
	unsigned seen = 0;

	for (size_t i = 0; i < rule->n_args; i++) {
		if (seen & 1u << rule->args[i].arg)
			return true;
		seen |= 1u << rule->args[i].arg;
	}
	return false;
}

static void collect(const struct profile *p, const char *name, struct clauses *ret)
{
	for (size_t i = 0; i < p->n_rules; i++) {
		const struct profile_rule *rule = &p->rules[i];
		bool apart = index_twice(rule);

		for (size_t k = 0; k < rule->names.n; k++) {
			int number = syscall_number(rule->names.v[k]);

			/* Profiles name calls of every machine and kernel; crun passes over too. */
			if (number < 0)
				log_debug("seccomp profile %s: no system call %s here", name,
					  rule->names.v[k]);
			else if (!apart)
				add_clause(ret, number, rule, rule->args, rule->n_args);
			for (size_t a = 0; number >= 0 && apart && a < rule->n_args; a++)
				add_clause(ret, number, rule, &rule->args[a], 1);
		}
	}
}

static int by_number(const void *left, const void *right)
{
	const struct clause *l = left, *r = right;

	if (l->number != r->number)
		return l->number < r->number ? -1 : 1;
	return l->order < r->order ? -1 : l->order > r->order;
}

/* The kernel's own order of actions is that of the signed value (kernel/seccomp.c). */
static int strictness(uint32_t action)
{
	return (int32_t)(action & SECCOMP_RET_ACTION_FULL);
}

static int by_strictness(const void *left, const void *right)
{
	const struct clause *l = left, *r = right;
	int a = strictness(l->action), b = strictness(r->action);

	if (a != b)
		return a < b ? -1 : 1;
	return l->order < r->order ? -1 : l->order > r->order;
}

/* All clauses of one system call, in the order of the profile. */
static int add_call(scmp_filter_ctx ctx, struct code *code, struct clause *c, size_t n,
		    uint32_t by_default)
{
	uint32_t otherwise = by_default;
	bool always = false;
	size_t kept = 0;

	for (size_t i = 0; i < n && !always; i++) {
		always = c[i].n_args == 0;
		if (always)
			otherwise = c[i].action;
	}
	/* Of a call that is answered anyhow, only stricter conditions still matter. */
	for (size_t i = 0; i < n; i++)
		if (c[i].n_args > 0 && (!always || strictness(c[i].action) < strictness(otherwise)))
			c[kept++] = c[i];
	if (kept > 0) {
		qsort(c, kept, sizeof(*c), by_strictness);
		code_call(code, c[0].number, c, kept, otherwise);
		return 0;
	}
	/* libseccomp refuses a rule that says what the default says. */
	return otherwise == by_default ? 0 : seccomp_rule_add(ctx, otherwise, c[0].number, 0);
}

/* libseccomp writes only to a descriptor. */
static int append_export(scmp_filter_ctx ctx, const char *name, struct code *code, struct err *e)
{
	auto_fd int fd = memfd_create("seccomp", MFD_CLOEXEC);
	auto_free char *bytes = NULL;
	size_t len;
	int rc;

	if (fd < 0)
		return err_sys(e, "memfd_create");
	rc = seccomp_export_bpf(ctx, fd);
	if (rc < 0)
		return scmp_error(rc, "export", name, e);
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_sys(e, "seek in memfd");
	if (file_read_fd(fd, "memfd", 1 << 20, &bytes, &len, e) < 0)
		return -1;
	/* Copied: a buffer of bytes need not be aligned for instructions. */
	for (size_t at = 0; at + sizeof(struct sock_filter) <= len;
	     at += sizeof(struct sock_filter)) {
		struct sock_filter insn;

		memcpy(&insn, bytes + at, sizeof(insn));
		code_append(code, &insn, 1);
	}
	return 0;
}

static int open_context(const struct profile *p, const char *name, scmp_filter_ctx *ret,
			struct err *e)
{
	auto_scmp scmp_filter_ctx ctx = seccomp_init(p->default_action);
	int rc;

	if (!ctx)
		return err_msg(e, "seccomp profile %s: libseccomp refuses its default action",
			       name);
	/* A binary tree over the numbers: a refused call costs 10 ns instead of 300. */
	rc = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (rc < 0)
		return scmp_error(rc, "ask for a binary tree", name, e);
	*ret = take_ptr(ctx);
	return 0;
}

/*
 * ENOSYS for what is newer than the table lets a C library fall back where the default's EPERM
 * would break it. Under a default that lets calls through, newer ones are the kernel's business.
 */
static uint32_t last_number(const struct profile *p, const struct clauses *c)
{
	int last = SYSCALL_LAST;

	if (p->default_action == SECCOMP_RET_ALLOW || p->default_action == SECCOMP_RET_LOG)
		return 0x40000000u - 1; /* below x32's bit */
	/* A newer libseccomp may know more names than the table. */
	if (c->n > 0 && c->v[c->n - 1].number > last)
		last = c->v[c->n - 1].number;
	return (uint32_t)last;
}

int compile_profile(const struct profile *p, const char *name, struct filter *ret, struct err *e)
{
	auto_scmp scmp_filter_ctx ctx = NULL;
	auto_clauses struct clauses c = {0};
	auto_code struct code code = {0};

	if (open_context(p, name, &ctx, e) < 0)
		return -1;
	collect(p, name, &c);
	if (c.n > 0)
		qsort(c.v, c.n, sizeof(*c.v), by_number);
	code_head(&code, last_number(p, &c));
	for (size_t i = 0, n; i < c.n; i += n) {
		int rc;

		for (n = 1; i + n < c.n && c.v[i + n].number == c.v[i].number;)
			n++;
		rc = add_call(ctx, &code, &c.v[i], n, p->default_action);
		if (rc < 0)
			return scmp_error(rc, "add a rule", name, e);
	}
	if (append_export(ctx, name, &code, e) < 0)
		return -1;
	if (code.n > BPF_MAXINSNS) {
		err_msg(e, "seccomp profile %s: its program has %zu instructions, %d are allowed",
			name, code.n, BPF_MAXINSNS);
		return err_hint(e, "use fewer rules with conditions on arguments");
	}
	ret->n = code.n;
	ret->insns = take_ptr(code.insns);
	ret->flags = p->flags;
	return 0;
}
