/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of -v, --mount, --tmpfs and --device. */
#include "tests/unit/request.h"
#include "tests/unit/tap.h"

#define TMPFS ",nosuid,nodev,noexec"

static const struct {
	const char *line, *text;
} good[] = {
    {"-v|/a:/b", " bind:/a:/b,rec"},
    {"-v|./a:/b", " bind:/here/a:/b,rec"},
    {"-v|../a/./c:/b/../d/", " bind:/a/c:/d,rec"},
    {"-v|.:/b", " bind:/here:/b,rec"},
    {"-v|/a:/b:ro", " bind:/a:/b,ro,rec"},
    {"-v|/a:/b:ro,rw", " bind:/a:/b,off,ro,rec"},
    {"-v|/a:/b:rw,readonly", " bind:/a:/b,ro,rec"},
    {"-v|/a:/b:suid", " bind:/a:/b,off,nosuid,rec"},
    {"-v|/a:/b:dev,noexec", " bind:/a:/b,noexec,off,nodev,rec"},
    {"-v|/a:/b:exec,noatime", " bind:/a:/b,noatime,off,noexec,rec"},
    {"-v|/a:/b:bind", " bind:/a:/b"},
    {"-v|/a:/b:bind,rbind", " bind:/a:/b,rec"},
    {"-v|/a:/b:U,ro", " bind:/a:/b,ro,rec,chown"},
    {"-v|/a:/b:shared", " bind:/a:/b,rec,shared"},
    {"-v|/a:/b:rslave", " bind:/a:/b,rec,rslave"},
    {"-v|/a:/b:rprivate", " bind:/a:/b,rec,rprivate"},
    {"-v|/a:/b:unbindable", " bind:/a:/b,rec,unbindable"},
    {"-v|/a:/b:z", " bind:/a:/b,rec"},
    {"-v|/a:/b:", " bind:/a:/b,rec"},
    {"-v/a:/b", " bind:/a:/b,rec"},
    {"-v|/a:/b|--volume=/c:/d", " bind:/a:/b,rec bind:/c:/d,rec"},
    {"--tmpfs|/t", " tmpfs::/t" TMPFS ",copy"},
    {"--tmpfs|/t:size=64m,mode=1777", " tmpfs::/t" TMPFS ",copy,data(size=64m,mode=1777)"},
    {"--tmpfs|/t:size=50%,uid=5,gid=6", " tmpfs::/t" TMPFS ",copy,data(size=50%,uid=5,gid=6)"},
    {"--tmpfs|/t:nr_inodes=1k,nr_blocks=9",
     " tmpfs::/t" TMPFS ",copy,data(nr_inodes=1k,nr_blocks=9)"},
    {"--tmpfs|/t:exec,ro", " tmpfs::/t,ro,nosuid,nodev,off,noexec,copy"},
    {"--tmpfs|/t:notmpcopyup", " tmpfs::/t" TMPFS},
    {"--tmpfs|/t:notmpcopyup,tmpcopyup", " tmpfs::/t" TMPFS ",copy"},
    {"--mount|type=bind,src=/a,dst=/b", " bind:/a:/b,rec"},
    {"--mount|dst=/b,src=a,type=bind", " bind:/here/a:/b,rec"},
    {"--mount|type=bind,source=/a,target=/b,ro", " bind:/a:/b,ro,rec"},
    {"--mount|type=bind,source=/a,dest=/b,readonly=true", " bind:/a:/b,ro,rec"},
    {"--mount|type=bind,source=/a,destination=/b,ro=false", " bind:/a:/b,off,ro,rec"},
    {"--mount|type=bind,src=/a,dst=/b,rw=false", " bind:/a:/b,ro,rec"},
    {"--mount|type=bind,src=/a,dst=/b,nosuid=false,noexec", " bind:/a:/b,noexec,off,nosuid,rec"},
    {"--mount|type=bind,src=/a,dst=/b,bind-propagation=rshared", " bind:/a:/b,rec,rshared"},
    {"--mount|type=bind,src=/a,dst=/b,bind-nonrecursive", " bind:/a:/b"},
    {"--mount|type=bind,src=/a,dst=/b,bind-nonrecursive=false", " bind:/a:/b,rec"},
    {"--mount|type=bind,src=/a,dst=/b,U", " bind:/a:/b,rec,chown"},
    {"--mount|type=bind,src=/a,dst=/b,chown=false", " bind:/a:/b,rec"},
    {"--mount|type=bind,src=/a,dst=/b,relabel=shared", " bind:/a:/b,rec"},
    {"--mount|\"type=bind\",\"src=/a,b\",\"dst=/c\"\"d\"", " bind:/a,b:/c\"d,rec"},
    {"--mount|type=tmpfs,dst=/t", " tmpfs::/t" TMPFS ",copy"},
    {"--mount|type=tmpfs,dst=/t,tmpfs-size=1g,tmpfs-mode=700",
     " tmpfs::/t" TMPFS ",copy,data(size=1g,mode=700)"},
    {"--mount|type=tmpfs,dst=/t,notmpcopyup,exec,noatime",
     " tmpfs::/t,nosuid,nodev,noatime,off,noexec"},
    {"--mount|type=tmpfs,dst=/t,tmpcopyup=false", " tmpfs::/t" TMPFS},
    {"--device|/dev/fuse", " device:/dev/fuse:/dev/fuse"},
    {"--device|/dev/a/../fuse:/dev/f", " device:/dev/fuse:/dev/f"},
    {"--device|/dev/fuse:rw", " device:/dev/fuse:/dev/fuse"},
    {"--device|/dev/fuse:r", " device:/dev/fuse:/dev/fuse:r"},
    {"--device|/dev/fuse:/dev/f:rm", " device:/dev/fuse:/dev/f:r"},
    {"--device=/dev/fuse:/dev/f:rwm", " device:/dev/fuse:/dev/f"},
};

