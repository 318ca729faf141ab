#!/usr/bin/env python3
"""Runs HTTP servers of tasklets and of the peers on one processor, wrk on another one, and prints a Markdown table.

compare-http.py [ROUNDS] (5 if nothing is said); progress goes to standard error. Everything is on the loopback interface. Each
server answers "hello" to a hundred connections that are kept.
"""

import os
import re
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from peers import Missing, Peer, build, install, shell, swift_package

here = Path(__file__).resolve().parent / "http"
seconds = 3
connections = 100


def tasklets():
    commit = shell("git", "-C", here, "describe", "--always", "--dirty", "--abbrev=10")
    return swift_package("http/tasklets", "TaskletHTTP"), f"commit {commit}"


def go():
    install("golang-go")
    shell("go", "build", "-o", build / "http-go", ".", cwd=here / "go")
    return [build / "http-go"], shell("go", "version").split()[2].removeprefix("go")


def hummingbird():
    return swift_package("http/hummingbird", "HummingbirdHello"), "2.28.1"


peers = [
    Peer("tasklets", tasklets, set()),
    Peer("Go net/http", go, set(), environment={"GOMAXPROCS": "1"}),
    Peer("Hummingbird", hummingbird, set()),
]


def report(text):
    print(text, file=sys.stderr, flush=True)


def processor_nanoseconds(process):
    """Of all its threads."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in Path(f"/proc/{process.pid}/task").iterdir())


def wrk(port, duration):
    """How many answers there were; all of them right."""
    output = shell(
        "taskset", "-c", str(os.cpu_count() - 1),
        "wrk", "-t1", f"-c{connections}", f"-d{duration}s", f"http://127.0.0.1:{port}/",
    )
    if "Non-2xx" in output or "Socket errors" in output:
        raise RuntimeError(output)
    return int(re.search(r"(\d+) requests in", output)[1])


def measure(peer):
    """Answers a second, and the microseconds of the processor for each."""
    process = subprocess.Popen(
        ["taskset", "-c", "0", *peer.command],
        env=os.environ | peer.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        port = int(process.stdout.readline())
        wrk(port, 1)
        before = processor_nanoseconds(process)
        count = wrk(port, seconds)
        return [count / seconds, (processor_nanoseconds(process) - before) / count / 1000]
    finally:
        process.kill()
        process.wait()


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    build.mkdir(exist_ok=True)
    install("wrk")
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
        for peer in there[turn % len(there):] + there[: turn % len(there)]:
            readings[peer.name].append(measure(peer))
    print("| server | version | answers/s | CPU µs/answer | tasklets to it |")
    print("| --- | --- | ---: | ---: | ---: |")
    medians = {name: [statistics.median(column) for column in zip(*all)] for name, all in readings.items()}
    for peer in there:
        rate, cost = medians[peer.name]
        print(f"| {peer.name} | {peer.version} | {rate:,.0f} | {cost:.2f} | {medians[there[0].name][1] / cost:.2f} |")


main()
