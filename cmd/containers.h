/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands on containers share: which ones are meant, and all of them at once. */
#pragma once
#include "lib/base/option.h"
#include "lib/base/strv.h"
#include "lib/state/record.h"

#include <stdbool.h>
#include <stddef.h>

struct err;
struct dirs;

struct container {
	struct record record;
	struct record_state state;
};

struct containers {
	struct container *v;
	size_t n;
};

#define auto_containers __attribute__((cleanup(containers_free)))

/*
 * Loads every container, oldest first. One whose files make no sense is told on stderr and left
 * out, *ret_status is then 125. What a killed monitor left of a --rm container is removed.
 */
int containers_load(const struct dirs *d, struct containers *ret, int *ret_status, struct err *e);
void containers_free(struct containers *c);
/*
 * Calls each for every container that has an image, until one returns -1, which is returned. One
 * that is removed meanwhile, or cannot be read, has none.
 */
int containers_each(const struct dirs *d,
		    int (*each)(const struct record *r, void *arg, struct err *e), void *arg,
		    struct err *e);
/* Appends the ids of the images that containers have. */
int containers_images(const struct dirs *d, struct strv *ret, struct err *e);

#define ALL_STATES (~0u)

/* Which containers a command is for; the first member of its request. */
struct selection {
	bool all, latest, ignore;
	struct strv cidfiles;
};

/* Rows of the option table of a command whose request begins with a struct selection. */
#define SELECTION_ALL(what)                                                                        \
	{                                                                                          \
		"all", 'a', .group = "Options", .at = option_at(struct selection, all, bool),      \
			    .set = option_set_bool, .help = what                                   \
	}
#define SELECTION_LATEST                                                                           \
	{                                                                                          \
		"latest", 'l', .group = "Options",                                                 \
			       .at = option_at(struct selection, latest, bool),                    \
			       .set = option_set_bool, .help = "Take the container made last"      \
	}
#define SELECTION_CIDFILE                                                                          \
	{                                                                                          \
		"cidfile",                                                                         \
		    .metavar = "FILE", .repeats = true, .values = "@file", .group = "Options",     \
		    .at = option_at(struct selection, cidfiles, struct strv),                      \
		    .set = option_set_list, .help = "Take the container whose id is in FILE"       \
	}
#define SELECTION_IGNORE                                                                           \
	{                                                                                          \
		"ignore", 'i', .group = "Options",                                                 \
			       .at = option_at(struct selection, ignore, bool),                    \
			       .set = option_set_bool,                                             \
			       .help = "Say nothing about a container that is not there"           \
	}

/* What was meant: full ids, and how to call each in print: as typed, else the id. */
struct selected {
	struct strv ids, names;
};

#define auto_selected __attribute__((cleanup(selected_free)))

void selected_free(struct selected *s);

/*
 * What options and operands name, each once and in that order; with --all those whose status
 * `wanted` holds (bits 1 << enum record_status; ALL_STATES: unreadable ones too). A name that is
 * not there is told on stderr, and *ret_status raised to its exit status; the others are found all
 * the same. -1: nothing was named, or it contradicts itself.
 */
int selection_find(const struct selection *s, const struct dirs *d, int n, char **operands,
		   unsigned int wanted, struct selected *ret, int *ret_status, struct err *e);
/* Frees what the options gave. */
void selection_free(struct selection *s);

/* Tells an error on stderr and raises *status to its exit status. */
void containers_tell(const struct err *e, int *status);
