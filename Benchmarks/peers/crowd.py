#!/usr/bin/env python3
"""Ten thousand clients of the echo server of tasklets at once, some slow, some that break off.

crowd.py [ROUNDS] (5 if nothing is said). Everything is on the loopback interface. Prints a line for each round, and fails when an
answer is wrong, when the server's memory grows from the second round to the last one, when it does anything while nobody asks, or
when it keeps a descriptor of a client that has gone.
"""

import os
import resource
import socket
import struct
import sys
import time
from pathlib import Path

from peers import Peer, swift_package
from servers import Server

honest, slow, halves, broken = 8000, 1000, 500, 500
size = 64


def connect(port):
    client = socket.create_connection(("127.0.0.1", port), timeout=60)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def question(number, turn):
    return f"client {number} asks {turn} ".encode().ljust(size, b"?")


def expect(found, wanted, who):
    if found != wanted:
        sys.exit(f"{who}: {found!r} has come, not {wanted!r}")


def read(client, count):
    parts = b""
    while len(parts) < count:
        part = client.recv(count - len(parts))
        if not part:
            break
        parts += part
    return parts


def reset(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def one_round(port, kept, turn):
    """Everybody asks once."""
    ended = [connect(port) for _ in range(halves)]
    gone = [connect(port) for _ in range(broken)]
    for number, client in enumerate(kept[:honest]):
        client.sendall(question(number, turn))
    # Half a question, then a reset: there is nobody to answer.
    for client in gone:
        client.sendall(question(0, turn)[: size // 2])
    for client in gone[::2]:
        reset(client)
    # The slow ones a byte at a time, while the others are answered.
    for place in range(size):
        for number, client in enumerate(kept[honest:]):
            client.sendall(question(number, turn)[place : place + 1])
    for number, client in enumerate(kept[:honest]):
        expect(read(client, size), question(number, turn), f"client {number}")
    for number, client in enumerate(kept[honest:]):
        expect(read(client, size), question(number, turn), f"slow client {number}")
    # Says that it has ended, and still gets everything.
    for number, client in enumerate(ended):
        client.sendall(question(number, turn) * 20)
        client.shutdown(socket.SHUT_WR)
    for number, client in enumerate(ended):
        expect(read(client, 1 << 20), question(number, turn) * 20, f"client {number} that ends")
        client.close()
    for client in gone[1::2]:
        reset(client)


def wait_until(condition, what):
    deadline = time.monotonic() + 60
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"after a minute: {what()}")
        time.sleep(0.05)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    peer = Peer("tasklets", None, set(), command=[*swift_package("io/tasklets", "TaskletEcho"), "1"])
    with Server(peer) as server:
        descriptors = lambda: len(os.listdir(Path(f"/proc/{server.process.pid}/fd")))
        at_first = descriptors()
        kept = [connect(server.port) for _ in range(honest + slow)]
        memory = []
        for turn in range(rounds):
            start = time.monotonic()
            one_round(server.port, kept, turn)
            wait_until(lambda: descriptors() == at_first + len(kept), lambda: f"{descriptors()} descriptors are open")
            memory.append(server.resident_bytes())
            print(f"round {turn + 1}: {time.monotonic() - start:.1f} s, {memory[-1] / 1e6:.1f} MB", flush=True)
        if rounds > 2 and memory[-1] > memory[1] * 1.02:
            sys.exit("memory has grown")
        time.sleep(1)
        switches = server.context_switches()
        time.sleep(2)
        switches = server.context_switches() - switches
        print(f"at rest with {len(kept):,} connections: {switches} context switches in 2 s")
        if switches > 0:
            sys.exit("it does not rest")
        for client in kept:
            client.close()
        wait_until(lambda: descriptors() == at_first, lambda: f"{descriptors()} descriptors are open")
        print(f"all have gone: {descriptors()} descriptors, as at first")


main()
