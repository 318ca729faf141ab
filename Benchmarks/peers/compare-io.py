#!/usr/bin/env python3
"""Runs echo servers of tasklets and of the peers on one processor, a client on another one, and prints a Markdown table.

compare-io.py [ROUNDS] (5 if nothing is said); progress goes to standard error. Everything is on the loopback interface.
"""

import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

from peers import Missing, Peer, build, install, python_package, shell, swift_package, version_of

here = Path(__file__).resolve().parent / "io"
seconds = 1.0
# Title, what the client does, how many connections.
jobs = [
    ("echo, 1 connection", "echo", 1),
    ("echo, 100 connections", "echo", 100),
    ("echo, 1,000 connections", "echo", 1000),
    ("connect, ask, close; 64 at a time", "short", 64),
]
idle_connections = 5000


def c_program(name):
    install("gcc", "libc6-dev")
    program = build / f"io-{name}"
    shell("gcc", "-std=c11", "-D_GNU_SOURCE", "-O2", here / f"c/{name}.c", "-o", program)
    return [program], f"GCC {shell('gcc', '-dumpfullversion')}"


def tasklets():
    commit = shell("git", "-C", here, "describe", "--always", "--dirty", "--abbrev=10")
    return swift_package("io/tasklets", "TaskletEcho"), f"commit {commit}"


def go():
    install("golang-go")
    shell("go", "build", "-o", build / "io-go", ".", cwd=here / "go")
    return [build / "io-go"], shell("go", "version").split()[2].removeprefix("go")


def gevent():
    (python, _), version = python_package("gevent")
    return [python, here / "gevent/server.py"], version


def nio(*arguments):
    return [*swift_package("io/swift-nio", "NIOEcho"), *arguments], "from 2.86.0"


peers = [
    Peer("raw epoll", lambda: c_program("server"), set()),
    Peer("tasklets", tasklets, set()),
    Peer("Go", go, set(), environment={"GOMAXPROCS": "1"}),
    Peer("SwiftNIO handler", nio, set()),
    Peer("NIOAsyncChannel", lambda: nio("async"), set()),
    Peer("gevent", gevent, set()),
]


def report(text):
    print(text, file=sys.stderr, flush=True)


class Server:
    """A peer's server, on the first processor."""

    def __init__(self, peer):
        self.process = subprocess.Popen(
            ["taskset", "-c", "0", *peer.command],
            env=os.environ | peer.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self.process.stdout.readline())

    def processor_nanoseconds(self):
        """Of all its threads."""
        total = 0
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
        return total

    def context_switches(self):
        total = 0
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            for line in (task / "status").read_text().splitlines():
                if "ctxt_switches" in line:
                    total += int(line.split()[1])
        return total

    def resident_bytes(self):
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def client(program, port, *arguments):
    return subprocess.Popen(
        ["taskset", "-c", str(os.cpu_count() - 1), program, str(port), *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
    )


def measure(peer, program, job, size):
    """Answers a second, p50 and p99 in microseconds, and the nanoseconds of the processor that the server needs for an answer."""
    with Server(peer) as server:
        before = server.processor_nanoseconds()
        process = client(program, server.port, job, size, seconds)
        output = process.communicate(timeout=60)[0]
        if process.returncode != 0:
            raise RuntimeError(f"{peer.name}, {job} {size}: the client failed")
        rate, half, most = map(float, output.split())
        used = server.processor_nanoseconds() - before
        return [rate, half, most, used / (rate * seconds + size)]


def measure_idle(peer, program):
    """Bytes of the server for a connection that does nothing, and its context switches in two seconds with all of them."""
    with Server(peer) as server:
        time.sleep(0.2)
        before = server.resident_bytes()
        process = client(program, server.port, "idle", idle_connections, 4)
        process.stdout.readline()
        time.sleep(1)
        bytes_each = (server.resident_bytes() - before) / idle_connections
        switches = server.context_switches()
        time.sleep(2)
        switches = server.context_switches() - switches
        process.wait()
        return [bytes_each, switches]


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    build.mkdir(exist_ok=True)
    program = c_program("client")[0][0]
    there = []
    for peer in peers:
        report(f"building {peer.name}")
        try:
            peer.command, peer.version = peer.prepare()
            there.append(peer)
        except Missing as reason:
            report(f"{peer.name} is missing: {reason}")
    readings = defaultdict(list)
    for turn in range(rounds):
        report(f"round {turn + 1} of {rounds}, load {os.getloadavg()[0]:.1f}")
        order = there[turn % len(there):] + there[: turn % len(there)]
        for _, job, size in jobs:
            for peer in order:
                readings[job, size, peer.name].append(measure(peer, program, job, size))
        for peer in order:
            readings["idle", 0, peer.name].append(measure_idle(peer, program))
    medians = {key: [statistics.median(column) for column in zip(*all)] for key, all in readings.items()}
    print("| job | server | answers/s | p50 µs | p99 µs | CPU ns/answer | of raw epoll |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for title, job, size in jobs:
        base = medians[job, size, there[0].name]
        for peer in there:
            rate, half, most, cost = medians[job, size, peer.name]
            print(f"| {title} | {peer.name} | {rate:,.0f} | {half:,.0f} | {most:,.0f} | {cost:,.0f} | {cost / base[3]:.2f} |")
    print()
    print("| server | bytes of an idle connection | context switches in 2 s at rest |")
    print("| --- | ---: | ---: |")
    for peer in there:
        size, switches = medians["idle", 0, peer.name]
        print(f"| {peer.name} | {size:,.0f} | {switches:.0f} |")
    print()
    for peer in there:
        print(f"- {peer.name}: {peer.version}")


main()
