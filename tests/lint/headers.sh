#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fails on a header that does not say what it is for, and on a paragraph of prototypes without one
# comment. Releasers (x_free, x_close, …) speak for themselves.
set -eu
cd "$1"
# shellcheck disable=SC2016 # the fields are awk's
find lib storage net seccomp cmd -name '*.h' | sort | xargs awk '
	function paragraph_ends() {
		if (proto && !comment) {
			print file ":" proto ": no comment on " name
			failed = 1
		}
		proto = comment = 0
	}
	function file_ends() {
		paragraph_ends()
		if (file != "" && !told) {
			print file ": no comment in its first lines says what it is for"
			failed = 1
		}
	}
	FNR == 1 { file_ends(); file = FILENAME; told = 0 }
	/^$/ { paragraph_ends(); next }
	/\/\*/ && !/SPDX/ { comment = 1; if (FNR <= 10) told = 1 }
	/^[a-z][^=]*[a-z0-9_]\(/ && !/^static inline/ {
		name = $0
		sub(/\(.*/, "", name)
		sub(/.*[ *]/, "", name)
		if (!proto && name !~ /_(free|put|close|unref|clear|end)_?$/)
			proto = FNR
	}
	END { file_ends(); exit failed }'
