/* SPDX-License-Identifier: Apache-2.0 */
/* Checksums, the segment size of a SYN, and segments larger than the MTU. */
#include "lib/base/auto.h"
#include "net/offload.h"
#include "tests/unit/frame_build.h"
#include "tests/unit/tap.h"

static const char *const pairs[][2] = {{"10.0.2.100", "192.0.2.1"}, {"fd00::100", "2001:db8::1"}};

/* As a kernel leaves it: the sum of the pseudo header in the place of the checksum. */
static void leave_partial(const struct frame *f, struct virtio_net_hdr *h)
{
	uint16_t sum = (uint16_t)~checksum_end(checksum_pseudo(f));

	memcpy(checksum_field(f), &sum, sizeof(sum));
	*h = (struct virtio_net_hdr){
	    .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
	    .csum_start = (uint16_t)f->transport,
	    .csum_offset = (uint16_t)(checksum_field(f) - f->bytes - (ptrdiff_t)f->transport)};
}

static void test_complete(void)
{
	for (size_t i = 0; i < array_len(pairs); i++) {
		uint8_t bytes[FRAME_ROOM];
		struct virtio_net_hdr h;
		struct frame f;

		/* Odd and even lengths, on both sides of eight. */
		for (size_t n = 0; n < 20; n++) {
			(void)frame_parse(
			    bytes, tcp_build(bytes, pairs[i][0], pairs[i][1], 1, 2, 16, "", 0, n),
			    &f);
			leave_partial(&f, &h);
			if (!offload_complete(&h, &f) || !checksum_is_right(&f))
				break;
			if (n == 19)
				ok(true, "TCP checksums, family %zu", i);
		}
		(void)frame_parse(bytes,
				  udp_build(bytes, pairs[i][0], pairs[i][1], 1, 2, "hello", 5), &f);
		leave_partial(&f, &h);
		ok(offload_complete(&h, &f) && checksum_is_right(&f), "UDP checksum, family %zu",
		   i);
		h.csum_start++;
		ok(!offload_complete(&h, &f), "a checksum elsewhere is refused");
		h.csum_offset--;
		ok(!offload_complete(&h, &f), "or the right place counted from a wrong one");
		h.csum_start--;
		h.csum_offset = 60000;
		ok(!offload_complete(&h, &f), "and one beyond the frame");
		h = (struct virtio_net_hdr){.gso_type = VIRTIO_NET_HDR_GSO_UDP};
		ok(!offload_complete(&h, &f), "segments of UDP are not offered");
		h.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
		ok(!offload_complete(&h, &f), "UDP is no segment of TCP");
		h = (struct virtio_net_hdr){0};
		ok(offload_complete(&h, &f), "nothing to do");
	}
}

/* No UDP checksum is written as 0, which means "none". */
static void test_zero(void)
{
	uint8_t bytes[FRAME_ROOM];
	uint16_t sum, zero = 0;
	struct frame f;

	(void)frame_parse(bytes, udp_build(bytes, pairs[0][0], pairs[0][1], 1, 2, "\0\0", 2), &f);
	/* What is missing to a sum of 0xffff is put into the data. */
	sum = checksum_end(
	    checksum_add(checksum_pseudo(&f), f.bytes + f.transport, f.size - f.transport));
	memcpy(f.bytes + f.payload, &sum, sizeof(sum));
	checksum_write(&f);
	ok(memcmp(checksum_field(&f), "\xff\xff", 2) == 0 && checksum_is_right(&f) &&
	       memcmp(checksum_field(&f), &zero, 2) != 0,
	   "a UDP checksum of zero is written as 0xffff");
}

static const struct {
	const char *what;
	const char *options;
	size_t n;
	int at; /* of the value; -1: nothing changes */
} segment_sizes[] = {
    {"first", "\2\4\5\264\1\1\4\2", 8, 2},
    {"behind others", "\1\1\10\12AAAABBBB\2\4\5\264", 16, 14},
    {"none", "\1\1\4\2", 4, -1},
    {"behind the end of the list", "\0\0\0\0\2\4\5\264", 8, -1},
    {"at an odd place", "\1\2\4\5\264\0\0\0", 8, -1},
    {"of a wrong length", "\2\3\5\1\0\0\0\0", 8, -1},
    {"an option of length 0 before it", "\10\0\2\4\5\264\0\0", 8, -1},
    {"an option that ends beyond the header", "\10\50\2\4\5\264\0\0", 8, -1},
    {"cut", "\1\1\1\2", 4, -1},
};

static void test_segment_size(void)
{
	for (size_t i = 0; i < array_len(segment_sizes); i++) {
		uint8_t bytes[FRAME_ROOM], before[FRAME_ROOM];
		struct frame f;
		size_t n = tcp_build(bytes, pairs[i % 2][0], pairs[i % 2][1], 1, 2, 2,
				     segment_sizes[i].options, segment_sizes[i].n, 3);
		size_t value;

		(void)frame_parse(bytes, n, &f);
		checksum_write(&f);
		memcpy(before, bytes, n);
		offload_raise_mss(&f, 65460);
		value = f.transport + FRAME_TCP + (size_t)segment_sizes[i].at;
		ok(segment_sizes[i].at < 0
		       ? memcmp(bytes, before, n) == 0
		       : memcmp(bytes + value, "\xff\xb4", 2) == 0 && checksum_is_right(&f),
		   "segment size: %s", segment_sizes[i].what);
	}
}

static void test_split(void)
{
	for (size_t i = 0; i < array_len(pairs); i++) {
		uint8_t bytes[FRAME_ROOM], headers[OFFLOAD_HEADERS];
		struct virtio_net_hdr h;
		struct frame f, whole;
		size_t n, ip = i ? FRAME_IPV6 : FRAME_IPV4;
		uint16_t expected;

		n = tcp_build(bytes, pairs[i][0], pairs[i][1], 1, 2, 16, "", 0,
			      1000 - ip - FRAME_TCP);
		(void)frame_parse(bytes, n, &f);
		ok(offload_split(&f, 1000, &h, headers) == 0 &&
		       h.gso_type == VIRTIO_NET_HDR_GSO_NONE &&
		       h.flags == VIRTIO_NET_HDR_F_DATA_VALID,
		   "what fits the MTU goes as it is");
		ok(offload_split(&f, 999, &h, headers) == f.payload &&
		       h.gso_type == (i ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4) &&
		       h.gso_size == 999 - ip - FRAME_TCP && h.flags == VIRTIO_NET_HDR_F_NEEDS_CSUM,
		   "one byte more is split");
		ok(h.hdr_len == f.payload && h.csum_start == f.transport && h.csum_offset == 16,
		   "and its header names the places");
		/* The kernel adds the data to what stands there: that must give the checksum. */
		whole = f;
		checksum_write(&whole);
		memcpy(&expected, checksum_field(&whole), sizeof(expected));
		memcpy(bytes, headers, f.payload);
		ok(checksum_end(checksum_add(0, bytes + f.transport, f.size - f.transport)) ==
		       expected,
		   "the partial checksum leads to the whole one");
		n = udp_build(bytes, pairs[i][0], pairs[i][1], 1, 2, bytes, 1200);
		(void)frame_parse(bytes, n, &f);
		ok(offload_split(&f, 1000, &h, headers) == 0 && h.flags == 0, "UDP is not split");
	}
}

int main(void)
{
	test_complete();
	test_zero();
	test_segment_size();
	test_split();
	return tap_end();
}
