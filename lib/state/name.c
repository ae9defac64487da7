/* SPDX-License-Identifier: Apache-2.0 */
/* Ids and names of containers: made up, and checked. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/state/record.h"
#include "lib/state/record_text.h"

#include <stdint.h>
#include <sys/random.h>

enum { NAME_MAX_LEN = 128 };

/* 64 of each: six bits choose one without bias. */
static const char *const qualities[64] = {
    "amber",  "ample",	"ashen",   "bold",   "brave",  "breezy",  "bright", "brisk",
    "calm",   "candid", "civil",   "clear",  "clever", "coral",	  "cosy",   "crisp",
    "dapper", "deft",	"dewy",	   "eager",  "early",  "earnest", "fair",   "fleet",
    "fond",   "frank",	"fresh",   "gentle", "glad",   "golden",  "grand",  "hardy",
    "hazel",  "honest", "humble",  "ivory",  "jolly",  "keen",	  "kind",   "lively",
    "lucid",  "lucky",	"mellow",  "merry",  "mild",   "misty",	  "modest", "neat",
    "nimble", "noble",	"patient", "placid", "plain",  "quick",	  "quiet",  "rosy",
    "serene", "sharp",	"silent",  "sober",  "steady", "sunny",	  "swift",  "warm",
};

/* Birds, trees and stones. */
static const char *const things[64] = {
    "agate",  "alder",	 "ash",	     "aspen",	"basalt",  "beech",  "birch",	 "bittern",
    "cedar",  "chalk",	 "cherry",   "coot",	"crane",   "curlew", "cypress",	 "dipper",
    "dove",   "dunlin",	 "egret",    "elder",	"elm",	   "falcon", "finch",	 "fir",
    "flint",  "garnet",	 "gneiss",   "granite", "grebe",   "heron",  "hornbeam", "ibis",
    "jasper", "juniper", "kestrel",  "knot",	"lapwing", "larch",  "lark",	 "linnet",
    "marble", "martin",	 "merlin",   "myrtle",	"oak",	   "onyx",   "opal",	 "osprey",
    "petrel", "pine",	 "plover",   "poplar",	"quail",   "quartz", "robin",	 "rowan",
    "slate",  "spruce",	 "starling", "swan",	"teal",	   "tern",   "thrush",	 "willow",
};

/* 32 bytes and less are given whole once the kernel's pool is ready (random(7)). */
static void random_bytes(void *buf, size_t n)
{
	while (getrandom(buf, n, 0) != (ssize_t)n)
		if (errno != EINTR)
			abort(); /* Linux before 3.17: nothing here runs there */
}

void record_new_id(char *buf)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t bytes[RECORD_ID_LEN / 2];

	random_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++) {
		buf[2 * i] = digits[bytes[i] >> 4];
		buf[2 * i + 1] = digits[bytes[i] & 15];
	}
	buf[RECORD_ID_LEN] = '\0';
}

char *record_new_name(void)
{
	uint8_t bytes[2];

	random_bytes(bytes, sizeof(bytes));
	return xasprintf("%s_%s", qualities[bytes[0] % 64], things[bytes[1] % 64]);
}

int record_check_name(const char *name, struct err *e)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	static const char all[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	auto_str struct str shown = {0};
	size_t n = strspn(name, all);

	if (name[0] && strchr(letters, name[0]) && name[n] == '\0' && n <= NAME_MAX_LEN)
		return 0;
	str_add_visible(&shown, name);
	err_msg(e, "\"%.200s\" is no name for a container", str_get(&shown));
	return err_hint(e,
			"names are 1 to %d of a-z A-Z 0-9 _ . - and begin with a letter or digit",
			NAME_MAX_LEN);
}
