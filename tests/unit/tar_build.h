/* SPDX-License-Identifier: Apache-2.0 */
/* Tars made by hand, so that tests can lie in any field. */
#pragma once
#include "lib/base/str.h"

#include <stdio.h>
#include <string.h>

struct tar_member {
	char type; /* '0' … */
	const char *path, *link;
	unsigned int mode, uid, gid; /* mode 0: 0644, of folders 0755 */
	long mtime;
	const char *data;
	size_t n; /* of data; 0: its strlen */
	bool gnu; /* magic of GNU instead of ustar */
};

/* Fills in the checksum of a block. */
static inline void tar_seal(unsigned char *block)
{
	unsigned int sum = 0;
	char text[8];

	memset(block + 148, ' ', 8);
	for (int i = 0; i < 512; i++)
		sum += block[i];
	snprintf(text, sizeof(text), "%06o", sum);
	memcpy(block + 148, text, 7);
}

/* The header block of a member with `size` bytes of data. */
static inline void tar_block(unsigned char *block, const struct tar_member *m, size_t size)
{
	unsigned int mode = m->mode ? m->mode : (m->type == '5' ? 0755 : 0644);

	memset(block, 0, 512);
	snprintf((char *)block, 101, "%s", m->path);
	snprintf((char *)block + 100, 8, "%07o", mode & 07777);
	snprintf((char *)block + 108, 8, "%07o", m->uid & 07777777);
	snprintf((char *)block + 116, 8, "%07o", m->gid & 07777777);
	snprintf((char *)block + 124, 12, "%011lo", (unsigned long)size & 077777777777);
	snprintf((char *)block + 136, 12, "%011lo", (unsigned long)m->mtime & 077777777777);
	block[156] = (unsigned char)m->type;
	if (m->link)
		snprintf((char *)block + 157, 101, "%s", m->link);
	memcpy(block + 257, m->gnu ? "ustar  \0" : "ustar\00000", 8);
	tar_seal(block);
}

static inline void tar_add_bytes(struct str *t, const void *bytes, size_t n)
{
	static const char zeros[512];

	str_addn(t, bytes, n);
	str_addn(t, zeros, (512 - n % 512) % 512);
}

static inline void tar_add(struct str *t, struct tar_member m)
{
	unsigned char block[512];
	size_t n = m.n ? m.n : (m.data ? strlen(m.data) : 0);

	tar_block(block, &m, n);
	str_addn(t, block, sizeof(block));
	if (m.data)
		tar_add_bytes(t, m.data, n);
}

/* A pax header with one record for the member that follows. */
static inline void tar_add_pax(struct str *t, const char *key, const char *value)
{
	size_t body = strlen(key) + strlen(value) + 3, len = body + 1;
	char digits[32];
	struct str text = {0};

	while (len != body + (size_t)snprintf(digits, sizeof(digits), "%zu", len))
		len = body + strlen(digits);
	str_addf(&text, "%zu %s=%s\n", len, key, value);
	tar_add(t, (struct tar_member){'x', "PaxHeader", .data = text.s, .n = text.len});
	str_free(&text);
}

static inline void tar_end(struct str *t)
{
	static const char zeros[1024];

	str_addn(t, zeros, sizeof(zeros));
}
