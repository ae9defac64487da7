/* SPDX-License-Identifier: Apache-2.0 */
/* Speaks rtnetlink; runs in set-up. */
#include "lib/kernel/link.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* One request after another, sent in one go. */
struct batch {
	char bytes[1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	size_t used;
	const char *what[2 + 2 * LINK_ADDRESSES_MAX]; /* for errors, by sequence number */
	uint32_t n;
};

static struct nlmsghdr *begin(struct batch *b, uint16_t type, uint16_t flags, const void *head,
			      size_t size, const char *what)
{
	struct nlmsghdr *h = (struct nlmsghdr *)(void *)(b->bytes + b->used);

	*h = (struct nlmsghdr){
	    .nlmsg_len = (uint32_t)NLMSG_LENGTH(size),
	    .nlmsg_type = type,
	    .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags,
	    .nlmsg_seq = b->n,
	};
	memcpy(NLMSG_DATA(h), head, size);
	b->what[b->n++] = what;
	return h;
}

/* The batch has room for all that link_up() puts in: names and addresses are of fixed sizes. */
static void attribute(struct nlmsghdr *h, uint16_t type, const void *value, size_t size)
{
	struct rtattr *a = (struct rtattr *)(void *)((char *)h + NLMSG_ALIGN(h->nlmsg_len));

	*a = (struct rtattr){.rta_type = type, .rta_len = (uint16_t)RTA_LENGTH(size)};
	memcpy(RTA_DATA(a), value, size);
	h->nlmsg_len = (uint32_t)(NLMSG_ALIGN(h->nlmsg_len) + RTA_ALIGN(a->rta_len));
}

static void end(struct batch *b, const struct nlmsghdr *h)
{
	b->used += NLMSG_ALIGN(h->nlmsg_len);
}

static void add_device(struct batch *b, int index, uint32_t mtu)
{
	const struct ifinfomsg info = {
	    .ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
	struct nlmsghdr *h =
	    begin(b, RTM_NEWLINK, 0, &info, sizeof(info), "bring the network device up");

	attribute(h, IFLA_MTU, &mtu, sizeof(mtu));
	end(b, h);
}

static void add_address(struct batch *b, int index, const struct link_address *a)
{
	const struct ifaddrmsg info = {
	    .ifa_family = a->is_ipv6 ? AF_INET6 : AF_INET,
	    .ifa_prefixlen = a->prefix,
	    .ifa_flags = a->is_ipv6 ? IFA_F_NODAD : 0,
	    .ifa_index = (uint32_t)index,
	};
	struct nlmsghdr *h = begin(b, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof(info),
				   a->is_ipv6 ? "set the IPv6 address" : "set the IPv4 address");

	attribute(h, IFA_LOCAL, a->address, a->is_ipv6 ? 16 : 4);
	attribute(h, IFA_ADDRESS, a->address, a->is_ipv6 ? 16 : 4);
	end(b, h);
}

static void add_route(struct batch *b, int index, const struct link_address *a)
{
	const struct rtmsg info = {
	    .rtm_family = a->is_ipv6 ? AF_INET6 : AF_INET,
	    .rtm_table = RT_TABLE_MAIN,
	    .rtm_protocol = RTPROT_BOOT,
	    .rtm_scope = RT_SCOPE_UNIVERSE,
	    .rtm_type = RTN_UNICAST,
	};
	struct nlmsghdr *h = begin(b, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof(info),
				   a->is_ipv6 ? "set the IPv6 route" : "set the IPv4 route");

	attribute(h, RTA_GATEWAY, a->gateway, a->is_ipv6 ? 16 : 4);
	attribute(h, RTA_OIF, &index, sizeof(index));
	end(b, h);
}

/* Every request is acknowledged; an error names the first that failed. */
static int wait_for_answers(int sock, const struct batch *b, const char *name, struct err *e)
{
	char bytes[4096] __attribute__((aligned(NLMSG_ALIGNTO)));
	uint32_t answered = 0;

	while (answered < b->n) {
		ssize_t n = recv(sock, bytes, sizeof(bytes), 0);
		size_t left = n > 0 ? (size_t)n : 0;
		struct nlmsghdr *h = (struct nlmsghdr *)(void *)bytes;

		if (n <= 0)
			return err_sys(e, "read from rtnetlink");
		for (; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left), answered++) {
			const struct nlmsgerr *told = NLMSG_DATA(h);

			if (h->nlmsg_type != NLMSG_ERROR || told->error == 0)
				continue;
			errno = -told->error;
			return err_sys(e, "%s of %s",
				       h->nlmsg_seq < b->n ? b->what[h->nlmsg_seq] : "set up",
				       name);
		}
	}
	return 0;
}

int link_up(const struct link *l, struct err *e)
{
	auto_fd int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int index = (int)if_nametoindex(l->name);
	struct batch b = {0};

	if (sock < 0 || index == 0)
		return err_sys(e, "find the network device %s", l->name);
	add_device(&b, index, l->mtu);
	for (unsigned int i = 0; i < l->n_addresses; i++)
		add_address(&b, index, &l->addresses[i]);
	for (unsigned int i = 0; i < l->n_addresses; i++)
		add_route(&b, index, &l->addresses[i]);
	if (send(sock, b.bytes, b.used, 0) != (ssize_t)b.used)
		return err_sys(e, "write to rtnetlink");
	return wait_for_answers(sock, &b, l->name, e);
}

bool link_has_ipv6(void)
{
	auto_fd int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd >= 0 || errno != EAFNOSUPPORT;
}

void link_own_address(uint8_t ret[4])
{
	/* TEST-NET-1 (RFC 5737): no more than a name for "somewhere else". */
	const struct sockaddr_in elsewhere = {
	    .sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {htonl(0xc0000201)}};
	auto_fd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in own = {0};
	socklen_t size = sizeof(own);

	memset(ret, 0, 4);
	if (fd >= 0 && connect(fd, (const void *)&elsewhere, sizeof(elsewhere)) == 0 &&
	    getsockname(fd, (void *)&own, &size) == 0)
		memcpy(ret, &own.sin_addr, 4);
}
