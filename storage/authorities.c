/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the distribution's bundle of certificates; in rlc and, before its cage, in rlc-fetch. */
#include "storage/authorities.h"

#include "lib/base/auto.h"

const char *authorities_path(void)
{
	static const char *const bundles[] = {
	    "/etc/ssl/certs/ca-certificates.crt",		 /* Debian, Arch, Alpine */
	    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* Fedora */
	    "/etc/pki/tls/certs/ca-bundle.crt",
	    "/etc/ssl/ca-bundle.pem", /* openSUSE */
	    "/etc/ssl/cert.pem",
	};
	const char *own = getenv("SSL_CERT_FILE"); /* as OpenSSL and Go have it */

	if (own && *own)
		return own;
	for (size_t i = 0; i < array_len(bundles); i++)
		if (access(bundles[i], R_OK) == 0)
			return bundles[i];
	return NULL;
}
