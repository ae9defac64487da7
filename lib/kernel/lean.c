/* SPDX-License-Identifier: Apache-2.0 */
/* madvise(2) over one's own segments; runs in rlc's static helpers. */
#include "lib/kernel/lean.h"

#include <link.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>

enum { STACK_USED = 96 << 10, PAGE = 4096 };

/* Nothing that was written: relocations and data stand in segments that may be. */
static void forget(uintptr_t from, uintptr_t to)
{
	from = (from + PAGE - 1) & -(uintptr_t)PAGE;
	to &= -(uintptr_t)PAGE;
	if (from < to)
		(void)madvise((void *)from, to - from, MADV_DONTNEED);
}

void lean_forget_start(void)
{
	const ElfW(Phdr) *rows = (const ElfW(Phdr) *)getauxval(AT_PHDR);
	const size_t n = getauxval(AT_PHNUM);
	const uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	/* Position-dependent, as rlc's static helpers are: addresses are what the rows say. */
	for (size_t i = 0; i < n; i++)
		if (rows[i].p_type == PT_LOAD && !(rows[i].p_flags & PF_W))
			forget(rows[i].p_vaddr, rows[i].p_vaddr + rows[i].p_memsz);
	forget(here - STACK_USED, here - PAGE);
}
