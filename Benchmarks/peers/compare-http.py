#!/usr/bin/env python3
"""Runs HTTP servers of tasklets and of the peers on one processor, wrk on another one, and prints a Markdown table.

compare-http.py [ROUNDS] (5 if nothing is said); progress goes to standard error. Everything is on the loopback interface. Each
server answers "hello" to a hundred connections that are kept.
"""

import re
from pathlib import Path

from peers import Peer, build, install, shell, swift_package
from servers import Server, last_processor, medians, prepare

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
    return swift_package("http/hummingbird-hello", "HummingbirdHello"), "2.28.1"


peers = [
    Peer("tasklets", tasklets, set()),
    Peer("Go net/http", go, set(), environment={"GOMAXPROCS": "1"}),
    Peer("Hummingbird", hummingbird, set()),
]


def wrk(port, duration):
    """How many answers there were; all of them right."""
    output = shell(
        *last_processor, "wrk", "-t1", f"-c{connections}", f"-d{duration}s", f"http://127.0.0.1:{port}/",
    )
    if "Non-2xx" in output or "Socket errors" in output:
        raise RuntimeError(output)
    return int(re.search(r"(\d+) requests in", output)[1])


def measure(peer, _):
    """Answers a second, and the microseconds of the processor for each."""
    with Server(peer) as server:
        wrk(server.port, 1)
        before = server.processor_nanoseconds()
        count = wrk(server.port, seconds)
        return [count / seconds, (server.processor_nanoseconds() - before) / count / 1000]


def main():
    install("wrk")
    there = prepare(peers)
    found = medians(there, ["hello"], measure)
    print("| server | version | answers/s | CPU µs/answer | tasklets to it |")
    print("| --- | --- | ---: | ---: | ---: |")
    for peer in there:
        rate, cost = found["hello", peer.name]
        ratio = found["hello", there[0].name][1] / cost
        print(f"| {peer.name} | {peer.version} | {rate:,.0f} | {cost:.2f} | {ratio:.2f} |")


main()
