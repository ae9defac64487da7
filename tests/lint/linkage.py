#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when an installed program loads a library that tests/lint/linkage does not allow it."""
import json
import os
import re
import subprocess
import sys


def rows(path):
    """Program name to the set of names after its colon."""
    table = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                name, _, words = line.partition(":")
                table[name.strip()] = set(words.split())
    return table


def installed_programs(build):
    """Files of every executable that `meson install` would install."""
    with open(os.path.join(build, "meson-info/intro-targets.json"), encoding="utf-8") as text:
        for target in json.load(text):
            if target["type"] == "executable" and target["installed"]:
                yield from target["filename"]


def needed(program):
    """Sonames of DT_NEEDED, without the loader, which is no library's choice."""
    text = subprocess.run(["readelf", "-d", program], check=True, capture_output=True,
                          text=True).stdout
    names = re.findall(r"\(NEEDED\).*\[(.*)\]", text)
    return {name for name in names if not name.startswith("ld-linux")}


def has_interpreter(program):
    text = subprocess.run(["readelf", "-lW", program], check=True, capture_output=True,
                          text=True).stdout
    return "INTERP" in text


def complaints(program, table):
    name = os.path.basename(program)
    if name not in table:
        return [f"{name} has no row in tests/lint/linkage"]
    if table[name] == {"static"}:
        loads = sorted(needed(program)) + (["a loader"] if has_interpreter(program) else [])
        return [f"{name} must be static and asks for {what}" for what in loads]
    return [f"{name} must not load {what}" for what in sorted(needed(program) - table[name])]


def main():
    build = sys.argv[1]
    table = rows(sys.argv[2])
    found = 0
    bad = []
    for program in installed_programs(build):
        found += 1
        bad += complaints(program, table)
    print("\n".join(bad))
    return 1 if bad or not found else 0


sys.exit(main())
