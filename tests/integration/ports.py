# SPDX-License-Identifier: Apache-2.0
"""Both ends of the published-port tests.

ports.py serve             in the container: one service a port, see SERVICES
ports.py TEST HOST PORT …  on the host: one exchange; prints what came of it
ports.py free [udp]        a port of the host that nobody has
ports.py hold KIND IP PORT has it
ports.py stopped port|record PORT FOLDER COMMAND…
                           a run that publishes PORT, stopped in the middle of its start
ports.py once N            in a container: sends N bytes on port 80 and ends
"""
import contextlib
import hashlib
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

RESET = struct.pack("ii", 1, 0)


def pattern(n):
    block = random.Random(7).randbytes(1 << 16)
    while n > 0:
        yield block[: min(n, len(block))]
        n -= len(block)


def read_all(s):
    digest, n = hashlib.sha256(), 0
    while part := s.recv(1 << 18):
        digest.update(part)
        n += len(part)
    return digest.hexdigest(), n


# --- services -----------------------------------------------------------------------------------


def echo(s, peer):
    while part := s.recv(1 << 16):
        s.sendall(part)


def digest(s, peer):
    """Answers only when the request has ended: the other direction must stay open."""
    s.sendall(read_all(s)[0].encode())


def source(s, peer):
    for part in pattern(int(s.makefile().readline())):
        s.sendall(part)


def who(s, peer):
    s.sendall(peer[0].removeprefix("::ffff:").encode())


def reset(s, peer):
    s.recv(1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)


def deaf(s, peer):
    """Reads nothing, as long as the client likes it."""
    time.sleep(60)


def watched(s, peer):
    """Says how its client ended, to the next who asks at port 15."""
    global last_end
    try:
        s.sendall(b"x" * 1000)
        while s.recv(1 << 16):
            pass
        last_end = "end"
    except ConnectionResetError:
        last_end = "reset"


last_end = "none"


def last(s, peer):
    s.sendall(last_end.encode())


SERVICES = {7: echo, 8: digest, 9: source, 10: who, 11: reset, 13: deaf, 14: watched, 15: last}


def run(service, s, peer):
    with s:
        try:
            service(s, peer)
        except OSError:
            pass


def accept(service, listener):
    while True:
        s, peer = listener.accept()
        threading.Thread(target=run, args=(service, s, peer), daemon=True).start()


def serve_udp(s):
    while True:
        data, peer = s.recvfrom(1 << 16)
        if data == b"who":
            data = peer[0].removeprefix("::ffff:").encode()
        if data == b"port":
            data = str(peer[1]).encode()
        if data != b"mute":
            s.sendto(data, peer)


