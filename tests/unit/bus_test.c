/* SPDX-License-Identifier: Apache-2.0 */
/* D-Bus: messages as bytes, addresses, and the greeting of a bus that is a child of this test. */
#include "lib/systemd/bus.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "tests/unit/tap.h"

#include <signal.h>
#include <sys/wait.h>

/* ---- messages ---- */

static const struct bus_call call = {
    .destination = "d.d", .path = "/p", .interface = "i.i", .member = "Member", .signature = "us"};

static void make(struct str *to, enum bus_type type)
{
	auto_str struct str body = {0};

	bus_add_u32(&body, 7);
	bus_add_text(&body, "seven");
	bus_add_call(to, 3, &call, &body);
	to->s[1] = (char)type;
}

/* Written by hand from the specification: fields and body begin at multiples of 8. */
static void test_bytes(void)
{
	static const char little[] = "l\1\0\1\x0e\0\0\0\3\0\0\0H\0\0\0"
				     "\1\1o\0\2\0\0\0/p\0\0\0\0\0\0"
				     "\6\1s\0\3\0\0\0d.d\0\0\0\0\0"
				     "\2\1s\0\3\0\0\0i.i\0\0\0\0\0"
				     "\3\1s\0\6\0\0\0Member\0\0"
				     "\10\1g\0\2us\0"
				     "\7\0\0\0\5\0\0\0seven";
	auto_str struct str m = {0};

	make(&m, BUS_CALL);
	if (m.s[0] == 'l')
		ok(m.len == sizeof(little) && memcmp(m.s, little, m.len) == 0,
		   "the bytes of a call: %zu", m.len);
}

static void test_read(void)
{
	auto_str struct str m = {0};
	struct bus_message got;
	const char *text;
	size_t at = 0;
	uint32_t n;
	long length;

	make(&m, BUS_SIGNAL);
	length = bus_message_parse((const uint8_t *)m.s, m.len, &got);
	ok(length == (long)m.len && got.type == BUS_SIGNAL && strcmp(got.path, "/p") == 0 &&
	       strcmp(got.interface, "i.i") == 0 && strcmp(got.member, "Member") == 0 &&
	       strcmp(got.signature, "us") == 0 && got.sender[0] == '\0',
	   "a signal is read: %ld", length);
	ok(bus_read_u32(&got, &at, &n) && n == 7 && bus_read_text(&got, &at, &text) &&
	       strcmp(text, "seven") == 0 && !bus_read_u32(&got, &at, &n) &&
	       !bus_read_text(&got, &at, &text),
	   "and its body, to the end");
	at = 0;
	ok(!bus_read_text(&got, &at, &text) && at == 0, "a number is no text");
	str_addn(&m, "l\2", 2);
	ok(bus_message_parse((const uint8_t *)m.s, m.len, &got) == length, "what follows waits");
}

static void test_part(void)
{
	auto_str struct str m = {0};
	struct bus_message got;
	bool all = true;

	make(&m, BUS_SIGNAL);
	for (size_t n = 0; n < m.len; n++)
		all = all && bus_message_parse((const uint8_t *)m.s, n, &got) == 0;
	ok(all, "a part is waited for, at each of %zu lengths", m.len);
}

/* A byte at a place, and no message any more. */
static void test_bad(void)
{
	static const struct {
		size_t at;
		uint8_t byte;
		const char *what;
	} changes[] = {
	    {0, 'x', "byte order"},
	    {1, 0, "type"},
	    {1, 9, "type"},
	    {3, 2, "version"},
	    {6, 2, "a body too large"},
	    {14, 2, "fields too large"},
	    {17, 9, "a signature's length"},
	    {18, 'a', "a field of an array"},
	    {20, 200, "a text's length"},
	    {22, 1, "a text's length, larger"},
	    {24, 0, "NUL in a text"},
	    {26, 'x', "a text without end"},
	    {12, 0x47, "fields that end in the middle of one"},
	};

	for (size_t i = 0; i < array_len(changes); i++) {
		auto_str struct str m = {0};
		struct bus_message got;

		make(&m, BUS_SIGNAL);
		m.s[changes[i].at] = (char)changes[i].byte;
		if (m.s[0] == 'l' || i == 0)
			ok(bus_message_parse((const uint8_t *)m.s, m.len, &got) < 0, "bad: %s",
			   changes[i].what);
	}
}

/* ---- addresses ---- */

