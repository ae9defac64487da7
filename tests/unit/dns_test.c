/* SPDX-License-Identifier: Apache-2.0 */
/* The forwarder against servers on loopback, each a socket of this test. */
#include "lib/base/auto.h"
#include "net/dns.h"
#include "net/dns_tcp.h"
#include "tests/unit/frame_build.h"
#include "tests/unit/tap.h"

#include <poll.h>
#include <sys/socket.h>

static uint8_t answer[70000];
static size_t answer_size;

static void take(void *to, const uint8_t *bytes, size_t n)
{
	(void)to;
	memcpy(answer, bytes, n);
	answer_size = n;
}

/* ---- name servers of resolv.conf ---- */

static const struct {
	const char *text;
	size_t n;
	const char *first; /* as text */
	const char *scope;
} texts[] = {
    {"nameserver 127.0.0.53\n", 1, "127.0.0.53", ""},
    {"# a\nsearch x\nnameserver\t10.0.0.1 # b\nnameserver 2001:db8::1", 2, "10.0.0.1", ""},
    {"nameserver fe80::1%eth0\n", 1, "fe80::1", "eth0"},
    {"nameserver 10.0.0.1\r\n", 1, "10.0.0.1", ""},
    {"", 1, "127.0.0.1", ""},
    {"nameserver\n", 1, "127.0.0.1", ""},
    {"nameserver lan\nnameserver 10.0.0.300\nnameserver 1\n", 1, "127.0.0.1", ""},
    {" nameserver 10.0.0.1\n", 1, "127.0.0.1", ""},
    {"nameservers 10.0.0.1\n", 1, "127.0.0.1", ""},
    {"nameserver fe80::1%an-interface-of-too-long-a-name\n", 1, "127.0.0.1", ""},
    {"nameserver 1.1.1.1\nnameserver 1.1.1.2\nnameserver 1.1.1.3\nnameserver 1.1.1.4\n"
     "nameserver 1.1.1.5\nnameserver 1.1.1.6\nnameserver 1.1.1.7\nnameserver 1.1.1.8\n"
     "nameserver 1.1.1.9\n",
     8, "1.1.1.1", ""},
};

static void test_texts(void)
{
	for (size_t i = 0; i < array_len(texts); i++) {
		struct nameserver list[NAMESERVERS_MAX];
		char text[INET6_ADDRSTRLEN];
		size_t n = nameservers_parse(texts[i].text, strlen(texts[i].text), list);

		inet_ntop(list[0].is_ipv6 ? AF_INET6 : AF_INET, list[0].address, text,
			  sizeof(text));
		ok(n == texts[i].n && strcmp(text, texts[i].first) == 0 &&
		       strcmp(list[0].scope, texts[i].scope) == 0,
		   "resolv.conf %zu: %zu servers, first %s", i, n, text);
	}
}

/* ---- the forwarder ---- */

struct scene {
	struct net_config net;
	struct dns dns;
	int server[2];
};

static int open_server(struct sockaddr_in *at)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t size = sizeof(*at);

	*at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	if (bind(fd, (const void *)at, sizeof(*at)) < 0 || getsockname(fd, (void *)at, &size) < 0)
		return -1;
	return fd;
}

static void begin(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	net_config_init(&s->net);
	s->dns.net = &s->net;
	s->dns.send = take;
	answer_size = 0;
}

/* The question with the number `id` from the container's port. */
static void ask(struct scene *s, const char *from, uint16_t port, uint16_t id, int64_t now)
{
	uint8_t bytes[FRAME_ROOM], question[16] = {(uint8_t)(id >> 8), (uint8_t)id, 1};
	struct frame f;

	(void)frame_parse(bytes,
			  udp_build(bytes, from, strchr(from, ':') ? "fd00::3" : "10.0.2.3", port,
				    53, question, sizeof(question)),
			  &f);
	dns_ask(&s->dns, &f, now);
}

/*
 * Lets the only pending question talk to a server of the test's: the forwarder asks port 53, where
 * perhaps nobody listens, which the socket has been told already.
 */
