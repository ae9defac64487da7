/* SPDX-License-Identifier: Apache-2.0 */
/* profile_parse: what a profile may say, what it may not, and which rules apply where. */
#include "seccomp/profile.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "tests/unit/tap.h"

#include <linux/seccomp.h>

#define CAP(n) (UINT64_C(1) << (n))
enum { SYS_PTRACE = 19, SYS_ADMIN = 21 };

static const struct profile_host host = {
    .arch = "amd64", .caps = CAP(SYS_ADMIN), .kernel_version = 6 << 16 | 1};

/* A whole profile around one rule. */
#define RULE(body)   "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{" body "}]}"
#define NAMED(more)  RULE("\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\"" more)
#define ACTION(more) RULE("\"names\":[\"read\"],\"action\":" more)
#define ARG(body)    NAMED(",\"args\":[{" body "}]")

static int parse(const char *text, struct profile *ret, struct err *e)
{
	*e = (struct err){0};
	*ret = (struct profile){0};
	return profile_parse(text, strlen(text), "p.json", &host, ret, e);
}

static const struct {
	const char *text, *where; /* what the error must name */
} refused[] = {
    {"", "p.json:1:1"},
    {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",}", "p.json:1:"},
    {"{} {}", "something follows"},
    {"[]", "an object was expected"},
    {"{}", "\"defaultAction\" is missing"},
    {"{\"defaultAction\":1}", "\"defaultAction\" is a int"},
    {"{\"defaultAction\":\"allow\"}", "\"allow\""},
    {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"defaultErrnoRet\":1}",
     "SCMP_ACT_ALLOW takes no \"defaultErrnoRet\""},
    {"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":4096}", "above 4095"},
    {"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":-2}", "negative"},
    {"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrno\":\"EWHAT\"}", "\"EWHAT\""},
    {"{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}", "SCMP_ACT_NOTIFY hands"},
    {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"/s\"}", "listenerPath hands"},
    {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerMetadata\":\"x\"}", "listenerMetadata hands"},
    {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":7}", "\"listenerPath\" is a int"},
    {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":{}}", "\"syscalls\" is a object"},
    {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[7]}", "syscalls[0]"},
    {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[\"X\"]}", "flags[0]"},
    {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":"
     "[\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"]}",
     "WAIT_KILLABLE_RECV hands"},
    {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_PDP11\"]}",
     "architectures[0]: unknown architecture \"SCMP_ARCH_PDP11\""},
    {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"archMap\":[{}]}", "archMap[0]"},
    {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"archMap\":[{\"architecture\":\"SCMP_ARCH_X86_64\","
     "\"subArchitectures\":[\"SCMP_ARCH_X86\",\"X\"]}]}",
     "archMap[0]: subArchitectures[1]"},
    {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86\"],"
     "\"archMap\":[{\"architecture\":\"SCMP_ARCH_X86_64\"}]}",
     "both \"architectures\" and \"archMap\""},
    {RULE("\"action\":\"SCMP_ACT_ALLOW\""), "syscalls[0]: it names no system call"},
    {RULE("\"names\":\"read\",\"action\":\"SCMP_ACT_ALLOW\""), "\"names\" is a string"},
    {RULE("\"names\":[1],\"action\":\"SCMP_ACT_ALLOW\""), "\"names\"[0]"},
    {RULE("\"name\":\"read\",\"names\":[\"write\"],\"action\":\"SCMP_ACT_ALLOW\""),
     "both \"name\" and \"names\""},
    {RULE("\"names\":[\"read\"]"), "syscalls[0]: \"action\" is missing"},
    {ACTION("\"SCMP_ACT_ALOW\""), "syscalls[0]: \"action\" is no action"},
    {ACTION("\"SCMP_ACT_NOTIFY\""), "syscalls[0]: SCMP_ACT_NOTIFY"},
    {ACTION("\"SCMP_ACT_KILL\",\"errnoRet\":1"), "SCMP_ACT_KILL takes no \"errnoRet\""},
    {ACTION("\"SCMP_ACT_ALLOW\",\"errno\":\"EPERM\""), "SCMP_ACT_ALLOW takes no"},
    {ACTION("\"SCMP_ACT_TRACE\",\"errnoRet\":65536"), "above 65535"},
    {ACTION("\"SCMP_ACT_ERRNO\",\"errnoRet\":\"1\""), "\"errnoRet\" is a string"},
    {NAMED(",\"args\":{}"), "\"args\" is a object"},
    {NAMED(",\"args\":[null]"), "args[0]"},
    {ARG("\"value\":1,\"op\":\"SCMP_CMP_EQ\""), "args[0]: \"index\""},
    {ARG("\"index\":6,\"value\":1,\"op\":\"SCMP_CMP_EQ\""), "args[0]: \"index\""},
    {ARG("\"index\":-1,\"value\":1,\"op\":\"SCMP_CMP_EQ\""), "args[0]: \"index\""},
    {ARG("\"index\":0,\"value\":1"), "args[0]: \"op\""},
    {ARG("\"index\":0,\"value\":1,\"op\":\"EQ\""), "\"EQ\""},
    {ARG("\"index\":0,\"value\":-1,\"op\":\"SCMP_CMP_EQ\""), "\"value\" is negative"},
    {ARG("\"index\":0,\"value\":1.5,\"op\":\"SCMP_CMP_EQ\""), "\"value\" is a double"},
    {ARG("\"index\":0,\"value\":1,\"valueTwo\":\"0\",\"op\":\"SCMP_CMP_EQ\""), "\"valueTwo\""},
    {NAMED(",\"includes\":[]"), "\"includes\" is a array"},
    {NAMED(",\"includes\":{\"cap\":[\"CAP_SYS_ADMIN\"]}"), "includes: unknown condition \"cap\""},
    {NAMED(",\"excludes\":{\"caps\":[\"CAP_SYS_ADMINS\"]}"), "excludes: there is no capability"},
    {NAMED(",\"includes\":{\"arches\":\"amd64\"}"), "includes: \"arches\""},
    {NAMED(",\"includes\":{\"minKernel\":\"five\"}"), "includes: \"minKernel\""},
    {NAMED(",\"excludes\":{\"minKernel\":\"5.4.3\"}"), "excludes: \"minKernel\""},
};

