/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may write in the store. Readers take no lock: everything appears by rename.
 *
 *	DATA/lock		held alone while index, blobs and records change: moments
 *	DATA/layers.lock	shared while an image is loaded: its layers have names before its
 *				manifest has; alone while layers that no image uses are removed
 */
#pragma once
#include <stdbool.h>

struct err;

/* Waits for it. Returns a descriptor: closing it unlocks. */
int lock_index(int data, struct err *e);
int lock_layers_shared(int data, struct err *e);
/* Does not wait. Returns the descriptor, or -2 when somebody loads an image now, -1 on error. */
int lock_layers_alone(int data, struct err *e);
