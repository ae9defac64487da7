/* SPDX-License-Identifier: Apache-2.0 */
/* The user's message bus; in rlc's own process, while signals are held back. */
#include "lib/systemd/bus.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"

#include <ctype.h>
#include <poll.h>
#include <sys/stat.h>
#include <time.h>

enum { GREETING_MAX = 512, CHUNK = 4096 };

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- where ---- */

static int hex(char c)
{
	return isdigit((unsigned char)c)    ? c - '0'
	       : isxdigit((unsigned char)c) ? (c | 32) - 'a' + 10
					    : -1;
}

/* A value of an address up to n bytes, where %XX stands for a byte. */
static bool unescape(const char *value, size_t n, char *ret, size_t room, size_t *ret_len)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		char c = value[i];

		if (c == '%') {
			if (i + 2 >= n || hex(value[i + 1]) < 0 || hex(value[i + 2]) < 0)
				return false;
			c = (char)(hex(value[i + 1]) << 4 | hex(value[i + 2]));
			i += 2;
		}
		if (c == '\0' || len + 1 >= room)
			return false;
		ret[len++] = c;
	}
	ret[len] = '\0';
	*ret_len = len;
	return len > 0;
}

/* "path=/x,guid=…" after "unix:". */
static bool parse_unix(const char *pairs, size_t n, struct sockaddr_un *ret, socklen_t *ret_len)
{
	const size_t head = offsetof(struct sockaddr_un, sun_path);

	while (n) {
		size_t pair = 0, len;

		while (pair < n && pairs[pair] != ',')
			pair++;
		*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
		if (pair > 5 && memcmp(pairs, "path=", 5) == 0 &&
		    unescape(pairs + 5, pair - 5, ret->sun_path, sizeof(ret->sun_path), &len)) {
			*ret_len = (socklen_t)(head + len + 1);
			return ret->sun_path[0] == '/';
		}
		/* Begins with NUL and ends without one: unix(7). */
		if (pair > 9 && memcmp(pairs, "abstract=", 9) == 0 &&
		    unescape(pairs + 9, pair - 9, ret->sun_path + 1, sizeof(ret->sun_path) - 1,
			     &len)) {
			*ret_len = (socklen_t)(head + 1 + len);
			return true;
		}
		pair += pair < n;
		pairs += pair;
		n -= pair;
	}
	return false;
}

bool bus_address_parse(const char *text, struct sockaddr_un *ret, socklen_t *ret_len)
{
	while (*text) {
		size_t n = strcspn(text, ";");

		if (n > 5 && memcmp(text, "unix:", 5) == 0 &&
		    parse_unix(text + 5, n - 5, ret, ret_len))
			return true;
		text += n + (text[n] == ';');
	}
	return false;
}

static bool is_there(const struct sockaddr_un *a)
{
	struct stat st;

	/* An abstract one shows nowhere but to who connects. */
	return a->sun_path[0] == '\0' || (stat(a->sun_path, &st) == 0 && S_ISSOCK(st.st_mode));
}

static bool at_folder(const char *folder, struct sockaddr_un *ret, socklen_t *ret_len)
{
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	*ret_len = sizeof(*ret);
	return snprintf(ret->sun_path, sizeof(ret->sun_path), "%s/bus", folder) <
		   (int)sizeof(ret->sun_path) &&
	       is_there(ret);
}

bool bus_find(struct sockaddr_un *ret, socklen_t *ret_len)
{
	const char *address = getenv("DBUS_SESSION_BUS_ADDRESS");
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	auto_free char *usual = xasprintf("/run/user/%u", geteuid());

	if (address && bus_address_parse(address, ret, ret_len) && is_there(ret))
		return true;
	return (runtime && runtime[0] == '/' && at_folder(runtime, ret, ret_len)) ||
	       at_folder(usual, ret, ret_len);
}

/* ---- bytes ---- */

/* 0 when fd is ready for that, -1 when the time is over. */
static int wait_for(const struct bus *b, short what, struct err *e)
{
	for (;;) {
		struct pollfd p = {.fd = b->fd, .events = what};
		int64_t left = b->until_ms - now_ms();
		int n = poll(&p, 1, left > 0 ? (int)left : 0);

		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return err_sys(e, "wait for the user's bus");
		if (n == 0)
			return err_msg(e, "the user's bus does not answer");
	}
}

static int send_all(struct bus *b, const void *bytes, size_t n, struct err *e)
{
	const char *at = bytes;

	while (n) {
		ssize_t sent = send(b->fd, at, n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
			if (wait_for(b, POLLOUT, e) < 0)
				return -1;
			continue;
		}
		if (sent < 0)
			return err_sys(e, "speak to the user's bus");
		at += sent;
		n -= (size_t)sent;
	}
	return 0;
}

