/* SPDX-License-Identifier: Apache-2.0 */
/* Published ports as text; pure, in whatever process reads or prints them. */
#include "net/portmap.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

#include <arpa/inet.h>

#define GRAMMAR                                                                                    \
	"[[IP:][HOSTPORT]:]PORT[/tcp|udp], as in 8080:80, 127.0.0.1:8080:80, [::1]:53:53/udp"

static const char *const protocol_names[] = {[PORTMAP_TCP] = "tcp", [PORTMAP_UDP] = "udp"};

struct range {
	unsigned first, last; /* 0: not given */
};

const char *portmap_protocol_name(enum portmap_protocol p)
{
	return protocol_names[p];
}

/* ---- reading ---- */

/* Decimal digits alone: no sign, no blank. 0 when it is no port. */
static unsigned read_port(const char *text, size_t n)
{
	unsigned v = 0;

	if (n < 1 || n > 5)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		v = v * 10 + (unsigned)(text[i] - '0');
	}
	return v <= 65535 ? v : 0;
}

static int port_error(const char *what, const char *text, size_t n, struct err *e)
{
	auto_free char *piece = xstrndup(text, n > 64 ? 64 : n);
	auto_str struct str shown = {0};

	str_add_visible(&shown, piece);
	err_msg(e, "\"%s\" is no %s", str_get(&shown), what);
	return err_hint(e, "ports are numbers from 1 to 65535, or ranges of them: 8000-8010");
}

/* "80" or "8000-8010" */
static int read_range(const char *what, const char *text, size_t n, struct range *ret,
		      struct err *e)
{
	const char *dash = memchr(text, '-', n);
	size_t first_len = dash ? (size_t)(dash - text) : n;
	struct range r = {.first = read_port(text, first_len)};

	r.last = dash ? read_port(dash + 1, n - first_len - 1) : r.first;
	if (!r.first || !r.last)
		return port_error(what, text, n, e);
	if (r.last < r.first) {
		err_msg(e, "the range %u-%u runs backwards", r.first, r.last);
		return err_hint(e, "write %u-%u", r.last, r.first);
	}
	*ret = r;
	return 0;
}

/* Cuts "/tcp" off; *n shrinks to what stands before it. */
static int read_protocol(const char *text, size_t *n, enum portmap_protocol *ret, struct err *e)
{
	const char *slash = memchr(text, '/', *n);
	auto_str struct str shown = {0};

	*ret = PORTMAP_TCP;
	if (!slash)
		return 0;
	*n = (size_t)(slash - text);
	for (size_t i = 0; i < array_len(protocol_names); i++)
		if (strcmp(slash + 1, protocol_names[i]) == 0) {
			*ret = (enum portmap_protocol)i;
			return 0;
		}
	if (strcmp(slash + 1, "sctp") == 0) {
		err_msg(e, "sctp cannot be forwarded without root");
		return err_hint(e, "publish tcp or udp, or share the host's network: "
				   "--network host");
	}
	str_add_visible(&shown, slash + 1);
	err_msg(e, "there is no protocol \"%.40s\" to publish", str_get(&shown));
	return err_hint(e, "rlc knows tcp and udp; give -p once for each");
}

static int address_error(const char *text, size_t n, struct err *e)
{
	auto_free char *piece = xstrndup(text, n > 64 ? 64 : n);
	auto_str struct str shown = {0};

	str_add_visible(&shown, piece);
	err_msg(e, "\"%s\" is no IP address", str_get(&shown));
	if (strcmp(piece, "localhost") == 0)
		return err_hint(e, "write 127.0.0.1, or [::1]");
	return err_hint(e, GRAMMAR);
}

static int read_address(const char *text, size_t n, int family, struct portmap *m, struct err *e)
{
	char copy[INET6_ADDRSTRLEN];

	if (n >= sizeof(copy) || memchr(text, '\0', n))
		return address_error(text, n, e);
	memcpy(copy, text, n);
	copy[n] = '\0';
	if (inet_pton(family, copy, m->address) != 1)
		return address_error(text, n, e);
	m->family = family;
	return 0;
}

