/* SPDX-License-Identifier: Apache-2.0 */
/* D-Bus messages as bytes: pure; in rlc's own process. */
#include "lib/systemd/bus_message.h"

#include <string.h>

/* Header fields (the specification's table of that name). */
enum field {
	FIELD_PATH = 1,
	FIELD_INTERFACE = 2,
	FIELD_MEMBER = 3,
	FIELD_ERROR_NAME = 4,
	FIELD_REPLY_SERIAL = 5,
	FIELD_DESTINATION = 6,
	FIELD_SENDER = 7,
	FIELD_SIGNATURE = 8,
};

enum {
	/* Fixed begin: byte order, type, flags, version, size of the body, serial, size of fields.
	 */
	BODY_SIZE_AT = 4,
	FIELDS_SIZE_AT = 12,
	FIELDS_AT = 16,
	VERSION = 1,
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	ORDER = 'l',
#else
	ORDER = 'B',
#endif
};

static size_t aligned(size_t at, size_t alignment)
{
	return (at + alignment - 1) / alignment * alignment;
}

/* ---- reading ---- */

struct reader {
	const uint8_t *bytes;
	size_t n, at;
};

static bool read_u32(struct reader *r, uint32_t *ret)
{
	size_t at = aligned(r->at, sizeof(*ret));

	if (at > r->n || r->n - at < sizeof(*ret))
		return false;
	memcpy(ret, r->bytes + at, sizeof(*ret));
	r->at = at + sizeof(*ret);
	return true;
}

/* n bytes that end with NUL and hold no other. */
static bool read_chars(struct reader *r, size_t n, const char **ret)
{
	const char *text = (const char *)r->bytes + r->at;

	if (r->at > r->n || n >= r->n - r->at || strnlen(text, n + 1) != n)
		return false;
	*ret = text;
	r->at += n + 1;
	return true;
}

static bool read_text(struct reader *r, const char **ret)
{
	struct reader before = *r;
	uint32_t n;

	if (read_u32(r, &n) && read_chars(r, n, ret))
		return true;
	*r = before;
	return false;
}

static bool read_signature(struct reader *r, const char **ret)
{
	uint8_t n;

	if (r->at >= r->n)
		return false;
	n = r->bytes[r->at++];
	return read_chars(r, n, ret);
}

/* One field. Those that are not known are passed over where their type is a simple one. */
static bool read_field(struct reader *r, struct bus_message *m)
{
	const char **texts[] = {
	    [FIELD_PATH] = &m->path,	 [FIELD_INTERFACE] = &m->interface,
	    [FIELD_MEMBER] = &m->member, [FIELD_ERROR_NAME] = &m->error_name,
	    [FIELD_SENDER] = &m->sender, [FIELD_SIGNATURE] = &m->signature,
	};
	const char *type, *text;
	uint32_t number;
	uint8_t code;

	r->at = aligned(r->at, 8);
	if (r->at >= r->n)
		return false;
	code = r->bytes[r->at++];
	if (!read_signature(r, &type))
		return false;
	if (strcmp(type, "u") == 0) {
		if (!read_u32(r, &number))
			return false;
		if (code == FIELD_REPLY_SERIAL)
			m->reply_serial = number;
		return true;
	}
	if (strcmp(type, "s") == 0 || strcmp(type, "o") == 0) {
		if (!read_text(r, &text))
			return false;
	} else if (strcmp(type, "g") != 0 || !read_signature(r, &text)) {
		return false;
	}
	if (code < sizeof(texts) / sizeof(texts[0]) && texts[code])
		*texts[code] = text;
	return true;
}

long bus_message_parse(const uint8_t *bytes, size_t n, struct bus_message *ret)
{
	struct bus_message m = {.path = "",
				.interface = "",
				.member = "",
				.error_name = "",
				.sender = "",
				.signature = ""};
	struct reader r = {.bytes = bytes, .at = FIELDS_AT};
	uint32_t body_size, fields_size;
	size_t begin;

	if (n >= 1 && bytes[0] != ORDER)
		return -1;
	if (n < FIELDS_AT)
		return 0;
	memcpy(&body_size, bytes + BODY_SIZE_AT, sizeof(body_size));
	memcpy(&fields_size, bytes + FIELDS_SIZE_AT, sizeof(fields_size));
	if (bytes[1] < BUS_CALL || bytes[1] > BUS_SIGNAL || bytes[3] != VERSION ||
	    body_size > BUS_MESSAGE_MAX || fields_size > BUS_MESSAGE_MAX)
		return -1;
	begin = aligned(FIELDS_AT + fields_size, 8);
	if (begin + body_size > BUS_MESSAGE_MAX)
		return -1;
	if (n < begin + body_size)
		return 0;
	for (r.n = FIELDS_AT + fields_size; r.at < r.n;)
		if (!read_field(&r, &m))
			return -1;
	m.type = (enum bus_type)bytes[1];
	m.body = bytes + begin;
	m.body_size = body_size;
	*ret = m;
	return (long)(begin + body_size);
}

