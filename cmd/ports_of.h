/* SPDX-License-Identifier: Apache-2.0 */
/* The published ports of a recorded container, as the commands show them. */
#pragma once
#include "net/portmap.h"

struct json_object;
struct record;
struct strv;

/* What the record has; a text that is no port (a newer rlc's) is left out. */
void ports_of(const struct record *r, struct portmaps *ret);
/*
 * Podman's shape: {"80/tcp": [{"HostIp": "", "HostPort": "8080"}], "443/tcp": null}; exposed
 * ports that are not published are null.
 */
struct json_object *ports_to_bindings(const struct portmaps *ports, const struct portmaps *exposed);
