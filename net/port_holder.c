/* SPDX-License-Identifier: Apache-2.0 */
/* proc(5) on who has a port; runs in rlc, once a bind(2) was refused. */
#include "lib/base/auto.h"
#include "lib/base/str.h"
#include "net/listen.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>

enum { STATE_UNCONNECTED = 7, STATE_LISTEN = 10 }; /* of sockets, as /proc/net shows them */

bool port_line_parse(const char *line, enum portmap_protocol p, uint16_t *ret_port, uid_t *ret_uid,
		     unsigned long *ret_inode)
{
	unsigned port, state, uid;
	unsigned long inode;

	if (sscanf(line, " %*u: %*[0-9A-Fa-f]:%4x %*[0-9A-Fa-f:] %2x %*s %*s %*s %u %*u %lu", &port,
		   &state, &uid, &inode) != 4)
		return false;
	if (state != (p == PORTMAP_TCP ? STATE_LISTEN : STATE_UNCONNECTED))
		return false;
	*ret_port = (uint16_t)port;
	*ret_uid = uid;
	*ret_inode = inode;
	return true;
}

static bool find_socket(const struct portmap *m, const char *path, uid_t *ret_uid,
			unsigned long *ret_inode)
{
	auto_file FILE *f = fopen(path, "re");
	char line[512];

	while (f && fgets(line, sizeof(line), f)) {
		uint16_t port;

		if (port_line_parse(line, m->protocol, &port, ret_uid, ret_inode) &&
		    port == m->host)
			return true;
	}
	return false;
}

static bool has_socket(const char *pid, const char *wanted)
{
	char path[64], link[64];
	auto_dir DIR *d = NULL;
	const struct dirent *entry;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%.16s/fd", pid);
	d = opendir(path);
	while (d && (entry = readdir(d))) {
		n = readlinkat(dirfd(d), entry->d_name, link, sizeof(link) - 1);
		link[n > 0 ? n : 0] = '\0';
		if (strcmp(link, wanted) == 0)
			return true;
	}
	return false;
}

static void read_name(const char *pid, char *name, size_t room)
{
	char path[64];
	auto_fd int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%.16s/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, name, room - 1);
	name[n > 0 ? n : 0] = '\0';
	name[strcspn(name, "\n")] = '\0';
	for (char *c = name; *c; c++)
		if (iscntrl((unsigned char)*c) || *c < 0)
			*c = '?';
}

bool port_holder_find(const struct portmap *m, struct port_holder *ret)
{
	static const char *const files[][2] = {
	    [PORTMAP_TCP] = {"/proc/net/tcp", "/proc/net/tcp6"},
	    [PORTMAP_UDP] = {"/proc/net/udp", "/proc/net/udp6"},
	};
	auto_dir DIR *proc = opendir("/proc");
	const struct dirent *entry;
	unsigned long inode;
	char wanted[64];

	*ret = (struct port_holder){0};
	if (!find_socket(m, files[m->protocol][0], &ret->uid, &inode) &&
	    !find_socket(m, files[m->protocol][1], &ret->uid, &inode))
		return false;
	snprintf(wanted, sizeof(wanted), "socket:[%lu]", inode);
	while (proc && (entry = readdir(proc))) {
		if (!isdigit((unsigned char)entry->d_name[0]) || !has_socket(entry->d_name, wanted))
			continue;
		ret->pid = (pid_t)atoi(entry->d_name);
		read_name(entry->d_name, ret->name, sizeof(ret->name));
		break;
	}
	return true;
}
