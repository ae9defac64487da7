/* SPDX-License-Identifier: Apache-2.0 */
/* The order from set-up to init: what comes out is what went in, and nothing else is accepted. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/launch/wire.h"
#include "tests/unit/tap.h"

static const struct wire_rlimit rlimits[] = {{1, 2, 7, 0}, {UINT64_MAX, 3, 8, 0}};
static const struct sock_filter insns[] = {{6, 0, 0, 0x7fff0000}, {1, 2, 3, 4}, {5, 6, 7, 8}};
static const uint32_t groups[] = {4, 5, 4000000000U};
static const char *const args[] = {"/bin/sh", "", "-c", NULL};
static const char *const env[] = {"A=1", "B=", NULL};

static const struct init_order sample = {
    .head = {.flags = INIT_REAPER | INIT_NO_NEW_PRIVS,
	     .caps = {1, 2, 3, 4, 5},
	     .root_dev = 11,
	     .root_ino = 12,
	     .uid = 33,
	     .gid = 44,
	     .umask = 022,
	     .seccomp_flags = 2,
	     .n_rlimits = 2,
	     .n_insns = 3,
	     .n_groups = 3},
    .rlimits = rlimits,
    .insns = insns,
    .groups = groups,
    .args = args,
    .env = env,
    .workdir = "/srv",
};

static bool same_list(const char *const *a, const char *const *b)
{
	for (; *a && *b; a++, b++)
		if (strcmp(*a, *b) != 0)
			return false;
	return !*a && !*b;
}

/* An order in a block of exactly its size: ASan sees every byte read past its end. */
static char *encoded(const struct init_order *o, size_t *ret_size)
{
	auto_free char *bytes = wire_encode(o, ret_size);
	uint64_t size;
	char *body;

	memcpy(&size, bytes, sizeof(size));
	ok(size == *ret_size - sizeof(size), "the length stands in front");
	*ret_size = (size_t)size;
	body = xcalloc(1, *ret_size);
	memcpy(body, bytes + sizeof(size), *ret_size);
	return body;
}

static void test_round_trip(void)
{
	size_t size;
	auto_free char *bytes = encoded(&sample, &size);
	auto_free void *owned = NULL;
	struct init_order o;
	struct wire_head head;
	struct err e = {0};

	if (wire_decode(bytes, size, &o, &owned, &e) < 0) {
		ok(false, "%s", e.what);
		return;
	}
	head = o.head;
	ok(head.magic == WIRE_MAGIC && head.n_args == 3 && head.n_env == 2 &&
	       head.text_size == 12 + 7 + 1 + 5 - 1,
	   "counts: %u bytes of text", head.text_size);
	head.magic = head.n_args = head.n_env = head.text_size = 0;
	ok(memcmp(&head, &sample.head, sizeof(head)) == 0, "the head");
	ok(memcmp(o.rlimits, rlimits, sizeof(rlimits)) == 0, "limits");
	ok(memcmp(o.insns, insns, sizeof(insns)) == 0, "filter");
	ok(memcmp(o.groups, groups, sizeof(groups)) == 0, "groups");
	ok(same_list(o.args, args) && same_list(o.env, env) && strcmp(o.workdir, "/srv") == 0,
	   "arguments, an empty one among them, environment, folder");
}

static void test_least(void)
{
	static const char *const one[] = {"x", NULL}, *const none[] = {NULL};
	const struct init_order least = {.args = one, .env = none, .workdir = ""};
	size_t size;
	auto_free char *bytes = encoded(&least, &size);
	auto_free void *owned = NULL;
	struct init_order o;
	struct err e = {0};

	ok(wire_decode(bytes, size, &o, &owned, &e) == 0 && !o.insns && same_list(o.args, one) &&
	       same_list(o.env, none) && o.workdir[0] == '\0',
	   "the least order; no filter is NULL: %s", e.what);
}

