/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who has a name: DATA/names/NAME is a symlink whose text is the container's id in base64url
 * (RFC 4648): 43 letters. From 60 on ext4 gives a symlink a block of its own, and unlink(2) of such
 * a one waits for the journal: milliseconds for each --rm. symlink(2) either makes it or finds it
 * taken, so two commands never both get a name. A link to a container that
 * is neither there nor being made is what kill -9 left: the next who wants the name takes it, and
 * pruning takes them all back.
 */
#pragma once

struct err;
struct dirs;

/*
 * Claims name for id, whose locked folder is in DATA/tmp already. 0: claimed; 1: taken, the error
 * names the holder; -1: failed.
 */
int claim_name(const struct dirs *d, const char *name, const char *id, struct err *e);
/* Brings all names to the disk: a container that outlives a power cut has its own. */
int claim_sync(const struct dirs *d, struct err *e);
/* Gives the name back if id still has it. */
int claim_release(const struct dirs *d, const char *name, const char *id, struct err *e);
/* Takes back the names of the dead. */
int claim_sweep(const struct dirs *d, struct err *e);
/* The id that has `name`, into buf of 65 bytes. -1: nobody, or what is there is no id. */
int claim_holder(const struct dirs *d, const char *name, char *buf);
/* Gives back whatever name id has: for a record that cannot be read. */
int claim_release_any(const struct dirs *d, const char *id, struct err *e);
