/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of -e, --env-file and --label. */
#include "cmd/run_options.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/str.h"

#include <fcntl.h>

enum { ENV_FILE_MAX = 1 << 20 };

int run_set_label(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct run_request *r = to;

	(void)row;
	if (!*value || *value == '=') {
		err_msg(e, "no key");
		return err_hint(e, "write KEY=VALUE or KEY");
	}
	if (strchr(value, '=')) {
		strv_env_set(&r->spec.labels, value);
	} else {
		auto_free char *empty = xasprintf("%s=", value);

		strv_env_set(&r->spec.labels, empty);
	}
	return 0;
}

int run_set_env(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct run_request *r = to;

	(void)row;
	if (!*value || *value == '=') {
		err_msg(e, "no name");
		return err_hint(e, "write -e NAME=VALUE, -e NAME or -e 'PREFIX*'");
	}
	strv_add(&r->env, value);
	return 0;
}

int run_env_add(struct strv *env, const char *text, char *const *environment, struct err *e)
{
	size_t n = strcspn(text, "=");
	bool is_prefix = n && !text[n] && text[n - 1] == '*';

	if (!n) {
		err_msg(e, "\"%s\" has no name before \"=\"", text);
		return err_hint(e, "write NAME=VALUE, NAME or PREFIX*");
	}
	if (text[n]) {
		strv_env_set(env, text);
		return 0;
	}
	for (; environment && *environment; environment++) {
		const char *have = *environment;

		if (have[0] == '=' || !strchr(have, '='))
			continue; /* nothing a name could be read from */
		if (is_prefix ? strncmp(have, text, n - 1) == 0
			      : strncmp(have, text, n) == 0 && have[n] == '=')
			strv_env_set(env, have);
	}
	return 0;
}

int run_env_file_parse(struct strv *env, const char *text, size_t n, const char *name,
		       char *const *environment, struct err *e)
{
	const char *end = text + n;

	for (size_t line = 1; text < end; line++) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline ? newline : end;
		auto_free char *word = NULL;

		while (text < stop && (*text == ' ' || *text == '\t'))
			text++;
		if (memchr(text, '\0', (size_t)(stop - text)))
			return err_msg(e, "%s:%zu: a NUL byte", name, line);
		word = xstrndup(text, (size_t)(stop - text));
		/* Files written on other systems end their lines by CR LF. */
		if (str_ends(word, "\r"))
			word[strlen(word) - 1] = '\0';
		if (*word && *word != '#' && run_env_add(env, word, environment, e) < 0)
			return err_ctx(e, "%s:%zu", name, line);
		text = newline ? newline + 1 : end;
	}
	return 0;
}

int run_env_resolve(struct run_request *r, struct err *e)
{
	for (size_t i = 0; i < r->env_files.n; i++) {
		const char *path = r->env_files.v[i];
		auto_free char *text = NULL;
		size_t n;

		if (file_read(AT_FDCWD, path, ENV_FILE_MAX, &text, &n, e) < 0) {
			err_ctx(e, "option --env-file");
			return err_hint(e,
					"it takes a file that you may read, NAME=VALUE on a line");
		}
		if (run_env_file_parse(&r->spec.env, text, n, path, r->environment, e) < 0)
			return err_ctx(e, "option --env-file");
	}
	for (size_t i = 0; i < r->env.n; i++)
		(void)run_env_add(&r->spec.env, r->env.v[i], r->environment, e); /* has a name */
	strv_free(&r->env);
	strv_free(&r->env_files);
	return 0;
}
