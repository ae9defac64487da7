/* SPDX-License-Identifier: Apache-2.0 */
/* A tap device: an Ethernet card whose cable is a descriptor (tun.rst of the kernel's manual). */
#pragma once

struct err;

/*
 * Makes the tap device `name` in this network namespace, whose root we are. Each frame that is read
 * or written begins with a struct virtio_net_hdr, and the kernel may leave TCP segments whole and
 * checksums undone. The device stays when the descriptor is closed and goes with the namespace:
 * closing the last one of another kind blocks for tens of milliseconds. Returns the descriptor,
 * close-on-exec and non-blocking, or -1; no /dev/net/tun is told with the fix.
 */
int tap_open(const char *name, struct err *e);