/* Appends what has come to b->in. */
static int receive_more(struct bus *b, struct err *e)
{
	char chunk[CHUNK];
	ssize_t n;

	do {
		if (wait_for(b, POLLIN, e) < 0)
			return -1;
		n = recv(b->fd, chunk, sizeof(chunk), MSG_DONTWAIT);
	} while (n < 0 && (errno == EAGAIN || errno == EINTR));
	if (n < 0)
		return err_sys(e, "listen to the user's bus");
	if (n == 0)
		return err_msg(e, "the user's bus ended the connection");
	str_addn(&b->in, chunk, (size_t)n);
	return 0;
}

/* ---- the greeting: D-Bus Specification, "Authentication Protocol" ---- */

static int authenticate(struct bus *b, struct err *e)
{
	auto_free char *uid = xasprintf("%u", geteuid());
	auto_str struct str line = {0};
	const char *end;

	/* The byte in front carries our credentials on systems that need one for it. */
	str_addn(&line, "\0AUTH EXTERNAL ", 15);
	for (const char *c = uid; *c; c++)
		str_addf(&line, "%02x", (unsigned char)*c);
	str_add(&line, "\r\n");
	if (send_all(b, line.s, line.len, e) < 0)
		return -1;
	while (!(end = b->in.len ? memmem(b->in.s, b->in.len, "\r\n", 2) : NULL)) {
		if (b->in.len > GREETING_MAX)
			return err_msg(e, "what listens there is no message bus");
		if (receive_more(b, e) < 0)
			return -1;
	}
	if (b->in.len < 3 || memcmp(b->in.s, "OK ", 3) != 0)
		return err_msg(e, "the user's bus does not take us for the user");
	b->consumed = (size_t)(end - b->in.s) + 2;
	return send_all(b, "BEGIN\r\n", 7, e);
}

static int say_hello(struct bus *b, struct err *e)
{
	static const struct bus_call hello = {.destination = "org.freedesktop.DBus",
					      .path = "/org/freedesktop/DBus",
					      .interface = "org.freedesktop.DBus",
					      .member = "Hello"};
	const struct str nothing = {0};
	uint32_t serial = bus_send(b, &hello, &nothing, e);
	struct bus_message m = {0};

	if (!serial)
		return -1;
	do {
		if (bus_receive(b, &m, e) < 0 || bus_check_answer(&m, serial, e) < 0)
			return -1;
	} while (m.type != BUS_RETURN || m.reply_serial != serial);
	return 0;
}

int bus_greet(struct bus *b, int fd, int patience_ms, struct err *e)
{
	*b = (struct bus){.fd = fd, .until_ms = now_ms() + patience_ms};
	if (authenticate(b, e) == 0 && say_hello(b, e) == 0)
		return 0;
	bus_close(b);
	return -1;
}

int bus_open(struct bus *b, int patience_ms, struct err *e)
{
	struct sockaddr_un address;
	auto_fd int fd = -1;
	socklen_t n;

	if (!bus_find(&address, &n))
		return err_msg(e, "no message bus of this user is there");
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, n) < 0)
		return err_sys(e, "connect to the user's bus %s",
			       address.sun_path[0] ? address.sun_path : address.sun_path + 1);
	return bus_greet(b, take_fd(&fd), patience_ms, e);
}

/* ---- messages ---- */

uint32_t bus_send(struct bus *b, const struct bus_call *call, const struct str *body, struct err *e)
{
	auto_str struct str message = {0};

	bus_add_call(&message, ++b->serial, call, body);
	return send_all(b, message.s, message.len, e) < 0 ? 0 : b->serial;
}

int bus_receive(struct bus *b, struct bus_message *ret, struct err *e)
{
	long n;

	if (b->consumed) {
		memmove(b->in.s, b->in.s + b->consumed, b->in.len - b->consumed);
		b->in.len -= b->consumed;
		b->consumed = 0;
	}
	while ((n = bus_message_parse((const uint8_t *)str_get(&b->in), b->in.len, ret)) == 0)
		if (receive_more(b, e) < 0)
			return -1;
	if (n < 0)
		return err_msg(e, "the user's bus sent what is no message");
	b->consumed = (size_t)n;
	return 0;
}

int bus_check_answer(const struct bus_message *m, uint32_t serial, struct err *e)
{
	auto_str struct str text = {0};
	const char *said = m->error_name;
	size_t at = 0;

	if (m->type != BUS_ERROR || m->reply_serial != serial)
		return 0;
	if (m->signature[0] == 's')
		(void)bus_read_text(m, &at, &said);
	str_add_visible(&text, said);
	return err_msg(e, "the user's bus says: %.300s", str_get(&text));
}

void bus_close(struct bus *b)
{
	if (b->fd >= 0)
		close(take_fd(&b->fd));
	str_free(&b->in);
}
