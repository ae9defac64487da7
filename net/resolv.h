/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of /etc/hosts and /etc/resolv.conf inside a container (pure). */
#pragma once
#include <stdbool.h>

/*
 * The container's /etc/hosts, owned by the caller. With the host's network: the host's own text,
 * else the loopback names. The container's name and host name are added.
 */
char *resolv_hosts(const char *host_text, bool host_network, const char *hostname,
		   const char *name);
/*
 * The container's /etc/resolv.conf, owned by the caller: the host's with the host's network; empty
 * but for a remark without one.
 */
char *resolv_conf(const char *host_text, bool host_network);