static void reconnect(struct scene *s, const struct sockaddr_in *to)
{
	int error;
	socklen_t size = sizeof(error);

	for (size_t i = 0; i < DNS_PENDING; i++) {
		struct dns_question *q = &s->dns.pending[i];

		if (!q->bytes || connect(q->fd, (const void *)to, sizeof(*to)) < 0)
			continue;
		(void)getsockopt(q->fd, SOL_SOCKET, SO_ERROR, &error, &size);
		(void)!send(q->fd, q->bytes, q->size, 0);
	}
}

static void work(struct scene *s, int64_t now)
{
	struct pollfd p[DNS_PENDING];
	size_t n = dns_poll(&s->dns, p);

	(void)poll(p, n, 200);
	dns_work(&s->dns, p, n, now);
}

/* Takes a question at the server and answers with a code and `flags` in the third byte. */
static bool serve(int server, uint8_t flags, uint8_t code, uint16_t change_id)
{
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	struct pollfd p = {.fd = server, .events = POLLIN};
	uint8_t bytes[512];
	ssize_t n;

	if (poll(&p, 1, 1000) != 1)
		return false;
	n = recvfrom(server, bytes, sizeof(bytes), 0, (void *)&from, &size);
	if (n < 12)
		return false;
	bytes[1] = (uint8_t)(bytes[1] + change_id);
	bytes[2] = flags;
	bytes[3] = code;
	return sendto(server, bytes, (size_t)n, 0, (const void *)&from, size) == n;
}

static void test_answer(void)
{
	static const char *const askers[] = {"10.0.2.100", "fd00::100"};

	for (size_t i = 0; i < array_len(askers); i++) {
		struct sockaddr_in at;
		auto_fd int server = open_server(&at);
		struct scene s;
		struct frame f;

		begin(&s);
		dns_set_servers(&s.dns, "nameserver 127.0.0.1\n", 21);
		ask(&s, askers[i], 4000, 7, 0);
		ok(s.dns.n_pending == 1 && dns_deadline(&s.dns) > 0 &&
		       dns_deadline(&s.dns) < INT64_MAX,
		   "a question waits");
		reconnect(&s, &at);
		ok(serve(server, 0x81, 0, 1), "an answer with another number");
		work(&s, 1);
		ok(answer_size == 0 && s.dns.n_pending == 1, "is not taken");
		reconnect(&s, &at);
		ok(serve(server, 0x01, 0, 0), "a question in place of an answer");
		work(&s, 1);
		ok(answer_size == 0 && s.dns.n_pending == 1, "is not taken");
		reconnect(&s, &at);
		ok(serve(server, 0x81, 0, 0), "the answer");
		work(&s, 1);
		ok(frame_parse(answer, answer_size, &f) && checksum_is_right(&f) &&
		       f.source_port == 53 && f.target_port == 4000 && f.size - f.payload == 16 &&
		       f.bytes[f.payload + 1] == 7,
		   "reaches the container");
		ok(memcmp(f.source, i ? s.net.dns6 : s.net.dns, i ? 16 : 4) == 0 &&
		       memcmp(f.target, i ? s.net.guest6 : s.net.guest, i ? 16 : 4) == 0,
		   "from the name server's address");
		ok(s.dns.n_pending == 0 && dns_deadline(&s.dns) == INT64_MAX, "and all is done");
	}
}

static void test_next_server(void)
{
	static const char two[] = "nameserver 127.0.0.1\nnameserver 127.0.0.2\n";
	struct sockaddr_in at;
	auto_fd int server = open_server(&at);
	struct scene s;

	begin(&s);
	dns_set_servers(&s.dns, two, strlen(two));
	ask(&s, "10.0.2.100", 4000, 7, 0);
	reconnect(&s, &at);
	ok(serve(server, 0x81, 2, 0), "SERVFAIL of the first server");
	work(&s, 1);
	ok(answer_size == 0 && s.dns.troubled && s.dns.pending[0].bytes &&
	       s.dns.pending[0].server == 1,
	   "makes the second be asked");
	reconnect(&s, &at);
	ok(serve(server, 0x81, 5, 0), "REFUSED of the last server");
	work(&s, 2);
	ok(answer_size != 0 && s.dns.good == 1, "is the answer");

	begin(&s);
	dns_set_servers(&s.dns, two, strlen(two));
	ask(&s, "10.0.2.100", 4000, 7, 0);
	reconnect(&s, &at);
	work(&s, dns_deadline(&s.dns));
	ok(s.dns.pending[0].bytes && s.dns.pending[0].server == 1 && s.dns.pending[0].tries == 2,
	   "silence too");
	for (int64_t now = 0; s.dns.n_pending && now < 60000; now += 500) {
		reconnect(&s, &at);
		dns_work(&s.dns, NULL, 0, now);
	}
	ok(s.dns.n_pending == 0 && answer_size == 0, "and it ends");
}

