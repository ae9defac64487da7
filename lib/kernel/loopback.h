/* SPDX-License-Identifier: Apache-2.0 */
/* The loopback interface of this network namespace. */
#pragma once

struct err;

/* Brings "lo" up; needs CAP_NET_ADMIN over the namespace. */
int loopback_up(struct err *e);
