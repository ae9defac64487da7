/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar of -v, --mount, --tmpfs and --device. Pure: whether a source exists, and what may be
 * mounted where, is the plan's to say.
 */
#include "cmd/run_options.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/path.h"
#include "lib/base/str.h"

#include <sys/mount.h>

/* A word of a list of mount options and what it does to the flags. */
struct flag_word {
	const char *word;
	unsigned long set, clear;
};

static const struct flag_word flag_words[] = {
    {"ro", MS_RDONLY, 0},	{"readonly", MS_RDONLY, 0}, {"rw", 0, MS_RDONLY},
    {"nosuid", MS_NOSUID, 0},	{"suid", 0, MS_NOSUID},	    {"nodev", MS_NODEV, 0},
    {"dev", 0, MS_NODEV},	{"noexec", MS_NOEXEC, 0},   {"exec", 0, MS_NOEXEC},
    {"noatime", MS_NOATIME, 0},
};

static const struct flag_word propagation_words[] = {
    {"private", MS_PRIVATE},	   {"rprivate", MS_PRIVATE | MS_REC},
    {"shared", MS_SHARED},	   {"rshared", MS_SHARED | MS_REC},
    {"slave", MS_SLAVE},	   {"rslave", MS_SLAVE | MS_REC},
    {"unbindable", MS_UNBINDABLE}, {"runbindable", MS_UNBINDABLE | MS_REC},
};

static bool set_flag(struct spec_mount *m, const char *word)
{
	for (size_t i = 0; i < array_len(flag_words); i++) {
		if (strcmp(flag_words[i].word, word) != 0)
			continue;
		m->flags = (m->flags | flag_words[i].set) & ~flag_words[i].clear;
		m->clear = (m->clear | flag_words[i].clear) & ~flag_words[i].set;
		return true;
	}
	return false;
}

static bool set_propagation(struct spec_mount *m, const char *word)
{
	for (size_t i = 0; i < array_len(propagation_words); i++) {
		if (strcmp(propagation_words[i].word, word) == 0) {
			m->propagation = propagation_words[i].set;
			return true;
		}
	}
	return false;
}

char *run_host_path(const struct run_request *r, const char *path, struct err *e)
{
	auto_free char *joined = NULL;

	if (path[0] == '/')
		return path_clean(path);
	if (!r->cwd) {
		err_msg(e, "relative, and the current folder has no path (any more)");
		err_hint(e, "give an absolute path, or cd to a folder that exists");
		return NULL;
	}
	joined = xasprintf("%s/%s", r->cwd, path);
	return path_clean(joined);
}

int run_set_host_path(const struct option_row *row, void *to, const char *value, struct err *e)
{
	char **at = (char **)((char *)to + row->at), *path;

	if (!*value) {
		err_msg(e, "empty");
		return err_hint(e, "give it a path: --%s %s", row->name, row->metavar);
	}
	path = run_host_path(to, value, e);
	if (!path)
		return -1;
	free(*at);
	*at = path;
	return 0;
}

static int set_target(struct spec_mount *m, const char *target, struct err *e)
{
	if (target[0] != '/') {
		err_msg(e, "destination \"%s\" is not an absolute path", target);
		return err_hint(e, "write the path inside the container from \"/\" on");
	}
	free(m->target);
	m->target = path_clean(target);
	if (strcmp(m->target, "/") != 0)
		return 0;
	err_msg(e, "the destination may not be \"/\"");
	return err_hint(e, "to use a folder as the whole root: --rootfs FOLDER");
}

/* A source that is a name and not a path would be a named volume. */
static int set_source(const struct run_request *r, struct spec_mount *m, const char *source,
		      struct err *e)
{
	free(m->source);
	m->source = run_host_path(r, source, e);
	return m->source ? 0 : -1;
}

/* z and Z relabel for SELinux. Without SELinux there is no label, and nothing to do for them. */
static int check_relabel(const struct run_request *r, const char *word, struct err *e)
{
	if (!r->selinux) {
		log_info("%s: this host has no SELinux, so there is nothing to relabel", word);
		return 0;
	}
	err_msg(e, "%s: this version does not relabel files for SELinux", word);
	return err_hint(e, "once, on the host: chcon -R -t container_file_t SOURCE");
}