static const struct {
	const char *line, *what, *hint;
} bad[] = {
    {"-v|/a", "anonymous volumes are not in this version", "--tmpfs /a"},
    {"-v|data:/b", "\"data\" would be a named volume", "-v ./data:/b"},
    {"-v|:/b", "\"\" would be a named volume", ""},
    {"-v|/a:b", "destination \"b\" is not an absolute path", "\"/\""},
    {"-v|/a:", "destination \"\" is not an absolute path", "\"/\""},
    {"-v|/a:/", "the destination may not be \"/\"", "--rootfs"},
    {"-v|/a:/b/..", "the destination may not be \"/\"", "--rootfs"},
    {"-v|/a:/b:rx", "option -v \"/a:/b:rx\": unknown option \"rx\"", "allowed: ro rw"},
    {"-v|/a:/b:ro:rw", "unknown option \"ro:rw\"", "allowed: ro rw"},
    {"-v|/a:/b:O", "unknown option \"O\"", "--tmpfs"},
    {"-v|/a:/b:idmap=uids=0-1-2", "unknown option \"idmap=uids=0-1-2\"", "real root"},
    {"-v|/a:/b:nocopy", "unknown option \"nocopy\"", "named volumes"},
    {"-v|/a:/b:size=1", "unknown option \"size=1\"", "allowed"},
    {"--tmpfs|t", "destination \"t\" is not an absolute path", "\"/\""},
    {"--tmpfs|/", "the destination may not be \"/\"", "--rootfs"},
    {"--tmpfs|/t:size=", "unknown option or bad value \"size=\"", "size=64m"},
    {"--tmpfs|/t:size=1x", "bad value \"size=1x\"", "size=64m"},
    {"--tmpfs|/t:size=-1", "bad value \"size=-1\"", "size=64m"},
    {"--tmpfs|/t:mode=999", "bad value \"mode=999\"", "mode=1777"},
    {"--tmpfs|/t:mode=777777", "bad value \"mode=777777\"", "mode=1777"},
    {"--tmpfs|/t:uid=root", "bad value \"uid=root\"", "uid=N"},
    {"--tmpfs|/t:uid=99999999999", "bad value \"uid=99999999999\"", "uid=N"},
    {"--tmpfs|/t:nr_inodes=%", "bad value \"nr_inodes=%\"", "nr_inodes=N"},
    {"--tmpfs|/t:bind", "bad value \"bind\"", "allowed"},
    {"--tmpfs|/t:abcd=1", "bad value \"abcd=1\"", "allowed"},
    {"--tmpfs|/t:huge=always", "bad value \"huge=always\"", "allowed"},
    {"--tmpfs|/t:rshared", "bad value \"rshared\"", "allowed"},
    {"--mount|src=/a,dst=/b", "no type", "type=bind"},
    {"--mount|type=volume,src=a,dst=/b", "type \"volume\" is not in this version", "type=tmpfs"},
    {"--mount|type=bind,dst=/b", "no source", "src=FOLDER"},
    {"--mount|type=bind,src=/a", "no destination", "dst=PATH"},
    {"--mount|type=bind,src=,dst=/b", "the source is empty", ""},
    {"--mount|type=tmpfs,src=/a,dst=/b", "a tmpfs has no source", "take src=/a out"},
    {"--mount|type=bind,src=/a,dst=b", "destination \"b\" is not", "\"/\""},
    {"--mount|type=bind,src=/a,dst", "\"dst\" needs a value", ""},
    {"--mount|type=bind,src=/a,dts=/b", "unknown key \"dts\"", "did you mean \"dst\"?"},
    {"--mount|type=bind,src=/a,dst=/b,subpath=x", "unknown key \"subpath\"", "allowed: type"},
    {"--mount|type=bind,src=/a,dst=/b,tmpfs-size=1m", "\"tmpfs-size\" has no meaning", "tmpfs"},
    {"--mount|type=tmpfs,dst=/b,U", "\"U\" has no meaning", "type=bind"},
    {"--mount|type=bind,src=/a,dst=/b,ro=x", "ro=\"x\" is neither true nor false", ""},
    {"--mount|type=bind,src=/a,dst=/b,noatime=false", "noatime=\"false\"", ""},
    {"--mount|type=bind,src=/a,dst=/b,bind-propagation=x", "bind-propagation \"x\" is unknown",
     "[r]private"},
    {"--mount|type=tmpfs,dst=/t,tmpfs-size=1m\\,x", "bad value \"size=1m\\\"", "size=64m"},
    {"--mount|\"type=bind", "a quote is not closed", "between commas"},
    {"--mount|\"type=bind\"x,src=/a", "something follows a closing quote", "between commas"},
    {"--mount=", "no type", "type=bind"},
    {"--device|fuse", "option --device \"fuse\": not an absolute path", "/dev/fuse"},
    {"--device|nvidia.com/gpu=all", "not an absolute path", "Container Device Interface"},
    {"--device|/dev/fuse:x", "access \"x\" is not made of r, w and m", ":rw"},
    {"--device|/dev/fuse:w", "access \"w\": reading cannot be withheld", ":rw"},
    {"--device|/dev/fuse:dev/f:r", "\"dev/f\" is not an absolute path", "HOST:CONTAINER:ACCESS"},
    {"--device|/a:/b:r:w", "not of the form HOST[:CONTAINER][:ACCESS]", ""},
    {"--device|/dev/fuse:/", "the destination may not be \"/\"", ""},
};

