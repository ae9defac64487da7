/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration: YAML, variables, what wins, and that every key has its effect. */
#include "cmd/command.h"
#include "lib/base/file.h"
#include "tests/unit/request.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/stat.h>

/* What a text makes of `rlc run x` with these words before x. */
static const struct {
	const char *yaml, *line, *text;
} good[] = {
    {"", "x", " image=x"},
    {"# nothing\n", "x", " image=x"},
    {"---\n...\n", "x", " image=x"},
    {"{}\n", "x", " image=x"},
    {"storage-driver: overlay\n", "x", " image=x driver=overlay"},
    {"network: host\n", "x", " image=x host-network"},
    {"network: host\n", "--network=none|x", " image=x no-network"},
    {"pull: never\n", "x", " image=x pull=2"},
    {"seccomp-profile: /p.json\n", "x", " image=x seccomp=/p.json"},
    {"seccomp-profile: unconfined\n", "--security-opt=seccomp=default|x", " image=x"},
    {"no-new-privileges: true\n", "x", " image=x nnp=1"},
    {"no-new-privileges: on\n", "--security-opt=no-new-privileges:false|x", " image=x nnp=0"},
    {"cap-add: [NET_RAW]\n", "x", " image=x cap-add=NET_RAW"},
    {"cap-add: [NET_RAW]\n", "--cap-drop=net_raw|x", " image=x cap-drop=net_raw"},
    {"cap-add: [NET_RAW, SYS_TIME]\n", "--cap-drop=ALL|x", " image=x cap-drop=ALL"},
    {"cap-drop: [CHOWN, KILL]\n", "--cap-add=CHOWN|x", " image=x cap-add=CHOWN cap-drop=KILL"},
    {"cap-drop:\n  - CHOWN\n  - KILL\n", "--cap-drop=SETUID|x",
     " image=x cap-drop=CHOWN|KILL|SETUID"},
    {"read-only: yes\n", "x", " image=x read-only"},
    {"read-only: True\n", "--read-only=false|x", " image=x"},
    {"init: \"on\"\n", "x", " image=x init"},
    {"init: Off\n", "x", " image=x"},
    {"shm-size: 1m\n", "x", " image=x shm=1048576"},
    {"stop-timeout: 3\n", "x", " image=x stop-timeout=3"},
    {"umask: 0027\n", "x", " image=x umask=23"},
    {"limits: best-effort\n", "x", " image=x best-effort"},
    {"limits: best-effort\n", "--limits=strict|x", " image=x"},
    {"memory: 1m\n", "x", " image=x memory=1048576"},
    {"pids-limit: -1\n", "x", " image=x pids=0"},
    {"cpus: 1.5\n", "--cpus=2|x", " image=x cpu=200000"},
    {"env: A=1\n", "x", " image=x env=A=1"},
    {"env:\n- A=1\n- HOME\n- LC_*\n", "-eA=2|x",
     " image=x env=A=2|HOME=/home/kim|LC_ALL=C|LC_TIME=fi"},
    {"label: [a=1, \"b=2\"]\n", "--label=a=3|x", " image=x labels=a=3|b=2"},
    {"\"memory\": '1m'\n", "x", " image=x memory=1048576"},
    {"%YAML 1.1\n---\nmemory: 1m\n", "x", " image=x memory=1048576"},
};

