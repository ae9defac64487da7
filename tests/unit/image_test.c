/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/spec/image.h"
#include "tests/unit/tap.h"

static int parse(const char *text, struct image_config *c, struct err *e)
{
	*c = (struct image_config){0};
	*e = (struct err){0};
	return image_config_parse(text, strlen(text), "config", c, e);
}

static void test_full(void)
{
	struct image_config c;
	struct err e;
	int got = parse("{\"architecture\":\"arm64\",\"os\":\"linux\",\"variant\":\"v8\","
			"\"created\":\"2024-01-02T03:04:05Z\",\"config\":{\"Entrypoint\":[\"/e\"],"
			"\"Cmd\":[\"a\",\"b\"],\"Env\":[\"K=V\"],\"WorkingDir\":\"/w\","
			"\"User\":\"u:g\",\"StopSignal\":\"SIGINT\",\"Labels\":{\"l\":\"m\"},"
			"\"Volumes\":{\"/v\":{}},\"ExposedPorts\":{\"80/tcp\":{}}},"
			"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:1\"]}}",
			&c, &e);

	ok(got == 0, "a full configuration");
	ok(strcmp(c.architecture, "arm64") == 0 && strcmp(c.os, "linux") == 0 &&
	       strcmp(c.variant, "v8") == 0 && strcmp(c.created, "2024-01-02T03:04:05Z") == 0,
	   "platform and date");
	ok(c.entrypoint.n == 1 && c.cmd.n == 2 && strcmp(c.cmd.v[1], "b") == 0 && c.env.n == 1,
	   "lists");
	ok(strcmp(c.workdir, "/w") == 0 && strcmp(c.user, "u:g") == 0 &&
	       strcmp(c.stop_signal, "SIGINT") == 0,
	   "strings");
	ok(c.labels.n == 1 && strcmp(c.labels.v[0], "l=m") == 0, "labels are K=V");
	ok(c.volumes.n == 1 && strcmp(c.volumes.v[0], "/v") == 0 && c.exposed_ports.n == 1,
	   "sets give their keys");
	ok(c.diff_ids.n == 1, "diff ids");
	image_config_free(&c);
}

static void test_empty_means_unset(void)
{
	struct image_config c;
	struct err e;
	int got = parse("{\"config\":{\"User\":\"\",\"WorkingDir\":\"\",\"Cmd\":null,"
			"\"Labels\":null},\"rootfs\":{}}",
			&c, &e);

	ok(got == 0 && !c.user && !c.workdir && c.cmd.n == 0 && c.labels.n == 0,
	   "empty strings and nulls are not set");
	image_config_free(&c);
}

static void test_refused(void)
{
	static const char *const rows[] = {
	    "",
	    "[]",
	    "{}",
	    "{\"rootfs\":[]}",
	    "{\"rootfs\":{\"diff_ids\":[1]}}",
	    "{\"rootfs\":{},\"config\":{\"Cmd\":\"sh\"}}",
	    "{\"rootfs\":{},\"config\":{\"Env\":[\"A\\u0000B\"]}}",
	    "{\"rootfs\":{},\"config\":{\"Labels\":{\"a\":1}}}",
	    "{\"rootfs\":{},\"config\":{\"Volumes\":[\"/v\"]}}",
	    "{\"rootfs\":{},\"os\":7}",
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct image_config c;
		struct err e;

		ok(parse(rows[i], &c, &e) < 0 && strstr(e.what, "config") && !c.os && !c.cmd.v,
		   "refused, named, nothing set: %s", rows[i]);
	}
}

int main(void)
{
	test_full();
	test_empty_means_unset();
	test_refused();
	return tap_end();
}
