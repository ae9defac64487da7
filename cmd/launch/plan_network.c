/* SPDX-License-Identifier: Apache-2.0 */
/* What network a container gets; pure, part of plan_build(). */
#include "cmd/launch/plan_network.h"

#include "cmd/launch/plan.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "net/resolv.h"

#include <arpa/inet.h>
#include <sched.h>

static const char HOST_GATEWAY[] = "host-gateway";

int plan_network(const struct spec *s, const struct plan_host *h, struct plan *p, struct err *e)
{
	p->network = s->network;
	if (s->network != NET_HOST)
		p->namespaces |= CLONE_NEWNET;
	net_config_init(&p->net);
	if (s->network == NET_PRIVATE && s->network_options &&
	    net_config_parse(&p->net, s->network_options, e) < 0)
		return -1;
	p->net.ipv6 &= !h->no_ipv6;
	if (s->hostname)
		p->hostname = xstrdup(s->hostname);
	else if (s->network == NET_HOST)
		p->hostname = xstrdup(h->hostname);
	else
		p->hostname = xstrndup(p->id, 12);
	return 0;
}

/* What leads to the host: its own address, or the gateway's where that is the host's loopback. */
static const char *host_address(const struct plan_host *h, const struct plan *p,
				char text[INET6_ADDRSTRLEN])
{
	static const uint8_t none[4];

	if (p->network != NET_PRIVATE)
		return NULL;
	if (p->net.host_loopback)
		return net_address(text, p->net.gateway, false);
	return memcmp(h->address, none, sizeof(none)) == 0 ? NULL
							   : net_address(text, h->address, false);
}

static int add_extra(const struct spec *s, const char *gateway, struct strv *to, struct err *e)
{
	size_t n = strlen(HOST_GATEWAY);

	for (size_t i = 0; i < s->add_hosts.n; i++) {
		const char *line = s->add_hosts.v[i];

		if (!str_starts(line, HOST_GATEWAY)) {
			strv_add(to, line);
			continue;
		}
		if (!gateway) {
			err_msg(e, "--add-host: no address of this host is known as seen from the "
				   "container");
			return err_hint(e, "give an address in place of host-gateway");
		}
		strv_addf(to, "%s%s", gateway, line + n);
	}
	return 0;
}

static void add_file(struct plan *p, const char *name, char *text)
{
	p->files[p->n_files++] = (struct plan_file){name, text};
}

static char *resolv_text(const struct spec *s, const struct plan_host *h, const struct plan *p)
{
	char address[INET6_ADDRSTRLEN];
	const struct resolv_servers r = {
	    .host_text = h->resolv_conf,
	    .server = p->network == NET_PRIVATE ? net_address(address, p->net.dns, false) : NULL,
	    .servers = &s->dns,
	    .search = &s->dns_search,
	    .options = &s->dns_options,
	};

	return p->network == NET_NONE ? xstrdup("# this container has no network\n")
				      : resolv_conf(&r);
}

int plan_names(const struct spec *s, const struct plan_host *h, struct plan *p, struct err *e)
{
	char own[INET6_ADDRSTRLEN] = "127.0.0.1", outer[INET6_ADDRSTRLEN];
	auto_strv struct strv extra = {0};
	const char *gateway = host_address(h, p, outer);
	const struct resolv_names names = {
	    .host_text = p->network == NET_HOST ? h->hosts : NULL,
	    .address = p->network == NET_PRIVATE ? net_address(own, p->net.guest, false) : own,
	    .hostname = p->hostname,
	    .name = p->name,
	    .host_address = gateway,
	    .extra = &extra,
	};

	/* On the host's network its gateway is the host itself. */
	if (add_extra(s, p->network == NET_HOST ? "127.0.0.1" : gateway, &extra, e) < 0)
		return -1;
	if (!s->no_hosts)
		add_file(p, "hosts", resolv_hosts(&names));
	if (!s->no_dns)
		add_file(p, "resolv.conf", resolv_text(s, h, p));
	if (!s->no_hostname)
		add_file(p, "hostname", xasprintf("%s\n", p->hostname));
	return 0;
}
