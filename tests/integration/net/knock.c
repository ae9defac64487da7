/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container that tries to reach the host's loopback: sends "knock" to one address by a plain
 * socket, or as frames of its own making, past this kernel's routes and checks. network.bats builds
 * it statically and runs it inside.
 *
 *   knock tcp|udp ADDRESS PORT [DEVICE]      a socket, bound to DEVICE
 *   knock frame HOW SOURCE ADDRESS PORT      UDP and a TCP SYN on tap0 (wants NET_RAW)
 *   knock dns ADDRESS tcp|udp NAME           asks for an A record, prints it
 *   knock pour ADDRESS PORT BYTES TIMES      sends so much after the other end was closed
 *   knock stuff ADDRESS PORT N               up to N connections, each sends until nothing more is
 *                                            taken; they stay until there is something on stdin
 *   knock echo ADDRESS PORT N                a datagram of N bytes, which should come back
 *   knock begin SOURCE ADDRESS N             the first fragments of N datagrams (wants NET_RAW)
 * HOW: plain, vlan (a tag before the type), options (an IPv4 source route through ADDRESS),
 * fragment (IPv4, in two pieces), extension (IPv6 destination options).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 1500 };

static void die(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	exit(1);
}

static socklen_t address_of(const char *text, const char *port, struct sockaddr_storage *to)
{
	struct sockaddr_in *four = (void *)to;
	struct sockaddr_in6 *six = (void *)to;

	memset(to, 0, sizeof(*to));
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons((uint16_t)atoi(port));
		return sizeof(*four);
	}
	six->sin6_family = AF_INET6;
	six->sin6_port = htons((uint16_t)atoi(port));
	if (inet_pton(AF_INET6, text, &six->sin6_addr) != 1)
		die(text);
	return sizeof(*six);
}

/* Connected, or -1 with errno. */
static int try_socket(int type, const char *address, const char *port, const char *device)
{
	struct sockaddr_storage to;
	socklen_t size = address_of(address, port, &to);
	int fd = socket(to.ss_family, type | SOCK_NONBLOCK, 0), error = 0;
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	socklen_t error_size = sizeof(error);

	if (device && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, strlen(device) + 1) < 0)
		die("bind to the device");
	if (connect(fd, (void *)&to, size) < 0 && errno != EINPROGRESS)
		return -1;
	if (poll(&p, 1, PATIENCE_MS) != 1)
		error = ETIMEDOUT;
	else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_size) < 0)
		return -1;
	errno = error;
	return error ? -1 : fd;
}

static int open_socket(int type, const char *address, const char *port, const char *device)
{
	int fd = try_socket(type, address, port, device);

	if (fd < 0)
		die("connect");
	return fd;
}

static int knock(int type, const char *address, const char *port, const char *device)
{
	int fd = open_socket(type, address, port, device);
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char answer[64];
	ssize_t n;

	if (send(fd, "knock", 5, 0) != 5)
		die("send");
	if (poll(&p, 1, PATIENCE_MS) != 1) {
		puts("sent");
		return 0;
	}
	n = recv(fd, answer, sizeof(answer), 0);
	if (n < 0) {
		printf("sent, but: %s\n", strerror(errno));
		return 0;
	}
	printf("answer: %.*s\n", (int)n, answer);
	return 0;
}

/* So many connections, each closed by the other end first. */
static int pour(const char *address, const char *port, long bytes, int times)
{
	static char zeroes[1 << 16];

	for (int i = 0; i < times; i++) {
		int fd = open_socket(SOCK_STREAM, address, port, NULL);
		struct pollfd p = {.fd = fd, .events = POLLIN};

		fcntl(fd, F_SETFL, 0);
		if (poll(&p, 1, PATIENCE_MS) != 1 || recv(fd, zeroes, 1, 0) != 0)
			die("wait for the other end");
		for (long left = bytes; left > 0;) {
			size_t n = left < (long)sizeof(zeroes) ? (size_t)left : sizeof(zeroes);
			ssize_t sent = send(fd, zeroes, n, MSG_NOSIGNAL);

			if (sent < 0)
				die("send");
			left -= sent;
		}
		close(fd);
	}
	puts("poured");
	return 0;
}

