/* SPDX-License-Identifier: Apache-2.0 */
/* rtnetlink(7) and ip(7) for clients' addresses; runs in rlc-ports. */
#include "net/source_route.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"

#include <fcntl.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>

/* "rlc": the mark, and the number of the table. */
enum { SOURCE_MARK = 0x726c63, SOURCE_TABLE = 0x726c63, RULE_PRIORITY = 100 };

struct request {
	struct nlmsghdr head;
	union {
		struct rtmsg route;
		struct fib_rule_hdr rule;
	};
	char attributes[64];
};

static void add_u32(struct request *r, unsigned short type, uint32_t value)
{
	struct rtattr *a = (struct rtattr *)((char *)r + NLMSG_ALIGN(r->head.nlmsg_len));

	a->rta_type = type;
	a->rta_len = RTA_LENGTH(sizeof(value));
	memcpy(RTA_DATA(a), &value, sizeof(value));
	r->head.nlmsg_len = NLMSG_ALIGN(r->head.nlmsg_len) + RTA_SPACE(sizeof(value));
}

static int ask(int netlink, struct request *r, const char *what, struct err *e)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char rest[256];
	} answer;
	ssize_t n;

	r->head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
	if (send(netlink, r, r->head.nlmsg_len, 0) < 0)
		return err_sys(e, "%s", what);
	n = recv(netlink, &answer, sizeof(answer), 0);
	if (n < (ssize_t)NLMSG_LENGTH(sizeof(answer.error)) ||
	    answer.head.nlmsg_type != NLMSG_ERROR)
		return err_msg(e, "%s: the kernel gave no answer", what);
	errno = -answer.error.error;
	return errno ? err_sys(e, "%s", what) : 0;
}

/* ip rule add fwmark MARK lookup TABLE; ip route add local default dev lo table TABLE */
static int add_family(int netlink, unsigned char family, struct err *e)
{
	struct request rule = {
	    .head = {.nlmsg_type = RTM_NEWRULE, .nlmsg_len = NLMSG_LENGTH(sizeof(rule.rule))},
	    .rule = {.family = family, .action = FR_ACT_TO_TBL},
	};
	struct request route = {
	    .head = {.nlmsg_type = RTM_NEWROUTE, .nlmsg_len = NLMSG_LENGTH(sizeof(route.route))},
	    .route = {.rtm_family = family,
		      .rtm_protocol = RTPROT_STATIC,
		      .rtm_scope = RT_SCOPE_HOST,
		      .rtm_type = RTN_LOCAL},
	};
	const uint32_t loopback = 1; /* of every network namespace */

	add_u32(&rule, FRA_PRIORITY, RULE_PRIORITY);
	add_u32(&rule, FRA_FWMARK, SOURCE_MARK);
	add_u32(&rule, FRA_TABLE, SOURCE_TABLE);
	add_u32(&route, RTA_TABLE, SOURCE_TABLE);
	add_u32(&route, RTA_OIF, loopback);
	if (ask(netlink, &rule, "add a routing rule", e) < 0)
		return -1;
	return ask(netlink, &route, "add a local route", e);
}

/* /proc/sys/net is that of the namespace whoever opens it is in. */
static bool set_switch(const char *path, const char *value)
{
	auto_fd int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value);
}

void source_route_unpaced(void)
{
	(void)set_switch("/proc/sys/net/ipv4/tcp_congestion_control", "reno");
}

int source_route_add(const struct forward_target *t, struct err *e)
{
	auto_fd int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (netlink < 0)
		return err_sys(e, "open a netlink socket");
	/* Accepted connections have the mark, and so has a reset of the kernel's own. */
	if (!set_switch("/proc/sys/net/ipv4/tcp_fwmark_accept", "1") ||
	    !set_switch("/proc/sys/net/ipv4/fwmark_reflect", "1") ||
	    (t->has6 && !set_switch("/proc/sys/net/ipv6/fwmark_reflect", "1")))
		return err_sys(e, "have answers inherit the mark");
	if (t->has4 && add_family(netlink, AF_INET, e) < 0)
		return -1;
	return t->has6 ? add_family(netlink, AF_INET6, e) : 0;
}

/* What a dual-stack listener calls ::ffff:192.0.2.1 is a sockaddr_in here. */
static void unmap(const struct sockaddr_storage *client, struct sockaddr_storage *ret)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)client;
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = v6->sin6_port};

	memcpy(ret, client, sizeof(*ret));
	if (client->ss_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		return;
	memcpy(&v4.sin_addr, v6->sin6_addr.s6_addr + 12, sizeof(v4.sin_addr));
	memcpy(ret, &v4, sizeof(v4));
}

bool source_is_loopback(const struct sockaddr_storage *a)
{
	struct sockaddr_storage plain;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&plain;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&plain;

	unmap(a, &plain);
	if (plain.ss_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
	return ntohl(v4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

static bool same_address(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	if (a->ss_family == AF_INET)
		return ((const struct sockaddr_in *)a)->sin_addr.s_addr ==
		       ((const struct sockaddr_in *)b)->sin_addr.s_addr;
	return IN6_ARE_ADDR_EQUAL(&((const struct sockaddr_in6 *)a)->sin6_addr,
				  &((const struct sockaddr_in6 *)b)->sin6_addr);
}

void source_keep(int fd, const struct sockaddr_storage *client, const struct sockaddr_storage *to)
{
	static const int on = 1;
	static const uint32_t mark = SOURCE_MARK;
	const int level = to->ss_family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
	const int name = to->ss_family == AF_INET ? IP_TRANSPARENT : IPV6_TRANSPARENT;
	const socklen_t len =
	    to->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	struct sockaddr_storage from;

	unmap(client, &from);
	if (from.ss_family != to->ss_family || source_is_loopback(&from) || same_address(&from, to))
		return;
	/* One client may come to two published ports from one port of its own. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, level, name, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) < 0)
		return;
	(void)bind(fd, (const struct sockaddr *)&from, len); /* else it appears as the container */
}
