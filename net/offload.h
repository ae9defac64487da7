/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a kernel hands to a network card undone and rlc-net does in its place, and the contrary
 * (virtio-v1.2, 5.1.6 "Device Operation"; pure). A frame of 64 KiB crosses tap0 in one piece though
 * its MTU is 1500, which is most of the throughput.
 */
#pragma once
#include "net/frame.h"

#include <linux/virtio_net.h>

enum { OFFLOAD_HEADERS = FRAME_ETHERNET + FRAME_IPV6 + 60 };

/*
 * From the container: completes the checksum that its kernel left partial. False: the virtio header
 * does not fit the frame, which only a forged one does.
 */
bool offload_complete(const struct virtio_net_hdr *h, const struct frame *f);
/*
 * From the container: raises the segment size that a SYN announces, so that libslirp sends
 * segments of `mss` bytes, which the container's kernel takes whole (see offload_split).
 */
void offload_raise_mss(const struct frame *f, uint16_t mss);
/*
 * To the container: fills the virtio header. A TCP segment beyond the MTU becomes one that the
 * kernel may split; then its headers, with the checksum as that wants it, are copied to `headers`,
 * and their length is returned: the rest of the frame follows. 0: the frame goes as it is.
 */
size_t offload_split(const struct frame *f, uint16_t mtu, struct virtio_net_hdr *h,
		     uint8_t headers[OFFLOAD_HEADERS]);
