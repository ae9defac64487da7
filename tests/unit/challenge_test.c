/* SPDX-License-Identifier: Apache-2.0 */
/* Challenges of real registries, and what others might send in their place. */
#include "lib/base/auto.h"
#include "storage/auth.h"
#include "storage/challenge.h"
#include "tests/unit/tap.h"

static bool is(const char *got, const char *wanted)
{
	return got && wanted ? strcmp(got, wanted) == 0 : got == wanted;
}

static void expect(const char *text, enum challenge_scheme scheme, const char *realm,
		   const char *service, const char *scope)
{
	struct challenge c = {0};

	challenge_take(&c, text, strlen(text));
	ok(c.scheme == scheme && is(c.realm, realm) && is(c.service, service) && is(c.scope, scope),
	   "%.60s", text);
	challenge_free(&c);
}

static void test_real(void)
{
	expect("Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\","
	       "scope=\"repository:library/alpine:pull\"",
	       CHALLENGE_BEARER, "https://auth.docker.io/token", "registry.docker.io",
	       "repository:library/alpine:pull");
	expect("bearer realm=https,service=a.b", CHALLENGE_BEARER, "https", "a.b", NULL);
	expect("Basic realm=\"Registry Realm\"", CHALLENGE_BASIC, "Registry Realm", NULL, NULL);
	expect("Negotiate", CHALLENGE_OTHER, NULL, NULL, NULL);
	expect("Negotiate abc==, Basic realm=\"x\", Bearer realm=\"y\"", CHALLENGE_BEARER, "y",
	       NULL, NULL);
	expect("Bearer realm = \"y\" , service = z", CHALLENGE_BEARER, "y", "z", NULL);
	expect("Bearer realm=\"a\\\"b\\\\\"", CHALLENGE_BEARER, "a\"b\\", NULL, NULL);
}

static void test_hostile(void)
{
	char text[CHALLENGE_TEXT_MAX + 100] = "Bearer realm=\"";

	expect("", CHALLENGE_NONE, NULL, NULL, NULL);
	expect(",,, ,", CHALLENGE_NONE, NULL, NULL, NULL);
	expect("\"", CHALLENGE_NONE, NULL, NULL, NULL);
	expect("Bearer", CHALLENGE_OTHER, NULL, NULL, NULL);
	expect("Bearer realm=\"\"", CHALLENGE_OTHER, NULL, NULL, NULL);
	expect("Bearer realm=\"no end", CHALLENGE_OTHER, NULL, NULL, NULL);
	expect("Bearer realm=\"a\033b\"", CHALLENGE_OTHER, NULL, NULL, NULL);
	expect("Bearer realm=\"first\", realm=\"second\"", CHALLENGE_BEARER, "first", NULL, NULL);
	expect("Bearer realm=\"first\", Bearer realm=\"second\"", CHALLENGE_BEARER, "first", NULL,
	       NULL);
	memset(text + strlen(text), 'a', CHALLENGE_TEXT_MAX + 1);
	strcat(text, "\"");
	expect(text, CHALLENGE_OTHER, NULL, NULL, NULL);
}

static void test_realm(void)
{
	struct registry r = {.name = "registry.example", .repository = "team/app"};
	struct err e = {0};

	ok(auth_check_realm(&r, "https://auth.example/token", &e) == 0, "a token server by https");
	ok(auth_check_realm(&r, "http://auth.example/token", &e) < 0 &&
	       strstr(e.what, "which is no https server"),
	   "not by http, when the registry is by https");
	ok(auth_check_realm(&r, "file:///etc/passwd", &e) < 0, "not a file");
	ok(auth_check_realm(&r, "https://user@auth.example/", &e) < 0, "not with a user");
	ok(auth_check_realm(&r, "nonsense", &e) < 0 && strstr(e.what, "no URL"), "not nonsense");
	r.plain = true;
	ok(auth_check_realm(&r, "http://auth.example/token", &e) == 0,
	   "by http, when the registry is by http");
	ok(auth_check_realm(&r, "gopher://auth.example/", &e) < 0, "still not by gopher");
}

static void test_url(void)
{
	const struct registry r = {.name = "registry.example", .repository = "team/app"};
	char realm[] = "https://auth.example/token?account=x", service[] = "a&b c",
	     scope[] = "repository:other:pull";
	struct challenge c = {CHALLENGE_BEARER, realm, service, NULL};
	auto_free char *own = auth_url(&r, &c), *asked = NULL;

	ok(own && strcmp(own, "https://auth.example/token?account=x&service=a%26b+c&scope="
			      "repository%3ateam%2fapp%3apull") == 0,
	   "service and our own scope are added, escaped");
	c.scope = scope;
	c.service = NULL;
	asked = auth_url(&r, &c);
	ok(asked && strcmp(asked, "https://auth.example/token?account=x&scope="
				  "repository%3aother%3apull") == 0,
	   "or the scope that the registry wants");
}

int main(void)
{
	test_real();
	test_hostile();
	test_realm();
	test_url();
	return tap_end();
}
