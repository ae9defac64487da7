/* SPDX-License-Identifier: Apache-2.0 */
/* The table of options of `rlc run`, and how it becomes a struct spec. */
#include "cmd/run_options.h"

#include "cmd/command.h"
#include "cmd/limit_options.h"
#include "cmd/pull_options.h"
#include "cmd/settings.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/state/record.h"

#include <limits.h>

static int set_name(const struct option_row *row, void *to, const char *value, struct err *e)
{
	return record_check_name(value, e) < 0 ? -1 : option_set_text(row, to, value, e);
}

_Static_assert(offsetof(struct run_request, spec) == 0, "rows name members of spec by offset");

#define SPEC(member, kind) .at = option_at(struct spec, member, kind)
#define BOOL(member)	   SPEC(member, bool), .set = option_set_bool
#define TEXT(member)	   SPEC(member, char *), .set = option_set_text

static const char PROCESS[] = "Process", FILES[] = "Files", SECURITY[] = "Security",
		  NETWORK[] = "Network", LIMITS[] = "Limits", LIFE[] = "Life", IMAGE[] = "Image",
		  OTHER[] = "Other";

/* clang-format off */
static const struct option_row rows[] = {
	{"interactive", 'i', .group = PROCESS, BOOL(interactive),
	 .help = "Keep standard input open"},
	{"tty", 't', .group = PROCESS, BOOL(terminal),
	 .help = "Give the container a terminal of its own"},
	{"env", 'e', .metavar = "NAME[=VALUE]", .repeats = true, .group = PROCESS,
	 .set = run_set_env, .help = "Set a variable, or take it over from the caller",
	 .text = "_NAME_ alone takes the caller's value, if there is one; _PREFIX\\*_ takes all "
		 "variables that begin so. Wins over *--env-file*, which wins over the image."},
	{"env-file", .metavar = "FILE", .repeats = true, .values = "@file", .group = PROCESS,
	 .at = option_at(struct run_request, env_files, struct strv), .set = option_set_list,
	 .help = "Read variables from a file, one a line",
	 .text = "Each line is as for *--env*. Blanks before it, empty lines and lines that begin "
		 "with \"#\" are skipped; quotes have no meaning. Of two lines the later wins."},
	{"workdir", 'w', .metavar = "FOLDER", .group = PROCESS, SPEC(workdir, char *),
	 .set = run_set_workdir, .help = "Start in this folder of the container",
	 .text = "It must be there, in the image or a volume; only the image's own *WORKDIR* is made "
		 "where it is missing."},
	{"user", 'u', .metavar = "USER[:GROUP]", .group = PROCESS, SPEC(user, char *),
	 .set = run_set_user, .help = "Run as this user of the container, by name or number"},
	{"group-add", .metavar = "GROUP", .repeats = true, .group = PROCESS,
	 SPEC(group_add, struct strv), .set = run_set_group_add,
	 .help = "Be in this group of the container too"},
	{"entrypoint", .metavar = "PROGRAM", .group = PROCESS, .set = run_set_entrypoint,
	 .help = "Run this in front of the arguments instead of the image's entry point",
	 .text = "One program, or a JSON array of a program and its arguments. Empty: none."},
	{"umask", .metavar = "MODE", .group = PROCESS, .set = run_set_umask,
	 .help = "File mode creation mask (default: 0022)"},
	{"init", .group = PROCESS, BOOL(init),
	 .help = "Let a small init be PID 1: it reaps orphans and forwards signals"},

	{"volume", 'v', .metavar = "SOURCE:PATH[:OPTION,...]", .repeats = true, .values = "@file",
	 .group = FILES, .set = run_set_volume, .help = "Show a file or folder of the host at PATH",
	 .text = "_SOURCE_ begins with \"/\" or \".\" and must exist. Options: *ro* or *rw*; "
		 "*nosuid*, *nodev* (both on unless *suid* or *dev* is asked for), *noexec*, "
		 "*noatime*; *bind* without and *rbind* (the default) with what is mounted beneath; "
		 "[r]*private* (the default), [r]*shared*, [r]*slave*, [r]*unbindable*; *U* gives "
		 "the source to the container's user, for good. *z* and *Z* are accepted where the "
		 "host has no SELinux."},
	{"mount", .metavar = "type=TYPE,KEY=VALUE,...", .repeats = true, .group = FILES,
	 .set = run_set_mount, .help = "Mount a folder of the host (bind) or memory (tmpfs)",
	 .text = "*type=bind* takes *src*, *dst*, *ro*, *bind-propagation*, *bind-nonrecursive* and "
		 "*U*; *type=tmpfs* takes *dst*, *ro*, *tmpfs-size*, *tmpfs-mode* and "
		 "*notmpcopyup*; both [no]*suid*, [no]*dev*, [no]*exec* and *noatime*."},
	{"tmpfs", .metavar = "PATH[:OPTION,...]", .repeats = true, .group = FILES,
	 .set = run_set_tmpfs, .help = "Mount memory at PATH",
	 .text = "Options: *size*, *mode*, *uid*, *gid*, *nr_inodes*, *nr_blocks*, *ro*, *exec*, "
		 "*suid*, *dev*, *noatime*, *notmpcopyup*. Default: "
		 "*rw,noexec,nosuid,nodev,tmpcopyup* (what the image has at PATH is copied in)."},
	{"read-only", .group = FILES, BOOL(read_only),
	 .help = "Make the root file system read-only"},
	{"read-only-tmpfs", .group = FILES, BOOL(read_only_tmpfs),
	 .help = "With --read-only, keep /run, /tmp and /var/tmp writable in memory (default: true)"},
	{"device", .metavar = "HOST[:PATH][:ACCESS]", .repeats = true, .values = "@file",
	 .group = FILES, .set = run_set_device, .help = "Show a device of the host",
	 .text = "The device keeps its owner and mode of the host. _ACCESS_ *r* makes it "
		 "read-only; *rw* and *rwm* are the default."},
	{"shm-size", .metavar = "SIZE", .group = FILES, .set = run_set_shm_size,
	 .help = "Size of /dev/shm (default: 64m)"},
	{"rootfs", .group = FILES, .at = option_at(struct run_request, is_rootfs, bool),
	 .set = option_set_bool, .help = "The first operand is a folder to use as root, not an image"},

	{"cap-add", .metavar = "NAME", .repeats = true, .values = "@capability", .group = SECURITY,
	 .set = run_set_cap_add, .help = "Add a capability, or ALL"},
	{"cap-drop", .metavar = "NAME", .repeats = true, .values = "@capability", .group = SECURITY,
	 .set = run_set_cap_drop, .help = "Take a capability away, or ALL"},
	{"security-opt", .metavar = "OPTION", .repeats = true, .group = SECURITY,
	 .values = "seccomp=|no-new-privileges|mask=|unmask=", .set = run_set_security_opt,
	 .help = "seccomp=FILE, no-new-privileges, mask=PATH, unmask=PATH",
	 .text = "*seccomp=*_FILE_|*default*|*unconfined* chooses the filter of system calls; "
		 "*no-new-privileges*[:*false*] takes the effect of setuid programs away; "
		 "*mask=*_PATH_[:_PATH_] hides paths, *unmask=ALL*|_PATH_[:_PATH_] shows what is "
		 "hidden or read-only by default."},
	{"privileged", .group = SECURITY, BOOL(privileged),
	 .help = "Take most confinement away; the user namespace remains"},

	{"network", .metavar = "MODE", .values = "none|host|private|slirp:", .group = NETWORK,
	 .set = run_set_network,
	 .help = "private (a network of its own, the default), slirp:OPTION,... (the same, as "
		 "you want it), none or host",
	 .text = "*private* leads out through a gateway (10.0.2.2, fd00::2) that opens connections in "
		 "the user's name and lets nothing reach this host's own loopback addresses. "
		 "*slirp:*_OPTION_[,_OPTION_...] is the same with *mtu=*, *cidr=*, "
		 "*enable_ipv6=false*, *outbound_addr=*, *outbound_addr6=*, or "
		 "*allow_host_loopback=true*, with which the gateway's address is this host's "
		 "127.0.0.1; *slirp4netns*[:_OPTION_,...] is Podman's name of the same. *none* has loopback alone; "
		 "*host* shares this host's network with all it can reach."},
	{"net", .metavar = "MODE", .alias_of = "network", .group = NETWORK},
	{"hostname", 'h', .metavar = "NAME", .group = NETWORK, SPEC(hostname, char *),
	 .set = run_set_hostname, .help = "Name of the host inside (default: begin of the id)"},
	{"dns", .metavar = "ADDRESS", .repeats = true, .group = NETWORK, .set = run_set_dns,
	 .help = "Ask this name server instead of the host's; none: keep the image's resolv.conf"},
	{"dns-search", .metavar = "DOMAIN", .repeats = true, .group = NETWORK,
	 SPEC(dns_search, struct strv), .set = run_set_dns_word,
	 .help = "Look short names up in this domain; \".\": in none"},
	{"dns-option", .metavar = "OPTION", .repeats = true, .group = NETWORK,
	 SPEC(dns_options, struct strv), .set = run_set_dns_word,
	 .help = "An option of resolv.conf(5), such as ndots:2"},
	{"dns-opt", .metavar = "OPTION", .alias_of = "dns-option", .group = NETWORK},
	{"add-host", .metavar = "NAME:ADDRESS", .repeats = true, .group = NETWORK,
	 .set = run_set_add_host, .help = "Put a name into /etc/hosts; host-gateway is this host"},
	{"no-hosts", .group = NETWORK, BOOL(no_hosts), .help = "Keep the image's own /etc/hosts"},
	{"no-hostname", .group = NETWORK, BOOL(no_hostname),
	 .help = "Keep the image's own /etc/hostname"},

	{"publish", 'p', .metavar = "[IP:][PORT:]PORT", .repeats = true,
	 .group = NETWORK, SPEC(publish, struct strv), .set = run_set_publish,
	 .help = "Let a port of the host lead to one of the container",
	 .text = "Ranges are of one length: *-p 8000-8010:80-90*. IPv6 addresses stand in brackets. "
		 "Without _IP_ every address of the host listens, without its _PORT_ one that is "
		 "free: *rlc port* tells which. */udp* at the end publishes UDP, not TCP. The "
		 "container's programs see TCP clients' own addresses, those of this host excepted."},
	{"publish-all", 'P', .group = NETWORK, BOOL(publish_all),
	 .help = "Publish each exposed port at a port of the host that is free"},
	{"expose", .metavar = "PORT", .repeats = true, .group = NETWORK,
	 SPEC(expose, struct strv), .set = run_set_expose,
	 .help = "Note that the container listens there, as EXPOSE in its image does"},

	LIMIT_ROWS(LIMITS, struct spec, limits),
	{"cgroup-parent", .metavar = "SLICE|PATH", .group = LIMITS, SPEC(cgroup_parent, char *),
	 .set = run_set_cgroup_parent,
	 .help = "Put it into this control group",
	 .text = "_NAME.slice_ is one of your systemd: it makes a scope there, and what limits the "
		 "slice limits the container. A _PATH_ begins at the mount of cgroups; the group is "
		 "there already and yours to divide."},
	{"limits", .metavar = "MODE", .values = "strict|best-effort", .group = LIMITS,
	 .set = run_set_limits,
	 .help = "best-effort: a limit this host cannot set is a notice, not an error"},
	{"ulimit", .metavar = "NAME=SOFT[:HARD]", .repeats = true, .group = LIMITS,
	 .set = run_set_ulimit, .help = "Limit of setrlimit(2); \"host\" keeps the caller's",
	 .text = "-1 is unlimited. A value above the caller's own hard limit is lowered to it."},
	{"oom-score-adj", .metavar = "NUMBER", .group = LIMITS, .set = run_set_oom_score,
	 .help = "How soon the kernel kills it for want of memory, -1000 to 1000"},

	{"detach", 'd', .group = LIFE, BOOL(detach),
	 .help = "Run in the background and print the id"},
	{"rm", .group = LIFE, BOOL(remove), .help = "Forget the container when it ends"},
	{"name", .metavar = "NAME", .group = LIFE, SPEC(name, char *), .set = set_name,
	 .help = "Name of the container (default: a random one)"},
	{"label", 'l', .metavar = "KEY=VALUE", .repeats = true, .group = LIFE,
	 .set = run_set_label, .help = "Note something about the container"},
	{"cidfile", .metavar = "FILE", .values = "@file", .group = LIFE, SPEC(cidfile, char *),
	 .set = run_set_host_path, .help = "Write the id to a file that must not exist yet"},
	{"stop-signal", .metavar = "SIGNAL", .group = LIFE, SPEC(stop_signal, char *),
	 .set = run_set_stop_signal,
	 .help = "Signal that asks it to end (default: the image's, else TERM)"},
	{"stop-timeout", .metavar = "SECONDS", .group = LIFE, .set = run_set_stop_timeout,
	 .help = "How long `rlc stop` waits before it kills (default: 10)"},

	{"pull", .metavar = "WHEN", .values = PULL_POLICIES, .group = IMAGE,
	 SPEC(pull, enum pull_policy), .set = option_set_choice,
	 .help = "When to fetch the image (default: missing)", .text = PULL_POLICIES_TEXT},
	PULL_ROWS(IMAGE),

	{"storage-driver", .metavar = "NAME", .values = "overlay|fuse-overlayfs|copy",
	 .group = OTHER, TEXT(storage_driver),
	 .help = "How layers become one tree (default: the first of these that works)",
	 .text = "*overlay* is the kernel's, *fuse-overlayfs* a program that answers for it "
		 "where users may not mount one, *copy* (or Podman's *vfs*) a whole copy of the "
		 "image for each container. One that cannot work here is an error; without this "
		 "option the next one is taken, which is told once and stands in *rlc info*."},
	{"dry-run", .metavar = "WHAT", .without = "plan", .values = "off|plan|oci", .group = OTHER,
	 SPEC(dry_run, enum dry_run), .set = option_set_choice,
	 .help = "Start nothing; print the plan, or an OCI config.json",
	 .text = "*oci* prints what other runtimes can run."},
};
/* clang-format on */