/* Expects a refusal, with *ret and *ret_owned as they were. */
static bool refused(const char *bytes, size_t size)
{
	struct init_order o = {.workdir = "before"};
	void *owned = NULL;
	struct err e = {0};
	auto_free char *exact = xcalloc(1, size ? size : 1);

	memcpy(exact, bytes, size);
	if (wire_decode(exact, size, &o, &owned, &e) == 0) {
		free(owned);
		return false;
	}
	return e.what[0] && !owned && strcmp(o.workdir, "before") == 0;
}

static void test_truncated(void)
{
	size_t size;
	auto_free char *bytes = encoded(&sample, &size), *longer = xcalloc(1, size + 1);

	for (size_t n = 0; n < size; n++)
		if (!refused(bytes, n))
			ok(false, "cut to %zu bytes is refused", n);
	memcpy(longer, bytes, size);
	ok(refused(longer, size + 1), "a byte too many is refused, and every cut was");
}

static const struct {
	const char *what;
	size_t at; /* of a uint32_t in the head */
	uint32_t value;
} changes[] = {
    {"another magic", offsetof(struct wire_head, magic), WIRE_MAGIC + 1},
    {"more limits", offsetof(struct wire_head, n_rlimits), 3},
    {"fewer limits", offsetof(struct wire_head, n_rlimits), 0},
    {"limits without end", offsetof(struct wire_head, n_rlimits), UINT32_MAX},
    {"more instructions", offsetof(struct wire_head, n_insns), 4},
    {"instructions without end", offsetof(struct wire_head, n_insns), UINT32_MAX},
    {"more groups", offsetof(struct wire_head, n_groups), 4},
    {"groups without end", offsetof(struct wire_head, n_groups), UINT32_MAX},
    {"more arguments", offsetof(struct wire_head, n_args), 4},
    {"fewer arguments", offsetof(struct wire_head, n_args), 2},
    {"no argument", offsetof(struct wire_head, n_args), 0},
    {"arguments without end", offsetof(struct wire_head, n_args), UINT32_MAX},
    {"more environment", offsetof(struct wire_head, n_env), 3},
    {"environment without end", offsetof(struct wire_head, n_env), UINT32_MAX},
    {"more text", offsetof(struct wire_head, text_size), 25},
    {"no text", offsetof(struct wire_head, text_size), 0},
    {"text without end", offsetof(struct wire_head, text_size), UINT32_MAX},
};

static void test_changed(void)
{
	size_t size;
	auto_free char *bytes = encoded(&sample, &size);
	struct wire_head head;

	for (size_t i = 0; i < array_len(changes); i++) {
		uint32_t keep;

		memcpy(&keep, bytes + changes[i].at, sizeof(keep));
		memcpy(bytes + changes[i].at, &changes[i].value, sizeof(keep));
		ok(refused(bytes, size), "%s: refused", changes[i].what);
		memcpy(bytes + changes[i].at, &keep, sizeof(keep));
	}
	bytes[size - 1] = 'x';
	ok(refused(bytes, size), "text without its last NUL: refused");
	bytes[size - 1] = '\0';
	bytes[size - 3] = '\0';
	ok(refused(bytes, size), "a NUL too many in the text: refused");
	bytes[size - 3] = 'r';
	/* Counts that fit the size together, but not the kernel. */
	memcpy(&head, bytes, sizeof(head));
	head.n_rlimits = head.n_groups = 0;
	head.n_insns = BPF_MAXINSNS + 1;
	size = sizeof(head) + head.n_insns * sizeof(struct sock_filter) + head.text_size;
	auto_free char *large = xcalloc(1, size);

	memcpy(large, &head, sizeof(head));
	memset(large + size - head.text_size, 'a', head.text_size);
	for (size_t i = 1; i <= 6; i++)
		large[size - i] = '\0';
	ok(refused(large, size), "more instructions than the kernel takes: refused");
}

int main(void)
{
	test_round_trip();
	test_least();
	test_truncated();
	test_changed();
	return tap_end();
}
