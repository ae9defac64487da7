/* SPDX-License-Identifier: Apache-2.0 */
/* From an errno to its cause and remedy. Looks at the host's switches; none of these fails. */
#pragma once
#include "lib/kernel/fix.h"

#include <stdbool.h>

/* What can forbid user namespaces, as found on a host. */
struct userns_scene {
	bool proc;		  /* /proc is there */
	bool built_in;		  /* the kernel has user namespaces */
	bool limit_is_zero;	  /* user.max_user_namespaces */
	bool other_limit_is_zero; /* one of the other user.max_*_namespaces */
	bool switched_off;	  /* kernel.unprivileged_userns_clone=0 */
	bool apparmor;		  /* kernel.apparmor_restrict_unprivileged_userns=1 */
	bool root;		  /* the caller is */
	bool filtered;		  /* a seccomp filter was set before rlc began */
	bool in_chroot;
};

/* The cause of the errno of clone3, in this scene (pure). */
enum fix userns_cause(int sys, const struct userns_scene *s);
/*
 * Why clone3/unshare(CLONE_NEWUSER…), or the first privileged step inside the namespace, failed
 * with this errno. FIX_DOCTOR when no switch explains it.
 */
enum fix userns_diagnose(int sys);
/*
 * Why this user gets no id map by newuidmap and newgidmap: absent, without privilege, kept from it
 * by nosuid or no_new_privs; FIX_SUBIDS when both helpers are as they should be.
 */
enum fix idmap_diagnose(void);
/* Why landlock_create_ruleset(2) was refused with this errno. */
enum fix landlock_diagnose(int sys);
/* Why mount(2) of an overlay was refused to root of a user namespace with this errno. */
enum fix overlay_diagnose(int sys);
