/* SPDX-License-Identifier: Apache-2.0 */
/* Makes tap devices; runs in set-up. */
#include "lib/kernel/tap.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/kernel/fix.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>

/* Which descriptor belongs to which namespace is settled by where /dev/net/tun is opened. */
static int open_device(struct err *e)
{
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0)
		return fd;
	err_sys(e, "open /dev/net/tun");
	return err_fix(e, FIX_TUN);
}

int tap_open(const char *name, struct err *e)
{
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
	auto_fd int fd = open_device(e);

	if (fd < 0)
		return -1;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, TUNSETIFF, &request) < 0 || ioctl(fd, TUNSETPERSIST, 1) < 0)
		return err_sys(e, "make the network device %s", name);
	if (ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN) < 0)
		return err_sys(e, "let the network device %s take whole segments", name);
	return take_fd(&fd);
}
