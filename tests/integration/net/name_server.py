#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A name server that has one answer for every name, by UDP and TCP, until it is told to end.

    name_server.py READYFILE ADDRESS ANSWER|servfail|silent
"""
import selectors
import socket
import sys


def reply(query, answer):
    end = query.index(b"\0", 12) + 5
    if answer == "servfail":
        return query[:2] + b"\x81\x82" + query[4:6] + b"\0\0\0\0\0\0" + query[12:end]
    return (query[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + query[12:end] +
            b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton(answer))


def main():
    ready, address, answer = sys.argv[1:4]
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    udp = socket.socket(family, socket.SOCK_DGRAM)
    tcp = socket.socket(family, socket.SOCK_STREAM)
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    for s in (udp, tcp):
        s.bind((address, 53))
    tcp.listen(16)
    waiting = selectors.DefaultSelector()
    waiting.register(udp, selectors.EVENT_READ)
    waiting.register(tcp, selectors.EVENT_READ)
    with open(ready, "w", encoding="utf-8"):
        pass
    while True:
        for key, _ in waiting.select():
            if key.fileobj is udp:
                query, sender = udp.recvfrom(4096)
                if answer != "silent":
                    udp.sendto(reply(query, answer), sender)
                continue
            connection, _ = tcp.accept()
            query = connection.recv(4096)
            if answer != "silent":
                text = reply(query[2:], answer)
                connection.send(len(text).to_bytes(2, "big") + text)
            connection.close()


main()