def serve():
    for port, service in SERVICES.items():
        listener = socket.create_server(
            ("", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=4096)
        threading.Thread(target=accept, args=(service, listener), daemon=True).start()
    only4 = socket.create_server(("0.0.0.0", 16))
    threading.Thread(target=accept, args=(who, only4), daemon=True).start()
    udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    udp.bind(("", 7))
    threading.Thread(target=serve_udp, args=(udp,), daemon=True).start()
    print("ready", flush=True)
    signal_wait = threading.Event()
    signal_wait.wait()


# --- clients ------------------------------------------------------------------------------------


def connect(host, port):
    s = socket.create_connection((host, int(port)), timeout=30)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def test_echo(host, port, text):
    with connect(host, port) as s:
        s.sendall(text.encode())
        got = b""
        while len(got) < len(text) and (part := s.recv(1 << 16)):
            got += part
        return got.decode()


def test_upload(host, port, n):
    """Sends n bytes, ends its side, and only then is answered: half-close."""
    ours = hashlib.sha256()
    with connect(host, port) as s:
        for part in pattern(int(n)):
            ours.update(part)
            s.sendall(part)
        s.shutdown(socket.SHUT_WR)
        theirs = b""
        while part := s.recv(1 << 16):
            theirs += part
    return "same" if ours.hexdigest() == theirs.decode() else "another"


def test_download(host, port, n):
    ours = hashlib.sha256()
    for part in pattern(int(n)):
        ours.update(part)
    with connect(host, port) as s:
        s.sendall(f"{n}\n".encode())
        got, count = read_all(s)
    return "same" if got == ours.hexdigest() and count == int(n) else f"another, {count} bytes"


def test_answer(host, port):
    with connect(host, port) as s:
        return s.recv(200).decode()


def test_refused(host, port):
    """How soon a client learns that nobody listens in the container."""
    began = time.monotonic()
    try:
        with connect(host, port) as s:
            s.sendall(b"x")
            how = "end" if s.recv(1) == b"" else "data"
    except ConnectionResetError:
        how = "reset"
    except ConnectionRefusedError:
        how = "refused"
    except TimeoutError:
        how = "timeout"
    return how if time.monotonic() - began < 2 else f"{how}, late"


def test_many(host, port, n):
    """n connections at once, each its own bytes."""
    all_ = []
    for i in range(int(n)):
        s = connect(host, port)
        s.sendall(b"%08d" % i)
        all_.append(s)
    good = sum(s.recv(8, socket.MSG_WAITALL) == b"%08d" % i for i, s in enumerate(all_))
    for s in all_:
        s.close()
    return str(good)


def test_leave(host, port, how):
    """Goes in the middle of an answer: by reset, or in order."""
    with connect(host, port) as s:
        s.recv(1, socket.MSG_WAITALL)
        if how == "reset":
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        else:
            s.shutdown(socket.SHUT_WR)
            read_all(s)
    return "left"


def test_stuff(host, port):
    """Sends to one that never reads, until nothing more is taken; the number of bytes."""
    n = 0
    with connect(host, port) as s:
        s.settimeout(1)
        try:
            while True:
                n += s.send(b"x" * (1 << 20))
        except TimeoutError:
            return str(n)


def test_udp(host, port, text, seconds=5):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.settimeout(seconds)
        s.connect((host, int(port)))  # an answer from another address is not heard
        s.send(text.encode())
        return s.recv(1 << 16).decode()


def test_udp_many(host, port, n):
    """n clients, twice each, and an answer of the greatest size."""
    all_, good = [], 0
    for _ in range(int(n)):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.settimeout(5)
        s.connect((host, int(port)))
        all_.append(s)
    for turn in range(2):
        for i, s in enumerate(all_):
            text = b"%d.%d" % (turn, i)
            s.send(text)
            good += s.recv(1 << 16) == text
    big = os.urandom(60000)
    all_[0].send(big)
    return f"{good} {all_[0].recv(1 << 16) == big}"


def test_flood(host, port, n):
    """n clients of UDP that nobody hears of again, and one that is answered after them."""
    for i in range(int(n)):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.sendto(b"%d" % i, (host, int(port)))
    for _ in range(10):
        # One datagram may meet a full socket: UDP.
        with contextlib.suppress(TimeoutError):
            return test_udp(host, port, "heard", 1)
    return "silence"


def test_kept(host, port, n):
    """Whether a conversation is still the same after n datagrams that are not answered."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(5)
        s.connect((host, int(port)))
        s.send(b"port")
        before = s.recv(64)
        for _ in range(int(n)):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                other.sendto(b"mute", (host, int(port)))
            time.sleep(0.0002)  # each should be heard
        s.send(b"port")
        return "kept" if s.recv(64) == before else "lost"


def test_full(host, port, n):
    """How many of n connections are served at once, how many are reset, and whether it ends."""
    all_, good, bad = [], 0, 0
    for _ in range(int(n)):
        try:
            s = connect(host, port)
            all_.append(s)
            s.sendall(b"x")
            good += s.recv(1) == b"x"
        except ConnectionError:
            bad += 1
    for s in all_:
        s.close()
    time.sleep(0.2)
    return f"{good} {bad} {test_echo(host, port, 'again')}"


def test_slowly(host, port, n):
    """Reads n bytes with pauses."""
    got = 0
    with connect(host, port) as s:
        time.sleep(0.5)
        while part := s.recv(1 << 16):
            got += len(part)
            time.sleep(0.01)
    return "same" if got == int(n) else f"{got} bytes"


def test_idle(host, port, n):
    """n connections that stay, half of them half closed, until standard input ends."""
    all_ = [connect(host, port) for _ in range(int(n))]
    for i, s in enumerate(all_):
        s.sendall(b"x")
        s.recv(1)
        if i % 2:
            s.shutdown(socket.SHUT_WR)
    print("ready", flush=True)
    sys.stdin.read()
    return "left"


def hold(kind, address, port):
    """Has a port of the host until it is killed."""
    s = socket.socket(type=socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, kind == "tcp")
    s.bind((address, int(port)))
    if kind == "tcp":
        s.listen()
    print("ready", flush=True)
    time.sleep(60)


def test_stopped(moment, port, folder, *command):
    """Starts a run and stops it once it has its port, or its record; prints its pid."""
    before = set(os.listdir(folder))
    for _ in range(20):
        # In our session the kernel would wake it when we end (an orphaned process group).
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   start_new_session=True)
        while process.poll() is None:
            if moment == "record" and set(os.listdir(folder)) - before:
                break
            if moment == "port":
                with contextlib.suppress(OSError), socket.socket() as s:
                    s.connect(("127.0.0.1", int(port)))
                    break
        os.kill(process.pid, signal.SIGSTOP)
        new = set(os.listdir(folder)) - before
        if moment == "port" and not new:
            return process.pid
        if moment == "record" and new and not any(running(folder, one) for one in new):
            return process.pid
        # Too late: again.
        os.kill(process.pid, signal.SIGCONT)
        process.wait()
        for one in new:
            subprocess.run([command[0], "rm", "-f", one], stdout=subprocess.DEVNULL, check=True)
    raise OSError("its start is too quick to be stopped in the middle")


def running(folder, one):
    with contextlib.suppress(OSError), open(f"{folder}/{one}/state.json", encoding="utf-8") as f:
        return '"running"' in f.read()
    return False


def once(n):
    """In a container: sends n bytes to its first client on port 80, and ends at once."""
    with socket.create_server(("", 80)) as listener:
        print("ready", flush=True)
        s, _ = listener.accept()
        for part in pattern(int(n)):
            s.sendall(part)


def free(n="1"):
    """The first of n ports in a row that nobody has."""
    for _ in range(100):
        with contextlib.ExitStack() as held:
            try:
                first = held.enter_context(socket.socket())
                first.bind(("", 0))
                port = first.getsockname()[1]
                for next_ in range(port + 1, port + int(n)):
                    held.enter_context(socket.socket()).bind(("", next_))
                return port
            except OSError:
                continue
    raise OSError("no free ports in a row")


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve()
    elif sys.argv[1] == "free":
        print(free(*sys.argv[2:]))
    elif sys.argv[1] == "hold":
        hold(*sys.argv[2:])
    elif sys.argv[1] == "once":
        once(*sys.argv[2:])
    else:
        print(globals()["test_" + sys.argv[1]](*sys.argv[2:]))