static const struct {
	const char *yaml, *what, *hint;
} bad[] = {
    {"memroy: 1m\n", "f:1:1: unknown key \"memroy\"", "did you mean \"memory\"?"},
    {"memory: 1m\nzzzzzzzz: 2\n", "f:2:1: unknown key \"zzzzzzzz\"", "rlc.yaml(5)"},
    {"memory: 1m\nmemory: 2m\n", "f:2:1: \"memory\" stands here for the second time", ""},
    {"memory: [1m]\n", "f:1:9: \"memory\" takes one plain value",
     "write for example \"memory: 2g\""},
    {"memory: {a: b}\n", "f:1:9: \"memory\" takes one plain value",
     "write for example \"memory: 2g\""},
    {"env: {A: 1}\n", "f:1:6: \"env\" takes a list of plain values",
     "write for example \"env: [TZ=Europe/Paris]\""},
    {"registry-alias:\n  fedora: registry.fedoraproject.org/fedora\n",
     "f:2:3: \"registry-alias\" takes a list of plain values",
     "write for example \"registry-alias: [fedora=registry.fedoraproject.org/fedora]\""},
    {"env: [[A=1]]\n", "f:1:7: \"env\" takes a list of plain values", ""},
    {"memory:\n", "\"memory\" has no value", "memory: 2g"},
    {"memory: ~\n", "f:1:9: \"memory\" has no value", "memory: 2g"},
    {"memory: null\n", "f:1:9: \"memory\" has no value", "memory: 2g"},
    {"init: maybe\n", "f:1:7: init: \"maybe\" is neither true nor false", "init: true"},
    {"- memory\n", "f:1:1: \"key: value\" lines were expected", ""},
    {"memory\n", "f:1:1: \"key: value\" lines were expected", ""},
    {"? [a]\n: 1\n", "f:1:3: a key is a plain word", ""},
    {"memory: &a 1m\n", "f:1:9: anchors", ""},
    {"env: &a [A=1]\n", "f:1:6: anchors", ""},
    {"&a memory: 1m\n", "f:1:1: anchors", ""},
    {"&a {memory: 1m}\n", "f:1:1: anchors", ""},
    {"memory: *a\n", "f:1:9: aliases", ""},
    {"memory: !!str 1m\n", "f:1:9: tags", ""},
    {"--- !x\nmemory: 1m\n", "f:1:5: tags", ""},
    {"memory: 1m\n---\nmemory: 2m\n", "f:2:1: a second document begins", ""},
    {"memory: \"1m\n", "f:2:1: not valid YAML: found unexpected end", ""},
    {"memory: 1m\n\tinit: on\n", "f:2:1: not valid YAML", ""},
    {"memory: \"a\\0b\"\n", "f:1:9: a NUL byte", ""},
    {"\"mem\\0ory\": 1\n", "f:1:1: a NUL byte", ""},
    {"memory: 1m # \xff\n", "f:1:14: not valid YAML: invalid leading UTF-8 octet", ""},
};

/* Values that only the option can judge: the place in the file is named all the same. */
static const struct {
	const char *yaml, *what, *hint;
} bad_values[] = {
    {"init: yes\nmemory: lots\n", "f:2:9: memory \"lots\": not a size", "512m"},
    {"cap-add:\n  - NET_RAW\n  - NET_RAWW\n", "f:3:5: cap-add \"NET_RAWW\": ", ""},
    {"network: lan\n", "f:1:10: network \"lan\": not one of its values", "none, host"},
    {"seccomp-profile: ''\n", "f:1:18: seccomp-profile \"seccomp=\": no profile", ""},
};

static void test_good(void)
{
	struct err e;

	for (size_t i = 0; i < array_len(good); i++) {
		struct settings s = {0};
		auto_free char *text = NULL;

		e = (struct err){0};
		if (settings_parse(&s, good[i].yaml, strlen(good[i].yaml), "f", &e) == 0)
			text = request_text(good[i].line, &s, false, &e);
		ok(text && strcmp(text, good[i].text) == 0, "%zu: %s →%s", i, good[i].line,
		   text ? text : e.what);
		settings_free(&s);
	}
}

static void test_bad(void)
{
	struct err e;

	for (size_t i = 0; i < array_len(bad); i++) {
		struct settings s = {0};

		e = (struct err){0};
		ok(settings_parse(&s, bad[i].yaml, strlen(bad[i].yaml), "f", &e) < 0 &&
		       strstr(e.what, bad[i].what) && strstr(e.hint, bad[i].hint),
		   "refused: %s (%s)", e.what, e.hint);
		settings_free(&s);
	}
	for (size_t i = 0; i < array_len(bad_values); i++) {
		struct settings s = {0};

		ok(settings_parse(&s, bad_values[i].yaml, strlen(bad_values[i].yaml), "f", &e) ==
			   0 &&
		       !request_text("x", &s, false, &e) && strstr(e.what, bad_values[i].what) &&
		       strstr(e.hint, bad_values[i].hint),
		   "refused: %s (%s)", e.what, e.hint);
		settings_free(&s);
	}
}

