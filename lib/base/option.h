/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command line as a table. The same rows drive parsing, --help, completion and the manual, so
 * none of them can tell another story than the rest.
 *
 * Grammar (that of GNU long options as Go's pflag reads it): --x=V, --x V, booleans --x[=true],
 * -x V, -xV, -x=V, several letters in one word (-itd, -ieK=V), "--" ends the options.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct err;
struct str;

struct option_row {
	const char *name;     /* long name without dashes */
	char letter;	      /* short name, or 0 */
	bool repeats;	      /* may be given more than once; adds up */
	const char *metavar;  /* NULL: a boolean */
	const char *without;  /* what "--x" without "=V" stands for; NULL: the next word is V */
	const char *alias_of; /* another row's name: everything else is taken from that row */
	const char *values;   /* "a|b|c", or "@file", "@folder", "@image", … ; NULL: free */
	const char *group;    /* heading in --help; rows of a group stand together */
	const char *help;     /* one line */
	const char *text;     /* more, for the manual (scdoc), or NULL */
	/*
	 * Puts a value in place. value of a boolean is "true" or "false". An error says what is
	 * wrong with the value and hints what is allowed; the parser adds option and value.
	 */
	int (*set)(const struct option_row *row, void *to, const char *value, struct err *e);
	size_t at; /* for the setters below: option_at() */
};

/* An option other programs of this kind have: refused by name with the nearest way. */
struct option_refused {
	const char *name; /* "publish"; "health-*" matches all that begin so */
	char letter;
	const char *way;
};

struct option_set {
	const char *program; /* "rlc run", for hints */
	const struct option_row *rows;
	size_t n_rows;
	const struct option_refused *refused; /* ended by a row without a name; or NULL */
	/* Options that belong before the command, to tell so when they are met behind it. */
	const struct option_set *outer;
	bool stop_at_operand; /* the first operand ends the options (its own options follow) */
};

/* Offset of a member for row.at; does not compile unless the member has that type. */
#define option_at(type, member, kind)                                                              \
	(offsetof(type, member) +                                                                  \
	 0 * sizeof(                                                                               \
		 char[__builtin_types_compatible_p(typeof(((type *)0)->member), kind) ? 1 : -1]))

/* Setters: bool, char *, struct strv, and an enum or int that gets the index in row.values. */
int option_set_bool(const struct option_row *row, void *to, const char *value, struct err *e);
int option_set_text(const struct option_row *row, void *to, const char *value, struct err *e);
int option_set_list(const struct option_row *row, void *to, const char *value, struct err *e);
int option_set_choice(const struct option_row *row, void *to, const char *value, struct err *e);

/*
 * Parses argv[1…] into *to. Operands are moved behind the options, in their order; returns the
 * index of the first one (argc when there is none), or -1.
 */
int option_parse(const struct option_set *set, int argc, char **argv, void *to, struct err *e);
/* Whether --help is asked for (or -h where no row has that letter); no setter is called. */
bool option_wants_help(const struct option_set *set, int argc, char **argv);
/* Calls the setter of one row as the parser does; source names where the value came from. */
int option_apply(const struct option_row *row, void *to, const char *value, const char *source,
		 struct err *e);
/* The row of that long name, aliases resolved, or NULL. */
const struct option_row *option_find(const struct option_set *set, const char *name);
/* Reads a boolean as pflag does (1 t T true TRUE True …); false when it is none. */
bool option_to_bool(const char *text, bool *ret);

/* The candidate nearest to a typed word, or NULL when none is near enough to be meant. */
const char *option_nearest(const char *typed, const char *const *candidates, size_t n);
