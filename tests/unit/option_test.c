/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of option tables, on a table that has nothing to do with containers. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/option.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"
#include "tests/unit/tap.h"

enum size { SMALL, LARGE };

struct order {
	bool hot, to_go;
	char *name;
	struct strv extras;
	enum size size;
	char *note;
};

static int set_number(const struct option_row *row, void *to, const char *value, struct err *e)
{
	(void)row;
	(void)to;
	err_msg(e, "not what it takes");
	return err_hint(e, "allowed: nothing, \"%s\" neither", value);
}

static const struct option_row rows[] = {
    {"hot", 'h', .at = option_at(struct order, hot, bool), .set = option_set_bool},
    {"to-go", 't', .at = option_at(struct order, to_go, bool), .set = option_set_bool},
    {"name", 'n', .metavar = "NAME", .at = option_at(struct order, name, char *),
     .set = option_set_text},
    {"extra", 'e', .metavar = "WHAT", .at = option_at(struct order, extras, struct strv),
     .set = option_set_list},
    {"size", .metavar = "SIZE", .values = "small|large", .set = option_set_choice,
     .at = option_at(struct order, size, enum size)},
    {"note", .metavar = "TEXT", .without = "none", .at = option_at(struct order, note, char *),
     .set = option_set_text},
    {"called", .metavar = "NAME", .alias_of = "name"},
    {"number", .metavar = "N", .set = set_number},
};

static const struct option_refused refused[] = {
    {"milk", 'm', "take --extra cream"},
    {"sugar-*", .way = "there is none"},
    {0},
};

static const struct option_row outer_rows[] = {
    {"table", .metavar = "N", .set = set_number},
};

static const struct option_set outer = {
    .program = "shop", .rows = outer_rows, .n_rows = array_len(outer_rows)};

static const struct option_set tea = {.program = "shop tea",
				      .rows = rows,
				      .n_rows = array_len(rows),
				      .refused = refused,
				      .outer = &outer};

static void order_free(struct order *o)
{
	free(o->name);
	free(o->note);
	strv_free(&o->extras);
}

/* Parses words between blanks; "at" and what is left come back as "N: word word". */
static char *parse(const char *line, bool stop, struct order *o, struct err *e)
{
	struct option_set set = tea;
	struct strv argv = {0};
	struct str left = {0};
	int at;

	set.stop_at_operand = stop;
	*o = (struct order){0};
	*e = (struct err){0};
	strv_add(&argv, "tea");
	strv_split(&argv, line, " ");
	at = option_parse(&set, (int)argv.n, argv.v, o, e);
	for (size_t i = (size_t)at; at >= 0 && i < argv.n; i++)
		str_addf(&left, "%s%s", i > (size_t)at ? " " : "", argv.v[i]);
	if (at < 0)
		str_addf(&left, "error: %s", e->what);
	strv_free(&argv);
	return str_take(&left);
}

/* What is left, and the fields as one line of text. */
static const struct {
	const char *line;
	bool stop;
	const char *left, *order;
} good[] = {
    {"", true, "", "cold here - [] small -"},
    {"-h", true, "", "hot here - [] small -"},
    {"-ht", true, "", "hot away - [] small -"},
    {"--hot --to-go", true, "", "hot away - [] small -"},
    {"--hot=false", true, "", "cold here - [] small -"},
    {"--hot=True --to-go=1", true, "", "hot away - [] small -"},
    {"-h=true -t=0", true, "", "hot here - [] small -"},
    {"-htn bob", true, "", "hot away bob [] small -"},
    {"-htnbob", true, "", "hot away bob [] small -"},
    {"-n=bob", true, "", "cold here bob [] small -"},
    {"-n==", true, "", "cold here = [] small -"},
    {"-n=", true, "", "cold here = [] small -"},
    {"--name bob", true, "", "cold here bob [] small -"},
    {"--name=bob=x", true, "", "cold here bob=x [] small -"},
    {"--name -h", true, "", "cold here -h [] small -"},
    {"--name -- x", true, "x", "cold here -- [] small -"},
    {"--called bob", true, "", "cold here bob [] small -"},
    {"--name a --name b", true, "", "cold here b [] small -"},
    {"-e a -eb=c --extra=d", true, "", "cold here - [a b=c d] small -"},
    {"--size large", true, "", "cold here - [] large -"},
    {"--note x", true, "x", "cold here - [] small none"},
    {"--note=x", true, "", "cold here - [] small x"},
    {"-h x -t", true, "x -t", "hot here - [] small -"},
    {"-h -- -t", true, "-t", "hot here - [] small -"},
    {"-h - -t", true, "- -t", "hot here - [] small -"},
    {"x -h y -n bob z", false, "x y z", "hot here bob [] small -"},
    {"x -h -- -t y", false, "x -t y", "hot here - [] small -"},
    {"--help -h", true, "", "hot here - [] small -"},
    {"x y", false, "x y", "cold here - [] small -"},
    {"x --name -- y", false, "x y", "cold here -- [] small -"},
};

