/* SPDX-License-Identifier: Apache-2.0 */
/* Asking rlc-fetch for what lies in the registry. In rlc-image. */
#pragma once
#include "storage/fetch_wire.h"
#include "storage/stream.h"

/*
 * Asks for a manifest (by tag or digest) or a blob (by digest) of the repository that rlc-fetch was
 * started for, and waits for the head of the answer. *ret_head is what the registry announced, none
 * of it verified. *ret: the body, at most max bytes; freeing it before its end cancels. Any thread
 * may ask on the same socket, and several bodies may be read side by side; each wants its reader,
 * or the others wait when the pipes are full. *ret_head may be NULL.
 */
int fetch_open(int sock, enum fetch_kind kind, const char *what, uint64_t max,
	       struct fetch_head *ret_head, struct stream **ret, struct err *e);
