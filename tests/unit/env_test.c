/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of -e and --env-file, and which of them wins. */
#include "lib/base/file.h"
#include "tests/unit/request.h"
#include "tests/unit/tap.h"

#include <fcntl.h>

/* The caller of request.h has HOME, LC_ALL, LC_TIME and EMPTY. */
static const struct {
	const char *line, *text;
} options[] = {
    {"-e|A=1", " env=A=1"},
    {"-eA=1|--env=B=2", " env=A=1|B=2"},
    {"-e|A=|-e|B=x=y", " env=A=|B=x=y"},
    {"-e|A=1|-e|B=2|-e|A=3", " env=A=3|B=2"},
    {"-e|HOME", " env=HOME=/home/kim"},
    {"-e|EMPTY", " env=EMPTY="},
    {"-e|HOM", ""},
    {"-e|NOWHERE", ""},
    {"-e|odd", ""},
    {"-e|LC_*", " env=LC_ALL=C|LC_TIME=fi"},
    {"-e|X*", ""},
    {"-e|*", " env=HOME=/home/kim|LC_ALL=C|LC_TIME=fi|EMPTY="},
    {"-e|A*=1", " env=A*=1"},
    {"-e|HOME=/x|-e|HOME", " env=HOME=/home/kim"},
    {"-e|HOME|-e|HOME=/x", " env=HOME=/x"},
    {"--env-file|FILE", " env=A=file|B=file|HOME=/home/kim"},
    {"-e|A=opt|--env-file|FILE", " env=A=opt|B=file|HOME=/home/kim"},
    {"--env-file|FILE|-e|B=opt", " env=A=file|B=opt|HOME=/home/kim"},
};

static const struct {
	const char *text, *env;
} files[] = {
    {"", ""},
    {"A=1\nB=2\n", " env=A=1|B=2"},
    {"A=1\nB=2", " env=A=1|B=2"},
    {"\n\n \t\nA=1\n", " env=A=1"},
    {"# A=1\n  # B=2\nC=3 # 4\n", " env=C=3 # 4"},
    {" \tA=1 \n", " env=A=1 "},
    {"A=\"1 2\"\nB='$HOME'\n", " env=A=\"1 2\"|B='$HOME'"},
    {"A=1\r\nB=2\r\n\r\n", " env=A=1|B=2"},
    {"HOME\nNOWHERE\nLC_*\n", " env=HOME=/home/kim|LC_ALL=C|LC_TIME=fi"},
    {"A=1\nA=2\n", " env=A=2"},
    {"export A=1\n", " env=export A=1"},
};

static const struct {
	const char *text, *what;
	size_t n; /* bytes, where text holds a NUL */
} bad_files[] = {
    {"A=1\n=2\n", "f:2: \"=2\" has no name before \"=\"", 0},
    {"A=1\n\nB\0C\n", "f:3: a NUL byte", 9},
    {"  =\n", "f:1: \"=\" has no name", 0},
};

static void test_options(const char *file)
{
	struct err e;

	for (size_t i = 0; i < array_len(options); i++) {
		auto_strv struct strv words = {0};
		auto_str struct str line = {0};
		auto_free char *text = NULL;

		strv_split(&words, options[i].line, "|");
		for (size_t k = 0; k < words.n; k++)
			str_addf(&line, "%s|", strcmp(words.v[k], "FILE") ? words.v[k] : file);
		str_add(&line, "x");
		text = request_text(str_get(&line), NULL, false, &e);
		ok(text && str_starts(text, " image=x") && strcmp(text + 8, options[i].text) == 0,
		   "%s →%s", options[i].line, text ? text : e.what);
	}
}

static void test_files(void)
{
	struct err e;

	for (size_t i = 0; i < array_len(files); i++) {
		auto_strv struct strv env = {0};
		auto_str struct str text = {0};

		ok(run_env_file_parse(&env, files[i].text, strlen(files[i].text), "f",
				      request_environment, &e) == 0,
		   "file %zu is read", i);
		add_words(&text, "env", &env);
		ok(strcmp(str_get(&text), files[i].env) == 0, "file %zu →%s", i, str_get(&text));
	}
	for (size_t i = 0; i < array_len(bad_files); i++) {
		auto_strv struct strv env = {0};
		size_t n = bad_files[i].n ? bad_files[i].n : strlen(bad_files[i].text);

		e = (struct err){0};
		ok(run_env_file_parse(&env, bad_files[i].text, n, "f", request_environment, &e) <
			   0 &&
		       str_starts(e.what, bad_files[i].what),
		   "refused: %s", e.what);
	}
}

int main(void)
{
	static const char content[] = "A=file\nB=file\nHOME\n";
	char folder[] = "/tmp/env_test.XXXXXX";
	auto_free char *file = NULL;
	struct err e = {0};

	if (!mkdtemp(folder))
		return 1;
	file = xasprintf("%s/env", folder);
	ok(file_write(AT_FDCWD, file, content, strlen(content), 0600, false, &e) == 0,
	   "write %s %s", file, e.what);
	test_options(file);
	test_files();
	ok(!request_text("-e|=1|x", NULL, false, &e) && strstr(e.what, "option -e \"=1\": no name"),
	   "%s", e.what);
	ok(!request_text("--env-file|/nowhere/f|x", NULL, false, &e) && e.sys == ENOENT &&
	       strstr(e.what, "option --env-file: open /nowhere/f"),
	   "%s", e.what);
	ok(!request_text("--env-file|/proc/self/pagemap|x", NULL, false, &e) &&
	       strstr(e.what, "larger than 1048576 bytes"),
	   "%s", e.what);
	ok(file_remove_tree(AT_FDCWD, folder, &e) == 0, "clean up %s", e.what);
	return tap_end();
}
