/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of podman(1) and docker(1) that rlc lacks, each with the nearest way. */
#include "cmd/command.h"
#include "lib/base/auto.h"

#include <string.h>

#define ANEW "make it anew: rlc rm -f CONTAINER; rlc run -d ... IMAGE"
#define TO_REGISTRY                                                                                \
	"rlc pull --keep-blobs NAME; skopeo copy oci:STORE:NAME docker://NAME (STORE: "            \
	"~/.local/share/rlc; NAME: in full, as rlc images prints it)"
#define TO_FILE                                                                                    \
	"rlc pull --keep-blobs NAME; skopeo copy oci:STORE:NAME docker-archive:FILE (STORE: "      \
	"~/.local/share/rlc; NAME: in full, as rlc images prints it)"
#define LOGIN	"skopeo copy --src-creds USER docker://NAME oci:DIR:REF; rlc load oci:DIR:REF"
#define BUILD	"build elsewhere and bring it by file: podman save NAME | rlc load"
#define FOLDERS "a folder of yours is a volume: rlc run -v ./FOLDER:/PATH ..."
#define NETWORK "a container has a network of its own: rlc run --network private|none|host ..."
#define SYSTEMD "let systemd run it: systemd-run --user --unit NAME rlc run --rm ... IMAGE"
#define SHARED                                                                                     \
	"containers reach each other by published ports: rlc run -p PORT:PORT ..., or all with "   \
	"--network host"
#define COPY                                                                                       \
	"share a folder from the start: rlc run -v ./FOLDER:/PATH ..., and copy there; out of an " \
	"image: rlc run --rm IMAGE cat /PATH >FILE"
#define FILES "rlc run --rm IMAGE tar -c -C / --exclude ./proc --exclude ./sys . >FILE"

/* clang-format off */
static const struct {
	const char *name, *way;
} refused[] = {
	{"attach", "rlc logs -f CONTAINER shows what it says"},
	{"auto-update", "rlc pull NAME; " ANEW},
	{"build", BUILD},
	{"buildx", BUILD},
	{"commit", "do in a Containerfile what was done by hand; " BUILD},
	{"compose", "rlc run -d ... once for each service; " SHARED},
	{"container exists", "rlc inspect --type container NAME >/dev/null"},
	{"container prune", "rlc ps -aq --filter status=exited | xargs -r rlc rm"},
	{"cp", COPY},
	{"create", "rlc run -d makes a container and starts it"},
	{"diff", "with a volume for what it writes, compare there: rlc run --read-only -v ./OUT:/PATH ..."},
	{"events", "rlc ps -a tells what is, rlc logs -f CONTAINER what it says"},
	{"exec", "let one container start it all: rlc run ... IMAGE sh -c 'COMMAND & COMMAND'"},
	{"export", FILES},
	{"generate", SYSTEMD},
	{"healthcheck", "run the check from outside; rlc inspect CONTAINER tells whether it lives"},
	{"history", "rlc inspect IMAGE tells what is known of it"},
	{"image exists", "rlc inspect --type image NAME >/dev/null"},
	{"init", "rlc run -d makes a container and starts it"},
	{"kube", "rlc run -d ... once for each container"},
	{"login", LOGIN},
	{"logout", "there is nothing to forget: rlc keeps no log-in"},
	{"machine", "none is needed: containers run on this Linux"},
	{"manifest", "skopeo inspect --raw docker://NAME shows it"},
	{"mount", "with a volume you see its files: rlc run -v ./FOLDER:/PATH ..."},
	{"network", NETWORK},
	{"play", "rlc run -d ... once for each container"},
	{"pod", SHARED},
	{"push", TO_REGISTRY},
	{"quadlet", SYSTEMD},
	{"rename", "name it when it is made: rlc rm -f CONTAINER; rlc run -d --name NAME ... IMAGE"},
	{"restart", ANEW},
	{"save", TO_FILE},
	{"search", "look at the registry's own pages; skopeo list-tags docker://NAME lists tags"},
	{"secret", "a file of yours is a secret: rlc run -v ./FILE:/run/secrets/NAME:ro ..."},
	{"start", ANEW},
	{"system df", "rlc images and rlc ps -a list what there is; du -sh ~/.local/share/rlc"},
	{"system info", "rlc info"},
	{"system prune", "rlc rm -a removes containers that have ended, rlc image prune -a images without one"},
	{"system reset", "rlc rm -f -a; rlc rmi -f -a"},
	{"system", "rlc info tells of this host, rlc doctor what it lacks, rlc image prune makes room"},
	{"top", "the first process is .State.Pid of rlc inspect CONTAINER; ps(1) shows it"},
	{"unshare", "unshare --map-root-user --map-auto COMMAND, of util-linux, enters the same ids"},
	{"untag", "rlc rmi NAME takes that name alone while the image has another"},
	{"volume", FOLDERS},
	{"wait", "rlc run without -d waits; so does rlc logs -f CONTAINER"},
};
/* clang-format on */

const char *command_refused(const char *name)
{
	for (size_t i = 0; i < array_len(refused); i++)
		if (strcmp(refused[i].name, name) == 0)
			return refused[i].way;
	return NULL;
}
