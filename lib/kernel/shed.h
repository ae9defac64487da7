/* SPDX-License-Identifier: Apache-2.0 */
/* What a process that will mostly sleep need not keep in memory. */
#pragma once

/*
 * Unmaps the pages of programs and libraries that nobody has written to, and the unused part of the
 * stack: what starting needed (the linker, library set-up, a cage) is most of them. What is needed
 * again comes back from the page cache by a fault. Changes no content; call it before the loop.
 */
void shed_pages(void);
