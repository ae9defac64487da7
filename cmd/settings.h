/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Defaults for options, from /etc/rlc/config.yaml, then ~/.config/rlc/config.yaml, then RLC_*
 * variables. A key stands for an option: its values go through that option's own setter, so a key
 * can neither mean something else than the option nor be forgotten. rlc.yaml(5) is made from the
 * same table.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct err;
struct option_set;

enum setting_kind { SETTING_TEXT, SETTING_BOOL, SETTING_LIST };

struct setting_key {
	const char *name; /* "seccomp-profile"; the variable is RLC_SECCOMP_PROFILE */
	enum setting_kind kind;
	const char *option; /* long name of the option it is the default of */
	const char *prefix; /* put before the value ("seccomp="), or NULL */
	bool global;	    /* an option before the command; false: of `rlc run` */
	const char *example;
	const char *text; /* for the manual (scdoc) */
};

/* One value as it was read. A list key has one item for each of its values. */
struct setting_item {
	const struct setting_key *key;
	char *value;
	char *source; /* "/etc/rlc/config.yaml:3:7: memory", "RLC_MEMORY" */
};

struct settings {
	struct setting_item *items;
	size_t n;
};

extern const struct setting_key setting_keys[];
extern const size_t n_setting_keys;

/* Reads the two files (those that exist), or only `file` when it is not NULL, then environ. */
int settings_load(struct settings *c, const char *file, char *const *environ, struct err *e);
/*
 * Parses one file's text (pure; fuzzed): a mapping of keys to scalars or lists of scalars. Later
 * items win over earlier ones; lists add up. name is for errors, which give line and column.
 */
int settings_parse(struct settings *c, const char *text, size_t n, const char *name, struct err *e);
/* Takes the RLC_* variables out of environ (pure). In a list variable each line is an item. */
int settings_from_environ(struct settings *c, char *const *environ, struct err *e);
/* Gives every item for that kind of option to the option's setter. */
int settings_apply(const struct settings *c, bool global, const struct option_set *set, void *to,
		   struct err *e);
/* Appends a value; owns source from then on. For the two readers. */
void settings_add(struct settings *c, const struct setting_key *key, const char *value,
		  char *source);
/* "shm-size" → "RLC_SHM_SIZE", owned by the caller. */
char *settings_variable(const struct setting_key *key);
/* The value in force of a text key, or NULL: for what is told, not done. */
const char *settings_text(const struct settings *c, const char *key);
void settings_free(struct settings *c);
