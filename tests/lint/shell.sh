#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs shellcheck over every script: known by its name or by its first line.
set -eu
cd "$1"
command -v shellcheck >/dev/null || { echo "shellcheck is missing"; exit 77; }
scripts=$(find . -path './build*' -prune -o -path './.git' -prune -o -type f -size -256k -print |
	sort | while IFS= read -r file; do
	case $file in
	*.sh | *.bash | *.bats) printf '%s\n' "$file" ;;
	*)
		line=
		IFS= read -r line 2>/dev/null <"$file" || :
		case $line in
		'#!'*/sh | '#!'*/sh\ * | '#!'*bash* | '#!'*/env\ sh | '#!'*bats*) printf '%s\n' "$file" ;;
		esac
		;;
	esac
done)
[ -n "$scripts" ] || { echo "no script found beneath $1"; exit 1; }
# --external-sources: what is sourced is looked into too, wherever the test runs from.
printf '%s\n' "$scripts" | xargs shellcheck --external-sources --source-path=SCRIPTDIR
