#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fails where clang-format would write something else. Each major version formats in its own way,
# so only the one the tree is written with decides.
set -eu
cd "$1"
for tool in clang-format-14 clang-format; do
	if command -v "$tool" >/dev/null && "$tool" --version | grep -q 'version 14\.'; then
		find . -path './build*' -prune -o -path './.git' -prune -o -name '*.[ch]' -print |
			sort | xargs "$tool" --dry-run -Werror
		exit
	fi
done
echo "clang-format 14 is missing"
exit 77
