/* SPDX-License-Identifier: Apache-2.0 */
/* The network part of plan_build(): namespace, link, names (pure). */
#pragma once

struct err;
struct plan;
struct plan_host;
struct spec;

/* Sets p->network, p->net, p->hostname and the network namespace. */
int plan_network(const struct spec *s, const struct plan_host *h, struct plan *p, struct err *e);
/* Adds /etc/hosts, resolv.conf and hostname to p->files, as far as they are wanted. */
int plan_names(const struct spec *s, const struct plan_host *h, struct plan *p, struct err *e);
