#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fails on a C file over 600 lines or a function over 80, unless tests/lint/exempt names it.
set -eu
lint=$(cd "$(dirname "$0")" && pwd)
cd "$1"
files=$(find . -path './build*' -prune -o -path './.git' -prune -o -name '*.[ch]' -print |
	sed 's|^\./||' | sort)
command -v ctags >/dev/null || { echo "ctags is missing (universal-ctags)"; exit 77; }
{
	# Every wc run may print a total of its own; a file of that name does not exist here.
	printf '%s\n' "$files" | xargs wc -l | awk '$2 != "total" { print $2 "\t-\t1\t" $1 }'
	printf '%s\n' "$files" | ctags --languages=C,C++ --kinds-C=f --kinds-C++=f --fields=+ne \
		--langmap=C:+.h -L - -f - | awk -F'\t' '{
		for (i = 4; i <= NF; i++) {
			if ($i ~ /^line:/) start = substr($i, 6)
			if ($i ~ /^end:/) end = substr($i, 5)
		}
		print $2 "\t" $1 "\t" start "\t" end - start + 1 }'
} | awk -F'\t' -v list="$lint/exempt" '
	BEGIN {
		while ((getline line < list) > 0) {
			if (line ~ /^(#|$)/)
				continue
			n = split(line, word, " ")
			if (n < 3) {
				print list ": no reason given: " line
				failed = 1
			}
			exempt[word[1], word[2]] = 1
		}
	}
	(("sizes", $1) in exempt) || (("sizes", $1 ":" $2) in exempt) { next }
	$2 == "-" && $4 > 600 { print $1 " has " $4 " lines"; failed = 1 }
	$2 != "-" && $4 > 80 { print $1 ":" $3 ": " $2 " has " $4 " lines"; failed = 1 }
	END { exit failed }'