static void test_environ(void)
{
	char *const variables[] = {(char[]){"RLC_MEMORY=2m"},
				   (char[]){"RLC_SHM_SIZE=1m"},
				   (char[]){"RLC_INIT=1"},
				   (char[]){"RLC_ENV=A=1\nB=2,3"},
				   (char[]){"RLC_OTHERS=yes"},
				   (char[]){"MEMORY=9m"},
				   (char[]){"RLC_MEMORY"},
				   (char[]){"RLC_CAP_DROP=KILL,CHOWN"},
				   NULL};
	char *const wrong[] = {(char[]){"RLC_INIT=maybe"}, NULL};
	char *const too_large[] = {(char[]){"RLC_MEMORY=much"}, NULL};
	static const char yaml[] = "memory: 1m\nenv: [A=0, C=4]\n";
	struct settings s = {0};
	struct err e = {0};
	auto_free char *text = NULL, *none = NULL;

	ok(settings_parse(&s, yaml, strlen(yaml), "f", &e) == 0 &&
	       settings_from_environ(&s, variables, &e) == 0,
	   "file, then variables %s", e.what);
	text = request_text("x", &s, false, &e);
	ok(text && strcmp(text, " image=x env=A=1|C=4|B=2,3 init cap-drop=KILL|CHOWN memory=2097152"
				" shm=1048576") == 0,
	   "a variable wins over the file:%s", text ? text : e.what);
	settings_free(&s);
	ok(settings_from_environ(&s, wrong, &e) < 0 &&
	       strstr(e.what, "variable RLC_INIT \"maybe\": neither true nor false"),
	   "%s", e.what);
	settings_free(&s);
	none =
	    settings_from_environ(&s, too_large, &e) == 0 ? request_text("x", &s, false, &e) : NULL;
	ok(!none && strstr(e.what, "variable RLC_MEMORY \"much\": not a size"), "%s", e.what);
	settings_free(&s);
}

/* Each key names an option that exists, of its own kind, and its example is a value for it. */
static void test_keys(void)
{
	for (size_t i = 0; i < n_setting_keys; i++) {
		const struct setting_key *key = &setting_keys[i];
		const struct option_set *set = key->global ? &global_options : &run_options;
		const struct option_row *row = option_find(set, key->option);
		auto_free char *yaml = xasprintf("%s: %s\n", key->name, key->example);
		struct global_options global = {0};
		struct settings s = {0};
		auto_free char *text = NULL;
		struct err e = {0};
		bool good_example;

		ok(row && (key->prefix || (key->kind == SETTING_LIST) == row->repeats),
		   "%s stands for --%s", key->name, key->option);
		good_example = settings_parse(&s, yaml, strlen(yaml), "f", &e) == 0;
		if (key->global)
			good_example &= settings_apply(&s, true, set, &global, &e) == 0 &&
					(global.root || global.runroot || global.log_level);
		else
			text = request_text("x", &s, false, &e);
		ok(good_example && (key->global || (text && strcmp(text, " image=x") != 0)),
		   "%s has an effect:%s %s", key->name, text ? text : "", e.what);
		settings_free(&s);
		free(global.root);
		free(global.runroot);
		free(global.log_level);
	}
}

static int load(const char *path, struct err *e)
{
	struct settings s = {0};
	int status = settings_load(&s, path, NULL, e);

	settings_free(&s);
	return status;
}

static void test_files(const char *folder)
{
	auto_free char *file = xasprintf("%s/c.yaml", folder), *fifo = xasprintf("%s/fifo", folder);
	auto_free char *big = xcalloc((1 << 20) + 2, 1);
	struct err e = {0};

	ok(load(file, &e) < 0 && e.sys == ENOENT && strstr(e.what, file), "not there: %s", e.what);
	ok(file_write(AT_FDCWD, file, "init: on\n", 9, 0644, false, &e) == 0 && load(file, &e) == 0,
	   "our own file is read %s", e.what);
	ok(chmod(file, 0646) == 0 && load(file, &e) < 0 && strstr(e.what, "other users") &&
	       strstr(e.hint, "chmod go-w"),
	   "writable by others: %s", e.what);
	memset(big, '#', (1 << 20) + 1);
	ok(file_write(AT_FDCWD, file, big, (1 << 20) + 1, 0644, false, &e) == 0 &&
	       load(file, &e) < 0 && strstr(e.what, "larger than 1048576"),
	   "too large: %s", e.what);
	ok(load(folder, &e) < 0 && strstr(e.what, "not a regular file"), "folder: %s", e.what);
	ok(mkfifo(fifo, 0600) == 0 && load(fifo, &e) < 0 && strstr(e.what, "not a regular file"),
	   "a FIFO does not stop us: %s", e.what);
}

int main(void)
{
	char folder[] = "/tmp/settings_test.XXXXXX";
	struct err e = {0};

	if (!mkdtemp(folder))
		return 1;
	test_good();
	test_bad();
	test_environ();
	test_keys();
	test_files(folder);
	ok(file_remove_tree(AT_FDCWD, folder, &e) == 0, "clean up %s", e.what);
	return tap_end();
}
