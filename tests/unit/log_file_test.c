/* SPDX-License-Identifier: Apache-2.0 */
/* The log format: what is written is read back, byte for byte. */
#include "cmd/launch/log_file.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <limits.h>

static void test_format(void)
{
	static const char text[] = "one\ntwo\x1b\0\xff\n\nend";
	static const char want[] = "2026-01-01T00:00:00.000000007+00:00 stderr F one\n"
				   "2026-01-01T00:00:00.000000007+00:00 stderr F two\x1b\0\xff\n"
				   "2026-01-01T00:00:00.000000007+00:00 stderr F \n"
				   "2026-01-01T00:00:00.000000007+00:00 stderr P end\n";
	struct timespec t = {.tv_sec = 1767225600, .tv_nsec = 7};
	auto_fd int fd = open("/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	auto_free char *got = NULL;
	struct err e = {0};
	size_t n = 0;

	ok(log_file_write(fd, LOG_STDERR, t, text, sizeof(text) - 1) == 0, "written");
	lseek(fd, 0, SEEK_SET);
	file_read_fd(fd, "log", 65536, &got, &n, &e);
	ok(n == sizeof(want) - 1 && memcmp(got, want, n) == 0,
	   "whole and partial lines, zero bytes, an empty line");
	ok(log_file_write(fd, LOG_STDOUT, t, "", 0) == 0 && lseek(fd, 0, SEEK_END) == (off_t)n,
	   "nothing adds nothing");
}

/* Any bytes in any pieces come back as they were. */
static void test_round_trip(void)
{
	auto_fd int fd = open("/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	auto_free char *log = NULL;
	struct timespec t = {.tv_sec = 1};
	struct log_entry entry;
	char in[5000], out[5001];
	size_t n = 0, at = 0, len = 0;
	struct err e;

	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (char)(i * 7919 >> 3);
	for (size_t i = 0, step; i < sizeof(in); i += step) {
		step = i % 613 + 1;
		if (step > sizeof(in) - i)
			step = sizeof(in) - i;
		log_file_write(fd, LOG_STDOUT, t, in + i, step);
	}
	lseek(fd, 0, SEEK_SET);
	file_read_fd(fd, "log", 1 << 20, &log, &n, &e);
	while (at < n) {
		ssize_t used = log_entry_parse(log + at, n - at, &entry);

		if (used <= 0 || len + entry.len + 1 > sizeof(out))
			break;
		memcpy(out + len, entry.text, entry.len);
		len += entry.len;
		if (!entry.partial)
			out[len++] = '\n';
		at += (size_t)used;
	}
	ok(at == n && len == sizeof(in) && memcmp(in, out, len) == 0,
	   "5000 bytes in uneven pieces come back");
}

static void test_entries(void)
{
	static const char good[] = "2026-01-01T01:00:00.5+01:00 stdout F text \n";
	static const char *const bad[] = {
	    "\n",
	    "2026-01-01T00:00:00Z\n",
	    "2026-01-01T00:00:00Z stdout\n",
	    "2026-01-01T00:00:00Z stdout F\n",
	    "2026-01-01T00:00:00Z stdout X text\n",
	    "2026-01-01T00:00:00Z stdlog F text\n",
	    "yesterday stdout F text\n",
	};
	struct log_entry entry;

	ok(log_entry_parse(good, sizeof(good) - 1, &entry) == (ssize_t)sizeof(good) - 1 &&
	       entry.time_ns == 1767225600500000000 && entry.stream == LOG_STDOUT &&
	       !entry.partial && entry.len == 5 && memcmp(entry.text, "text ", 5) == 0,
	   "an entry as podman writes it");
	ok(log_entry_parse(good, sizeof(good) - 2, &entry) == 0,
	   "half an entry waits for the rest");
	for (size_t i = 0; i < array_len(bad); i++)
		ok(log_entry_parse(bad[i], strlen(bad[i]), &entry) == -1, "no entry: \"%.*s\"",
		   (int)strcspn(bad[i], "\n"), bad[i]);
}

static void test_times(void)
{
	static const struct {
		const char *text;
		int64_t ns; /* -1: refused */
	} times[] = {
	    {"1970-01-01T00:00:00Z", 0},
	    {"1970-01-01 00:00:01z", 1000000000},
	    {"2000-02-29T23:59:60.123456789-00:30", 951868800123456789 + 1800000000000},
	    {"2261-12-31T23:59:59Z", 9214646399000000000},
	    {"1970-01-01T00:00:00+01:00", -1}, /* before the beginning */
	    {"2262-01-01T00:00:00Z", -1},
	    {"2026-13-01T00:00:00Z", -1},
	    {"2026-01-01T24:00:00Z", -1},
	    {"2026-01-01T00:00:00", -1},
	    {"2026-01-01T00:00:00.Z", -1},
	    {"2026-01-01T00:00:00.1234567891Z", -1},
	    {"2026-01-01T00:00:00+1:00", -1},
	    {"2026-01-01T00:00:00Zx", -1},
	    {"26-01-01T00:00:00Z", -1},
	    {"", -1},
	};

	for (size_t i = 0; i < array_len(times); i++) {
		int64_t ns = -1;
		bool is_time = log_time_parse(times[i].text, strlen(times[i].text), &ns);

		ok(is_time == (times[i].ns >= 0) && (!is_time || ns == times[i].ns),
		   "time \"%s\" is %lld", times[i].text, is_time ? (long long)ns : -1LL);
	}
}

int main(void)
{
	test_format();
	test_round_trip();
	test_entries();
	test_times();
	return tap_end();
}