/* One word of the options of -v. */
static int volume_option(const struct run_request *r, struct spec_mount *m, const char *word,
			 struct err *e)
{
	if (set_flag(m, word) || set_propagation(m, word))
		return 0;
	if (strcmp(word, "bind") == 0 || strcmp(word, "rbind") == 0) {
		m->recursive = word[0] == 'r';
		return 0;
	}
	if (strcmp(word, "U") == 0) {
		m->chown = true;
		return 0;
	}
	if (strcmp(word, "z") == 0 || strcmp(word, "Z") == 0)
		return check_relabel(r, word, e);
	err_msg(e, "unknown option \"%s\"", word);
	if (strcmp(word, "O") == 0 || str_starts(word, "upperdir=") || str_starts(word, "workdir="))
		return err_hint(e,
				"this version has no overlay volumes: mount it ro, and a --tmpfs "
				"where it must be written");
	if (str_starts(word, "idmap"))
		return err_hint(e, "the kernel gives mapped mounts to real root only; U changes "
				   "the owner of the source");
	if (strcmp(word, "copy") == 0 || strcmp(word, "nocopy") == 0)
		return err_hint(e, "\"%s\" is for named volumes, which this version lacks", word);
	return err_hint(e, "allowed: ro rw [no]suid [no]dev [no]exec noatime [r]bind "
			   "[r]private|shared|slave|unbindable U z Z");
}

int run_set_volume(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct run_request *r = to;
	auto_strv struct strv words = {0};
	struct spec_mount *m;
	const char *target, *options;

	(void)row;
	target = strchr(value, ':');
	if (!target) {
		err_msg(e, "anonymous volumes are not in this version");
		if (value[0] != '/')
			return err_hint(e, "say where it goes in the container: -v %s:/data",
					value);
		return err_hint(e, "a folder of the host: -v ./data:%s; memory: --tmpfs %s", value,
				value);
	}
	if (value[0] != '/' && value[0] != '.') {
		err_msg(e, "\"%.*s\" would be a named volume, which this version lacks",
			(int)(target - value), value);
		return err_hint(e, "a folder beside you: -v ./%s", value);
	}
	options = strchr(target + 1, ':');
	m = spec_add_mount(&r->spec);
	*m = (struct spec_mount){.recursive = true};
	auto_free char *source = xstrndup(value, (size_t)(target - value));
	auto_free char *inside =
	    xstrndup(target + 1, options ? (size_t)(options - target - 1) : strlen(target + 1));
	if (set_source(r, m, source, e) < 0 || set_target(m, inside, e) < 0)
		return -1;
	if (options)
		strv_split(&words, options + 1, ",");
	for (size_t i = 0; i < words.n; i++)
		if (volume_option(r, m, words.v[i], e) < 0)
			return -1;
	return 0;
}

/* tmpfs(5): what may go to the kernel as it stands. */
static bool tmpfs_data_ok(const char *word)
{
	size_t key = strcspn(word, "=");
	const char *value = word[key] ? word + key + 1 : "";
	size_t digits = strspn(value, "0123456789"), left = strlen(value) - digits;

	if (!digits)
		return false;
	if (key == 4 && str_starts(word, "size"))
		return left == 0 || (left == 1 && strchr("kKmMgGtT%", value[digits]));
	if (key == 4 && str_starts(word, "mode"))
		return left == 0 && digits <= 5 && strspn(value, "01234567") == digits;
	if (key == 9 && (str_starts(word, "nr_inodes") || str_starts(word, "nr_blocks")))
		return left == 0 || (left == 1 && strchr("kKmMgG", value[digits]));
	if (key == 3 && (str_starts(word, "uid") || str_starts(word, "gid")))
		return left == 0 && digits <= 10;
	return false;
}

static void tmpfs_data_add(struct spec_mount *m, const char *word)
{
	char *all = m->data ? xasprintf("%s,%s", m->data, word) : xstrdup(word);

	free(m->data);
	m->data = all;
}

