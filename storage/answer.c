/* SPDX-License-Identifier: Apache-2.0 */
/* The answer of rlc-image. It may have been broken by an image: what it says is only text. */
#include "storage/answer.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/json.h"
#include "lib/base/str.h"

void answer_send(int pipe, struct json_object *o)
{
	const char *text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE);

	/* A closed pipe means that rlc is gone: nobody is left to tell. */
	(void)!(fd_write_all(pipe, "J", 1) < 0 || fd_write_all(pipe, text, strlen(text)) < 0);
}

void answer_send_error(int pipe, const struct err *e)
{
	char bytes[1 + sizeof(*e)] = "E";

	memcpy(bytes + 1, e, sizeof(*e));
	(void)!fd_write_all(pipe, bytes, sizeof(bytes)); /* as above */
}

/* Text of another process goes to a terminal. Lines stay lines; what grows too long is cut. */
static void make_harmless(char *text, size_t room)
{
	auto_str struct str shown = {0};
	size_t n;

	text[room - 1] = '\0';
	for (char *line = text, *end; line; line = end ? end + 1 : NULL) {
		end = strchr(line, '\n');
		if (end)
			*end = '\0';
		str_add_visible(&shown, line);
		if (end)
			str_add(&shown, "\n");
	}
	n = shown.len < room ? shown.len : room - 1;
	/* Not within a character: its first bytes alone may begin another. */
	while (n && n < shown.len && ((unsigned char)shown.s[n] & 0xc0) == 0x80)
		n--;
	memcpy(text, str_get(&shown), n);
	text[n] = '\0';
}

void answer_read_error(const void *bytes, struct err *e)
{
	memcpy(e, bytes, sizeof(*e));
	make_harmless(e->what, sizeof(e->what));
	make_harmless(e->hint, sizeof(e->hint));
	if (e->exit <= 0 || e->exit > 255)
		e->exit = EXIT_LAUNCHER;
}

int answer_read(const char *bytes, unsigned long n, struct json_object **ret, struct err *e)
{
	if (n > 1 && bytes[0] == 'J')
		return json_parse(bytes + 1, n - 1, "the answer of rlc-image", ret, e);
	if (n != 1 + sizeof(*e) || bytes[0] != 'E')
		return err_msg(e, "rlc-image ended without an answer");
	answer_read_error(bytes + 1, e);
	return -1;
}
