#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts the cases of a `meson test` run: prints "PASSED FAILED SKIPPED" of its testlog.json.

A TAP test counts each of its cases, any other one. A test that crashed or timed out is a failure
even when every case before that was well.
"""
import json
import re
import sys

GOOD = {"OK", "EXPECTEDFAIL"}


def tap_counts(text):
    """Cases of a TAP stream, or None when it is none."""
    if not re.search(r"^1\.\.\d+", text, re.M):
        return None
    passed = failed = skipped = 0
    for line in text.splitlines():
        if re.match(r"ok\b.*#\s*skip", line, re.I):
            skipped += 1
        elif re.match(r"ok\b", line):
            passed += 1
        elif re.match(r"not ok\b", line):
            failed += 1
    return passed, failed, skipped


def test_counts(test):
    counts = tap_counts(test.get("stdout") or "")
    if test["result"] == "SKIP" and (counts is None or not any(counts)):
        return 0, 0, 1
    if counts is None:
        return (1, 0, 0) if test["result"] in GOOD else (0, 1, 0)
    passed, failed, skipped = counts
    if test["result"] not in GOOD | {"SKIP"} and not failed:
        failed = 1
    return passed, failed, skipped


def main():
    with open(sys.argv[1], encoding="utf-8") as lines:
        each = [test_counts(json.loads(line)) for line in lines]
    print(*(sum(column) for column in zip(*each)) if each else (0, 0, 0))


main()