/* Where the two ports stand in the text; host NULL: there was no colon. */
struct places {
	const char *host, *container;
	size_t host_len, container_len;
};

/* "[::1]:" or nothing; *at moves behind it. */
static int read_brackets(const char **at, const char *end, struct portmap *m, struct err *e)
{
	const char *text = *at, *bracket = memchr(text, ']', (size_t)(end - text));

	if (*text != '[')
		return 0;
	if (!bracket || bracket + 1 == end || bracket[1] != ':') {
		err_msg(e, "the bracket of the IPv6 address is not closed");
		return err_hint(e, GRAMMAR);
	}
	*at = bracket + 2;
	return read_address(text + 1, (size_t)(bracket - text - 1), AF_INET6, m, e);
}

/* Takes apart what stands before the protocol. */
static int read_places(const char *text, size_t n, struct portmap *m, struct places *ret,
		       struct err *e)
{
	const char *end = text + n, *at = text, *colon;

	if (read_brackets(&at, end, m, e) < 0)
		return -1;
	colon = memchr(at, ':', (size_t)(end - at));
	if (colon && at == text && memchr(colon + 1, ':', (size_t)(end - colon - 1))) {
		if (read_address(text, (size_t)(colon - text), AF_INET, m, e) < 0)
			return -1;
		at = colon + 1;
		colon = memchr(at, ':', (size_t)(end - at));
	}
	if (m->family && !colon) {
		err_msg(e, "no port of the container is given");
		return err_hint(e, GRAMMAR);
	}
	*ret = (struct places){.host = colon ? at : NULL, .container = colon ? colon + 1 : at};
	ret->host_len = colon ? (size_t)(colon - at) : 0;
	ret->container_len = (size_t)(end - ret->container);
	if (!memchr(ret->container, ':', ret->container_len))
		return 0;
	err_msg(e, "too many colons");
	return err_hint(e, "IPv6 addresses stand in brackets: [::1]:8080:80");
}

