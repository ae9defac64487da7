/* SPDX-License-Identifier: Apache-2.0 */
/* netdevice(7): one interface flag; runs in set-up. */
#include "lib/kernel/loopback.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int loopback_up(struct err *e)
{
	auto_fd int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};

	if (s < 0 || ioctl(s, SIOCSIFFLAGS, &request) < 0)
		return err_sys(e, "bring the loopback interface up");
	return 0;
}
