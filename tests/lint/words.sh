#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fails on words of unfinished work, and on a source file that does not name its licence.
set -eu
cd "$1"
failed=0
sources=$(find . -path './build*' -prune -o -path './.git' -prune -o -type f \
	\( -name '*.[ch]' -o -name '*.sh' -o -name '*.bash' -o -name '*.bats' -o -name '*.py' \
	-o -name 'meson.build' -o -path './quickstart' -o -path './check' -o -path './.ci/*' \) -print |
	sed 's|^\./||' | sort)
[ -n "$sources" ] || { echo "no source found beneath $1"; exit 1; }
# This file has to spell them.
if printf '%s\n' "$sources" | grep -v '^tests/lint/' |
	xargs grep -nIwE 'TODO|FIXME|XXX|HACK|(not (yet )?|un)implemented|for now' /dev/null; then
	failed=1
fi
for file in $(printf '%s\n' "$sources" | grep -v 'meson\.build$'); do
	head -n 3 "$file" | grep -q 'SPDX-License-Identifier: Apache-2\.0' || {
		echo "$file: the first lines hold no SPDX-License-Identifier: Apache-2.0"
		failed=1
	}
done
exit "$failed"
