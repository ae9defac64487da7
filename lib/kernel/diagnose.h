/* SPDX-License-Identifier: Apache-2.0 */
/* From an errno to its cause and remedy. Looks at the host's switches; none of these fails. */
#pragma once
#include "lib/kernel/fix.h"

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
/* Why mount(2) of an overlay was refused to root of a user namespace with this errno. */
enum fix overlay_diagnose(int sys);
