/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the configuration: YAML files and RLC_* variables become values for options. */
#include "cmd/settings.h"

#include "config.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/option.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"

#include <ctype.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { SETTING_MAX = 1 << 20 };

void settings_add(struct settings *c, const struct setting_key *key, const char *value,
		  char *source)
{
	c->items = xreallocarray(c->items, c->n + 1, sizeof(*c->items));
	c->items[c->n++] = (struct setting_item){
	    .key = key,
	    .value = xasprintf("%s%s", key->prefix ? key->prefix : "", value),
	    .source = source,
	};
}

char *settings_variable(const struct setting_key *key)
{
	char *name = xasprintf("RLC_%s", key->name);

	for (char *c = name; *c; c++)
		*c = *c == '-' || *c == '.' ? '_' : (char)toupper((unsigned char)*c);
	return name;
}

/* Says so when a variable looks like a slip of one of ours; others' RLC_… are none of our concern.
 */
static void hint_variable(const char *name)
{
	for (size_t i = 0; i < n_setting_keys; i++) {
		auto_free char *known = settings_variable(&setting_keys[i]);
		auto_str struct str shown = {0};

		if (str_distance(name, known) > 2)
			continue;
		str_add_visible(&shown, name);
		log_warn("the variable %s is not known; did you mean %s?", str_get(&shown), known);
		return;
	}
}

static int from_variable(struct settings *c, const char *name, const char *value, struct err *e)
{
	const struct setting_key *key = NULL;
	auto_strv struct strv items = {0};
	bool on;

	for (size_t i = 0; !key && i < n_setting_keys; i++) {
		auto_free char *known = settings_variable(&setting_keys[i]);

		if (strcmp(known, name) == 0)
			key = &setting_keys[i];
	}
	if (!key) {
		hint_variable(name);
		return 0;
	}
	if (key->kind == SETTING_BOOL && !option_to_bool(value, &on)) {
		err_msg(e, "variable %s \"%s\": neither true nor false", name, value);
		return err_hint(e, "write %s=true or %s=false", name, name);
	}
	if (key->kind == SETTING_BOOL)
		value = on ? "true" : "false";
	if (key->kind == SETTING_LIST)
		strv_split(&items, value, "\n");
	else
		strv_add(&items, value);
	for (size_t i = 0; i < items.n; i++)
		settings_add(c, key, items.v[i], xasprintf("variable %s", name));
	return 0;
}

int settings_from_environ(struct settings *c, char *const *environment, struct err *e)
{
	for (; environment && *environment; environment++) {
		const char *equals = strchr(*environment, '=');
		auto_free char *name = NULL;

		if (!equals || !str_starts(*environment, "RLC_"))
			continue;
		name = xstrndup(*environment, (size_t)(equals - *environment));
		if (from_variable(c, name, equals + 1, e) < 0)
			return -1;
	}
	return 0;
}

/* 1: read, 0: not there, -1. */
static int read_file(struct settings *c, const char *path, struct err *e)
{
	/* O_NONBLOCK: a FIFO in its place must not stop us before we see that it is one. */
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	auto_free char *text = NULL;
	struct stat st;
	size_t n;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, "open configuration %s", path);
	if (!S_ISREG(st.st_mode))
		return err_msg(e, "configuration %s is not a regular file", path);
	/* It decides about privileges and paths: whoever may write it decides for us. */
	if ((st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & S_IWOTH)) {
		err_msg(e, "configuration %s can be changed by other users: refused", path);
		return err_hint(e, "chown %u %s && chmod go-w %s", geteuid(), path, path);
	}
	if (file_read_fd(fd, path, SETTING_MAX, &text, &n, e) < 0 ||
	    settings_parse(c, text, n, path, e) < 0)
		return -1;
	log_debug("configuration %s read", path);
	return 1;
}

/* ~/.config/rlc/config.yaml by the XDG base directory specification, or NULL without a home. */
static char *user_file(void)
{
	const char *config_home = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config_home && config_home[0] == '/')
		return xasprintf("%s/rlc/config.yaml", config_home);
	return home && home[0] == '/' ? xasprintf("%s/.config/rlc/config.yaml", home) : NULL;
}

int settings_load(struct settings *c, const char *file, char *const *environment, struct err *e)
{
	auto_free char *own = NULL;
	int got;

	if (file) {
		got = read_file(c, file, e);
		if (got == 0) {
			errno = ENOENT;
			err_sys(e, "open configuration %s", file);
			got = err_hint(e, "--config takes a file that is there; see rlc.yaml(5)");
		}
		return got < 0 ? -1 : settings_from_environ(c, environment, e);
	}
	own = user_file();
	if (read_file(c, RLC_SYSCONFDIR "/config.yaml", e) < 0 || (own && read_file(c, own, e) < 0))
		return -1;
	return settings_from_environ(c, environment, e);
}

int settings_apply(const struct settings *c, bool global, const struct option_set *set, void *to,
		   struct err *e)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct setting_item *item = &c->items[i];
		const struct option_row *row = option_find(set, item->key->option);

		/* What a command has no option for is another's affair. */
		if (item->key->global == global && row &&
		    option_apply(row, to, item->value, item->source, e) < 0)
			return -1;
	}
	return 0;
}

const char *settings_text(const struct settings *c, const char *key)
{
	for (size_t i = c->n; i-- > 0;)
		if (strcmp(c->items[i].key->name, key) == 0)
			return c->items[i].value;
	return NULL;
}

void settings_free(struct settings *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->items[i].value);
		free(c->items[i].source);
	}
	free(c->items);
	*c = (struct settings){0};
}
