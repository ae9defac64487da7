/* SPDX-License-Identifier: Apache-2.0 */
/* What the forwarder of published ports may still do once clients are heard: libc only. */
#pragma once
#include <stdbool.h>

struct err;

enum { FORWARD_DESCRIPTORS = 20000 }; /* two a connection, and some */

/*
 * Enters the cage, for good; to be called as root of the container's user namespace, in its
 * network namespace. Left are: what it holds, new sockets of IPv4 and IPv6, pipes, an empty root,
 * and with keep_source CAP_NET_RAW over the container's network.
 */
int forward_cage_enter(bool keep_source, struct err *e);
