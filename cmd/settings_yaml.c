/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The YAML of a configuration file: one mapping of keys to scalars or to lists of scalars. All
 * else of YAML (anchors, aliases, tags, deeper nesting, further documents) is refused, so that no
 * text grows or means something while it is read.
 */
#include "cmd/settings.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/option.h"
#include "lib/base/strv.h"

#include <strings.h>
#include <yaml.h>

struct reading {
	yaml_parser_t parser;
	struct settings *settings;
	const char *name; /* of the file */
	const char *text;
	struct strv seen; /* keys of this file so far */
	struct err *e;
};

/* Starts an error at a place of the file; libyaml counts from 0. */
static int __attribute__((format(printf, 3, 4)))
refuse(struct reading *r, yaml_mark_t at, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	err_msg(r->e, "%s:%zu:%zu: %s", r->name, at.line + 1, at.column + 1, text);
	free(text);
	return -1;
}

/* libyaml's own refusal. It gives a place, but of bytes that are no text only their offset. */
static int refuse_syntax(struct reading *r)
{
	const yaml_parser_t *p = &r->parser;
	yaml_mark_t at = p->problem_mark;

	if (p->error == YAML_READER_ERROR) {
		for (size_t i = 0; i < p->problem_offset; i++) {
			at.column = r->text[i] == '\n' ? 0 : at.column + 1;
			at.line += r->text[i] == '\n';
		}
	}
	return refuse(r, at, "not valid YAML: %s", p->problem ? p->problem : "out of memory");
}

/* The next event, without what is refused wherever it stands. */
static int next_event(struct reading *r, yaml_event_t *event)
{
	const unsigned char *anchor = NULL, *tag = NULL;

	if (!yaml_parser_parse(&r->parser, event)) {
		*event = (yaml_event_t){0};
		return refuse_syntax(r);
	}
	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return refuse(r, event->start_mark, "aliases (\"*name\") are not read here");
	case YAML_SCALAR_EVENT:
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
		break;
	case YAML_MAPPING_START_EVENT:
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
		break;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		break;
	}
	if (anchor)
		return refuse(r, event->start_mark, "anchors (\"&name\") are not read here");
	if (tag)
		return refuse(r, event->start_mark, "tags (\"!name\") are not read here");
	return 0;
}

/* The text of a scalar, or NULL (with the error) when a C string cannot hold it. */
static const char *scalar(struct reading *r, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;

	if (strlen(text) == event->data.scalar.length)
		return text;
	refuse(r, event->start_mark, "a NUL byte");
	return NULL;
}

static const struct setting_key *find_key(struct reading *r, const char *name, yaml_mark_t at)
{
	auto_free const char **names = xcalloc(n_setting_keys, sizeof(*names));
	const char *nearest;

	for (size_t i = 0; i < n_setting_keys; i++) {
		if (strcmp(setting_keys[i].name, name) == 0)
			return &setting_keys[i];
		names[i] = setting_keys[i].name;
	}
	refuse(r, at, "unknown key \"%s\"", name);
	nearest = option_nearest(name, names, n_setting_keys);
	if (nearest)
		err_hint(r->e, "did you mean \"%s\"?", nearest);
	else
		err_hint(r->e, "rlc.yaml(5) lists the keys");
	return NULL;
}

/* YAML 1.1 knows more words for a boolean than an option does. */
static bool yaml_bool(const char *text, bool *ret)
{
	static const char *const yes[] = {"yes", "on", "y"}, *const no[] = {"no", "off", "n"};

	for (size_t i = 0; i < array_len(yes); i++) {
		if (strcasecmp(text, yes[i]) == 0 || strcasecmp(text, no[i]) == 0) {
			*ret = strcasecmp(text, yes[i]) == 0;
			return true;
		}
	}
	return option_to_bool(text, ret);
}

static int add_value(struct reading *r, const struct setting_key *key, const yaml_event_t *event)
{
	const char *value = scalar(r, event);
	yaml_mark_t at = event->start_mark;
	bool on;

	if (!value)
		return -1;
	if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	    (!*value || strcmp(value, "~") == 0 || strcmp(value, "null") == 0)) {
		refuse(r, at, "\"%s\" has no value", key->name);
		return err_hint(r->e, "write for example \"%s: %s\", or take the key out",
				key->name, key->example);
	}
	if (key->kind == SETTING_BOOL) {
		if (!yaml_bool(value, &on)) {
			refuse(r, at, "%s: \"%s\" is neither true nor false", key->name, value);
			return err_hint(r->e, "write \"%s: true\" or \"%s: false\"", key->name,
					key->name);
		}
		value = on ? "true" : "false";
	}
	settings_add(r->settings, key, value,
		     xasprintf("%s:%zu:%zu: %s", r->name, at.line + 1, at.column + 1, key->name));
	return 0;
}

