#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Listens by TCP and UDP on 127.0.0.1, 127.0.0.2 and ::1, all on one port, until it is told to end.

    listen.py PORTFILE LOG [--bind ADDRESS]...

Each thing heard is a line of LOG: "tcp 127.0.0.1", "udp ::1 knock". Connections are answered with
"heard", datagrams too. PORTFILE appears, with the port in it, once all listen.
"""
import os
import selectors
import socket
import sys


def bind_all(addresses):
    """Sockets on one free port of every address, or None where some are taken."""
    made, port = [], 0
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            s = socket.socket(family, kind)
            made.append(s)
            try:
                s.bind((address, port))
            except OSError:
                for other in made:
                    other.close()
                return None, 0
            port = s.getsockname()[1]
            if kind == socket.SOCK_STREAM:
                s.listen(64)
    return made, port


def hear(s, log):
    address = s.getsockname()[0]
    if s.type == socket.SOCK_DGRAM:
        data, sender = s.recvfrom(2048)
        log.write(f"udp {address} {data.decode(errors='replace')}\n")
        s.sendto(b"heard", sender)
        return
    connection, _ = s.accept()
    log.write(f"tcp {address}\n")
    connection.send(b"heard")
    connection.close()


def main():
    addresses = sys.argv[4::2] or ["127.0.0.1", "127.0.0.2", "::1"]
    sockets = None
    while not sockets:
        sockets, port = bind_all(addresses)
    waiting = selectors.DefaultSelector()
    for s in sockets:
        waiting.register(s, selectors.EVENT_READ)
    with open(sys.argv[2], "a", encoding="utf-8", buffering=1) as log:
        with open(sys.argv[1] + ".part", "w", encoding="utf-8") as out:
            out.write(str(port))
        os.rename(sys.argv[1] + ".part", sys.argv[1])
        while True:
            for key, _ in waiting.select():
                hear(key.fileobj, log)


main()