static int tmpfs_option(struct spec_mount *m, const char *word, struct err *e)
{
	if (set_flag(m, word))
		return 0;
	if (strcmp(word, "tmpcopyup") == 0 || strcmp(word, "notmpcopyup") == 0) {
		m->copy_up = word[0] == 't';
		return 0;
	}
	if (tmpfs_data_ok(word)) {
		tmpfs_data_add(m, word);
		return 0;
	}
	err_msg(e, "unknown option or bad value \"%s\"", word);
	return err_hint(e, "allowed: size=64m mode=1777 uid=N gid=N nr_inodes=N nr_blocks=N ro rw "
			   "[no]suid [no]dev [no]exec noatime [no]tmpcopyup");
}

static const struct spec_mount tmpfs_default = {
    .kind = MOUNT_TMPFS, .flags = MS_NOSUID | MS_NODEV | MS_NOEXEC, .copy_up = true};

int run_set_tmpfs(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct run_request *r = to;
	auto_strv struct strv words = {0};
	struct spec_mount *m = spec_add_mount(&r->spec);
	size_t n = strcspn(value, ":");
	auto_free char *target = xstrndup(value, n);

	(void)row;
	*m = tmpfs_default;
	if (set_target(m, target, e) < 0)
		return -1;
	if (value[n])
		strv_split(&words, value + n + 1, ",");
	for (size_t i = 0; i < words.n; i++)
		if (tmpfs_option(m, words.v[i], e) < 0)
			return -1;
	return 0;
}

/* Splits one record of CSV: fields may stand in quotes, in which "" is a quote (RFC 4180). */
static int split_csv(struct strv *fields, const char *text, struct err *e)
{
	for (;;) {
		auto_str struct str field = {0};

		if (*text == '"') {
			for (text++; *text != '"' || text[1] == '"'; text++) {
				if (!*text)
					return err_msg(e, "a quote is not closed");
				text += *text == '"';
				str_addn(&field, text, 1);
			}
			text++;
			if (*text && *text != ',')
				return err_msg(e, "something follows a closing quote");
		} else {
			str_addn(&field, text, strcspn(text, ","));
			text += field.len;
		}
		if (field.len)
			strv_take(fields, str_take(&field));
		if (!*text)
			return 0;
		text++;
	}
}

/* The fields of --mount while they are read. */
struct mount_fields {
	struct run_request *r;
	struct spec_mount *m;
	const char *source;
};

static int field_source(struct mount_fields *f, const char *value, struct err *e)
{
	if (!*value)
		return err_msg(e, "the source is empty");
	f->source = value;
	return f->m->kind == MOUNT_BIND ? set_source(f->r, f->m, value, e) : 0;
}

static int field_target(struct mount_fields *f, const char *value, struct err *e)
{
	return set_target(f->m, value, e);
}

static int field_propagation(struct mount_fields *f, const char *value, struct err *e)
{
	if (set_propagation(f->m, value))
		return 0;
	err_msg(e, "bind-propagation \"%s\" is unknown", value);
	return err_hint(e, "allowed: [r]private [r]shared [r]slave [r]unbindable");
}

static int field_relabel(struct mount_fields *f, const char *value, struct err *e)
{
	return check_relabel(f->r, value, e);
}

static int field_size(struct mount_fields *f, const char *value, struct err *e)
{
	auto_free char *word = xasprintf("size=%s", value);

	return tmpfs_option(f->m, word, e);
}

static int field_mode(struct mount_fields *f, const char *value, struct err *e)
{
	auto_free char *word = xasprintf("mode=%s", value);

	return tmpfs_option(f->m, word, e);
}

static void flag_recursive(struct spec_mount *m, bool on)
{
	m->recursive = !on;
}

static void flag_chown(struct spec_mount *m, bool on)
{
	m->chown = on;
}

static void flag_copy_up(struct spec_mount *m, bool on)
{
	m->copy_up = on;
}

