/* SPDX-License-Identifier: Apache-2.0 */
/* Capability sets as 64-bit masks: bit n is capability n. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct err;
struct strv;

/* Podman's eleven. */
extern const uint64_t caps_default;
/* Every capability this build knows (CAP_LAST_CAP). */
uint64_t caps_all(void);
/* "NET_RAW", "cap_net_raw" → its number, -1 when there is none of that name. */
int caps_number(const char *name);
/* "CAP_NET_RAW" in capitals, owned by the caller, or NULL. */
char *caps_name(int number);
/*
 * default, minus `drop`, plus `add` ("ALL" allowed in both), as podman: a capability in both lists
 * is an error; an unknown name is an error that suggests the nearest.
 */
int caps_resolve(uint64_t base, const struct strv *add, const struct strv *drop, uint64_t *ret,
		 struct err *e);
/* Same for one list: the mask of the names in it ("ALL" allowed). */
int caps_mask_of(const struct strv *names, uint64_t *ret, struct err *e);
