/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "net/portmap.h"
#include "tests/unit/tap.h"

#include <stdbool.h>

static const struct {
	const char *text, *list;
} good[] = {
    {"80", "0.0.0.0:0->80/tcp"},
    {"80/udp", "0.0.0.0:0->80/udp"},
    {"8080:80", "0.0.0.0:8080->80/tcp"},
    {":80", "0.0.0.0:0->80/tcp"},
    {"8080:80/udp", "0.0.0.0:8080->80/udp"},
    {"127.0.0.1:8080:80", "127.0.0.1:8080->80/tcp"},
    {"127.0.0.1::80", "127.0.0.1:0->80/tcp"},
    {"0.0.0.0:1:65535", "0.0.0.0:1->65535/tcp"},
    {"[::1]:53:53/udp", "[::1]:53->53/udp"},
    {"[::]::53", "[::]:0->53/tcp"},
    {"8000-8002:80-82", "0.0.0.0:8000-8002->80-82/tcp"},
    {"8000-8000:80", "0.0.0.0:8000->80/tcp"},
    {"80-82", "0.0.0.0:0->80/tcp, 0.0.0.0:0->81/tcp, 0.0.0.0:0->82/tcp"},
};

/* Each is stopped by another line of the parser: what of the message tells which. */
static const struct {
	const char *text, *what, *hint;
} bad[] = {
    {"", "no port is given", "as in 8080:80"},
    {"http", "\"http\" is no port of the container", "1 to 65535"},
    {"x:80", "\"x\" is no port of the host", "1 to 65535"},
    {"80:", "\"\" is no port of the container", "1 to 65535"},
    {"0", "\"0\" is no port", ""},
    {"65536", "\"65536\" is no port", ""},
    {"+80", "\"+80\" is no port", ""},
    {"8080:80-", "\"80-\" is no port", ""},
    {"90-80", "runs backwards", "80-90"},
    {"8000-8002:80", "3 ports of the host for 1", "one length"},
    {"80/sctp", "sctp", "--network host"},
    {"80/TCP", "no protocol \"TCP\"", "once for each"},
    {"80/tcp,udp", "no protocol", "once for each"},
    {"localhost:80:80", "\"localhost\" is no IP address", "127.0.0.1"},
    {"1.2.3:80:80", "\"1.2.3\" is no IP address", ""},
    {":80:80", "\"\" is no IP address", ""},
    {"::1:80:80", "no IP address", "[::1]"},
    {"1.2.3.4:5:6:7", "too many colons", "brackets"},
    {"[::1]80", "not closed", ""},
    {"[::1:80:80", "not closed", ""},
    {"[::1%lo]:80:80", "is no IP address", ""},
    {"[::1]:80", "no port of the container is given", ""},
    {"1-501", "more than 500", "--network host"},
    {"80\033[31m", "x1b", ""},
};

static void test_good(void)
{
	for (size_t i = 0; i < array_len(good); i++) {
		auto_portmaps struct portmaps list = {0};
		struct err e = {0};
		int got = portmap_parse(good[i].text, &list, &e);
		auto_free char *text = portmap_list(&list);

		ok(got == 0 && strcmp(text, good[i].list) == 0, "\"%s\" is %s", good[i].text, text);
	}
}

static void test_bad(void)
{
	for (size_t i = 0; i < array_len(bad); i++) {
		auto_portmaps struct portmaps list = {0};
		struct err e = {0};
		int got = portmap_parse(bad[i].text, &list, &e);

		ok(got < 0 && list.n == 0 && strstr(e.what, bad[i].what) &&
		       strstr(e.hint, bad[i].hint) && e.hint[0],
		   "case %zu is refused: %s", i, e.what);
	}
}

static void test_again(void)
{
	auto_portmaps struct portmaps list = {0};
	struct err e;

	ok(portmap_parse("80:80", &list, &e) == 0 && portmap_parse("80:80/tcp", &list, &e) == 0 &&
	       list.n == 1,
	   "the same twice is once");
	ok(portmap_parse("81:80", &list, &e) == 0 && list.n == 2, "one port at two places");
}

static const struct {
	const char *a, *b;
	bool clash;
} pairs[] = {
    {"80:1", "80:2", true},
    {"80:1", "80:2/udp", false},
    {"80:1", "81:2", false},
    {"1", "2", false},
    {"127.0.0.1:80:1", "80:2", true},
    {"127.0.0.1:80:1", "0.0.0.0:80:2", true},
    {"127.0.0.1:80:1", "127.0.0.1:80:2", true},
    {"127.0.0.1:80:1", "127.0.0.2:80:2", false},
    {"0.0.0.0:80:1", "[::]:80:2", false},
    {"[::1]:80:1", "[::]:80:2", true},
    {"80-90:80-90", "85:1", true},
};

static void test_clash(void)
{
	for (size_t i = 0; i < array_len(pairs); i++) {
		auto_portmaps struct portmaps list = {0};
		struct err e = {0};

		ok(portmap_parse(pairs[i].a, &list, &e) == 0 &&
		       portmap_parse(pairs[i].b, &list, &e) == 0 &&
		       (portmap_check(&list, &e) < 0) == pairs[i].clash,
		   "%s and %s %s", pairs[i].a, pairs[i].b,
		   pairs[i].clash ? "clash" : "go together");
	}
}

static void test_exposed(void)
{
	auto_portmaps struct portmaps exposed = {0}, list = {0};
	auto_free char *text = NULL;
	struct err e = {0};

	ok(portmap_parse_exposed("80", &exposed, &e) == 0 &&
	       portmap_parse_exposed("90-91/udp", &exposed, &e) == 0 && exposed.n == 3,
	   "ports are exposed");
	ok(portmap_parse_exposed("8080:80", &exposed, &e) < 0 && exposed.n == 3,
	   "a port of the host is not");
	ok(portmap_parse("8080:80", &list, &e) == 0, "one is published");
	portmap_add_exposed(&exposed, &list);
	text = portmap_list(&list);
	ok(strcmp(text, "0.0.0.0:8080->80/tcp, 0.0.0.0:0->90/udp, 0.0.0.0:0->91/udp") == 0,
	   "the others follow: %s", text);
}

static void test_format(void)
{
	static const char *const same[] = {"80/tcp",
					   "8080:80/tcp",
					   "127.0.0.1:8080:80/udp",
					   "127.0.0.1::80/tcp",
					   "[2001:db8::1]:1:2/tcp",
					   "[::1]::80/udp"};

	for (size_t i = 0; i < array_len(same); i++) {
		auto_portmaps struct portmaps list = {0};
		struct err e = {0};
		int got = portmap_parse(same[i], &list, &e);
		auto_free char *text = got == 0 ? portmap_format(&list.v[0]) : NULL;

		ok(got == 0 && strcmp(text, same[i]) == 0, "%s is written as it was read", same[i]);
	}
}

int main(void)
{
	test_good();
	test_bad();
	test_again();
	test_clash();
	test_exposed();
	test_format();
	return tap_end();
}
