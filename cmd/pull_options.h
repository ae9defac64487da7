/* SPDX-License-Identifier: Apache-2.0 */
/* Options about fetching images, which `rlc pull` and `rlc run` share. */
#pragma once
#include "lib/base/option.h"
#include "lib/spec/spec.h"

#define PULL_NO_LOGIN                                                                              \
	"rlc cannot log in to a registry: skopeo copy --src-creds USER docker://NAME "             \
	"oci:DIR:REF; "                                                                            \
	"rlc load oci:DIR:REF"
#define PULL_NO_DECRYPTION                                                                         \
	"skopeo copy --decryption-key KEY docker://NAME oci:DIR:REF; rlc load oci:DIR:REF"

/* In the order of enum pull_policy. */
#define PULL_POLICIES "missing|always|never|newer"
#define PULL_POLICIES_TEXT                                                                         \
	"*missing*: unless there is one of that name; *always*: and fail if that is not "          \
	"possible; "                                                                               \
	"*newer*: if the registry has another one, and use what there is if it cannot be asked; "  \
	"*never*."

/* Setters for a struct spec. */
int pull_set_platform(const struct option_row *row, void *to, const char *value, struct err *e);
int pull_set_number(const struct option_row *row, void *to, const char *value, struct err *e);
int pull_set_delay(const struct option_row *row, void *to, const char *value, struct err *e);
int pull_set_alias(const struct option_row *row, void *to, const char *value, struct err *e);
int pull_set_host(const struct option_row *row, void *to, const char *value, struct err *e);

#define PULL_AT(member, kind) .at = option_at(struct spec, fetch.member, kind)
/* clang-format off */
#define PULL_ROWS(heading)                                                                         \
	{"platform", .metavar = "OS/ARCH[/VARIANT]", .group = (heading),                   \
	 PULL_AT(platform, char *), .set = pull_set_platform,                                      \
	 .help = "Fetch the image that was made for another machine"},                             \
	{"tls-verify", .group = (heading), PULL_AT(tls_verify, bool), .set = option_set_bool,      \
	 .help = "Have the registry prove who it is (default: true)",                              \
	 .text = "*--tls-verify=false* takes any certificate, and does without TLS where the "     \
		 "registry has none."},                                                            \
	{"cert-dir", .metavar = "FOLDER", .values = "@folder", .group = (heading),                 \
	 PULL_AT(cert_dir, char *), .set = option_set_text,                                        \
	 .help = "Certificates: *.crt of authorities, *.cert and *.key of ours",             \
	 .text = "Default: what is in _~/.config/containers/certs.d/HOST:PORT_, "                  \
		 "_/etc/containers/certs.d/HOST:PORT_ or _/etc/docker/certs.d/HOST:PORT_."},       \
	{"keep-blobs", .group = (heading), PULL_AT(keep_blobs, bool), .set = option_set_bool,       \
	 .help = "Keep the blobs of layers as well"},                                              \
	{"quiet", 'q', .group = (heading), PULL_AT(quiet, bool), .set = option_set_bool,           \
	 .help = "Show no progress of fetching"},                                                  \
	{"retry", .metavar = "COUNT", .group = (heading), PULL_AT(retries, int),                   \
	 .set = pull_set_number,                                                                   \
	 .help = "Ask so often again after a failure that may pass (default: 3)"},                 \
	{"retry-delay", .metavar = "TIME", .group = (heading), PULL_AT(retry_delay, int),          \
	 .set = pull_set_delay, .help = "Wait so long before, doubling (default: 1s)"},            \
	{"registry-timeout", .metavar = "SECONDS", .group = (heading), PULL_AT(timeout, int),      \
	 .set = pull_set_number,                                                                   \
	 .help = "Give a registry up that says nothing for so long (default: 30)"},                \
	{"registry-alias", .metavar = "NAME=HOST/PATH", .repeats = true, .group = (heading),       \
	 PULL_AT(aliases, struct strv), .set = pull_set_alias,                                     \
	 .help = "Where a short name leads"},                                                      \
	{"registry-search", .metavar = "HOST[:PORT]", .repeats = true, .group = (heading),         \
	 PULL_AT(search, struct strv), .set = pull_set_host,                                       \
	 .help = "Look there for short names (default: docker.io)"},                               \
	{"registry-insecure", .metavar = "HOST[:PORT]", .repeats = true, .group = (heading),       \
	 PULL_AT(insecure, struct strv), .set = pull_set_host,                                     \
	 .help = "Speak to that registry as with --tls-verify=false"}
/* clang-format on */
