/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses that a stranger's answer must not lead to. Pure; in rlc-fetch. */
#pragma once
#include <stdbool.h>
#include <sys/socket.h>

/*
 * Whether it leads to this host itself or to who shares its wire: loopback, link-local (where
 * clouds keep their credentials), unspecified, and IPv6 addresses that stand for such ones of IPv4.
 */
bool address_is_own(const struct sockaddr *a, socklen_t n);
