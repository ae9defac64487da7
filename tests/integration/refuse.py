#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a command beneath a seccomp filter that refuses what an older Linux did not have, as it did, or
the calls that are named. Needs CAP_SYS_ADMIN in its user namespace, or takes no_new_privs.

  refuse.py 5.8 COMMAND…
  refuse.py clone3=ENOSYS COMMAND…
  refuse.py ipv6=EAFNOSUPPORT COMMAND…
"""
import ctypes
import errno
import os
import socket
import struct
import sys

# First Linux that has it, number (above 423 the same everywhere), the refusal; and, for flags of a
# call: which argument, and how its low half is looked at.
SET, ABOVE, EQUAL = 0x45, 0x25, 0x15  # BPF_JMP | BPF_K | BPF_JSET, BPF_JGT, BPF_JEQ
LACKS = [
    ((5, 1), 424, errno.ENOSYS),  # pidfd_send_signal
    *[((5, 2), n, errno.ENOSYS) for n in range(428, 434)],  # open_tree … fspick
    *[((5, 3), n, errno.ENOSYS) for n in (434, 435)],  # pidfd_open, clone3
    *[((5, 6), n, errno.ENOSYS) for n in (437, 438)],  # openat2, pidfd_getfd
    ((5, 7), 435, errno.E2BIG, 1, ABOVE, 80),  # clone3: clone_args.cgroup
    ((5, 8), 439, errno.ENOSYS),  # faccessat2
    ((5, 9), 436, errno.ENOSYS),  # close_range
    ((5, 10), 440, errno.ENOSYS),  # process_madvise
    ((5, 11), 436, errno.EINVAL, 2, SET, 4),  # close_range: CLOSE_RANGE_CLOEXEC
    ((5, 11), 441, errno.ENOSYS),  # epoll_pwait2
    ((5, 12), 442, errno.ENOSYS),  # mount_setattr
    *[((5, 13), n, errno.ENOSYS) for n in (444, 445, 446)],  # landlock_*
    *[((6, 8), n, errno.ENOSYS) for n in (457, 458, 459, 460, 461)],  # statmount … lsm_*
    ((6, 15), 467, errno.ENOSYS),  # open_tree_attr
]
ARM = os.uname().machine == "aarch64"
NUMBERS = {
    "clone3": (435,),
    "mount": (40 if ARM else 165,),
    "ipv6": (198 if ARM else 41, 0, EQUAL, socket.AF_INET6),  # socket
}


def instruction(code, jt=0, jf=0, k=0):
    return struct.pack("<HBBI", code, jt, jf, k)


def refuse(number, error, argument=None, how=None, value=0):
    end = instruction(0x06, k=0x00050000 | error)  # SECCOMP_RET_ERRNO
    body = end
    if argument is not None:
        body = instruction(0x20, k=16 + 8 * argument) + instruction(how, 0, 1, value) + end
    n = len(body) // 8
    return instruction(0x20, k=0) + instruction(0x15, 0, n, number) + body


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def main():
    what, _, error = sys.argv[1].partition("=")
    if error:
        number, *argument = NUMBERS[what]
        code = refuse(number, getattr(errno, error), *argument)
    else:
        release = tuple(int(part) for part in what.split("."))
        code = b"".join(refuse(*row) for since, *row in LACKS if release < since)
    code += instruction(0x06, k=0x7FFF0000)  # SECCOMP_RET_ALLOW
    libc = ctypes.CDLL(None, use_errno=True)
    program = Program(len(code) // 8, code)
    set_seccomp, no_new_privs = 22, 38
    for _ in range(2):
        if libc.prctl(set_seccomp, 2, ctypes.byref(program), 0, 0) == 0:
            os.execvp(sys.argv[2], sys.argv[2:])
        libc.prctl(no_new_privs, 1, 0, 0, 0)
    sys.exit("refuse.py: " + os.strerror(ctypes.get_errno()))


main()
