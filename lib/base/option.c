/* SPDX-License-Identifier: Apache-2.0 */
/* Walks a command line by a table of options. Pure but for the setters; runs in the user's rlc. */
#include "lib/base/option.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"

/* Where a walk stands. Operands passed over are parked at the front of argv. */
struct walk {
	const struct option_set *set;
	int argc, at;
	char **argv;
	const char *bundle; /* rest of a word of letters, or NULL */
	bool ended;	    /* "--" was met */
	char spelled[80];   /* the option as it was typed, for errors */
};

static const struct option_row help_row = {.name = "help", .letter = 'h'};

bool option_to_bool(const char *text, bool *ret)
{
	static const char *const yes[] = {"1", "t", "T", "true", "TRUE", "True"};
	static const char *const no[] = {"0", "f", "F", "false", "FALSE", "False"};

	for (size_t i = 0; i < array_len(yes); i++) {
		if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
			*ret = strcmp(text, yes[i]) == 0;
			return true;
		}
	}
	return false;
}

const char *option_nearest(const char *typed, const char *const *candidates, size_t n)
{
	/* One slip in up to four letters: "pull" is not a slip of "kill". */
	size_t best = (strlen(typed) + 1) / 3, distance;
	const char *nearest = NULL;

	/* Of a word of two letters everything would be near. */
	if (best > 3)
		best = 3;
	for (size_t i = 0; i < n; i++) {
		distance = str_distance(typed, candidates[i]);
		if (distance <= best && distance < strlen(candidates[i])) {
			nearest = candidates[i];
			best = distance ? distance - 1 : 0;
		}
	}
	return nearest;
}

const struct option_row *option_find(const struct option_set *set, const char *name)
{
	for (size_t i = 0; i < set->n_rows; i++) {
		const struct option_row *row = &set->rows[i];

		if (strcmp(row->name, name) == 0)
			return row->alias_of ? option_find(set, row->alias_of) : row;
	}
	return strcmp(name, help_row.name) == 0 ? &help_row : NULL;
}

static const struct option_row *find_letter(const struct option_set *set, char letter)
{
	for (size_t i = 0; i < set->n_rows; i++)
		if (set->rows[i].letter == letter)
			return &set->rows[i];
	return letter == help_row.letter ? &help_row : NULL;
}

static bool refused_matches(const struct option_refused *r, const char *name, char letter)
{
	size_t n = strlen(r->name);

	if (letter)
		return r->letter == letter;
	if (n && r->name[n - 1] == '*')
		return strncmp(r->name, name, n - 1) == 0;
	return strcmp(r->name, name) == 0;
}

/* name or letter is no option here: says the most helpful thing known about it. */
static int unknown(const struct walk *w, const char *name, char letter, struct err *e)
{
	const struct option_set *set = w->set;
	auto_free const char **names = xcalloc(set->n_rows, sizeof(*names));
	const char *nearest;

	for (const struct option_refused *r = set->refused; r && r->name; r++) {
		if (!refused_matches(r, name, letter))
			continue;
		err_msg(e, "this version has no option %s", w->spelled);
		return err_hint(e, "%s", r->way);
	}
	err_msg(e, "unknown option %s", w->spelled);
	if (set->outer && !letter && option_find(set->outer, name))
		return err_hint(e, "--%s goes before the command: %s --%s ...", name,
				set->outer->program, name);
	for (size_t i = 0; i < set->n_rows; i++)
		names[i] = set->rows[i].name;
	nearest = letter ? NULL : option_nearest(name, names, set->n_rows);
	if (nearest)
		return err_hint(e, "did you mean --%s?", nearest);
	return err_hint(e, "see: %s --help", set->program);
}

/* Finds the value of a row: inline (after "="), the next word, or what a bare option stands for. */
static int value_of(struct walk *w, const struct option_row *row, const char *given,
		    const char **value, struct err *e)
{
	bool on = true;

	if (!row->metavar) {
		if (given && !option_to_bool(given, &on)) {
			err_msg(e, "option %s \"%s\": neither true nor false", w->spelled, given);
			return err_hint(e, "write %s, %s=true or %s=false", w->spelled, w->spelled,
					w->spelled);
		}
		*value = on ? "true" : "false";
		return 0;
	}
	if (given || row->without) {
		*value = given ? given : row->without;
		return 0;
	}
	if (w->at >= w->argc) {
		err_msg(e, "option %s needs a value", w->spelled);
		return err_hint(e, "write %s %s", w->spelled, row->metavar);
	}
	*value = w->argv[w->at++];
	return 0;
}

static int next_long(struct walk *w, const char *word, const struct option_row **row,
		     const char **value, struct err *e)
{
	const char *equals = strchr(word, '=');
	auto_free char *name = xstrndup(word, equals ? (size_t)(equals - word) : strlen(word));

	snprintf(w->spelled, sizeof(w->spelled), "--%s", name);
	*row = option_find(w->set, name);
	if (!*row)
		return unknown(w, name, 0, e);
	return value_of(w, *row, equals ? equals + 1 : NULL, value, e) < 0 ? -1 : 1;
}