static void flag_no_copy_up(struct spec_mount *m, bool on)
{
	m->copy_up = !on;
}

enum { FOR_BIND = 1, FOR_TMPFS = 2, FOR_BOTH = 3 };

/* Keys of --mount, podman-run(1): either with a value, or a flag ("key", "key=true|false"). */
static const struct mount_key {
	const char *name;
	int kinds;
	int (*value)(struct mount_fields *f, const char *value, struct err *e);
	void (*flag)(struct spec_mount *m, bool on);
	const char *word;     /* of flag_words, when on */
	const char *not_word; /* when off */
} mount_keys[] = {
    {"src", FOR_BOTH, .value = field_source},
    {"source", FOR_BOTH, .value = field_source},
    {"dst", FOR_BOTH, .value = field_target},
    {"dest", FOR_BOTH, .value = field_target},
    {"destination", FOR_BOTH, .value = field_target},
    {"target", FOR_BOTH, .value = field_target},
    {"bind-propagation", FOR_BIND, .value = field_propagation},
    {"bind-nonrecursive", FOR_BIND, .flag = flag_recursive},
    {"relabel", FOR_BIND, .value = field_relabel},
    {"U", FOR_BIND, .flag = flag_chown},
    {"chown", FOR_BIND, .flag = flag_chown},
    {"tmpfs-size", FOR_TMPFS, .value = field_size},
    {"tmpfs-mode", FOR_TMPFS, .value = field_mode},
    {"tmpcopyup", FOR_TMPFS, .flag = flag_copy_up},
    {"notmpcopyup", FOR_TMPFS, .flag = flag_no_copy_up},
    {"ro", FOR_BOTH, .word = "ro", .not_word = "rw"},
    {"readonly", FOR_BOTH, .word = "ro", .not_word = "rw"},
    {"rw", FOR_BOTH, .word = "rw", .not_word = "ro"},
    {"suid", FOR_BOTH, .word = "suid", .not_word = "nosuid"},
    {"nosuid", FOR_BOTH, .word = "nosuid", .not_word = "suid"},
    {"dev", FOR_BOTH, .word = "dev", .not_word = "nodev"},
    {"nodev", FOR_BOTH, .word = "nodev", .not_word = "dev"},
    {"exec", FOR_BOTH, .word = "exec", .not_word = "noexec"},
    {"noexec", FOR_BOTH, .word = "noexec", .not_word = "exec"},
    {"noatime", FOR_BOTH, .word = "noatime"},
};

static int unknown_field(const char *name, struct err *e)
{
	const char *names[array_len(mount_keys)], *nearest;

	for (size_t i = 0; i < array_len(mount_keys); i++)
		names[i] = mount_keys[i].name;
	nearest = option_nearest(name, names, array_len(names));
	err_msg(e, "unknown key \"%s\"", name);
	if (nearest)
		return err_hint(e, "did you mean \"%s\"?", nearest);
	return err_hint(e,
			"allowed: type src dst ro bind-propagation bind-nonrecursive U tmpfs-size "
			"tmpfs-mode [no]tmpcopyup [no]suid [no]dev [no]exec noatime");
}

static int set_mount_field(struct mount_fields *f, const char *field, struct err *e)
{
	const char *equals = strchr(field, '=');
	auto_free char *name = xstrndup(field, strcspn(field, "="));
	const struct mount_key *key = NULL;
	bool on = true;

	for (size_t i = 0; !key && i < array_len(mount_keys); i++)
		if (strcmp(mount_keys[i].name, name) == 0)
			key = &mount_keys[i];
	if (!key)
		return unknown_field(name, e);
	if (!(key->kinds & (f->m->kind == MOUNT_BIND ? FOR_BIND : FOR_TMPFS))) {
		err_msg(e, "\"%s\" has no meaning for this type", name);
		return err_hint(e, "it belongs to type=%s",
				f->m->kind == MOUNT_BIND ? "tmpfs" : "bind");
	}
	if (key->value) {
		if (!equals)
			return err_msg(e, "\"%s\" needs a value", name);
		return key->value(f, equals + 1, e);
	}
	if (equals && (!option_to_bool(equals + 1, &on) || (!on && key->word && !key->not_word)))
		return err_msg(e, "%s=\"%s\" is neither true nor false", name, equals + 1);
	if (key->flag)
		key->flag(f->m, on);
	else
		set_flag(f->m, on ? key->word : key->not_word);
	return 0;
}

