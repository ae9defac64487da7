/* SPDX-License-Identifier: Apache-2.0 */
/* What rlc-image gives up before it reads the first byte of an image. */
#pragma once

struct err;

/*
 * For root of a new user and mount namespace: makes the folder `store` the root (and closes that
 * descriptor), keeps of the capabilities what unpacking needs, and for good: no_new_privs, no
 * core, no tracing. Nothing of the host is in reach afterwards but what is open.
 */
int jail_enter(int store, struct err *e);
