#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows each lint failing: plants one offence in a clean tree and wants it named. Prints TAP.
set -u
lint=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$lint/../.." && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
count=0
failed=0

report() { # ok|not ok, what
	count=$((count + 1))
	echo "$1 $count - $2"
	[ "$1" = ok ] || failed=1
}

# A tree that every lint passes.
plant_clean() {
	rm -rf "${tree:?}"/*
	mkdir -p "$tree/lib/base" "$tree/cmd" "$tree/storage" "$tree/net" "$tree/seccomp" "$tree/tests"
	cp "$top/.clang-format" "$tree/"
	printf '/* SPDX-License-Identifier: Apache-2.0 */\n/* A noun. */\n#pragma once\n\n%s\n%s\n' \
		'/* Does it. */' 'int noun_verb(void);' >"$tree/lib/base/noun.h"
	printf '/* SPDX-License-Identifier: Apache-2.0 */\n#include "lib/base/noun.h"\n' \
		>"$tree/lib/base/noun.c"
	# shellcheck disable=SC2016 # the planted script's own word
	printf '#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\necho "$1"\n' >"$tree/tests/run.sh"
	for room in lib/kernel storage net seccomp cmd lib/launch; do
		mkdir -p "$tree/$room"
		cp "$tree/lib/base/noun.h" "$tree/$room/room.h"
	done
	cp "$tree/lib/base/noun.h" "$tree/lib/base/json.h"
}

# refuses LINT NAMED WHAT: the lint must fail on the tree as it is and name NAMED.
refuses() {
	if out=$("$lint/$1.sh" "$tree" 2>&1); then
		report "not ok" "$1 lets $3 pass"
	elif printf '%s\n' "$out" | grep -qF -- "$2"; then
		report ok "$1 refuses $3"
	else
		report "not ok" "$1 fails on $3 without naming $2"
		printf '%s\n' "$out" | sed 's/^/# /'
	fi
}

spdx='/* SPDX-License-Identifier: Apache-2.0 */'

include_case() { # FILE HEADER WHAT
	plant_clean
	mkdir -p "$tree/$(dirname "$1")"
	printf '%s\n#include "%s"\n' "$spdx" "$2" >"$tree/$1"
	refuses includes "$1:2" "$3"
}

plant_clean
for name in includes sizes format shell words headers; do
	if out=$("$lint/$name.sh" "$tree" 2>&1); then
		report ok "$name passes a clean tree"
	else
		report "not ok" "$name passes a clean tree"
		printf '%s\n' "$out" | sed 's/^/# /'
	fi
done

include_case storage/a.c net/room.h "one room including another"
include_case lib/base/a.c lib/kernel/room.h "lib/base including upwards"
include_case net/a.c cmd/room.h "a room including cmd"
include_case lib/base/a.c noun.h "a path that is not from the root"
include_case lib/base/a.c lib/base/gone.h "a header that is not there"
include_case cmd/launch/init.c lib/base/json.h "PID 1 including JSON"
include_case cmd/launch/init.c cmd/room.h "PID 1 including the launcher"
include_case lib/launch/a.c storage/room.h "lib including a room"
include_case extra/a.c lib/base/noun.h "a folder that no rule covers"

plant_clean
yes "/* line */" | head -n 601 >"$tree/lib/base/long.c"
refuses sizes "lib/base/long.c has 601 lines" "a file of 601 lines"
plant_clean
{ echo 'int noun_verb(void)'; echo '{'; yes '	/* line */' | head -n 78; echo '}'; } \
	>"$tree/lib/base/long.c"
refuses sizes "noun_verb has 81 lines" "a function of 81 lines"
plant_clean
printf '%s\nint  a;\n' "$spdx" >"$tree/cmd/a.c"
refuses format "cmd/a.c" "two spaces"
plant_clean
# shellcheck disable=SC2016 # the planted script's own word
printf '#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\nrm $1\n' >"$tree/tests/nosuffix"
refuses shell "tests/nosuffix" "an unquoted word in a script known by its first line"
plant_clean
printf '%s\n/* TO%s: later */\n' "$spdx" DO >"$tree/cmd/a.c"
refuses words "cmd/a.c:2" "a word of unfinished work"
plant_clean
echo 'int a;' >"$tree/cmd/a.c"
refuses words "cmd/a.c" "a file without its licence"
plant_clean
printf '\nint noun_other(void);\n' >>"$tree/lib/base/noun.h"
refuses headers "noun_other" "a prototype without a comment"
plant_clean
printf '%s\n#pragma once\n\n\n\n\n\n\n\n\n/* Late. */\nint a(void);\n' "$spdx" >"$tree/cmd/room.h"
refuses headers "cmd/room.h" "a header that does not say what it is for"

# linkage reads a build folder: a fake one, with programs of this machine as the built ones.
links() { # PROGRAM-FILE
	mkdir -p "$tree/b/meson-info"
	printf '[{"type":"executable","installed":true,"filename":["%s"]}]' "$1" \
		>"$tree/b/meson-info/intro-targets.json"
	out=$("$lint/linkage.py" "$tree/b" "$lint/linkage" 2>&1)
}
plant_clean
shell=$(command -v sh)
for name in rlc-init rlc-new; do
	cp "$shell" "$tree/$name"
	if links "$tree/$name"; then
		report "not ok" "linkage lets a dynamic $name pass"
	else
		report ok "linkage refuses a dynamic $name"
	fi
done
cp "$(command -v python3)" "$tree/rlc"
if links "$tree/rlc"; then
	report "not ok" "linkage lets rlc load more than libc"
else
	report ok "linkage refuses rlc loading more than libc"
fi
cp "$shell" "$tree/rlc"
if links "$tree/rlc"; then
	report ok "linkage passes rlc loading libc alone"
else
	report "not ok" "linkage passes rlc loading libc alone"
fi
echo "1..$count"
exit "$failed"
