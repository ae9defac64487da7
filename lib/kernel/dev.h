/* SPDX-License-Identifier: Apache-2.0 */
/* The host's device nodes. */
#pragma once

struct strv;

/*
 * Appends the character and block devices in /dev and its folders that --privileged passes on:
 * not terminals, nor what a container has its own of (pts, shm, mqueue, console, ptmx).
 */
void dev_list(struct strv *ret);
