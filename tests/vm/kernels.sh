#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fetches kernels of other Debian releases without touching this machine's own packages: DIR gets a
# folder for each, with its `vmlinuz` and `modules/VERSION`.
#
#   kernels.sh DIR NAME=SUITE:PACKAGE…      e.g. 5.10=bullseye:linux-image-cloud-amd64
#
# Uses the Debian mirror that this machine's own apt uses, and checks signatures as apt does.
set -euo pipefail
dir=$1
shift

# The mirror in use, from apt's own list of what it may fetch.
mirror() {
	# shellcheck disable=SC2016 # apt's own fields
	apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' | grep -v security | head -n 1
}

# An apt of its own: lists, cache and status beneath FOLDER.
private_apt() { # FOLDER COMMAND…
	local at=$1 tool=$2
	shift 2
	"$tool" -qq -o Dir::Etc::sourcelist="$at/sources.list" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::State::lists="$at/lists" -o Dir::Cache="$at/cache" \
		-o Dir::State::status=/dev/null -o APT::Sandbox::User= -o Acquire::Languages=none "$@"
}

# The package that a metapackage stands for.
real_package() { # FOLDER PACKAGE
	private_apt "$1" apt-cache depends "$2" | awk '$1 == "Depends:" && /linux-image-[0-9]/ { print $2; exit }'
}

fetch_kernel() { # NAME SUITE PACKAGE
	local at package
	at=$(mktemp -d "$dir/.$1.XXXXXX")
	mkdir -p "$at/lists/partial" "$at/cache/archives/partial" "$at/tree"
	printf 'deb %s %s main\n' "$(mirror)" "$2" >"$at/sources.list"
	private_apt "$at" apt-get update
	package=$(real_package "$at" "$3")
	(cd "$at" && private_apt "$at" apt-get download "${package:-$3}")
	dpkg-deb -x "$at"/linux-image-*.deb "$at/tree"
	mkdir "$at/done"
	mv "$at"/tree/boot/vmlinuz-* "$at/done/vmlinuz"
	if [ -d "$at/tree/usr/lib/modules" ]; then
		mv "$at/tree/usr/lib/modules" "$at/done/modules"
	else
		mv "$at/tree/lib/modules" "$at/done/modules"
	fi
	mv "$at/done" "$dir/$1"
	rm -rf "$at"
}

for row in "$@"; do
	name=${row%%=*} what=${row#*=}
	[ -d "$dir/$name" ] || fetch_kernel "$name" "${what%%:*}" "${what#*:}"
done
