/* SPDX-License-Identifier: Apache-2.0 */
/* Gives memory back; runs in helpers that stay as long as a container. */
#include "lib/kernel/shed.h"

#include <link.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Segments that may be written hold relocations and data, which a file cannot give back. */
static int shed_object(struct dl_phdr_info *info, size_t size, void *arg)
{
	uintptr_t page = *(const uintptr_t *)arg;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t begin = (info->dlpi_addr + p->p_vaddr) & ~(page - 1);
		uintptr_t end =
		    (info->dlpi_addr + p->p_vaddr + p->p_filesz + page - 1) & ~(page - 1);

		/* The vdso is no file and says so; it is small. */
		if (p->p_type == PT_LOAD && !(p->p_flags & PF_W) && end > begin)
			(void)madvise((void *)begin, end - begin, MADV_DONTNEED);
	}
	return 0;
}

void shed_pages(void)
{
	enum { DEEPEST = 64 << 10 };
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t here = (uintptr_t)__builtin_frame_address(0) & ~(page - 1);

	(void)dl_iterate_phdr(shed_object, &page);
	/* Two pages below stay for the calls to come; further down may be no stack at all. */
	for (uintptr_t at = here - 2 * page; at > here - DEEPEST; at -= page)
		if (madvise((void *)at, page, MADV_DONTNEED) < 0)
			break;
}
