/* SPDX-License-Identifier: Apache-2.0 */
/* What may stand in the configuration; rlc.yaml(5) prints this table. */
#include "cmd/settings.h"
#include "lib/base/auto.h"

/* clang-format off */
const struct setting_key setting_keys[] = {
	{"root", SETTING_TEXT, "root", .global = true, .example = "/srv/rlc",
	 .text = "Where images and containers are kept; an absolute path. Default: "
		 "_$XDG_DATA_HOME/rlc_, for root _/var/lib/rlc_."},
	{"runroot", SETTING_TEXT, "runroot", .global = true, .example = "/run/user/1000/rlc",
	 .text = "Where is kept what need not outlive a boot. Default: "
		 "_$XDG_RUNTIME_DIR/rlc_, for root _/run/rlc_."},
	{"log-level", SETTING_TEXT, "log-level", .global = true, .example = "info",
	 .text = "_error_, _warn_ (the default), _info_ or _debug_."},
	{"storage-driver", SETTING_TEXT, "storage-driver", .example = "overlay",
	 .text = "How the layers of an image become one tree. Default: the first that works."},
	{"network", SETTING_TEXT, "network", .example = "none",
	 .text = "The network of a container that does not ask for one: _private_ (the default), "
		 "_none_, _host_ or _slirp:OPTIONS_."},
	{"pull", SETTING_TEXT, "pull", .example = "never",
	 .text = "When *rlc run* fetches an image: _missing_, _always_, _never_ or _newer_."},
	{"tls-verify", SETTING_BOOL, "tls-verify", .example = "false",
	 .text = "Whether registries must prove by TLS who they are. For single ones: "
		 "*registry-insecure*."},
	{"cert-dir", SETTING_TEXT, "cert-dir", .example = "/etc/rlc/certs",
	 .text = "A folder with certificates of registries, instead of the _certs.d_ folders."},
	{"registry-alias", SETTING_LIST, "registry-alias",
	 .example = "fedora=registry.fedoraproject.org/fedora",
	 .text = "Where a short name leads."},
	{"registry-search", SETTING_LIST, "registry-search", .example = "docker.io",
	 .text = "Registries in which short names are looked for, in this order. Default: "
		 "_docker.io_."},
	{"registry-insecure", SETTING_LIST, "registry-insecure", .example = "localhost:5000",
	 .text = "Registries that are spoken to without proof, and without TLS if they have none."},
	{"registry-timeout", SETTING_TEXT, "registry-timeout", .example = "60",
	 .text = "Seconds without a connection or a byte after which a registry is given up."},
	{"retry", SETTING_TEXT, "retry", .example = "5",
	 .text = "How often a registry is asked again after a failure that may pass."},
	{"retry-delay", SETTING_TEXT, "retry-delay", .example = "2s",
	 .text = "How long is waited before that; doubles each time."},
	{"store.keep-blobs", SETTING_BOOL, "keep-blobs", .example = "true",
	 .text = "Whether the blobs of layers are kept as they travelled, beside what was unpacked of "
		 "them: _oci:FOLDER:NAME_ of the store can then be copied by other tools."},
	{"seccomp-profile", SETTING_TEXT, "security-opt", "seccomp=", .example = "/etc/rlc/strict.json",
	 .text = "A seccomp profile in the JSON of Docker and Podman, _default_ or _unconfined_."},
	{"no-new-privileges", SETTING_BOOL, "security-opt", "no-new-privileges:", .example = "true",
	 .text = "Whether setuid programs inside are without effect."},
	{"cap-add", SETTING_LIST, "cap-add", .example = "NET_RAW",
	 .text = "Capabilities every container gets beside the usual ones."},
	{"cap-drop", SETTING_LIST, "cap-drop", .example = "SETFCAP",
	 .text = "Capabilities no container gets unless an option adds them."},
	{"read-only", SETTING_BOOL, "read-only", .example = "true",
	 .text = "Whether the root file system is read-only."},
	{"init", SETTING_BOOL, "init", .example = "true",
	 .text = "Whether a small init reaps orphans inside."},
	{"shm-size", SETTING_TEXT, "shm-size", .example = "128m", .text = "Size of _/dev/shm_."},
	{"stop-timeout", SETTING_TEXT, "stop-timeout", .example = "5",
	 .text = "Seconds between the stop signal and SIGKILL."},
	{"umask", SETTING_TEXT, "umask", .example = "0027",
	 .text = "File mode creation mask inside. Quote it or not: it is read as octal."},
	{"limits", SETTING_TEXT, "limits", .example = "best-effort",
	 .text = "_strict_ (the default): a limit that cannot be had is an error. _best-effort_: "
		 "it is a notice."},
	{"memory", SETTING_TEXT, "memory", .example = "2g", .text = "Memory limit."},
	{"pids-limit", SETTING_TEXT, "pids-limit", .example = "512", .text = "Limit of tasks."},
	{"memory-reservation", SETTING_TEXT, "memory-reservation", .example = "256m",
	 .text = "Memory that is kept when the host is short of it."},
	{"cpus", SETTING_TEXT, "cpus", .example = "1.5", .text = "Limit of processor time."},
	{"cpu-shares", SETTING_TEXT, "cpu-shares", .example = "512",
	 .text = "Weight where processors are short, _2_ to _262144_."},
	{"cpuset-cpus", SETTING_TEXT, "cpuset-cpus", .example = "0-1",
	 .text = "Processors to run on."},
	{"cpuset-mems", SETTING_TEXT, "cpuset-mems", .example = "0",
	 .text = "NUMA nodes to take memory of."},
	{"blkio-weight", SETTING_TEXT, "blkio-weight", .example = "200",
	 .text = "Weight where disks are busy, _10_ to _1000_."},
	{"cgroup-conf", SETTING_LIST, "cgroup-conf", .example = "memory.high=1G",
	 .text = "What is written to files of the container's control group."},
	{"cgroup-parent", SETTING_TEXT, "cgroup-parent", .example = "rlc.slice",
	 .text = "The slice of systemd or the control group that containers go into."},
	{"env", SETTING_LIST, "env", .example = "TZ=Europe/Paris",
	 .text = "Environment of every container: K=V, K or PFX\\*, as with *--env*, which wins "
		 "over it as *--env-file* does."},
	{"label", SETTING_LIST, "label", .example = "team=web",
	 .text = "Labels of every container."},
};
/* clang-format on */
const size_t n_setting_keys = array_len(setting_keys);