/* The error, and a piece of the hint. */
static const struct {
	const char *line, *what, *hint;
} bad[] = {
    {"--nam x", "unknown option --nam", "did you mean --name?"},
    {"--hto", "unknown option --hto", "did you mean --hot?"},
    {"--zzzzzz", "unknown option --zzzzzz", "see: shop tea --help"},
    {"-x", "unknown option -x", "see: shop tea --help"},
    {"-hx", "unknown option -x", "see: shop tea --help"},
    {"--table 3", "unknown option --table", "--table goes before the command: shop --table"},
    {"--milk", "this version has no option --milk", "take --extra cream"},
    {"--milk=2", "this version has no option --milk", "take --extra cream"},
    {"-m", "this version has no option -m", "take --extra cream"},
    {"--sugar-brown", "this version has no option --sugar-brown", "there is none"},
    {"--hot=maybe", "option --hot \"maybe\": neither true nor false", "--hot=false"},
    {"--name", "option --name needs a value", "write --name NAME"},
    {"-hn", "option -n needs a value", "write -n NAME"},
    {"--name=", "option --name \"\": empty", "--name NAME"},
    {"--extra=", "option --extra \"\": empty", "--extra WHAT"},
    {"--size huge", "option --size \"huge\": not one of its values", "small, large"},
    {"--number 7", "option --number \"7\": not what it takes", "\"7\" neither"},
    {"--help=why", "option --help \"why\": neither true nor false", "--help=true"},
    {"x --name", "option --name needs a value", "write --name NAME"},
};

static void test_good(void)
{
	for (size_t i = 0; i < array_len(good); i++) {
		auto_str struct str extras = {0}, all = {0};
		struct order o;
		struct err e;
		auto_free char *left = parse(good[i].line, good[i].stop, &o, &e);

		for (size_t k = 0; k < o.extras.n; k++)
			str_addf(&extras, "%s%s", k ? " " : "", o.extras.v[k]);
		str_addf(&all, "%s %s %s [%s] %s %s", o.hot ? "hot" : "cold",
			 o.to_go ? "away" : "here", o.name ? o.name : "-", str_get(&extras),
			 o.size == LARGE ? "large" : "small", o.note ? o.note : "-");
		ok(strcmp(left, good[i].left) == 0 && strcmp(str_get(&all), good[i].order) == 0,
		   "tea %s → %s; left: %s", good[i].line, str_get(&all), left);
		order_free(&o);
	}
}

static void test_bad(void)
{
	for (size_t i = 0; i < array_len(bad); i++) {
		struct order o;
		struct err e;
		auto_free char *left = parse(bad[i].line, false, &o, &e);

		ok(str_starts(left, "error: ") && strcmp(e.what, bad[i].what) == 0 &&
		       strstr(e.hint, bad[i].hint) && e.exit == EXIT_LAUNCHER,
		   "tea %s → %s (%s)", bad[i].line, left, e.hint);
		order_free(&o);
	}
}

static bool wants_help(const char *line, bool stop)
{
	struct option_set set = tea;
	struct strv argv = {0};
	bool wants;

	set.stop_at_operand = stop;
	strv_add(&argv, "tea");
	strv_split(&argv, line, " ");
	wants = option_wants_help(&set, (int)argv.n, argv.v);
	strv_free(&argv);
	return wants;
}

static void test_help(void)
{
	ok(wants_help("--help", true), "--help is seen");
	ok(wants_help("-t --name x --help", true), "--help is seen behind options");
	ok(!wants_help("-h", true), "-h belongs to the row of that letter");
	ok(!wants_help("--name --help", true), "a value is no option");
	ok(!wants_help("x --help", true), "--help of an operand's own command is left alone");
	ok(wants_help("x --help", false), "operands in between do not hide it");
	ok(!wants_help("-- --help", false), "behind -- nothing is an option");
	ok(!wants_help("--zzz --help", true), "an unknown option comes first");
}

static void test_nearest(void)
{
	static const char *const long_word = "abcdefghijklmno";
	static const char *const words[] = {"run", "rm", "images", "inspect", "import"};

	ok(strcmp(option_nearest("ren", words, 5), "run") == 0, "ren → run");
	ok(strcmp(option_nearest("imgaes", words, 5), "images") == 0, "imgaes → images");
	ok(strcmp(option_nearest("improt", words, 5), "import") == 0, "improt → import");
	ok(!option_nearest("xy", words, 5), "xy → nothing");
	ok(!option_nearest("rat", words, 5), "two slips in three letters are another word");
	ok(!option_nearest("ruin-it", words, 5), "ruin-it → nothing");
	ok(!option_nearest("completely", words, 5), "completely → nothing");
	ok(!option_nearest("", words, 5), "the empty word → nothing");
	ok(!option_nearest("abcdefghijkxxxx", &long_word, 1), "four slips are another word");
	ok(option_nearest("abcdefghijklxxx", &long_word, 1), "three in a long word are not");
}

int main(void)
{
	test_good();
	test_bad();
	test_help();
	test_nearest();
	return tap_end();
}
