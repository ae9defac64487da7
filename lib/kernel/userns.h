/* SPDX-License-Identifier: Apache-2.0 */
/* A child process as root of a new user namespace: set-up of a run, and rlc-image's unpacker. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct err;
struct id_map;

/*
 * clone3 with CLONE_NEWUSER and `namespaces` (CLONE_NEW*; cgroup_fd ≥ 0 adds CLONE_INTO_CGROUP, and
 * before Linux 5.7, which has none, the child is moved there before this returns in the parent).
 * Returns 0 in the child; in the parent the pid (and *ret_pidfd, close-on-exec). The child must
 * call userns_enter() first. On refusal the error says which switch forbids user namespaces and
 * how to allow them. -1 on failure.
 */
pid_t userns_clone(uint64_t namespaces, int cgroup_fd, int *ret_pidfd, struct err *e);
/*
 * In the child: waits for one byte on go_fd (the parent wrote the maps), then becomes uid 0 and
 * gid 0 of the namespace. Supplementary groups stay: they may be what opens a volume's source.
 */
int userns_enter(int go_fd, struct err *e);
/*
 * mount_isolate(), the first step in the namespace that takes a capability: there are security
 * modules that let it be made and give none. Then the error says so, with the remedy.
 */
int userns_isolate(bool slave, struct err *e);
/* Gives up supplementary groups, where the map lets it (not with a single id). */
int userns_drop_groups(struct err *e);
