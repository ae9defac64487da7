/* SPDX-License-Identifier: Apache-2.0 */
/* An answer of rlc-fetch, frame by frame, and the bytes as a request. */
#include "lib/base/auto.h"
#include "storage/fetch_wire.h"
#include "tests/fuzz/fuzz.h"

enum { MOST = 4096 };

/* One frame; false: the asker stops here. */
static bool frame(struct fetch_answer *a, const uint8_t **data, size_t *size)
{
	struct fetch_frame f;
	struct fetch_head head;
	struct err e = {0};

	if (*size < sizeof(f))
		return false;
	memcpy(&f, *data, sizeof(f));
	*data += sizeof(f);
	*size -= sizeof(f);
	if (fetch_answer_step(a, &f, MOST, &e) < 0) {
		if (!e.what[0])
			abort();
		return false;
	}
	/* What the asker has room for. */
	if (f.size > FETCH_DATA_MAX || a->got > MOST)
		abort();
	if (f.size > *size)
		return false;
	if (f.type == FETCH_HEAD && fetch_head_decode(*data, f.size, &head, &e) == 0 &&
	    (strlen(head.media_type) >= sizeof(head.media_type) || strchr(head.digest, '\n')))
		abort();
	if (f.type == FETCH_ERROR) {
		(void)fetch_error_decode(*data, f.size, &e); /* always -1 */
		if (strchr(e.what, '\033') || e.exit <= 0 || e.exit > 255)
			abort();
	}
	*data += f.size;
	*size -= f.size;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fetch_answer a = {0};
	struct fetch_request r = {0};

	memcpy(&r, data, size < sizeof(r) ? size : sizeof(r));
	if (fetch_request_is_sound(&r, size) && (strchr(r.what, '/') || !r.what[0]))
		abort();
	while (frame(&a, &data, &size))
		;
	return 0;
}
