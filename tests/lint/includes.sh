#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fails when a file includes what tests/lint/layers does not allow it, or what is not there.
set -eu
lint=$(cd "$(dirname "$0")" && pwd)
cd "$1"
find . -path './build*' -prune -o -path './.git' -prune -o -name '*.[ch]' -print | sed 's|^\./||' |
	sort | xargs grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' /dev/null |
	awk -F'[:"]' -v layers="$lint/layers" '
	# Whether path is name or beneath the folder name.
	function under(path, name) {
		return path == name || index(path, name "/") == 1
	}
	# The left side of the longest rule that fits path.
	function ruler(path,    best, i) {
		for (i = 1; i <= n_rules; i++)
			if (under(path, rule[i]) && length(rule[i]) > length(best))
				best = rule[i]
		return best
	}
	function allowed(from, to,    i, n, words, yes) {
		if (to == "config.h")
			return 1
		yes = under(to, from)
		n = split(may[from], words, " ")
		for (i = 1; i <= n; i++) {
			if (under(to, words[i]))
				yes = 1
			if (words[i] ~ /^!/ && under(to, substr(words[i], 2)))
				yes = 0
		}
		return yes
	}
	function bad(why) {
		print $1 ":" $2 ": " why
		failed = 1
	}
	BEGIN {
		while ((getline line < layers) > 0) {
			if (line ~ /^(#|$)/)
				continue
			rule[++n_rules] = line
			sub(/:.*/, "", rule[n_rules])
			sub(/^[^:]*:/, "", line)
			may[rule[n_rules]] = line
		}
		if (!n_rules) {
			print layers " holds no rule"
			failed = 1
		}
	}
	{
		from = ruler($1)
		to = $4
		if (from == "")
			bad("no rule of tests/lint/layers covers this file")
		else if (!allowed(from, to))
			bad(from " must not include " to)
		else if (to != "config.h" && (getline line < to) < 0)
			bad(to " is not there: includes are written from the root")
		close(to)
	}
	END { exit failed }'
