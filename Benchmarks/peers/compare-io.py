#!/usr/bin/env python3
"""Runs echo servers of tasklets and of the peers on one processor, a client on another one, and prints a Markdown table.

compare-io.py [ROUNDS] (5 if nothing is said); progress goes to standard error. Everything is on the loopback interface.
"""

import os
import subprocess
import time
from pathlib import Path

from peers import Peer, build, install, python_package, shell, swift_package
from servers import Server, last_processor, medians, prepare

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
# Of two threads. With fewer processors they share the first: beside the client on the last one they would be measured with it.
for_two = "0,1" if os.cpu_count() >= 3 else "0"


def c_program(name):
    install("gcc", "libc6-dev")
    program = build / f"io-{name}"
    shell("gcc", "-std=c11", "-D_GNU_SOURCE", "-O2", here / f"c/{name}.c", "-o", program)
    return [program], f"GCC {shell('gcc', '-dumpfullversion')}"


def tasklets(threads=1):
    commit = shell("git", "-C", here, "describe", "--always", "--dirty", "--abbrev=10")
    return [*swift_package("io/tasklets", "TaskletEcho"), str(threads)], f"commit {commit}"


def go():
    install("golang-go")
    shell("go", "build", "-o", build / "io-go", ".", cwd=here / "go")
    return [build / "io-go"], shell("go", "version").split()[2].removeprefix("go")


def gevent():
    (python, _), version = python_package("gevent")
    return [python, here / "gevent/server.py"], version


def nio(*arguments):
    return [*swift_package("io/nio", "NIOEcho"), *arguments], "from 2.86.0"


peers = [
    Peer("raw epoll", lambda: c_program("server"), set()),
    Peer("tasklets", tasklets, set()),
    Peer("tasklets, two threads", lambda: tasklets(2), set(), processors=for_two),
    Peer("Go", go, set(), environment={"GOMAXPROCS": "1"}),
    Peer("Go, two processors", go, set(), environment={"GOMAXPROCS": "2"}, processors=for_two),
    Peer("SwiftNIO handler", nio, set()),
    Peer("NIOAsyncChannel", lambda: nio("async"), set()),
    Peer("gevent", gevent, set()),
]


def client(program, port, *arguments):
    return subprocess.Popen(
        [*last_processor, program, str(port), *map(str, arguments)],
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
    program = c_program("client")[0][0]
    there = prepare(peers)
    all_jobs = [*((job, size) for _, job, size in jobs), ("idle", 0)]
    found = medians(
        there,
        all_jobs,
        lambda peer, job: measure_idle(peer, program) if job[0] == "idle" else measure(peer, program, *job),
    )
    print("| job | server | answers/s | p50 µs | p99 µs | CPU ns/answer | of raw epoll |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for title, job, size in jobs:
        base = found[(job, size), there[0].name]
        for peer in there:
            rate, half, most, cost = found[(job, size), peer.name]
            print(f"| {title} | {peer.name} | {rate:,.0f} | {half:,.0f} | {most:,.0f} | {cost:,.0f} | {cost / base[3]:.2f} |")
    print()
    print("| server | bytes of an idle connection | context switches in 2 s at rest |")
    print("| --- | ---: | ---: |")
    for peer in there:
        size, switches = found[("idle", 0), peer.name]
        print(f"| {peer.name} | {size:,.0f} | {switches:.0f} |")
    print()
    for peer in there:
        print(f"- {peer.name}: {peer.version}")


main()
