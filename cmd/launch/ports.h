/* SPDX-License-Identifier: Apache-2.0 */
/* The host's stages for published ports: bound first, then handed to a forwarder of their own. */
#pragma once
#include <stdbool.h>

struct err;
struct live;

bool ports_wanted(const struct live *l);
/* Before anything exists: binds all of the plan's ports; the error names the one in the way. */
int ports_listen(struct live *l, struct err *e);
void ports_unlisten(struct live *l);
/*
 * Once the id maps are written: starts rlc-ports with the listeners and the container's user and
 * network namespaces. Waits for nothing.
 */
int ports_start(struct live *l, struct err *e);
/* Ends it; what the container had on its way goes out first, for at most a second. */
void ports_stop(struct live *l);
