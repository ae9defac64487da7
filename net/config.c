/* SPDX-License-Identifier: Apache-2.0 */
/* The options of a private network; pure, runs while the command line is read. */
#include "net/config.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/option.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"

#include <arpa/inet.h>

enum { GATEWAY = 2, NAME_SERVER = 3, GUEST = 100 };

/* The n-th address of c->network. */
static void host_address(const struct net_config *c, uint32_t n, uint8_t out[4])
{
	uint32_t base;

	memcpy(&base, c->network, sizeof(base));
	base = htonl(ntohl(base) + n);
	memcpy(out, &base, sizeof(base));
}

static void derive(struct net_config *c)
{
	uint8_t *const six[] = {c->gateway6, c->dns6, c->guest6};
	static const uint8_t last[][2] = {{0, GATEWAY}, {0, NAME_SERVER}, {1, 0}};

	host_address(c, GATEWAY, c->gateway);
	host_address(c, NAME_SERVER, c->dns);
	host_address(c, GUEST, c->guest);
	for (size_t i = 0; i < array_len(six); i++) {
		memcpy(six[i], c->network6, sizeof(c->network6));
		six[i][14] = last[i][0];
		six[i][15] = last[i][1];
	}
}

void net_config_init(struct net_config *c)
{
	*c = (struct net_config){
	    .magic = NET_CONFIG_MAGIC,
	    .mtu = 1500,
	    .prefix = 24,
	    .prefix6 = 64,
	    .network = {10, 0, 2, 0},
	    .network6 = {0xfd},
	    .ipv6 = true,
	};
	derive(c);
}

const char *net_address(char *to, const uint8_t *address, bool is_ipv6)
{
	return inet_ntop(is_ipv6 ? AF_INET6 : AF_INET, address, to, INET6_ADDRSTRLEN);
}

static int set_bool(bool *to, const char *value, struct err *e)
{
	if (option_to_bool(value, to))
		return 0;
	err_msg(e, "\"%.64s\" is neither true nor false", value);
	return err_hint(e, "write true or false");
}

static int set_mtu(struct net_config *c, const char *value, struct err *e)
{
	int64_t mtu;

	if (!str_to_i64(value, NET_MTU_MIN, NET_MTU_MAX, &mtu)) {
		err_msg(e, "\"%.64s\" is no MTU", value);
		return err_hint(e, "%d to %d; IPv6 wants 1280 or more", NET_MTU_MIN, NET_MTU_MAX);
	}
	c->mtu = (uint16_t)mtu;
	return 0;
}

/* Addresses that mean something else to the kernel, or to libslirp. */
static bool is_usable(uint32_t network)
{
	uint32_t top = network >> 24;

	return top != 0 && top != 127 && top < 224 && network >> 16 != 0xa9fe;
}

static int set_cidr(struct net_config *c, const char *value, struct err *e)
{
	enum { SMALLEST = 25, LARGEST = 8 }; /* .100 must be in it */
	const char *slash = strchr(value, '/');
	auto_free char *address = xstrndup(value, slash ? (size_t)(slash - value) : strlen(value));
	struct in_addr in;
	int64_t bits;
	uint32_t mask;

	if (!slash || inet_pton(AF_INET, address, &in) != 1 ||
	    !str_to_i64(slash + 1, LARGEST, SMALLEST, &bits)) {
		err_msg(e, "\"%.64s\" is no network", value);
		return err_hint(e, "as in 10.0.2.0/24; /%d to /%d", LARGEST, SMALLEST);
	}
	mask = UINT32_MAX << (32 - bits);
	if (!is_usable(ntohl(in.s_addr) & mask)) {
		err_msg(e, "%.64s is not for networks", value);
		return err_hint(e, "take a private one, as 10.1.0.0/24");
	}
	in.s_addr = htonl(ntohl(in.s_addr) & mask);
	memcpy(c->network, &in, sizeof(c->network));
	c->prefix = (uint8_t)bits;
	derive(c);
	return 0;
}

static int set_ipv6(struct net_config *c, const char *value, struct err *e)
{
	return set_bool(&c->ipv6, value, e);
}

static int set_host_loopback(struct net_config *c, const char *value, struct err *e)
{
	return set_bool(&c->host_loopback, value, e);
}