/* One letter of a word such as -itd, -eK=V or -e=K=V; what follows it stays in w->bundle. */
static int next_letter(struct walk *w, const struct option_row **row, const char **value,
		       struct err *e)
{
	char letter = *w->bundle++;
	const char *given = NULL;

	snprintf(w->spelled, sizeof(w->spelled), "-%c", letter);
	*row = find_letter(w->set, letter);
	if (!*row)
		return unknown(w, "", letter, e);
	if (w->bundle[0] == '=' && w->bundle[1])
		given = w->bundle + 1;
	else if (w->bundle[0] && (*row)->metavar && !(*row)->without)
		given = w->bundle;
	if (given || !*w->bundle)
		w->bundle = NULL;
	return value_of(w, *row, given, value, e) < 0 ? -1 : 1;
}

/* The next option: 1 with *row and *value, 0 where the options end, -1. */
static int next(struct walk *w, const struct option_row **row, const char **value, struct err *e)
{
	char *word;

	if (w->bundle)
		return next_letter(w, row, value, e);
	if (w->at >= w->argc)
		return 0;
	word = w->argv[w->at];
	if (word[0] != '-' || !word[1])
		return 0;
	w->at++;
	w->ended = strcmp(word, "--") == 0;
	if (w->ended)
		return 0;
	if (word[1] == '-')
		return next_long(w, word + 2, row, value, e);
	w->bundle = word + 1;
	return next_letter(w, row, value, e);
}

int option_apply(const struct option_row *row, void *to, const char *value, const char *source,
		 struct err *e)
{
	if (row->set(row, to, value, e) == 0)
		return 0;
	return err_ctx(e, "%s \"%s\"", source, value);
}

/* Moves the operand at argv[from] to argv[to], keeping the order of all that lies between. */
static void move_word(char **argv, int from, int to)
{
	char *word = argv[from];

	if (from < to)
		memmove(argv + from, argv + from + 1, (size_t)(to - from) * sizeof(*argv));
	else
		memmove(argv + to + 1, argv + to, (size_t)(from - to) * sizeof(*argv));
	argv[to] = word;
}

int option_parse(const struct option_set *set, int argc, char **argv, void *to, struct err *e)
{
	struct walk w = {.set = set, .argc = argc, .at = 1, .argv = argv};
	const struct option_row *row;
	const char *value;
	int operands = 0, got;

	for (;;) {
		while ((got = next(&w, &row, &value, e)) > 0) {
			auto_free char *source = NULL;

			if (row == &help_row)
				continue; /* answered before anything is parsed */
			source = xasprintf("option %s", w.spelled);
			if (option_apply(row, to, value, source, e) < 0)
				return -1;
		}
		if (got < 0)
			return -1;
		/* An operand between options: to the end of the words still to be read. */
		if (set->stop_at_operand || w.at >= w.argc || w.ended)
			break;
		move_word(argv, w.at, argc - 1);
		w.argc--;
		operands++;
	}
	/* Behind "--" unread words remain in front of the operands parked at the end. */
	for (int i = 0; i < operands; i++)
		move_word(argv, argc - 1, w.at);
	return w.at;
}

bool option_wants_help(const struct option_set *set, int argc, char **argv)
{
	struct walk w = {.set = set, .argc = argc, .at = 1, .argv = argv};
	const struct option_row *row;
	const char *value;
	struct err e;
	int got;

	for (;;) {
		while ((got = next(&w, &row, &value, &e)) > 0)
			if (row == &help_row)
				return true;
		if (got < 0 || w.at >= w.argc || set->stop_at_operand || w.ended)
			return false;
		w.at++;
	}
}

int option_set_bool(const struct option_row *row, void *to, const char *value, struct err *e)
{
	(void)e; /* the parser has seen to the value */
	*(bool *)((char *)to + row->at) = value[0] == 't';
	return 0;
}

int option_set_text(const struct option_row *row, void *to, const char *value, struct err *e)
{
	if (!*value) {
		err_msg(e, "empty");
		return err_hint(e, "give it a value: --%s %s", row->name, row->metavar);
	}
	xstr_set((char **)((char *)to + row->at), value);
	return 0;
}

int option_set_list(const struct option_row *row, void *to, const char *value, struct err *e)
{
	if (!*value) {
		err_msg(e, "empty");
		return err_hint(e, "give it a value: --%s %s", row->name, row->metavar);
	}
	strv_add((struct strv *)((char *)to + row->at), value);
	return 0;
}

int option_set_choice(const struct option_row *row, void *to, const char *value, struct err *e)
{
	auto_strv struct strv words = {0};
	auto_str struct str list = {0};

	strv_split(&words, row->values, "|");
	for (size_t i = 0; i < words.n; i++) {
		if (strcmp(words.v[i], value) == 0) {
			*(int *)((char *)to + row->at) = (int)i;
			return 0;
		}
		str_addf(&list, "%s%s", i ? ", " : "", words.v[i]);
	}
	err_msg(e, "not one of its values");
	return err_hint(e, "--%s is one of: %s", row->name, str_get(&list));
}