const struct option_set run_options = {
    .program = "rlc run",
    .rows = rows,
    .n_rows = array_len(rows),
    .refused = run_refused,
    .outer = &global_options,
    .stop_at_operand = true,
};

/* The configuration first, as if it stood before what was typed. */
static int apply_settings(struct run_request *r, const struct settings *settings,
			  struct strv *cap_add, struct strv *cap_drop, struct err *e)
{
	if (!settings || !settings->n)
		return 0;
	if (settings_apply(settings, false, &run_options, r, e) < 0 || run_env_resolve(r, e) < 0)
		return -1;
	*cap_add = r->spec.cap_add;
	*cap_drop = r->spec.cap_drop;
	r->spec.cap_add = r->spec.cap_drop = (struct strv){0};
	return 0;
}

/* IMAGE or folder, then the command. */
static int take_operands(struct run_request *r, int argc, char **argv, struct err *e)
{
	if (argc < 1 || !*argv[0]) {
		err_msg(e, "run: no %s given", r->is_rootfs ? "folder" : "image");
		return err_hint(e, "write: rlc run [OPTION...] %s [COMMAND [ARG...]]",
				r->is_rootfs ? "--rootfs FOLDER" : "IMAGE");
	}
	if (r->is_rootfs) {
		r->spec.rootfs = run_host_path(r, argv[0], e);
		if (!r->spec.rootfs)
			return err_ctx(e, "run: folder \"%s\"", argv[0]);
	} else {
		r->spec.image = xstrdup(argv[0]);
	}
	for (int i = 1; i < argc; i++)
		strv_add(&r->spec.args, argv[i]);
	return 0;
}

