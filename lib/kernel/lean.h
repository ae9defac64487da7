/* SPDX-License-Identifier: Apache-2.0 */
/* A small footprint for programs that wait most of their life. Libc only. */
#pragma once

/*
 * Gives back the pages that only the start needed: code and constants of this program, which come
 * from its file again when they are wanted, and the stack below the caller. To be called where the
 * program begins to wait; madvise(2) with MADV_DONTNEED must be allowed. No error: it is a favour.
 */
void lean_forget_start(void);
