#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills a container's PID 1 and tries to write its program, of which a descriptor was kept.

    overwrite.py PID RLC-INIT

Prints what the kernel answered. While it runs, ETXTBSY would come in any case.
"""
import errno
import os
import signal
import sys
import time

pid, init = sys.argv[1:3]
kept = os.open(f"/proc/{pid}/exe", os.O_PATH)
assert os.access(init, os.W_OK), "the file itself may be written: else nothing is shown"
assert os.fstat(kept).st_ino == os.stat(init).st_ino, "PID 1 is not rlc-init"
os.kill(int(pid), signal.SIGKILL)
while os.path.exists(f"/proc/{pid}"):
    time.sleep(0.01)
try:
    os.open(f"/proc/self/fd/{kept}", os.O_WRONLY)
    print("OPENED FOR WRITING")
except OSError as e:
    print(errno.errorcode[e.errno])
