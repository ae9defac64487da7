/* SPDX-License-Identifier: Apache-2.0 */
/* The request of one run: birth and end of struct spec. */
#include "lib/spec/spec.h"

#include "lib/base/alloc.h"

#include <stdlib.h>
#include <string.h>

void spec_init(struct spec *s)
{
	*s = (struct spec){
	    .umask = -1,
	    .no_new_privs = UNSET,
	    .read_only_tmpfs = true,
	    .shm_size = -1,
	    .network = NET_PRIVATE,
	    .stop_timeout = -1,
	    .fetch = {.tls_verify = true, .timeout = 30, .retries = 3, .retry_delay = 1},
	};
	limits_init(&s->limits);
}

/* Grows an array by one zeroed element; returns the array. */
static void *grow(void *array, size_t *n, size_t size)
{
	char *grown = xreallocarray(array, *n + 1, size);

	memset(grown + *n * size, 0, size);
	(*n)++;
	return grown;
}

struct spec_mount *spec_add_mount(struct spec *s)
{
	s->mounts = grow(s->mounts, &s->n_mounts, sizeof(*s->mounts));
	return &s->mounts[s->n_mounts - 1];
}

struct spec_device *spec_add_device(struct spec *s)
{
	s->devices = grow(s->devices, &s->n_devices, sizeof(*s->devices));
	return &s->devices[s->n_devices - 1];
}

struct spec_rlimit *spec_add_rlimit(struct spec *s)
{
	s->rlimits = grow(s->rlimits, &s->n_rlimits, sizeof(*s->rlimits));
	return &s->rlimits[s->n_rlimits - 1];
}

void spec_free(struct spec *s)
{
	struct strv *lists[] = {
	    &s->args,	       &s->entrypoint,	 &s->env,	    &s->group_add, &s->cap_add,
	    &s->cap_drop,      &s->mask,	 &s->unmask,	    &s->labels,	   &s->dns,
	    &s->dns_search,    &s->dns_options,	 &s->add_hosts,	    &s->publish,   &s->expose,
	    &s->fetch.aliases, &s->fetch.search, &s->fetch.insecure};
	char *texts[] = {s->image,	    s->rootfs,	     s->workdir,	 s->user,
			 s->storage_driver, s->hostname,     s->seccomp,	 s->name,
			 s->cidfile,	    s->stop_signal,  s->network_options, s->fetch.platform,
			 s->fetch.cert_dir, s->cgroup_parent};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		strv_free(lists[i]);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free(texts[i]);
	for (size_t i = 0; i < s->n_mounts; i++) {
		free(s->mounts[i].source);
		free(s->mounts[i].target);
		free(s->mounts[i].data);
	}
	for (size_t i = 0; i < s->n_devices; i++) {
		free(s->devices[i].source);
		free(s->devices[i].target);
	}
	free(s->mounts);
	free(s->devices);
	free(s->rlimits);
	limits_free(&s->limits);
	*s = (struct spec){0};
}
