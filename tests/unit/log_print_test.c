/* SPDX-License-Identifier: Apache-2.0 */
/* What `rlc logs` prints of a log. */
#include "cmd/log_print.h"

#include "cmd/launch/log_file.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "lib/state/dirs.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/wait.h>

static char path[] = "/tmp/rlc-log-XXXXXX";

/* Prints in a child whose stdout and stderr are files; both texts one after the other. */
static char *printed(const struct log_print *p)
{
	int out = open("/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	int err = open("/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	struct dirs none = {.data_fd = -1, .run_fd = -1};
	char *text = NULL, *more = NULL;
	struct str both = {0};
	struct err e;
	size_t n;

	fflush(stdout);
	if (fork() == 0) {
		dup2(out, STDOUT_FILENO);
		dup2(err, STDERR_FILENO);
		log_set_level(LOG_ERROR);
		_exit(log_print(&none, "", path, p, &e) < 0);
	}
	wait(NULL);
	lseek(out, 0, SEEK_SET);
	lseek(err, 0, SEEK_SET);
	file_read_fd(out, "out", 1 << 20, &text, &n, &e);
	file_read_fd(err, "err", 1 << 20, &more, &n, &e);
	str_addf(&both, "%s|%s", text, more);
	free(text);
	free(more);
	close(out);
	close(err);
	return str_take(&both);
}

static void check(const struct log_print *p, const char *want, const char *what)
{
	struct log_print how = *p;
	auto_free char *got = NULL;

	if (how.until_ns == 0)
		how.until_ns = INT64_MAX;
	got = printed(&how);
	ok(strcmp(got, want) == 0, "%s", what);
	if (strcmp(got, want) != 0)
		printf("# got %zu bytes instead of %zu\n", strlen(got), strlen(want));
}

static void say(int fd, int second, enum log_stream stream, const char *text)
{
	struct timespec t = {.tv_sec = second};

	if (log_file_write(fd, stream, t, text, strlen(text)) < 0)
		perror(path);
}

static void test_print(int fd)
{
	say(fd, 1, LOG_STDOUT, "one\ntwo\n");
	say(fd, 2, LOG_STDERR, "oh\n");
	say(fd, 3, LOG_STDOUT, "thr");
	say(fd, 4, LOG_STDOUT, "ee\nfour");
	check(&(struct log_print){.tail = -1}, "one\ntwo\nthree\nfour|oh\n", "all, to two streams");
	check(&(struct log_print){.tail = 0}, "|", "no line");
	check(&(struct log_print){.tail = 1}, "four|", "the last line, which is not ended");
	check(&(struct log_print){.tail = 2}, "three\nfour|", "a line of two pieces is one");
	check(&(struct log_print){.tail = 3}, "three\nfour|oh\n", "lines of both streams count");
	check(&(struct log_print){.tail = 99}, "one\ntwo\nthree\nfour|oh\n", "more than there are");
	check(&(struct log_print){.tail = -1, .since_ns = 2000000000}, "three\nfour|oh\n", "since");
	check(&(struct log_print){.tail = -1, .until_ns = 2000000000}, "one\ntwo\n|oh\n", "until");
	check(&(struct log_print){.tail = 1, .until_ns = 1500000000}, "two\n|",
	      "the last line of a time");
	check(&(struct log_print){.tail = 2, .times = true},
	      "1970-01-01T00:00:03.000000000+00:00 three\n"
	      "1970-01-01T00:00:04.000000000+00:00 four|",
	      "the time stands once a line");
}

/* Half a line at the end is one that its monitor is writing, or that a full disk cut off. */
static void test_damage(int fd)
{
	if (ftruncate(fd, 0) < 0 || write(fd, "\nrubbish\n", 9) != 9)
		perror(path);
	say(fd, 1, LOG_STDOUT, "good\n");
	if (write(fd, "1970-01-01T00:00:0", 18) != 18)
		perror(path);
	check(&(struct log_print){.tail = -1}, "good\n|", "what is no entry is left out");
	check(&(struct log_print){.tail = 1}, "good\n|", "and does not count");
}

/* More lines than the ring begins with, several times around. */
static void test_many(int fd)
{
	auto_str struct str want = {0};

	if (ftruncate(fd, 0) < 0)
		perror(path);
	for (int i = 0; i < 5000; i++) {
		char line[16];

		snprintf(line, sizeof(line), "%d\n", i);
		say(fd, 1, LOG_STDOUT, line);
		if (i >= 4700)
			str_add(&want, line);
	}
	str_add(&want, "|");
	check(&(struct log_print){.tail = 300}, str_get(&want), "the last 300 of 5000");
}

static void test_plain(void)
{
	auto_str struct str out = {0};

	log_add_plain(&out, "a\tb\x1b[2J\0c\r\x07\t", 12);
	ok(strcmp(str_get(&out), "a\tb\\x1b[2J\\x00c\\x0d\\x07\t") == 0,
	   "control characters are made visible, tabs stay: %s", str_get(&out));
	out.len = 0;
	log_add_plain(&out, "", 0);
	ok(out.len == 0, "nothing stays nothing");
}

int main(void)
{
	int fd = mkstemp(path);

	if (fd < 0)
		return 1;
	close(fd);
	fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC);
	test_print(fd);
	test_damage(fd);
	test_many(fd);
	test_plain();
	close(fd);
	unlink(path);
	return tap_end();
}
