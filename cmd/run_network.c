/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of --network, --dns, --add-host and --hostname. */
#include "cmd/run_options.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "net/config.h"
#include "net/portmap.h"

#include <arpa/inet.h>

/* Words before ":" (all of the value, or up to it), and what they mean. */
static const struct {
	const char *word;
	enum net_mode mode;
	bool options; /* may be followed by some */
} modes[] = {
    {"none", NET_NONE, false},		{"host", NET_HOST, false},
    {"private", NET_PRIVATE, false},	{"slirp", NET_PRIVATE, true},
    {"slirp4netns", NET_PRIVATE, true},
};

static const char SAME_NAMESPACE[] =
    "containers share no namespace here; --network host shares the host's with all that ask";

/* What Podman has beside them. */
static const struct {
	const char *word, *way;
} refused_networks[] = {
    {"bridge", "--network private (the default) gives it a network of its own with a way out"},
    {"pasta", "--network private, or slirp:OPTIONS for an MTU or network of your choice"},
    {"container", SAME_NAMESPACE},
    {"ns", "enter the namespace first and share it: nsenter --net=PATH rlc run --network host"},
};

/* Whether value is the word, or the word and ":"; *ret_rest then stands behind that, or is NULL. */
static bool begins_with_word(const char *value, const char *word, const char **ret_rest)
{
	size_t n = strlen(word);

	if (strncmp(value, word, n) != 0 || (value[n] && value[n] != ':'))
		return false;
	*ret_rest = value[n] ? value + n + 1 : NULL;
	return true;
}

static int set_mode(struct run_request *r, size_t i, const char *options, struct err *e)
{
	struct net_config tried;

	if (options && !modes[i].options) {
		err_msg(e, "\"%s\" takes no options", modes[i].word);
		return err_hint(e, modes[i].mode == NET_PRIVATE ? "write slirp:OPTIONS"
								: "leave out what is behind it");
	}
	net_config_init(&tried);
	if (options && net_config_parse(&tried, options, e) < 0)
		return -1;
	r->spec.network = modes[i].mode;
	xstr_set(&r->spec.network_options, options);
	return 0;
}

int run_set_network(const struct option_row *row, void *to, const char *value, struct err *e)
{
	const char *rest;

	(void)row;
	for (size_t i = 0; i < array_len(modes); i++)
		if (begins_with_word(value, modes[i].word, &rest))
			return set_mode(to, i, rest, e);
	for (size_t i = 0; i < array_len(refused_networks); i++) {
		if (!begins_with_word(value, refused_networks[i].word, &rest))
			continue;
		err_msg(e, "this version has no such network");
		return err_hint(e, "%s", refused_networks[i].way);
	}
	err_msg(e, "not one of its values");
	return err_hint(e, "allowed: none, host, private, slirp:OPTIONS; networks by name are not "
			   "there");
}

static bool is_address(const char *text)
{
	struct in6_addr any;

	return inet_pton(AF_INET, text, &any) == 1 || inet_pton(AF_INET6, text, &any) == 1;
}

int run_set_dns(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct run_request *r = to;

	(void)row;
	if (strcmp(value, "none") == 0) {
		r->spec.no_dns = true;
		return 0;
	}
	if (!is_address(value)) {
		err_msg(e, "not an address");
		return err_hint(e,
				"name a server by its IPv4 or IPv6 address, or write none to keep "
				"the image's own /etc/resolv.conf");
	}
	strv_add(&r->spec.dns, value);
	return 0;
}

/* One word of a line of resolv.conf. */
int run_set_dns_word(const struct option_row *row, void *to, const char *value, struct err *e)
{
	if (!*value || strpbrk(value, " \t\r\n")) {
		err_msg(e, "not one word");
		return err_hint(e, "give the option once for each word");
	}
	return option_set_list(row, to, value, e);
}

static const char HOST_LETTERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789-._";

/* NAME[;NAME...]:ADDRESS becomes a line of /etc/hosts. */
int run_set_add_host(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct run_request *r = to;
	const char *colon = strchr(value, ':');
	size_t n = colon ? strlen(colon + 1) : 0;
	bool bracketed = n > 2 && colon[1] == '[' && colon[n] == ']';
	auto_free char *address =
	    colon ? xstrndup(colon + 1 + bracketed, n - (bracketed ? 2 : 0)) : NULL;
	auto_free char *names = colon ? xstrndup(value, (size_t)(colon - value)) : NULL;
	auto_strv struct strv list = {0};
	struct str line = {0};

	(void)row;
	strv_split(&list, names ? names : "", ";");
	if (!list.n || (!is_address(address) && strcmp(address, "host-gateway") != 0)) {
		err_msg(e, "not NAME:ADDRESS");
		return err_hint(e, "as in db:192.0.2.7 or db:2001:db8::7; host-gateway stands for "
				   "this host");
	}
	str_add(&line, address);
	for (size_t i = 0; i < list.n; i++) {
		if (strspn(list.v[i], HOST_LETTERS) != strlen(list.v[i])) {
			str_free(&line);
			err_msg(e, "\"%s\" is not a host name", list.v[i]);
			return err_hint(e, "allowed: letters, digits, \"-\", \"_\" and \".\"");
		}
		str_addf(&line, "%s%s", i ? " " : "\t", list.v[i]);
	}
	strv_take(&r->spec.add_hosts, str_take(&line));
	return 0;
}

/* What one option of the network forbids another. */
int run_check_network(const struct spec *s, struct err *e)
{
	bool asks_dns = s->dns.n || s->dns_search.n || s->dns_options.n;

	if (s->no_dns && asks_dns) {
		err_msg(e, "run: --dns none and other --dns options exclude each other");
		return err_hint(e, "with none /etc/resolv.conf is the image's own");
	}
	if (s->network == NET_NONE && asks_dns) {
		err_msg(e, "run: --dns and --network none exclude each other");
		return err_hint(e, "a name server cannot be reached without a network");
	}
	if (s->no_hosts && s->add_hosts.n) {
		err_msg(e, "run: --no-hosts and --add-host exclude each other");
		return err_hint(e, "with --no-hosts /etc/hosts is the image's own");
	}
	return 0;
}

int run_set_publish(const struct option_row *row, void *to, const char *value, struct err *e)
{
	auto_portmaps struct portmaps ports = {0};

	return portmap_parse(value, &ports, e) < 0 ? -1 : option_set_list(row, to, value, e);
}

int run_set_expose(const struct option_row *row, void *to, const char *value, struct err *e)
{
	auto_portmaps struct portmaps ports = {0};

	return portmap_parse_exposed(value, &ports, e) < 0 ? -1
							   : option_set_list(row, to, value, e);
}

/* It goes into /etc/hosts and /etc/hostname: nothing that could end a line or a word there. */
int run_set_hostname(const struct option_row *row, void *to, const char *value, struct err *e)
{
	enum { HOST_NAME_LONGEST = 64 }; /* sethostname(2) */
	size_t n = strlen(value);

	if (!n || n > HOST_NAME_LONGEST || strspn(value, HOST_LETTERS) != n || value[0] == '-' ||
	    value[0] == '.') {
		err_msg(e, "not a host name");
		return err_hint(e,
				"allowed: up to 64 of letters, digits, \"-\", \"_\" and \".\", the "
				"first a letter or digit");
	}
	return option_set_text(row, to, value, e);
}
