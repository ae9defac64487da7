/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the user's and the host's certificates; in rlc-fetch, before its cage. */
#include "storage/trust.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/strv.h"
#include "storage/authorities.h"

#include <dirent.h>
#include <fcntl.h>

/* The cage's file system holds a MiB. */
enum { PEM_MAX = 512 << 10, ALL_MAX = 768 << 10 };

static int read_pem(int at, const char *name, struct str *to, struct err *e)
{
	auto_free char *text = NULL;
	size_t n;

	if (file_read(at, name, PEM_MAX, &text, &n, e) < 0)
		return -1;
	if (to->len + n > ALL_MAX)
		return err_msg(e, "certificates of more than %d KiB in all", ALL_MAX >> 10);
	str_addn(to, text, n);
	str_add(to, "\n");
	return 0;
}

/* None there: only the folders count. */
static int read_bundle(struct trust *t, struct err *e)
{
	const char *path = authorities_path();

	return path ? read_pem(AT_FDCWD, path, &t->authorities, e) : 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int wanted(const struct dirent *entry)
{
	static const char *const ends[] = {".crt", ".cert", ".key"};

	for (size_t i = 0; i < array_len(ends); i++)
		if (str_ends(entry->d_name, ends[i]))
			return 1;
	return 0;
}

/* NAME.cert comes with NAME.key; one such pair can be shown to a registry. */
static int read_client(struct trust *t, int folder, const char *path, const char *name,
		       struct err *e)
{
	auto_free char *key = xasprintf("%.*s.key", (int)(strlen(name) - strlen(".cert")), name);

	if (t->certificate.len) {
		err_msg(e, "%s holds more than one client certificate", path);
		return err_hint(e, "leave the .cert and .key there that the registry wants");
	}
	if (faccessat(folder, key, F_OK, 0) < 0) {
		err_sys(e, "find the key %s of the client certificate %s/%s", key, path, name);
		return err_hint(e, "a client certificate is NAME.cert with NAME.key; a registry's "
				   "authority is NAME.crt");
	}
	return read_pem(folder, name, &t->certificate, e) < 0 ? -1
							      : read_pem(folder, key, &t->key, e);
}

static int read_entry(struct trust *t, int folder, const char *path, const char *name,
		      struct err *e)
{
	int rc = 0;

	if (str_ends(name, ".crt"))
		rc = read_pem(folder, name, &t->authorities, e);
	else if (str_ends(name, ".cert"))
		rc = read_client(t, folder, path, name, e);
	return rc < 0 ? err_ctx(e, "certificates in %s", path) : 0;
}

/* 1: read, 0: there is no such folder, -1. */
static int read_folder(struct trust *t, const char *path, struct err *e)
{
	auto_fd int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent **entries = NULL;
	int n, rc = 1;

	if (folder < 0 && (errno == ENOENT || errno == EACCES || errno == ENOTDIR)) {
		(void)err_sys(e, "open the folder of certificates %s", path);
		return 0;
	}
	if (folder < 0)
		return err_sys(e, "open the folder of certificates %s", path);
	n = scandirat(folder, ".", &entries, wanted, by_name);
	if (n < 0)
		return err_sys(e, "list the folder of certificates %s", path);
	for (int i = 0; i < n; i++) {
		if (rc == 1 && read_entry(t, folder, path, entries[i]->d_name, e) < 0)
			rc = -1;
		free(entries[i]);
	}
	free(entries);
	return rc;
}

/* The first folder with that host in it counts, as in containers-certs.d(5). */
static int read_host_folders(struct trust *t, const char *host, struct err *e)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	auto_strv struct strv paths = {0};
	struct err ignored; /* of a folder that is not there */
	int rc = 0;

	if (config && config[0] == '/')
		strv_addf(&paths, "%s/containers/certs.d/%s", config, host);
	else if (home && home[0] == '/')
		strv_addf(&paths, "%s/.config/containers/certs.d/%s", home, host);
	strv_addf(&paths, "/etc/containers/certs.d/%s", host);
	strv_addf(&paths, "/etc/docker/certs.d/%s", host);
	for (size_t i = 0; i < paths.n && rc == 0; i++) {
		rc = read_folder(t, paths.v[i], &ignored);
		if (rc < 0)
			*e = ignored;
	}
	return rc < 0 ? -1 : 0;
}

int trust_load(bool verify, const char *host, const char *cert_dir, struct trust *ret,
	       struct err *e)
{
	struct trust t = {.verify = verify};
	int rc = verify ? read_bundle(&t, e) : 0;

	if (rc == 0 && cert_dir) {
		/* It was asked for: it must be there. */
		rc = read_folder(&t, cert_dir, e) == 1 ? 0 : -1;
		if (rc < 0 && !*e->hint)
			err_hint(e, "--cert-dir takes a folder with *.crt, and *.cert with *.key");
	} else if (rc == 0) {
		rc = read_host_folders(&t, host, e);
	}
	if (rc < 0) {
		trust_free(&t);
		return -1;
	}
	*ret = t;
	return 0;
}

void trust_free(struct trust *t)
{
	str_free(&t->authorities);
	str_free(&t->certificate);
	str_free(&t->key);
	*t = (struct trust){0};
}