static void test_many(void)
{
	struct sockaddr_in at;
	auto_fd int server = open_server(&at);
	struct scene s;

	begin(&s);
	dns_set_servers(&s.dns, "nameserver 127.0.0.1\n", 21);
	for (unsigned int i = 0; i < 3 * DNS_PENDING; i++)
		ask(&s, "10.0.2.100", (uint16_t)(4000 + i), 7, i);
	ok(s.dns.n_pending <= DNS_PENDING, "the oldest questions make room");
	dns_work(&s.dns, NULL, 0, 100000);
	ok(s.dns.n_pending == 0, "all are given up in the end");
	ok(server >= 0, "(a server was there)");
}

static void test_malformed(void)
{
	uint8_t bytes[FRAME_ROOM];
	struct frame f;
	struct scene s;

	begin(&s);
	dns_set_servers(&s.dns, "nameserver 127.0.0.1\n", 21);
	(void)frame_parse(bytes, udp_build(bytes, "10.0.2.100", "10.0.2.3", 1, 53, "short", 5), &f);
	dns_ask(&s.dns, &f, 0);
	ok(s.dns.n_pending == 0, "what is no question is not sent on");
}

/* ---- over TCP ---- */

static void test_tcp(void)
{
	static const char *const pairs[][3] = {{"10.0.2.100", "10.0.2.3", "127.0.0.53"},
					       {"fd00::100", "fd00::3", "2001:db8::53"}};
	static const char text[] = "nameserver fe80::1%lo\nnameserver 127.0.0.53\n"
				   "nameserver 2001:db8::53\n";
	struct nameserver list[NAMESERVERS_MAX];
	size_t n_servers = nameservers_parse(text, strlen(text), list), n;
	static struct dns_tcp t;
	struct net_config net;
	uint8_t bytes[FRAME_ROOM], wanted[16];
	struct frame f;

	net_config_init(&net);
	for (size_t i = 0; i < array_len(pairs); i++) {
		size_t size = i ? 16 : 4;

		n = tcp_build(bytes, pairs[i][0], pairs[i][1], 4000, 53, 16, "", 0, 5);
		(void)frame_parse(bytes, n, &f);
		ok(!dns_tcp_outward(&t, &f, list, n_servers), "no flow begins in the middle");
		n = tcp_build(bytes, pairs[i][0], pairs[i][1], 4000, 53, 2, "", 0, 5);
		(void)frame_parse(bytes, n, &f);
		checksum_write(&f);
		inet_pton(i ? AF_INET6 : AF_INET, pairs[i][2], wanted);
		ok(dns_tcp_outward(&t, &f, list, n_servers) && frame_parse(bytes, n, &f) &&
		       memcmp(f.target, wanted, size) == 0 && checksum_is_right(&f),
		   "the name server becomes the host's");
		ok(i || checksum_end(checksum_add(0, bytes + 14, 20)) == 0,
		   "with the header's checksum");
		n = tcp_build(bytes, pairs[i][2], pairs[i][0], 53, 4000, 18, "", 0, 5);
		(void)frame_parse(bytes, n, &f);
		checksum_write(&f);
		ok(dns_tcp_is_answer(&t, &f), "an answer is seen");
		dns_tcp_inward(&t, &net, &f);
		inet_pton(i ? AF_INET6 : AF_INET, pairs[i][1], wanted);
		ok(frame_parse(bytes, n, &f) && memcmp(f.source, wanted, size) == 0 &&
		       checksum_is_right(&f),
		   "and comes from the name server");
		n = tcp_build(bytes, pairs[i][2], pairs[i][0], 80, 4000, 18, "", 0, 5);
		(void)frame_parse(bytes, n, &f);
		ok(!dns_tcp_is_answer(&t, &f), "not from another port");
		n = tcp_build(bytes, pairs[i][0], i ? "2001:db8::9" : "192.0.2.9", 4000, 80, 2, "",
			      0, 0);
		(void)frame_parse(bytes, n, &f);
		dns_tcp_forget(&t, &f);
		n = tcp_build(bytes, pairs[i][2], pairs[i][0], 53, 4000, 18, "", 0, 5);
		(void)frame_parse(bytes, n, &f);
		ok(dns_tcp_is_answer(&t, &f), "also while its port leads elsewhere as well");
		n = tcp_build(bytes, pairs[i][0], pairs[i][2], 4000, 53, 2, "", 0, 0);
		(void)frame_parse(bytes, n, &f);
		dns_tcp_forget(&t, &f);
		n = tcp_build(bytes, pairs[i][2], pairs[i][0], 53, 4000, 18, "", 0, 5);
		(void)frame_parse(bytes, n, &f);
		ok(!dns_tcp_is_answer(&t, &f), "nor when it was asked directly");
	}
	n = tcp_build(bytes, pairs[1][0], pairs[1][1], 4000, 53, 2, "", 0, 5);
	(void)frame_parse(bytes, n, &f);
	ok(!dns_tcp_outward(&t, &f, list, 2), "no server of that family");
}