static int set_address(int family, const char *value, uint8_t *to, bool *has, struct err *e)
{
	if (inet_pton(family, value, to) == 1) {
		*has = true;
		return 0;
	}
	err_msg(e, "\"%.64s\" is no IPv%d address", value, family == AF_INET ? 4 : 6);
	return err_hint(e, "name an address of this host: ip address shows them");
}

static int set_outbound(struct net_config *c, const char *value, struct err *e)
{
	return set_address(AF_INET, value, c->outbound, &c->has_outbound, e);
}

static int set_outbound6(struct net_config *c, const char *value, struct err *e)
{
	return set_address(AF_INET6, value, c->outbound6, &c->has_outbound6, e);
}

/* Who publishes ports is not for libslirp to decide here: both of Podman's words mean rlc's own. */
static int set_port_handler(struct net_config *c, const char *value, struct err *e)
{
	(void)c;
	if (strcmp(value, "rootlesskit") == 0)
		return 0;
	err_msg(e, "port_handler=%.64s: rlc publishes by a forwarder of its own", value);
	return err_hint(e, "leave it out; the source address of clients is kept anyway");
}

static const struct {
	const char *name;
	int (*set)(struct net_config *c, const char *value, struct err *e);
} options_known[] = {
    {"allow_host_loopback", set_host_loopback},
    {"cidr", set_cidr},
    {"enable_ipv6", set_ipv6},
    {"mtu", set_mtu},
    {"outbound_addr", set_outbound},
    {"outbound_addr6", set_outbound6},
    {"port_handler", set_port_handler},
};

static int set_one(struct net_config *c, const char *option, struct err *e)
{
	const char *equals = strchr(option, '=');
	size_t n = equals ? (size_t)(equals - option) : strlen(option);
	auto_str struct str names = {0};

	for (size_t i = 0; i < array_len(options_known); i++) {
		const char *name = options_known[i].name;

		if (strlen(name) == n && strncmp(name, option, n) == 0) {
			if (equals && options_known[i].set(c, equals + 1, e) < 0)
				return err_ctx(e, "%s", name);
			if (equals)
				return 0;
			err_msg(e, "%s has no value", name);
			return err_hint(e, "write %s=VALUE", name);
		}
		str_addf(&names, "%s%s", i ? ", " : "", name);
	}
	err_msg(e, "there is no network option \"%.64s\"", option);
	return err_hint(e, "there are: %s", str_get(&names));
}

int net_config_parse(struct net_config *c, const char *options, struct err *e)
{
	auto_strv struct strv list = {0};
	struct net_config made = *c;

	strv_split(&list, options, ",");
	for (size_t i = 0; i < list.n; i++)
		if (set_one(&made, list.v[i], e) < 0)
			return -1;
	if (made.ipv6 && made.mtu < 1280) {
		err_msg(e, "mtu=%u is too small for IPv6", made.mtu);
		return err_hint(e, "1280 or more, or enable_ipv6=false with it");
	}
	*c = made;
	return 0;
}

static void add(struct str *to, size_t start, const char *name, const char *value)
{
	str_addf(to, "%s%s=%s", to->len > start ? "," : "", name, value);
}

void net_config_to_text(const struct net_config *c, struct str *to)
{
	char text[INET6_ADDRSTRLEN], cidr[INET6_ADDRSTRLEN + 4], mtu[8];
	size_t start = to->len;
	struct net_config usual;

	net_config_init(&usual);
	snprintf(cidr, sizeof(cidr), "%s/%u", net_address(text, c->network, false), c->prefix);
	snprintf(mtu, sizeof(mtu), "%u", c->mtu);
	if (c->host_loopback)
		add(to, start, "allow_host_loopback", "true");
	if (memcmp(c->network, usual.network, sizeof(c->network)) != 0 || c->prefix != usual.prefix)
		add(to, start, "cidr", cidr);
	if (!c->ipv6)
		add(to, start, "enable_ipv6", "false");
	if (c->mtu != usual.mtu)
		add(to, start, "mtu", mtu);
	if (c->has_outbound)
		add(to, start, "outbound_addr", net_address(text, c->outbound, false));
	if (c->has_outbound6)
		add(to, start, "outbound_addr6", net_address(text, c->outbound6, true));
}