/* Whether the one rule applies on `host`: amd64, CAP_SYS_ADMIN alone, Linux 6.1. */
static const struct {
	const char *conditions;
	bool applies;
} gated[] = {
    {"", true},
    {",\"includes\":{},\"excludes\":{}", true},
    {",\"includes\":null", true},
    {",\"includes\":{\"caps\":[],\"arches\":[],\"minKernel\":\"\"}", true},
    {",\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}", true},
    {",\"includes\":{\"caps\":[\"CAP_SYS_PTRACE\"]}", false},
    {",\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\",\"CAP_SYS_PTRACE\"]}", false},
    {",\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}", false},
    {",\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\",\"CAP_SYS_PTRACE\"]}", false},
    {",\"excludes\":{\"caps\":[\"CAP_SYS_PTRACE\"]}", true},
    {",\"includes\":{\"arches\":[\"arm64\",\"amd64\"]}", true},
    {",\"includes\":{\"arches\":[\"arm64\"]}", false},
    {",\"excludes\":{\"arches\":[\"amd64\"]}", false},
    {",\"excludes\":{\"arches\":[\"arm64\"]}", true},
    {",\"includes\":{\"minKernel\":\"4.8\"}", true},
    {",\"includes\":{\"minKernel\":\"6.1\"}", true},
    {",\"includes\":{\"minKernel\":\"6.2\"}", false},
    {",\"includes\":{\"minKernel\":\"10.0\"}", false},
    {",\"excludes\":{\"minKernel\":\"6.1\"}", false},
    {",\"excludes\":{\"minKernel\":\"6.2\"}", true},
    {",\"includes\":{\"arches\":[\"amd64\"]},\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}", false},
};

static const struct {
	const char *words;
	uint32_t want;
} answers[] = {
    {"\"SCMP_ACT_ALLOW\"", SECCOMP_RET_ALLOW},
    {"\"SCMP_ACT_LOG\"", SECCOMP_RET_LOG},
    {"\"SCMP_ACT_KILL\"", SECCOMP_RET_KILL_THREAD},
    {"\"SCMP_ACT_KILL_THREAD\"", SECCOMP_RET_KILL_THREAD},
    {"\"SCMP_ACT_KILL_PROCESS\"", SECCOMP_RET_KILL_PROCESS},
    {"\"SCMP_ACT_TRAP\"", SECCOMP_RET_TRAP},
    {"\"SCMP_ACT_ERRNO\"", SECCOMP_RET_ERRNO | EPERM},
    {"\"SCMP_ACT_ERRNO\",\"errnoRet\":null", SECCOMP_RET_ERRNO | EPERM},
    {"\"SCMP_ACT_ERRNO\",\"errnoRet\":0", SECCOMP_RET_ERRNO},
    {"\"SCMP_ACT_ERRNO\",\"errnoRet\":38", SECCOMP_RET_ERRNO | ENOSYS},
    {"\"SCMP_ACT_ERRNO\",\"errnoRet\":1,\"errno\":\"ENOSYS\"", SECCOMP_RET_ERRNO | ENOSYS},
    {"\"SCMP_ACT_ERRNO\",\"errno\":\"EWOULDBLOCK\"", SECCOMP_RET_ERRNO | EAGAIN},
    {"\"SCMP_ACT_ERRNO\",\"errno\":\"EOPNOTSUPP\"", SECCOMP_RET_ERRNO | EOPNOTSUPP},
    {"\"SCMP_ACT_ERRNO\",\"errno\":\"\"", SECCOMP_RET_ERRNO | EPERM},
    {"\"SCMP_ACT_TRACE\"", SECCOMP_RET_TRACE | EPERM},
    {"\"SCMP_ACT_TRACE\",\"errnoRet\":65535", SECCOMP_RET_TRACE | 65535},
};

