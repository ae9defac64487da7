/* SPDX-License-Identifier: Apache-2.0 */
/* Where this host keeps the certificates of authorities that it trusts. */
#pragma once

/* A PEM file: SSL_CERT_FILE, or the distribution's. NULL: there is none. */
const char *authorities_path(void);
