/* SPDX-License-Identifier: Apache-2.0 */
/* Which certificates count, in folders of our own. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "storage/trust.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/stat.h>

static char top[] = "/tmp/trust-test-XXXXXX";
static int at;

static void put(const char *name, const char *text)
{
	struct err e;

	if (file_write(at, name, text, strlen(text), 0644, false, &e) < 0)
		abort();
}

static void test_folder(void)
{
	char folder[64];
	struct trust t = {0};
	struct err e = {0};

	snprintf(folder, sizeof(folder), "%s/own", top);
	mkdirat(at, "own", 0755);
	put("own/b.crt", "B");
	put("own/a.crt", "A");
	put("own/readme", "no certificate");
	ok(trust_load(true, "r:1", folder, &t, &e) == 0 &&
	       strcmp(str_get(&t.authorities), "BUNDLE\nA\nB\n") == 0 && !t.certificate.len,
	   "authorities of --cert-dir beside the distribution's");
	trust_free(&t);
	put("own/c.cert", "C");
	ok(trust_load(true, "r:1", folder, &t, &e) < 0 && strstr(e.what, "find the key c.key") &&
	       *e.hint,
	   "a client certificate without its key");
	put("own/c.key", "K");
	ok(trust_load(true, "r:1", folder, &t, &e) == 0 &&
	       strcmp(str_get(&t.certificate), "C\n") == 0 && strcmp(str_get(&t.key), "K\n") == 0,
	   "with its key");
	trust_free(&t);
	put("own/d.cert", "D");
	put("own/d.key", "K");
	ok(trust_load(true, "r:1", folder, &t, &e) < 0 &&
	       strstr(e.what, "more than one client certificate"),
	   "two of them");
}

static void test_missing(void)
{
	char folder[64];
	struct trust t = {0};
	struct err e = {0};

	snprintf(folder, sizeof(folder), "%s/gone", top);
	ok(trust_load(true, "r:1", folder, &t, &e) < 0 && strstr(e.what, folder) && *e.hint,
	   "a --cert-dir that is not there");
	snprintf(folder, sizeof(folder), "%s/bundle", top);
	ok(trust_load(true, "r:1", folder, &t, &e) < 0, "or is a file");
}

static void test_certs_d(void)
{
	struct trust t = {0};
	struct err e = {0};

	mkdirat(at, "containers", 0755);
	mkdirat(at, "containers/certs.d", 0755);
	mkdirat(at, "containers/certs.d/r:1", 0755);
	put("containers/certs.d/r:1/ca.crt", "HOST");
	ok(trust_load(true, "r:1", NULL, &t, &e) == 0 &&
	       strcmp(str_get(&t.authorities), "BUNDLE\nHOST\n") == 0,
	   "the host's folder in certs.d");
	trust_free(&t);
	ok(trust_load(true, "r:2", NULL, &t, &e) == 0 &&
	       strcmp(str_get(&t.authorities), "BUNDLE\n") == 0,
	   "not another's");
	trust_free(&t);
	ok(trust_load(false, "r:2", NULL, &t, &e) == 0 && !t.authorities.len && !t.verify,
	   "no bundle is read where nothing is verified");
	trust_free(&t);
}

static void test_large(void)
{
	auto_free char *big = calloc(1, (512 << 10) + 2);
	char folder[64];
	struct trust t = {0};
	struct err e = {0};

	if (!big)
		abort();
	memset(big, 'a', (512 << 10) + 1);
	mkdirat(at, "big", 0755);
	put("big/a.crt", big);
	snprintf(folder, sizeof(folder), "%s/big", top);
	ok(trust_load(true, "r:1", folder, &t, &e) < 0 && strstr(e.what, "larger than"),
	   "a certificate of half a MiB");
}

int main(void)
{
	char bundle[64];
	struct err e;

	if (!mkdtemp(top))
		abort();
	at = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	put("bundle", "BUNDLE");
	snprintf(bundle, sizeof(bundle), "%s/bundle", top);
	setenv("SSL_CERT_FILE", bundle, 1);
	setenv("XDG_CONFIG_HOME", top, 1);
	test_folder();
	test_missing();
	test_certs_d();
	test_large();
	(void)file_remove_tree(AT_FDCWD, top, &e);
	return tap_end();
}