static void test_refused(void)
{
	struct profile p;
	struct err e;

	for (size_t i = 0; i < array_len(refused); i++) {
		int rc = parse(refused[i].text, &p, &e);

		ok(rc == -1 && strstr(e.what, refused[i].where) && strstr(e.what, "p.json"),
		   "refused: %s", e.what);
		profile_free(&p);
	}
}

static void test_gated(void)
{
	for (size_t i = 0; i < array_len(gated); i++) {
		char text[512];
		struct profile p;
		struct err e;

		snprintf(text, sizeof(text),
			 RULE("\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\"%s"),
			 gated[i].conditions);
		ok(parse(text, &p, &e) == 0 && (p.n_rules == 1) == gated[i].applies, "%s: %s",
		   gated[i].applies ? "applies" : "does not", gated[i].conditions);
		profile_free(&p);
	}
}

static void test_answers(void)
{
	for (size_t i = 0; i < array_len(answers); i++) {
		char text[512];
		struct profile p;
		struct err e;

		snprintf(text, sizeof(text), ACTION("%s"), answers[i].words);
		ok(parse(text, &p, &e) == 0 && p.n_rules == 1 &&
		       p.rules[0].action == answers[i].want,
		   "action %s is %#x", answers[i].words, answers[i].want);
		profile_free(&p);
	}
}

static void test_whole(void)
{
	static const char text[] =
	    "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":1,"
	    "\"defaultErrno\":\"ENOSYS\",\"comment\":\"kept for people\","
	    "\"archMap\":[{\"architecture\":\"SCMP_ARCH_X86_64\","
	    "\"subArchitectures\":[\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"]}],"
	    "\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\",\"SECCOMP_FILTER_FLAG_TSYNC\"],"
	    "\"syscalls\":[{\"name\":\"read\",\"names\":null,\"action\":\"SCMP_ACT_ALLOW\","
	    "\"args\":null,\"comment\":\"\"},"
	    "{\"names\":[\"socket\",\"socketpair\"],\"action\":\"SCMP_ACT_LOG\",\"args\":["
	    "{\"index\":2,\"value\":18446744073709551615,\"valueTwo\":9223372036854775808,"
	    "\"op\":\"SCMP_CMP_MASKED_EQ\"},{\"index\":5,\"op\":\"SCMP_CMP_GT\"}]}]}";
	const struct scmp_arg_cmp *args;
	struct profile p;
	struct err e;

	ok(parse(text, &p, &e) == 0 && p.n_rules == 2, "a whole profile: %s", e.what);
	ok(p.default_action == (SECCOMP_RET_ERRNO | ENOSYS), "the default's errno, by name");
	ok(p.flags == (SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_TSYNC), "flags");
	if (p.n_rules != 2)
		return;
	ok(p.rules[0].names.n == 1 && strcmp(p.rules[0].names.v[0], "read") == 0 &&
	       p.rules[0].n_args == 0,
	   "the old style of one name");
	ok(p.rules[1].names.n == 2 && p.rules[1].n_args == 2, "names and conditions");
	args = p.rules[1].args;
	ok(args[0].arg == 2 && args[0].op == SCMP_CMP_MASKED_EQ && args[0].datum_a == UINT64_MAX &&
	       args[0].datum_b == UINT64_C(1) << 63,
	   "values of all 64 bits");
	ok(args[1].arg == 5 && args[1].op == SCMP_CMP_GT && args[1].datum_a == 0,
	   "a value left out is 0");
	profile_free(&p);

	ok(parse("{\"defaultAction\":\"SCMP_ACT_ALLOW\"}", &p, &e) == 0 && p.n_rules == 0 &&
	       p.flags == SECCOMP_FILTER_FLAG_SPEC_ALLOW,
	   "without a list of flags SPEC_ALLOW, as runc and crun");
	profile_free(&p);
	ok(parse("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[]}", &p, &e) == 0 &&
	       p.flags == 0,
	   "an empty list of flags is empty");
	profile_free(&p);
	ok(profile_parse("{\"defaultAction\":\"SCMP_ACT_ALLOW\"}\0", 36, "p.json", &host, &p, &e) ==
	       -1,
	   "a NUL byte behind the text");
	ok(parse("{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}", &p, &e) == -1 && e.hint[0],
	   "the refusal of notify says what to do");
}

int main(void)
{
	test_refused();
	test_gated();
	test_answers();
	test_whole();
	return tap_end();
}