static int mount_of_type(struct spec_mount *m, const struct strv *fields, struct err *e)
{
	const char *type = strv_env_get(fields, "type");

	if (type && strcmp(type, "bind") == 0) {
		*m = (struct spec_mount){.recursive = true};
		return 0;
	}
	if (type && strcmp(type, "tmpfs") == 0) {
		*m = tmpfs_default;
		return 0;
	}
	if (type)
		err_msg(e, "type \"%s\" is not in this version", type);
	else
		err_msg(e, "no type, which would mean a named volume: not in this version");
	return err_hint(e, "allowed: type=bind,src=FOLDER,dst=PATH and type=tmpfs,dst=PATH");
}

int run_set_mount(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct run_request *r = to;
	auto_strv struct strv fields = {0};
	struct mount_fields f = {.r = r};

	(void)row;
	if (split_csv(&fields, value, e) < 0)
		return err_hint(e, "fields stand between commas, as in type=bind,src=/a,dst=/b");
	f.m = spec_add_mount(&r->spec);
	if (mount_of_type(f.m, &fields, e) < 0)
		return -1;
	for (size_t i = 0; i < fields.n; i++)
		if (!str_starts(fields.v[i], "type=") && set_mount_field(&f, fields.v[i], e) < 0)
			return -1;
	if (!f.m->target) {
		err_msg(e, "no destination");
		return err_hint(e, "add dst=PATH");
	}
	if (f.m->kind == MOUNT_BIND && !f.m->source) {
		err_msg(e, "no source");
		return err_hint(e, "add src=FOLDER");
	}
	if (f.m->kind == MOUNT_TMPFS && f.source) {
		err_msg(e, "a tmpfs has no source");
		return err_hint(e, "take src=%s out", f.source);
	}
	return 0;
}

/* "r", "rw", "rwm" in any order. A bind mount can withhold writing, and nothing else. */
static int device_access(struct spec_device *d, const char *access, struct err *e)
{
	if (!*access || strspn(access, "rwm") != strlen(access)) {
		err_msg(e, "access \"%s\" is not made of r, w and m", access);
		return err_hint(e, "write HOST[:CONTAINER][:r] or [:rw]");
	}
	if (!strchr(access, 'r')) {
		err_msg(e, "access \"%s\": reading cannot be withheld", access);
		return err_hint(e, "write :rw or :r");
	}
	d->read_only = !strchr(access, 'w');
	return 0;
}

int run_set_device(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct run_request *r = to;
	auto_strv struct strv parts = {0};
	struct spec_device *d;
	const char *target;

	(void)row;
	if (value[0] != '/') {
		err_msg(e, "not an absolute path");
		return err_hint(e, "write the path of a device such as /dev/fuse; names of the "
				   "Container Device Interface are not in this version");
	}
	strv_split(&parts, value, ":");
	if (parts.n < 1 || parts.n > 3)
		return err_msg(e, "not of the form HOST[:CONTAINER][:ACCESS]");
	d = spec_add_device(&r->spec);
	d->source = path_clean(parts.v[0]);
	target = parts.n > 1 && parts.v[1][0] == '/' ? parts.v[1] : parts.v[0];
	d->target = path_clean(target);
	if (parts.n == 3 && target != parts.v[1]) {
		err_msg(e, "\"%s\" is not an absolute path", parts.v[1]);
		return err_hint(e, "write HOST:CONTAINER:ACCESS, as in /dev/sda:/dev/disk:r");
	}
	if (strcmp(d->target, "/") == 0)
		return err_msg(e, "the destination may not be \"/\"");
	if (parts.n > 1 && target != parts.v[parts.n - 1])
		return device_access(d, parts.v[parts.n - 1], e);
	return 0;
}
