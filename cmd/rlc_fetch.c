/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rlc-fetch: fetches manifests and blobs of one repository of one registry for rlc-image, which
 *asks by storage/fetch_wire.h. Started by rlc (storage/fetch_start.c), never by hand:
 *
 *	rlc-fetch KEY=VALUE…
 *	0 /dev/null, 1 the answer (storage/answer.h): nothing, or why it could not start,
 *	2 notices, 3 the socket to rlc-image
 *
 * Should: read certificates and what resolving names wants, then confine itself before the first
 * byte comes from the network. Mustn't: read a file after that, start anything, hold a descriptor
 *of the store, unpack or believe what it carries.
 */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "storage/answer.h"
#include "storage/fetch_cage.h"
#include "storage/fetch_serve.h"
#include "storage/registry.h"

#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>

enum { FD_ANSWER = 1, FD_ASKER = 3 };

struct request {
	const char *registry, *repository, *cert_dir;
	const char *tls_verify, *timeout, *retries, *retry_delay, *log_level;
};

static const struct {
	const char *key;
	size_t at;
} keys[] = {
    {"registry", offsetof(struct request, registry)},
    {"repository", offsetof(struct request, repository)},
    {"cert-dir", offsetof(struct request, cert_dir)},
    {"tls-verify", offsetof(struct request, tls_verify)},
    {"timeout", offsetof(struct request, timeout)},
    {"retries", offsetof(struct request, retries)},
    {"retry-delay", offsetof(struct request, retry_delay)},
    {"log-level", offsetof(struct request, log_level)},
};

static int parse_argument(char *argument, struct request *r, struct err *e)
{
	char *value = strchr(argument, '=');

	if (!value)
		return err_msg(e, "rlc-fetch: \"%s\" is not KEY=VALUE", argument);
	*value++ = '\0';
	for (size_t i = 0; i < array_len(keys); i++)
		if (strcmp(argument, keys[i].key) == 0) {
			memcpy((char *)r + keys[i].at, &value, sizeof(value));
			return 0;
		}
	return err_msg(e, "rlc-fetch: unknown key \"%s\"", argument);
}

static int read_number(const char *text, const char *key, unsigned int max, unsigned int *ret,
		       struct err *e)
{
	int64_t v;

	if (!text || !str_to_i64(text, 0, max, &v))
		return err_msg(e, "rlc-fetch: %s is not a number up to %u", key, max);
	*ret = (unsigned int)v;
	return 0;
}

/* Then libcurl connects to a proxy, and what it connects to says nothing of the registry. */
static bool environment_names_proxy(void)
{
	static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
					    "ALL_PROXY"};

	for (size_t i = 0; i < array_len(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return true;
	}
	return false;
}

static int read_request(int argc, char **argv, struct registry *ret, struct err *e)
{
	struct request r = {0};
	int64_t level;

	for (int i = 1; i < argc; i++)
		if (parse_argument(argv[i], &r, e) < 0)
			return -1;
	if (r.log_level && str_to_i64(r.log_level, LOG_ERROR, LOG_DEBUG, &level))
		log_set_level((enum log_level)level);
	if (!r.registry || !r.repository || !r.tls_verify)
		return err_msg(e, "rlc-fetch: registry, repository and tls-verify are needed");
	ret->name = r.registry;
	ret->repository = r.repository;
	ret->is_proxied = environment_names_proxy();
	if (read_number(r.timeout, "timeout", 3600, &ret->timeout, e) < 0 ||
	    read_number(r.retries, "retries", 100, &ret->retries, e) < 0 ||
	    read_number(r.retry_delay, "retry-delay", 3600, &ret->retry_delay, e) < 0)
		return -1;
	return trust_load(strcmp(r.tls_verify, "0") != 0, r.registry, r.cert_dir, &ret->trust, e);
}

/* If rlc died before we asked for the signal, its end of the pipe is closed already. */
static int follow_rlc(struct err *e)
{
	struct pollfd answer = {.fd = FD_ANSWER};

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return err_sys(e, "ask to end with rlc");
	if (poll(&answer, 1, 0) == 1 && (answer.revents & (POLLERR | POLLNVAL)))
		return err_msg(e, "rlc-fetch is started by rlc, not by hand");
	return 0;
}

static int run(int argc, char **argv, struct err *e)
{
	struct registry r = {0};

	(void)signal(SIGPIPE, SIG_IGN); /* a reader that goes away is a cancelled transfer */
	/* Resolver threads come and go: an arena for each would only grow. */
	(void)mallopt(M_ARENA_MAX, 1);
	if (follow_rlc(e) < 0 || read_request(argc, argv, &r, e) < 0)
		return -1;
	/* Before the cage: OpenSSL reads its own configuration and modules. */
	if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
		return err_msg(e, "rlc-fetch: libcurl cannot begin");
	return fetch_cage_enter(&r.trust, e) < 0 ? -1 : fetch_serve(&r, FD_ASKER, e);
}

int main(int argc, char **argv)
{
	struct err e = {0};

	if (run(argc, argv, &e) < 0) {
		answer_send_error(FD_ANSWER, &e);
		return EXIT_LAUNCHER;
	}
	/* At once: libcurl would wait for a resolver that waits for a dead server. */
	_exit(0);
}
