/* SPDX-License-Identifier: Apache-2.0 */
/* Options of podman-run(1) and docker-run(1) that rlc lacks, each with the nearest way. */
#include "cmd/pull_options.h"
#include "cmd/run_options.h"

#define LEAVE_OUT   "leave it out: "
#define BY_PLATFORM "--platform linux/ARCHITECTURE[/VARIANT]"
#define NO_ADDRESS  "--network slirp:cidr=NETWORK/24 chooses its network: the address is .100"
#define NO_NET	    "with --network host its ports are those of this host"
#define NO_HEALTH   "run the check from outside: rlc inspect NAME tells whether it lives"
#define NO_BLKIO                                                                                   \
	"a weight for all disks is --blkio-weight; a limit: --cgroup-conf 'io.max=MAJOR:MINOR "    \
	"rbps=N'"
#define NO_USERNS "the map is fixed: 0 inside is you, 1 and up are your subordinate ids"

/* clang-format off */
const struct option_refused run_refused[] = {
	/* process, terminal, lifetime */
	{"attach", 'a', "without -d the container's output is shown; -i adds input"},
	{"replace", .way = "first: rlc rm -f NAME"},
	{"detach-keys", .way = "start it with -d and look at it with rlc logs"},
	{"sig-proxy", .way = LEAVE_OUT "signals are always passed on; start it with -d to keep them away"},
	{"timeout", .way = "from outside: timeout SECONDS rlc run ..."},
	{"restart", .way = "let systemd do it: systemd-run --user -p Restart=always rlc run ..."},
	{"pidfile", .way = "rlc inspect NAME tells the pid"},
	{"conmon-pidfile", .way = "rlc inspect NAME tells the pids"},
	{"init-path", .way = "--init uses an init of rlc's own"},
	{"init-ctr", .way = "run the first container to its end before the second"},
	{"rmi", .way = "afterwards: rlc rmi IMAGE"},
	{"preserve-fd*", .way = "pass the data by a file: -v ./FILE:/FILE"},
	{"requires", .way = "start the other container first"},
	{"sdnotify", .way = LEAVE_OUT "rlc run without -d is itself the process systemd watches"},
	{"systemd", .way = "--tmpfs /run --tmpfs /tmp --stop-signal RTMIN+3 -e container=rlc"},
	{"personality", .way = "inside: setarch --uname-2.6 COMMAND, or setarch i686 COMMAND"},
	{"pod*", .way = "--network host lets containers reach each other by localhost"},
	{"chrootdirs", .way = "-v FOLDER:PATH shows a folder at another place too"},
	/* environment and files written into the container */
	{"env-host", .way = "take all variables over: -e '*'"},
	{"env-merge", .way = "let the shell do it: -e NAME=VALUE"},
	{"unsetenv*", .way = "inside: env -u NAME COMMAND"},
	{"http-proxy", .way = "take them over: -e http_proxy -e https_proxy -e no_proxy"},
	{"hosts-file", .way = "-v FILE:/etc/hosts:ro"},
	{"tz", .way = "-e TZ=Area/City, or -v /etc/localtime:/etc/localtime:ro"},
	{"passwd*", .way = "bring your own file: -v ./passwd:/etc/passwd:ro"},
	{"group-entry", .way = "bring your own file: -v ./group:/etc/group:ro"},
	{"hostuser", .way = "bring your own file: -v ./passwd:/etc/passwd:ro"},
	{"label-file", .way = "--label KEY=VALUE, once for each"},
	{"annotation", .way = "--label KEY=VALUE"},
	{"secret", .way = "-v ./secret:/run/secrets/NAME:ro"},
	/* user namespace */
	{"userns", .way = NO_USERNS},
	{"uidmap", .way = NO_USERNS},
	{"gidmap", .way = NO_USERNS},
	{"subuidname", .way = NO_USERNS},
	{"subgidname", .way = NO_USERNS},
	{"userns-*", .way = NO_USERNS},
	/* file system */
	{"volumes-from", .way = "give the same -v options again"},
	{"volume-driver", .way = "mount it on the host, then -v FOLDER:PATH"},
	{"image-volume", .way = "--tmpfs PATH for each volume of the image"},
	{"shm-size-systemd", .way = "--tmpfs /run:size=SIZE"},
	{"gpus", .way = "--device for each file of the card, as in --device /dev/dri"},
	{"device-cgroup-rule", .way = LEAVE_OUT "only real root could; --device shows a device"},
	{"storage-opt", .way = "a tmpfs can be limited: --tmpfs PATH:size=SIZE"},
	/* image and registry */
	{"arch", .way = BY_PLATFORM},
	{"os", .way = BY_PLATFORM},
	{"variant", .way = BY_PLATFORM},
	{"authfile", .way = PULL_NO_LOGIN},
	{"creds", .way = PULL_NO_LOGIN},
	{"decryption-key", .way = PULL_NO_DECRYPTION},
	{"disable-content-trust", .way = LEAVE_OUT "digests are always verified"},
	{"signature-policy", .way = LEAVE_OUT "digests are always verified"},
	/* network */
	{"network-alias", .way = NO_NET},
	{"net-alias", .way = NO_NET},
	{"ip", .way = NO_ADDRESS},
	{"ip6", .way = NO_ADDRESS},
	{"mac-address", .way = LEAVE_OUT "nobody beyond its gateway sees it"},
	{"link*", .way = NO_NET},
	{"domainname", .way = "--hostname HOST.DOMAIN"},
	/* namespaces */
	{"pid", .way = LEAVE_OUT "each container has its own processes"},
	{"ipc", .way = LEAVE_OUT "each container has its own; to share memory: -v /dev/shm:/dev/shm"},
	{"uts", .way = "--hostname NAME gives it the name you want"},
	{"cgroupns", .way = LEAVE_OUT "each container has its own"},
	/* resources */
	{"memory-swappiness", .way = "cgroup version 2 has no such word; --memory-swap limits swap"},
	{"kernel-memory", .way = "--memory SIZE counts the kernel's memory too"},
	{"cpu-rt-*", .way = "cgroup version 2 has no such word; --cpus and --cpu-shares are its own"},
	{"cgroups", .way = "--limits=best-effort where this host delegates no cgroup"},
	{"blkio-*", .way = NO_BLKIO},
	{"device-read-*", .way = NO_BLKIO},
	{"device-write-*", .way = NO_BLKIO},
	{"sysctl", .way = "inside, as its root: --security-opt unmask=/proc/sys, then sysctl -w NAME=VALUE"},
	{"oom-kill-disable", .way = "--oom-score-adj -1000 as far as you may"},
	{"rdt-class", .way = LEAVE_OUT "it needs real root"},
	/* security */
	{"seccomp-policy", .way = "--security-opt seccomp=FILE"},
	/* logs, health */
	{"log-driver", .way = LEAVE_OUT "-d keeps the output in a file: rlc logs NAME"},
	{"log-opt", .way = LEAVE_OUT "-d keeps the output in a file: rlc logs NAME"},
	{"health-*", .way = NO_HEALTH},
	{"no-healthcheck", .way = LEAVE_OUT "health checks of images are not run"},
	{"runtime", .way = "--dry-run=oci prints a config.json for another runtime"},
	{"isolation", .way = LEAVE_OUT "it is of Windows"},
	{"use-api-socket", .way = "there is no daemon: -v SOCKET:SOCKET"},
	{0},
};
/* clang-format on */
