/* SPDX-License-Identifier: Apache-2.0 */
/* SANITIZED: this build carries a sanitizer's run time, which calls the kernel beside the program.
 */
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif
