/* SPDX-License-Identifier: Apache-2.0 */
/* The confinement of rlc-fetch, in the one place from which its test takes it too. */
#pragma once

struct err;
struct trust;

/* Where the cage holds the certificates of authorities that count. */
#define FETCH_CAGE_AUTHORITIES "/etc/authorities.pem"

/*
 * Reads what resolving names wants (/etc/resolv.conf, /etc/hosts) and enters the cage, for good.
 * Then there are sockets of IPv4 and IPv6 and the descriptors that are open; of files those texts
 * and t->authorities alone.
 */
int fetch_cage_enter(const struct trust *t, struct err *e);
