/* SPDX-License-Identifier: Apache-2.0 */
/* rlc-init: PID 1 of a container. */
#pragma once

/* Works through init_stages with the descriptors of enum init_fd; returns only as reaper's end. */
int init_main(void);