/* ---- frames ---- */

struct packet {
	uint8_t bytes[256];
	size_t n;
};

static void add(struct packet *p, const void *bytes, size_t n)
{
	memcpy(p->bytes + p->n, bytes, n);
	p->n += n;
}

static void add16(struct packet *p, size_t value)
{
	const uint8_t bytes[] = {(uint8_t)(value >> 8), (uint8_t)value};

	add(p, bytes, 2);
}

static uint32_t sum(const uint8_t *bytes, size_t n, uint32_t start)
{
	for (size_t i = 0; i < n; i++)
		start += (uint32_t)(i % 2 ? bytes[i] : bytes[i] << 8);
	return start;
}

static void put_sum(uint8_t *at, uint32_t value)
{
	while (value >> 16)
		value = (value & 0xffff) + (value >> 16);
	at[0] = (uint8_t)(~value >> 8);
	at[1] = (uint8_t)~value;
}

/* UDP with "knock", or a SYN, with its checksum over the addresses. */
static void add_transport(struct packet *p, int protocol, const uint8_t *source,
			  const uint8_t *target, size_t n, uint16_t port)
{
	size_t at = p->n, length = protocol == IPPROTO_UDP ? 13 : 20;
	static const uint8_t syn[] = {0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0, 0, 0};

	add16(p, 40000);
	add16(p, port);
	if (protocol == IPPROTO_UDP) {
		add16(p, length);
		add16(p, 0);
		add(p, "knock", 5);
	} else {
		add(p, syn, sizeof(syn));
	}
	put_sum(p->bytes + at + (protocol == IPPROTO_UDP ? 6 : 16),
		sum(source, n, sum(target, n, 0)) + (uint32_t)protocol + (uint32_t)length +
		    sum(p->bytes + at, length, 0));
}

static void add_ipv4(struct packet *p, const char *how, const uint8_t *source,
		     const uint8_t *target, int protocol, uint16_t port)
{
	int options = strcmp(how, "options") == 0 ? 8 : 0;
	uint8_t head[28] = {(uint8_t)(0x45 + options / 4), 0, 0, 0, 0, 7, 0, 0, 64};
	/* Loose source route (RFC 791): one more hop, the target once more. */
	const uint8_t route[] = {0x83, 7, 4, target[0], target[1], target[2], target[3], 0};
	size_t length = 20 + (size_t)options + (protocol == IPPROTO_UDP ? 13 : 20);

	head[3] = (uint8_t)length;
	head[9] = (uint8_t)protocol;
	memcpy(head + 12, source, 4);
	memcpy(head + 16, target, 4);
	memcpy(head + 20, route, (size_t)options);
	put_sum(head + 10, sum(head, 20 + (size_t)options, 0));
	add(p, head, 20 + (size_t)options);
	add_transport(p, protocol, source, target, 4, port);
}

static void add_ipv6(struct packet *p, const char *how, const uint8_t *source,
		     const uint8_t *target, int protocol, uint16_t port)
{
	size_t extension = strcmp(how, "extension") == 0 ? 8 : 0;
	/* Destination options (RFC 8200): eight bytes of padding. */
	const uint8_t padding[] = {(uint8_t)protocol, 0, 1, 4, 0, 0, 0, 0};

	add(p, "\x60\0\0\0", 4);
	add16(p, extension + (protocol == IPPROTO_UDP ? 13 : 20));
	add(p, extension ? &(uint8_t){60} : &(uint8_t){(uint8_t)protocol}, 1);
	add(p, &(uint8_t){64}, 1);
	add(p, source, 16);
	add(p, target, 16);
	add(p, padding, extension);
	add_transport(p, protocol, source, target, 16, port);
}

static void put_on_wire(int fd, int index, const struct packet *p)
{
	const struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = index};

	if (sendto(fd, p->bytes, p->n, 0, (const void *)&to, sizeof(to)) != (ssize_t)p->n)
		die("send a frame");
}