/* A list for a key of one value, a mapping, a list in a list. */
static int refuse_shape(struct reading *r, const struct setting_key *key, yaml_mark_t at)
{
	if (key->kind == SETTING_LIST) {
		refuse(r, at, "\"%s\" takes a list of plain values", key->name);
		return err_hint(r->e, "write for example \"%s: [%s]\"", key->name, key->example);
	}
	refuse(r, at, "\"%s\" takes one plain value", key->name);
	return err_hint(r->e, "write for example \"%s: %s\"", key->name, key->example);
}

/* What follows a key: a scalar, or for a list key a sequence of them. */
static int read_values(struct reading *r, const struct setting_key *key)
{
	bool in_list = false;

	for (;;) {
		yaml_event_t event;
		int status = next_event(r, &event);

		if (status == 0 && event.type == YAML_SCALAR_EVENT)
			status = add_value(r, key, &event);
		else if (status == 0 && event.type == YAML_SEQUENCE_START_EVENT && !in_list &&
			 key->kind == SETTING_LIST)
			in_list = true;
		else if (status == 0 && event.type == YAML_SEQUENCE_END_EVENT)
			in_list = false;
		else if (status == 0)
			status = refuse_shape(r, key, event.start_mark);
		yaml_event_delete(&event);
		if (status < 0 || !in_list)
			return status;
	}
}

/* One key and its values. 1: there was one, 0: the mapping has ended, -1. */
static int read_entry(struct reading *r)
{
	const struct setting_key *key = NULL;
	yaml_event_t event;
	const char *name;
	int status = next_event(r, &event);

	if (status == 0 && event.type == YAML_MAPPING_END_EVENT) {
		yaml_event_delete(&event);
		return 0;
	}
	if (status == 0 && event.type != YAML_SCALAR_EVENT)
		status = refuse(r, event.start_mark, "a key is a plain word");
	name = status == 0 ? scalar(r, &event) : NULL;
	key = name ? find_key(r, name, event.start_mark) : NULL;
	if (key && strv_has(&r->seen, name)) {
		refuse(r, event.start_mark, "\"%s\" stands here for the second time", name);
		key = NULL;
	}
	if (key)
		strv_add(&r->seen, name);
	yaml_event_delete(&event);
	return key && read_values(r, key) == 0 ? 1 : -1;
}

/* Takes the next event and refuses any other than the wanted ones. Returns its type, or -1. */
static int expect(struct reading *r, yaml_event_type_t wanted, yaml_event_type_t or_else,
		  const char *what)
{
	yaml_event_t event;
	int status = next_event(r, &event);
	bool is_empty;

	/* A file of comments alone holds one empty scalar. */
	is_empty = status == 0 && event.type == YAML_SCALAR_EVENT && !event.data.scalar.length;
	if (status == 0 && event.type != wanted && event.type != or_else)
		status = refuse(r, event.start_mark, "%s", what);
	else if (status == 0 && event.type == YAML_SCALAR_EVENT && !is_empty)
		status = refuse(r, event.start_mark, "%s", what);
	if (status == 0)
		status = (int)event.type;
	yaml_event_delete(&event);
	return status;
}

static int read_stream(struct reading *r)
{
	static const char keys_wanted[] = "\"key: value\" lines were expected";
	int got, status;

	if (expect(r, YAML_STREAM_START_EVENT, YAML_NO_EVENT, keys_wanted) < 0)
		return -1;
	got = expect(r, YAML_DOCUMENT_START_EVENT, YAML_STREAM_END_EVENT, keys_wanted);
	if (got < 0 || got == YAML_STREAM_END_EVENT)
		return got < 0 ? -1 : 0;
	got = expect(r, YAML_MAPPING_START_EVENT, YAML_SCALAR_EVENT, keys_wanted);
	if (got < 0)
		return -1;
	status = got == YAML_MAPPING_START_EVENT;
	while (status > 0)
		status = read_entry(r);
	if (status < 0 || expect(r, YAML_DOCUMENT_END_EVENT, YAML_NO_EVENT, keys_wanted) < 0)
		return -1;
	got = expect(r, YAML_STREAM_END_EVENT, YAML_NO_EVENT, "a second document begins");
	return got < 0 ? -1 : 0;
}

int settings_parse(struct settings *c, const char *text, size_t n, const char *name, struct err *e)
{
	struct reading r = {.settings = c, .name = name, .text = text, .e = e};
	int status;

	if (!yaml_parser_initialize(&r.parser))
		return err_msg(e, "%s: libyaml cannot start: out of memory", name);
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, n);
	status = read_stream(&r);
	yaml_parser_delete(&r.parser);
	strv_free(&r.seen);
	return status;
}