static const struct {
	const char *text, *path; /* NULL: none; "@x": abstract */
} addresses[] = {
    {"unix:path=/run/user/1000/bus", "/run/user/1000/bus"},
    {"unix:path=/a,guid=0123", "/a"},
    {"unix:guid=0123,path=/a", "/a"},
    {"tcp:host=x;unix:path=/a;unix:path=/b", "/a"},
    {"unix:abstract=/tmp/dbus-x,guid=1", "@/tmp/dbus-x"},
    {"unix:path=/a%20b%2c", "/a b,"},
    {"unix:path=relative", NULL},
    {"unix:path=/a%2", NULL},
    {"unix:path=/a%zz", NULL},
    {"unix:path=/a%00b", NULL},
    {"unix:path=", NULL},
    {"unix:tmpdir=/tmp", NULL},
    {"unix:", NULL},
    {"autolaunch:", NULL},
    {";;", NULL},
    {"", NULL},
};

static void test_addresses(void)
{
	char long_path[200] = "unix:path=/";
	struct sockaddr_un a;
	socklen_t n;

	for (size_t i = 0; i < array_len(addresses); i++) {
		bool got = bus_address_parse(addresses[i].text, &a, &n);
		const char *wanted = addresses[i].path;

		if (got && wanted && wanted[0] == '@')
			ok(a.sun_path[0] == '\0' && strcmp(a.sun_path + 1, wanted + 1) == 0 &&
			       n == offsetof(struct sockaddr_un, sun_path) + strlen(wanted),
			   "address \"%s\"", addresses[i].text);
		else
			ok(got == (wanted != NULL) && (!got || strcmp(a.sun_path, wanted) == 0),
			   "address \"%s\"", addresses[i].text);
	}
	memset(long_path + strlen(long_path), 'a', 120);
	ok(!bus_address_parse(long_path, &a, &n), "a path longer than a socket's name may be");
}

/* ---- the greeting ---- */

/* A bus that says `line`, then these bytes; without any it ends. */
static void serve(int fd, const char *line, const char *reply, size_t n)
{
	char text[256];
	ssize_t got = read(fd, text, sizeof(text));

	if (got < 2 || text[0] != '\0' || memcmp(text + 1, "AUTH EXTERNAL 3", 15) != 0)
		_exit(1);
	(void)!write(fd, line, strlen(line));
	got = read(fd, text, sizeof(text));
	if (got > 0 && write(fd, reply, n) == (ssize_t)n && n)
		pause(); /* until we are killed */
	_exit(2);
}

static int greet(const char *line, const char *reply, size_t n, struct err *e)
{
	struct bus b;
	int ends[2], rc;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		serve(ends[1], line, reply, n);
	}
	close(ends[1]);
	rc = bus_greet(&b, ends[0], 400, e);
	if (rc == 0)
		bus_close(&b);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return rc;
}

static void test_greeting(void)
{
	static const uint32_t answer[] = {0, 9, 8, 0x00750105, 1},
			      other[] = {0, 9, 8, 0x00750105, 2};
	char reply[8 + sizeof(answer)] = {'l', BUS_RETURN, 0, 1};
	size_t n = 4 + sizeof(answer);
	struct err e = {0};

	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		return;
	memcpy(reply + 4, answer, sizeof(answer));
	ok(greet("OK 0123\r\n", reply, n, &e) == 0, "a bus that answers: %s", e.what);
	memcpy(reply + 4, other, sizeof(other));
	ok(greet("OK 0123\r\n", reply, n, &e) < 0, "an answer to another call: %s", e.what);
	memcpy(reply + 4, answer, sizeof(answer));
	reply[1] = BUS_ERROR;
	ok(greet("OK 0123\r\n", reply, n, &e) < 0 && strstr(e.what, "says"), "an error: %s",
	   e.what);
	ok(greet("REJECTED EXTERNAL\r\n", reply, n, &e) < 0 && strstr(e.what, "take us"),
	   "one that refuses: %s", e.what);
	ok(greet("OK", reply, 0, &e) < 0 && e.what[0], "one that ends: %s", e.what);
	ok(greet("OK 0123\r\nxxxxxxxxxxxxxxxxxxx", reply, n, &e) < 0 &&
	       strstr(e.what, "no message"),
	   "one that speaks otherwise: %s", e.what);
}

static void test_silence(void)
{
	char flood[2048];
	struct err e = {0};
	struct bus b;
	int ends[2];

	memset(flood, 'a', sizeof(flood));
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return;
	ok(bus_greet(&b, ends[0], 50, &e) < 0 && strstr(e.what, "does not answer"),
	   "one that is silent is not waited for for ever: %s", e.what);
	close(ends[1]);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return;
	(void)!write(ends[1], flood, sizeof(flood));
	ok(bus_greet(&b, ends[0], 50, &e) < 0 && strstr(e.what, "no message bus"),
	   "nor is one that never ends its line: %s", e.what);
	close(ends[1]);
}

int main(void)
{
	test_bytes();
	test_read();
	test_part();
	test_bad();
	test_addresses();
	test_greeting();
	test_silence();
	return tap_end();
}