/* In two: eight bytes of transport, then the rest. */
static void put_in_pieces(int fd, int index, const struct packet *whole)
{
	for (int piece = 0; piece < 2; piece++) {
		struct packet p = {0};
		uint8_t *ip = p.bytes + 14;
		size_t from = piece ? 34 + 8 : 34, to = piece ? whole->n : 34 + 8;

		add(&p, whole->bytes, 34);
		add(&p, whole->bytes + from, to - from);
		ip[3] = (uint8_t)(p.n - 14);
		ip[6] = piece ? 0 : 0x20;
		ip[7] = (uint8_t)piece;
		ip[10] = ip[11] = 0;
		put_sum(ip + 10, sum(ip, 20, 0));
		put_on_wire(fd, index, &p);
	}
}

static int knock_by_frames(const char *how, const char *source, const char *target,
			   const char *port)
{
	static const int protocols[] = {IPPROTO_UDP, IPPROTO_TCP};
	int fd = socket(AF_PACKET, SOCK_RAW, 0), index = (int)if_nametoindex("tap0");
	int family = strchr(target, ':') ? AF_INET6 : AF_INET;
	struct ifreq own = {.ifr_name = "tap0"};
	uint8_t from[16], to[16];

	if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &own) < 0)
		die("open a packet socket");
	if (inet_pton(family, source, from) != 1 || inet_pton(family, target, to) != 1)
		die("address");
	for (int i = 0; i < 2; i++) {
		struct packet p = {0};

		add(&p, "\x52\x55\x0a\0\2\2", 6);
		add(&p, own.ifr_hwaddr.sa_data, 6);
		if (strcmp(how, "vlan") == 0)
			add(&p, "\x81\0\0\1", 4);
		add16(&p, family == AF_INET ? 0x0800 : 0x86dd);
		if (family == AF_INET)
			add_ipv4(&p, how, from, to, protocols[i], (uint16_t)atoi(port));
		else
			add_ipv6(&p, how, from, to, protocols[i], (uint16_t)atoi(port));
		if (strcmp(how, "fragment") == 0)
			put_in_pieces(fd, index, &p);
		else
			put_on_wire(fd, index, &p);
	}
	usleep(300000); /* what is heard is heard by then */
	puts("sent");
	return 0;
}

/* Datagrams that never end: whoever puts them together has to keep them. */
static int begin_many(const char *source, const char *target, const char *count)
{
	int fd = socket(AF_PACKET, SOCK_RAW, 0), index = (int)if_nametoindex("tap0");
	uint8_t from[4], to[4], body[1440] = {0x9c, 0x40, 0, 9, 0x20, 0};
	struct ifreq own = {.ifr_name = "tap0"};

	if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &own) < 0)
		die("open a packet socket");
	if (inet_pton(AF_INET, source, from) != 1 || inet_pton(AF_INET, target, to) != 1)
		die("address");
	for (long i = 0; i < atol(count); i++) {
		uint8_t head[20] = {0x45, 0, 0, 0, (uint8_t)(i >> 8), (uint8_t)i, 0x20, 0, 64, 17};
		struct big {
			uint8_t bytes[1514];
			size_t n;
		} p = {.n = 34 + sizeof(body)};
		const struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_ifindex = index};

		to[3] = (uint8_t)(1 + (i >> 16));
		head[2] = (uint8_t)((20 + sizeof(body)) >> 8);
		head[3] = (uint8_t)(20 + sizeof(body));
		memcpy(head + 12, from, 4);
		memcpy(head + 16, to, 4);
		put_sum(head + 10, sum(head, 20, 0));
		memcpy(p.bytes, "\x52\x55\x0a\0\2\2", 6);
		memcpy(p.bytes + 6, own.ifr_hwaddr.sa_data, 6);
		memcpy(p.bytes + 12, "\x08\0", 2);
		memcpy(p.bytes + 14, head, 20);
		memcpy(p.bytes + 34, body, sizeof(body));
		/* A full device drops: the next one may go. */
		if (sendto(fd, p.bytes, p.n, 0, (const void *)&at, sizeof(at)) < 0)
			usleep(200);
	}
	puts("sent");
	return 0;
}