bool bus_read_u32(const struct bus_message *m, size_t *at, uint32_t *ret)
{
	struct reader r = {m->body, m->body_size, *at};
	bool got = read_u32(&r, ret);

	*at = got ? r.at : *at;
	return got;
}

bool bus_read_text(const struct bus_message *m, size_t *at, const char **ret)
{
	struct reader r = {m->body, m->body_size, *at};
	bool got = read_text(&r, ret);

	*at = got ? r.at : *at;
	return got;
}

/* ---- writing ---- */

static void pad(struct str *t, size_t alignment)
{
	static const char zeros[8];

	str_addn(t, zeros, aligned(t->len, alignment) - t->len);
}

void bus_add_u32(struct str *body, uint32_t value)
{
	pad(body, sizeof(value));
	str_addn(body, &value, sizeof(value));
}

void bus_add_text(struct str *body, const char *text)
{
	size_t n = strlen(text);

	bus_add_u32(body, (uint32_t)n);
	str_addn(body, text, n + 1);
}

void bus_add_signature(struct str *body, const char *text)
{
	uint8_t n = (uint8_t)strlen(text);

	str_addn(body, &n, 1);
	str_addn(body, text, (size_t)n + 1);
}

static void begin_property(struct str *body, const char *name, const char *type)
{
	pad(body, 8);
	bus_add_text(body, name);
	bus_add_signature(body, type);
}

void bus_add_text_property(struct str *body, const char *name, const char *value)
{
	begin_property(body, name, "s");
	bus_add_text(body, value);
}

void bus_add_bool_property(struct str *body, const char *name, bool value)
{
	begin_property(body, name, "b");
	bus_add_u32(body, value);
}

void bus_add_u32_list_property(struct str *body, const char *name, uint32_t value)
{
	size_t list;

	begin_property(body, name, "au");
	list = bus_begin_array(body, sizeof(value));
	bus_add_u32(body, value);
	bus_end_array(body, list, sizeof(value));
}

size_t bus_begin_array(struct str *body, size_t alignment)
{
	size_t begun;

	bus_add_u32(body, 0);
	begun = body->len;
	pad(body, alignment);
	return begun;
}

/* Its size counts neither itself nor what pads the first element. */
void bus_end_array(struct str *body, size_t begun, size_t alignment)
{
	uint32_t n = (uint32_t)(body->len - aligned(begun, alignment));

	memcpy(body->s + begun - sizeof(n), &n, sizeof(n));
}

static void add_field(struct str *t, enum field code, const char *type, const char *text)
{
	uint8_t byte = (uint8_t)code;

	pad(t, 8);
	str_addn(t, &byte, 1);
	bus_add_signature(t, type);
	if (*type == 'g')
		bus_add_signature(t, text);
	else
		bus_add_text(t, text);
}

void bus_add_call(struct str *to, uint32_t serial, const struct bus_call *call,
		  const struct str *body)
{
	const uint8_t begin[] = {ORDER, BUS_CALL, 0, VERSION};
	size_t fields;

	str_addn(to, begin, sizeof(begin));
	bus_add_u32(to, (uint32_t)body->len);
	bus_add_u32(to, serial);
	fields = bus_begin_array(to, 8);
	add_field(to, FIELD_PATH, "o", call->path);
	add_field(to, FIELD_DESTINATION, "s", call->destination);
	add_field(to, FIELD_INTERFACE, "s", call->interface);
	add_field(to, FIELD_MEMBER, "s", call->member);
	if (body->len)
		add_field(to, FIELD_SIGNATURE, "g", call->signature);
	bus_end_array(to, fields, 8);
	pad(to, 8);
	if (body->len)
		str_addn(to, body->s, body->len);
}