static char *parse(const char *line, bool selinux, struct err *e)
{
	auto_free char *with_image = xasprintf("%s|--|x", line);

	return request_text(with_image, NULL, selinux, e);
}

/* Started in a folder that was removed since: absolute paths work all the same. */
static void test_no_cwd(void)
{
	static const struct {
		const char *option, *value;
		int status;
	} cases[] = {
	    {"-v", "./a:/b", -1},
	    {"-v", "/a:/b", 0},
	    {"--cidfile", "id", -1},
	    {"--cidfile", "/id", 0},
	    {"--rootfs", "r", -1},
	    {"--rootfs", "/r", 0},
	    {"--mount", "type=bind,src=a,dst=/b", -1},
	    {"--security-opt", "seccomp=p", -1},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_free char *option = xstrdup(cases[i].option), *value = xstrdup(cases[i].value);
		char *argv[] = {(char[]){"run"}, option, value, (char[]){"x"}, NULL};
		struct run_request r = {0};
		struct err e = {0};

		spec_init(&r.spec);
		ok(run_request_parse(&r, NULL, 4, argv, &e) == cases[i].status &&
		       !cases[i].status == !strstr(e.what, "the current folder has no path"),
		   "no current folder: %s %s %s", option, value, e.what);
		run_request_free(&r);
	}
}

int main(void)
{
	struct err e;

	for (size_t i = 0; i < array_len(good); i++) {
		auto_free char *text = parse(good[i].line, false, &e);

		ok(text && str_starts(text, " image=x") && strcmp(text + 8, good[i].text) == 0,
		   "%s →%s", good[i].line, text ? text : e.what);
	}
	for (size_t i = 0; i < array_len(bad); i++) {
		auto_free char *text = parse(bad[i].line, false, &e);

		ok(!text && strstr(e.what, bad[i].what) && strstr(e.hint, bad[i].hint),
		   "%s → %s (%s)", bad[i].line, text ? text : e.what, e.hint);
	}
	ok(!parse("-v|/a:/b:Z", true, &e) && strstr(e.hint, "chcon"),
	   "Z is refused where there are labels: %s", e.what);
	test_no_cwd();
	return tap_end();
}
