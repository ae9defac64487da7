/* SPDX-License-Identifier: Apache-2.0 */
/* Segmentation and checksum offload of tap0; pure, runs in rlc-net. */
#include "net/offload.h"

#include "net/checksum.h"

#include <netinet/in.h>
#include <string.h>

bool offload_complete(const struct virtio_net_hdr *h, const struct frame *f)
{
	switch (h->gso_type & ~VIRTIO_NET_HDR_GSO_ECN) {
	case VIRTIO_NET_HDR_GSO_NONE:
		break;
	case VIRTIO_NET_HDR_GSO_TCPV4:
	case VIRTIO_NET_HDR_GSO_TCPV6:
		if (f->protocol != IPPROTO_TCP)
			return false;
		break;
	default:
		return false;
	}
	if (!(h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
		return true;
	/* Its offsets must name what the frame itself says; ours are used. */
	if (f->fragment || !checksum_field(f) || h->csum_start != f->transport ||
	    f->bytes + h->csum_start + h->csum_offset != checksum_field(f))
		return false;
	checksum_write(f);
	return true;
}

void offload_raise_mss(const struct frame *f, uint16_t mss)
{
	enum { OPTION_END = 0, OPTION_NOP = 1, OPTION_MSS = 2, MSS_LENGTH = 4 };
	uint16_t wanted = htons(mss);
	size_t at = f->transport + FRAME_TCP;

	while (at < f->payload && f->bytes[at] != OPTION_END) {
		size_t length = f->bytes[at] == OPTION_NOP ? 1
				: at + 1 < f->payload	   ? f->bytes[at + 1]
							   : 0;

		if (length == 0 || at + length > f->payload)
			return;
		/* At an odd place it is left alone: no kernel writes it there. */
		if (f->bytes[at] == OPTION_MSS && length == MSS_LENGTH &&
		    (at - f->transport) % 2 == 0) {
			checksum_replace(f, f->bytes + at + 2, &wanted, sizeof(wanted));
			return;
		}
		at += length;
	}
}

size_t offload_split(const struct frame *f, uint16_t mtu, struct virtio_net_hdr *h,
		     uint8_t headers[OFFLOAD_HEADERS])
{
	size_t inner = f->payload - FRAME_ETHERNET;
	struct frame copy = *f;
	uint16_t partial;

	*h = (struct virtio_net_hdr){0};
	if (f->protocol != IPPROTO_TCP || f->payload > OFFLOAD_HEADERS)
		return 0;
	/* libslirp has made the checksum: nobody need verify it. */
	h->flags = VIRTIO_NET_HDR_F_DATA_VALID;
	if (f->size - FRAME_ETHERNET <= mtu || inner >= mtu)
		return 0;
	*h = (struct virtio_net_hdr){
	    .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
	    .gso_type = frame_is_ipv6(f) ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4,
	    .hdr_len = (uint16_t)f->payload,
	    .gso_size = (uint16_t)(mtu - inner),
	    .csum_start = (uint16_t)f->transport,
	    .csum_offset = 16,
	};
	memcpy(headers, f->bytes, f->payload);
	copy.bytes = headers;
	/* Of the pseudo header alone, and not inverted: the kernel adds the rest. */
	partial = (uint16_t)~checksum_end(checksum_pseudo(f));
	memcpy(checksum_field(&copy), &partial, sizeof(partial));
	return f->payload;
}
