/* SPDX-License-Identifier: Apache-2.0 */
/* tar_pax_parse and the sparse map of 1.0. */
#include "lib/base/err.h"
#include "storage/tar_header.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tar_spans spans = {0};
	struct tar_pax p = {0};
	struct err e = {0};

	if (tar_pax_parse((const char *)data, size, &p, &e) < 0) {
		if (!e.what[0] || p.path || p.xattrs || p.spans.v)
			abort();
	} else {
		if (p.n_xattrs > TAR_XATTRS_MAX || p.has_offset ||
		    (p.has_mtime && (p.mtime.tv_nsec < 0 || p.mtime.tv_nsec > 999999999)))
			abort();
		(void)tar_spans_check(&p.spans, p.real_size, p.size, &e);
		tar_pax_free(&p);
	}
	(void)tar_sparse_map_parse((const char *)data, size, &spans, &e);
	tar_spans_free(&spans);
	return 0;
}