/* What one option forbids another. */
static int check_together(const struct run_request *r, struct err *e)
{
	const struct spec *s = &r->spec;

	if (s->detach && s->dry_run != DRY_RUN_OFF) {
		err_msg(e, "run: --detach and --dry-run exclude each other");
		return err_hint(e, "leave one of them out");
	}
	return limits_check(&s->limits, e) < 0 ? -1 : run_check_network(s, e);
}

int run_request_parse(struct run_request *r, const struct settings *settings, int argc, char **argv,
		      struct err *e)
{
	auto_strv struct strv cap_add = {0}, cap_drop = {0};
	int at;

	if (apply_settings(r, settings, &cap_add, &cap_drop, e) < 0)
		return -1;
	at = option_parse(&run_options, argc, argv, r, e);
	if (at < 0 || run_env_resolve(r, e) < 0)
		return -1;
	run_caps_join(&r->spec, &cap_add, &cap_drop);
	if (take_operands(r, argc - at, argv + at, e) < 0)
		return -1;
	return check_together(r, e);
}

void run_request_free(struct run_request *r)
{
	spec_free(&r->spec);
	strv_free(&r->env);
	strv_free(&r->env_files);
}

int run_options_parse(int argc, char **argv, const struct context *c, struct spec *spec,
		      struct err *e)
{
	char cwd[PATH_MAX];
	struct run_request r = {
	    /* "(unreachable)/…": the folder lies outside our root. */
	    .cwd = getcwd(cwd, sizeof(cwd)) && cwd[0] == '/' ? cwd : NULL,
	    .environment = environ,
	    .selinux = access("/sys/fs/selinux/enforce", F_OK) == 0,
	};

	spec_init(&r.spec);
	if (run_request_parse(&r, &c->settings, argc, argv, e) < 0) {
		run_request_free(&r);
		return -1;
	}
	*spec = r.spec;
	r.spec = (struct spec){0};
	run_request_free(&r);
	return 0;
}
