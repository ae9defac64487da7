/* SPDX-License-Identifier: Apache-2.0 */
/* proc(5) on who has a port; runs in rlc, once a bind(2) was refused. */
#include "lib/base/auto.h"
#include "lib/base/str.h"
#include "net/listen.h"

#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/socket.h>

enum { STATE_UNCONNECTED = 7, STATE_LISTEN = 10 }; /* of sockets, as /proc/net shows them */

/* Words of 32 bits, each in this machine's order. */
static bool parse_address(const char *hex, struct port_line *ret)
{
	const size_t n = strlen(hex) / 8;
	uint32_t word;

	if (strlen(hex) % 8 || (n != 1 && n != 4))
		return false;
	memset(ret->address, 0, sizeof(ret->address));
	for (size_t i = 0; i < n; i++) {
		if (sscanf(hex + 8 * i, "%8" SCNx32, &word) != 1)
			return false;
		memcpy(ret->address + 4 * i, &word, sizeof(word));
	}
	ret->family = n == 1 ? AF_INET : AF_INET6;
	return true;
}

bool port_line_parse(const char *line, enum portmap_protocol p, struct port_line *ret)
{
	unsigned port, state, uid;
	unsigned long inode;
	char address[33];

	if (sscanf(line, " %*u: %32[0-9A-Fa-f]:%4x %*[0-9A-Fa-f:] %2x %*s %*s %*s %u %*u %lu",
		   address, &port, &state, &uid, &inode) != 5 ||
	    !parse_address(address, ret))
		return false;
	if (state != (p == PORTMAP_TCP ? STATE_LISTEN : STATE_UNCONNECTED))
		return false;
	ret->port = (uint16_t)port;
	ret->uid = uid;
	ret->inode = inode;
	return true;
}

/* The addresses may differ, and then another socket of that port is the one in the way. */
static bool is_in_the_way(const struct port_line *l, const struct portmap *m)
{
	static const uint8_t any[16];

	if (l->port != m->host)
		return false;
	return !m->family || memcmp(l->address, any, sizeof(any)) == 0 ||
	       (l->family == m->family && memcmp(l->address, m->address, sizeof(l->address)) == 0);
}

static bool find_socket(const struct portmap *m, const char *path, struct port_line *ret)
{
	auto_file FILE *f = fopen(path, "re");
	char line[512];

	while (f && fgets(line, sizeof(line), f))
		if (port_line_parse(line, m->protocol, ret) && is_in_the_way(ret, m))
			return true;
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
	struct port_line line;
	char wanted[64];

	*ret = (struct port_holder){0};
	if (!find_socket(m, files[m->protocol][0], &line) &&
	    !find_socket(m, files[m->protocol][1], &line))
		return false;
	ret->uid = line.uid;
	snprintf(wanted, sizeof(wanted), "socket:[%lu]", line.inode);
	while (proc && (entry = readdir(proc))) {
		if (!isdigit((unsigned char)entry->d_name[0]) || !has_socket(entry->d_name, wanted))
			continue;
		ret->pid = (pid_t)atoi(entry->d_name);
		read_name(entry->d_name, ret->name, sizeof(ret->name));
		break;
	}
	return true;
}
