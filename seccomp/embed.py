#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a C file that holds the default profile and an identity of all that shapes a program.

usage: embed.py OUT PROFILE SOURCE...
The profile is part of the binary: no missing or edited file can turn the filter off. The identity
goes into the key of the cache of compiled filters.
"""
import hashlib
import sys

out, profile, *sources = sys.argv[1:]
identity = hashlib.sha256()
for path in [profile, *sources]:
    with open(path, "rb") as f:
        identity.update(hashlib.sha256(f.read()).digest())
with open(profile, "rb") as f:
    text = f.read()
rows = [text[i:i + 16] for i in range(0, len(text), 16)]
with open(out, "w", encoding="ascii") as f:
    f.write('#include "seccomp/default.h"\n\nconst char default_profile[] = {\n')
    f.writelines("\t" + " ".join(f"{byte}," for byte in row) + "\n" for row in rows)
    f.write("\t0,\n};\n")
    f.write(f"const size_t default_profile_len = {len(text)};\n")
    f.write(f'const char default_identity[] = "{identity.hexdigest()}";\n')
