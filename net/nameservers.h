/* SPDX-License-Identifier: Apache-2.0 */
/* The name servers that a resolv.conf(5) lists (pure). */
#pragma once
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nameserver {
	bool is_ipv6;
	uint8_t address[16];	 /* the first 4 for IPv4; network order */
	char scope[IF_NAMESIZE]; /* fe80::1%eth0: the interface's name or number; or "" */
	uint32_t scope_id;	 /* its number, when somebody has looked it up; 0 */
};

enum { NAMESERVERS_MAX = 8 };

/*
 * Reads the "nameserver" lines of n bytes of text. Lines that are no address are passed over, as
 * glibc does; without any it is 127.0.0.1, as resolv.conf(5) has it. Returns how many, at least 1.
 */
size_t nameservers_parse(const char *text, size_t n, struct nameserver ret[NAMESERVERS_MAX]);