static int stuff(const char *address, const char *port, int most)
{
	const struct rlimit files = {(rlim_t)most + 16, (rlim_t)most + 16};
	static char block[1 << 16];
	const int small = 16384;
	int n = 0, fd;

	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		die("limit of descriptors");
	for (; n < most; n++) {
		fd = try_socket(SOCK_STREAM, address, port, NULL);
		if (fd < 0)
			break;
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
		for (int quiet = 0; quiet < 3; quiet++, usleep(1000))
			while (send(fd, block, sizeof(block), MSG_NOSIGNAL) > 0)
				quiet = 0;
	}
	printf("stuffed %d\n", n);
	getchar();
	return 0;
}

static int echo(const char *address, const char *port, const char *count)
{
	int fd = open_socket(SOCK_DGRAM, address, port, NULL);
	struct pollfd p = {.fd = fd, .events = POLLIN};
	size_t n = (size_t)atol(count);
	static uint8_t out[65536], back[65536];
	ssize_t got = -1;

	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)(i * i >> 5);
	/* UDP: one may be lost, so it is sent again. */
	for (int i = 0; i < 3 && got < 0; i++) {
		if (send(fd, out, n, 0) != (ssize_t)n)
			die("send");
		if (poll(&p, 1, PATIENCE_MS) == 1)
			got = recv(fd, back, sizeof(back), 0);
	}
	puts(got == (ssize_t)n && memcmp(out, back, n) == 0 ? "same" : "nothing came back");
	return 0;
}

/* ---- names ---- */

static int ask(const char *server, const char *transport, const char *name)
{
	int is_tcp = strcmp(transport, "tcp") == 0;
	int fd = open_socket(is_tcp ? SOCK_STREAM : SOCK_DGRAM, server, "53", NULL);
	struct pollfd p = {.fd = fd, .events = POLLIN};
	struct packet q = {0};
	uint8_t answer[4096];
	size_t at = is_tcp ? 2 : 0;
	ssize_t n;

	if (is_tcp)
		add16(&q, 18 + strlen(name));
	add(&q, "\x12\x34\1\0\0\1\0\0\0\0\0\0", 12);
	add(&q, &(uint8_t){(uint8_t)strlen(name)}, 1);
	add(&q, name, strlen(name) + 1);
	add(&q, "\0\1\0\1", 4);
	if (send(fd, q.bytes, q.n, 0) != (ssize_t)q.n)
		die("send");
	if (poll(&p, 1, 8000) != 1) {
		puts("no answer");
		return 1;
	}
	n = recv(fd, answer, sizeof(answer), 0);
	if (n < (ssize_t)at + 16 || answer[at + 7] == 0) {
		printf("code %d\n", n > (ssize_t)at + 3 ? answer[at + 3] & 15 : -1);
		return 1;
	}
	printf("%d.%d.%d.%d\n", answer[n - 4], answer[n - 3], answer[n - 2], answer[n - 1]);
	return 0;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc >= 4 && strcmp(argv[1], "tcp") == 0)
		return knock(SOCK_STREAM, argv[2], argv[3], argv[4]);
	if (argc >= 4 && strcmp(argv[1], "udp") == 0)
		return knock(SOCK_DGRAM, argv[2], argv[3], argv[4]);
	if (argc == 6 && strcmp(argv[1], "frame") == 0)
		return knock_by_frames(argv[2], argv[3], argv[4], argv[5]);
	if (argc == 5 && strcmp(argv[1], "dns") == 0)
		return ask(argv[2], argv[3], argv[4]);
	if (argc == 6 && strcmp(argv[1], "pour") == 0)
		return pour(argv[2], argv[3], atol(argv[4]), atoi(argv[5]));
	if (argc == 5 && strcmp(argv[1], "stuff") == 0)
		return stuff(argv[2], argv[3], atoi(argv[4]));
	if (argc == 5 && strcmp(argv[1], "echo") == 0)
		return echo(argv[2], argv[3], argv[4]);
	if (argc == 5 && strcmp(argv[1], "begin") == 0)
		return begin_many(argv[2], argv[3], argv[4]);
	return 2;
}