static struct dns_tcp next_table;
static struct nameserver next_list[NAMESERVERS_MAX];

/* Where a first segment of the container's leads: the last byte of the server's address; 0: away.
 */
static int leads_to(uint16_t port, bool six)
{
	uint8_t bytes[FRAME_ROOM];
	struct frame f;

	(void)frame_parse(bytes,
			  tcp_build(bytes, six ? "fd00::100" : "10.0.2.100",
				    six ? "fd00::3" : "10.0.2.3", port, 53, 2, "", 0, 0),
			  &f);
	return dns_tcp_outward(&next_table, &f, next_list, 4) ? f.target[six ? 15 : 3] : 0;
}

static void answered_by(const char *server, uint16_t port, uint8_t flags)
{
	uint8_t bytes[FRAME_ROOM];
	struct net_config net;
	struct frame f;

	net_config_init(&net);
	(void)frame_parse(bytes, tcp_build(bytes, server, "10.0.2.100", 53, port, flags, "", 0, 0),
			  &f);
	ok(dns_tcp_is_answer(&next_table, &f), "%s is heard", server);
	dns_tcp_inward(&next_table, &net, &f);
}

static void test_tcp_next(void)
{
	enum { RESET = 20, TAKEN = 18, DATA = 16 };
	static const char text[] = "nameserver 192.0.2.1\nnameserver 2001:db8::2\n"
				   "nameserver 192.0.2.3\nnameserver 192.0.2.4\n";

	(void)nameservers_parse(text, strlen(text), next_list);
	ok(leads_to(4000, false) == 1 && leads_to(4000, false) == 3 && leads_to(4000, false) == 4 &&
	       leads_to(4000, false) == 1,
	   "a repeated segment goes to the next server of its family, and round");
	ok(leads_to(4001, false) == 1, "another connection begins where it would");
	answered_by("192.0.2.1", 4001, RESET);
	ok(leads_to(4002, false) == 3, "after a refusal at the next");
	answered_by("192.0.2.3", 4002, TAKEN);
	answered_by("192.0.2.3", 4002, DATA);
	answered_by("192.0.2.3", 4002, RESET);
	ok(leads_to(4003, false) == 3 && leads_to(4002, false) == 3,
	   "one that took a connection is kept, also by a port that is used again");
	ok(leads_to(4004, true) == 2, "the only one of the other family is always it");
}

int main(void)
{
	test_tcp_next();
	test_texts();
	test_answer();
	test_next_server();
	test_many();
	test_malformed();
	test_tcp();
	return tap_end();
}
