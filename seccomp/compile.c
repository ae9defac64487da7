/* SPDX-License-Identifier: Apache-2.0 */
/* Compiles profiles by libseccomp, in the host process, when the cache has no program. */
#include "seccomp/compile.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "seccomp/emulate.h"
#include "seccomp/profile.h"
#include "seccomp/syscalls.h"

#include <sys/mman.h>

#define X32_BIT 0x40000000u

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

static bool is_permissive(uint32_t action)
{
	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
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

/* Conditions are ANDed; on one argument twice libseccomp cannot, runc and crun OR them then. */
static int add_call(scmp_filter_ctx ctx, const struct profile_rule *rule, int number)
{
	size_t step = index_twice(rule) ? 1 : rule->n_args, at = 0;
	int rc;

	do {
		rc = seccomp_rule_add_array(ctx, rule->action, number, (unsigned)step,
					    rule->args ? rule->args + at : NULL);
		at += step;
	} while ((rc == 0 || rc == -EEXIST) && at < rule->n_args);
	return rc == -EEXIST ? 0 : rc;
}

static int add_rules(scmp_filter_ctx ctx, const struct profile *p, const char *name, int *last,
		     struct err *e)
{
	for (size_t i = 0; i < p->n_rules; i++) {
		const struct profile_rule *rule = &p->rules[i];

		for (size_t k = 0; k < rule->names.n; k++) {
			int rc, number = syscall_number(rule->names.v[k]);

			if (number < 0) {
				log_debug("seccomp profile %s: no system call %s here", name,
					  rule->names.v[k]);
				continue;
			}
			if (number > *last)
				*last = number;
			/* libseccomp refuses a rule that says what the default says. */
			if (rule->action == p->default_action)
				continue;
			rc = add_call(ctx, rule, number);
			if (rc < 0)
				return scmp_error(rc, rule->names.v[k], name, e);
		}
	}
	return 0;
}

/*
 * In front of libseccomp's program, which knows neither numbers above its own table nor another
 * answer for x32 than for a foreign machine. ENOSYS lets a C library fall back where EPERM from
 * the default would break it. Under a default that lets calls through, newer ones are the
 * kernel's business; x32 numbers stay out, they name the same calls past every rule.
 */
static size_t write_stub(struct sock_filter *at, bool permissive, int last)
{
	const struct sock_filter stub[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYSCALL_ARCH, 1, 0),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, permissive ? X32_BIT - 1 : (uint32_t)last, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	};

	if (at)
		memcpy(at, stub, sizeof(stub));
	return array_len(stub);
}

/* libseccomp writes only to a descriptor. */
static int export_program(scmp_filter_ctx ctx, const struct profile *p, const char *name, int last,
			  struct filter *ret, struct err *e)
{
	auto_fd int fd = memfd_create("seccomp", MFD_CLOEXEC);
	size_t stub = write_stub(NULL, false, 0), len;
	auto_free char *bytes = NULL;
	int rc;

	if (fd < 0)
		return err_sys(e, "memfd_create");
	rc = seccomp_export_bpf(ctx, fd);
	if (rc < 0)
		return scmp_error(rc, "export", name, e);
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_sys(e, "seek in memfd");
	if (file_read_fd(fd, "memfd", BPF_MAXINSNS * sizeof(*ret->insns), &bytes, &len, e) < 0 ||
	    len / sizeof(*ret->insns) + stub > BPF_MAXINSNS) {
		err_msg(
		    e, "seccomp profile %s: its program has more than the kernel's %d instructions",
		    name, BPF_MAXINSNS);
		return err_hint(e, "use fewer rules with conditions on arguments");
	}
	ret->n = stub + len / sizeof(*ret->insns);
	ret->insns = xcalloc(ret->n, sizeof(*ret->insns));
	write_stub(ret->insns, is_permissive(p->default_action), last);
	memcpy(ret->insns + stub, bytes, len);
	return 0;
}

/* A register value under which the condition holds; false where none does. */
static bool satisfy(const struct scmp_arg_cmp *arg, uint64_t *ret)
{
	switch (arg->op) {
	case SCMP_CMP_EQ:
	case SCMP_CMP_LE:
	case SCMP_CMP_GE:
		*ret = arg->datum_a;
		return true;
	case SCMP_CMP_NE:
		*ret = arg->datum_a ^ 1;
		return true;
	case SCMP_CMP_LT:
		*ret = arg->datum_a - 1;
		return arg->datum_a > 0;
	case SCMP_CMP_GT:
		*ret = arg->datum_a + 1;
		return arg->datum_a < UINT64_MAX;
	case SCMP_CMP_MASKED_EQ:
		*ret = arg->datum_b;
		return (arg->datum_b & ~arg->datum_a) == 0;
	default:
		return false;
	}
}

static void tell_lost(const struct filter *f, const struct profile_rule *rule, const char *name,
		      const struct seccomp_data *data)
{
	for (size_t k = 0; k < rule->names.n; k++) {
		struct seccomp_data call = *data;

		call.nr = syscall_number(rule->names.v[k]);
		if (call.nr >= 0 && is_permissive(emulate_filter(f->insns, f->n, &call)))
			log_warn(
			    "seccomp profile %s: the rule that refuses some calls of %s has no "
			    "effect, another rule allows them",
			    name, rule->names.v[k]);
	}
}

/*
 * Refusals under a condition that another rule overrides, silently so in runc and crun: whoever
 * wrote one believes it holds.
 */
static void tell_lost_refusals(const struct filter *f, const struct profile *p, const char *name)
{
	for (size_t i = 0; i < p->n_rules; i++) {
		const struct profile_rule *rule = &p->rules[i];
		struct seccomp_data data = {.arch = SYSCALL_ARCH};
		bool alone = index_twice(rule), possible = true;

		if (is_permissive(rule->action) || rule->n_args == 0)
			continue;
		for (size_t k = 0; k < rule->n_args; k++) {
			uint64_t value = 0;

			if (alone)
				data = (struct seccomp_data){.arch = SYSCALL_ARCH};
			possible = satisfy(&rule->args[k], &value) && (possible || alone);
			data.args[rule->args[k].arg] = value;
			if (possible && (alone || k + 1 == rule->n_args))
				tell_lost(f, rule, name, &data);
		}
	}
}

int compile_profile(const struct profile *p, const char *name, struct filter *ret, struct err *e)
{
	auto_scmp scmp_filter_ctx ctx = seccomp_init(p->default_action);
	int rc, last = SYSCALL_LAST;

	if (!ctx)
		return err_msg(e, "seccomp profile %s: libseccomp refuses its default action",
			       name);
	rc = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	/* A binary tree over the numbers: a denied call costs 10 ns instead of 300. */
	if (rc == 0)
		rc = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (rc < 0)
		return scmp_error(rc, "set attributes", name, e);
	if (add_rules(ctx, p, name, &last, e) < 0 || export_program(ctx, p, name, last, ret, e) < 0)
		return -1;
	ret->flags = p->flags;
	tell_lost_refusals(ret, p, name);
	return 0;
}