static bool is_same(const struct portmap *a, const struct portmap *b)
{
	return a->protocol == b->protocol && a->family == b->family && a->host == b->host &&
	       a->container == b->container &&
	       memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

static bool has(const struct portmaps *list, const struct portmap *m)
{
	for (size_t i = 0; i < list->n; i++)
		if (is_same(&list->v[i], m))
			return true;
	return false;
}

static int add_range(const struct portmap *like, struct range host, struct range container,
		     struct portmaps *to, struct err *e)
{
	size_t count = container.last - container.first + 1;

	if (to->n + count > PORTMAP_MAX) {
		err_msg(e, "more than %d ports", PORTMAP_MAX);
		return err_hint(e, "publish fewer, or share the host's network: --network host");
	}
	to->v = xreallocarray(to->v, to->n + count, sizeof(*to->v));
	for (size_t i = 0; i < count; i++) {
		struct portmap m = *like;

		m.host = (uint16_t)(host.first ? host.first + i : 0);
		m.container = (uint16_t)(container.first + i);
		if (!has(to, &m))
			to->v[to->n++] = m;
	}
	return 0;
}

int portmap_parse(const char *text, struct portmaps *to, struct err *e)
{
	struct portmap m = {0};
	struct range host = {0}, container;
	struct places at = {0};
	size_t n = strlen(text);

	if (!n) {
		err_msg(e, "no port is given");
		return err_hint(e, GRAMMAR);
	}
	if (read_protocol(text, &n, &m.protocol, e) < 0 || read_places(text, n, &m, &at, e) < 0 ||
	    read_range("port of the container", at.container, at.container_len, &container, e) < 0)
		return -1;
	if (at.host_len && read_range("port of the host", at.host, at.host_len, &host, e) < 0)
		return -1;
	if (host.first && host.last - host.first != container.last - container.first) {
		err_msg(e, "%u ports of the host for %u of the container",
			host.last - host.first + 1, container.last - container.first + 1);
		return err_hint(e, "ranges must be of one length: 8000-8010:8000-8010");
	}
	return add_range(&m, host, container, to, e);
}

int portmap_parse_exposed(const char *text, struct portmaps *to, struct err *e)
{
	struct portmap m = {0};
	struct range container;
	size_t n = strlen(text);

	if (read_protocol(text, &n, &m.protocol, e) < 0 ||
	    read_range("port", text, n, &container, e) < 0)
		return -1;
	return add_range(&m, (struct range){0}, container, to, e);
}

/* ---- lists ---- */

static bool is_every(const struct portmap *m)
{
	static const uint8_t none[sizeof(m->address)];

	return m->family == 0 || memcmp(m->address, none, sizeof(none)) == 0;
}

static bool overlap(const struct portmap *a, const struct portmap *b)
{
	if (a->protocol != b->protocol || a->host != b->host || a->host == 0)
		return false;
	if (a->family && b->family && a->family != b->family)
		return false;
	return is_every(a) || is_every(b) || memcmp(a->address, b->address, 16) == 0;
}

int portmap_check(const struct portmaps *list, struct err *e)
{
	for (size_t i = 0; i < list->n; i++)
		for (size_t k = 0; k < i; k++) {
			if (!overlap(&list->v[i], &list->v[k]))
				continue;
			err_msg(e, "port %u/%s of the host is published twice", list->v[i].host,
				portmap_protocol_name(list->v[i].protocol));
			return err_hint(e, "give each -p a port of the host of its own, or "
					   "another address");
		}
	return 0;
}

void portmap_add_exposed(const struct portmaps *exposed, struct portmaps *to)
{
	for (size_t i = 0; i < exposed->n && to->n < PORTMAP_MAX; i++) {
		const struct portmap *m = &exposed->v[i];
		bool published = false;

		for (size_t k = 0; k < to->n; k++)
			published |=
			    to->v[k].container == m->container && to->v[k].protocol == m->protocol;
		if (published)
			continue;
		to->v = xreallocarray(to->v, to->n + 1, sizeof(*to->v));
		to->v[to->n++] = *m;
	}
}

void portmaps_free(struct portmaps *list)
{
	free(list->v);
	*list = (struct portmaps){0};
}

/* ---- printing ---- */

const char *portmap_address(const struct portmap *m, char *buf)
{
	if (m->family == 0)
		return "0.0.0.0";
	return inet_ntop(m->family, m->address, buf, INET6_ADDRSTRLEN);
}

char *portmap_host(const struct portmap *m)
{
	char buf[INET6_ADDRSTRLEN];
	const char *address = portmap_address(m, buf);

	return m->family == AF_INET6 ? xasprintf("[%s]:%u", address, m->host)
				     : xasprintf("%s:%u", address, m->host);
}

char *portmap_format(const struct portmap *m)
{
	const char *protocol = portmap_protocol_name(m->protocol);
	auto_free char *host = NULL;

	if (m->family == 0 && m->host == 0)
		return xasprintf("%u/%s", m->container, protocol);
	if (m->family == 0)
		return xasprintf("%u:%u/%s", m->host, m->container, protocol);
	host = portmap_host(m);
	if (m->host == 0) /* "127.0.0.1:" */
		host[strlen(host) - 1] = '\0';
	return xasprintf("%s:%u/%s", host, m->container, protocol);
}

/* Whether b is the next port of the range that ends with a. */
static bool goes_on(const struct portmap *a, const struct portmap *b)
{
	return a->protocol == b->protocol && a->family == b->family &&
	       b->container == a->container + 1 && b->host == a->host + 1 &&
	       memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

char *portmap_list(const struct portmaps *list)
{
	struct str t = {0};
	size_t last;

	for (size_t i = 0; i < list->n; i = last + 1) {
		const struct portmap *m = &list->v[i];
		auto_free char *host = portmap_host(m);

		for (last = i; last + 1 < list->n; last++)
			if (!goes_on(&list->v[last], &list->v[last + 1]))
				break;
		str_addf(&t, "%s%s", i ? ", " : "", host);
		if (last > i)
			str_addf(&t, "-%u", list->v[last].host);
		str_addf(&t, "->%u", m->container);
		if (last > i)
			str_addf(&t, "-%u", list->v[last].container);
		str_addf(&t, "/%s", portmap_protocol_name(m->protocol));
	}
	return str_take(&t);
}
