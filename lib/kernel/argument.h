/* SPDX-License-Identifier: Apache-2.0 */
/* Where BPF, which loads 32 bits at a time, finds the halves of a system call's 64-bit argument. */
#pragma once

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LOW_HALF  0
#define HIGH_HALF 4
#else
#define LOW_HALF  4
#define HIGH_HALF 0
#endif
