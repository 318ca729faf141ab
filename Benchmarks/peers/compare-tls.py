#!/usr/bin/env python3
"""Runs echo servers over TLS of tasklets and of Go on one processor, a client in Go on another one, and prints a Markdown table.

compare-tls.py [ROUNDS] (5 if nothing is said); progress goes to standard error. Everything is on the loopback interface.
"""

import subprocess
from pathlib import Path

from peers import Peer, build, install, shell, swift_package
from servers import Server, last_processor, medians, prepare

here = Path(__file__).resolve().parent / "tls"
seconds = 1.5
sizes = [50, 500]
certificate, key, program = build / "tls.pem", build / "tls.key", build / "tls-client"


def make_identity():
    install("openssl", "libssl-dev")
    shell(
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-keyout", key, "-out", certificate, "-days", "30", "-subj", "/CN=localhost",
    )


def build_client():
    install("golang-go")
    shell("go", "build", "-o", program, ".", cwd=here / "client")


def tasklets():
    commit = shell("git", "-C", here, "describe", "--always", "--dirty", "--abbrev=10")
    openssl = shell("openssl", "version").split()[1]
    return [*swift_package("tls/tasklets", "TaskletTLS"), certificate, key], f"commit {commit}, OpenSSL {openssl}"


def go():
    install("golang-go")
    shell("go", "build", "-o", build / "io-go", ".", cwd=here / "../io/go")
    return [build / "io-go", certificate, key], shell("go", "version").split()[2].removeprefix("go")


# The ratios are of the first.
peers = [Peer("Go", go, set(), environment={"GOMAXPROCS": "1"}), Peer("tasklets", tasklets, set())]


def measure(peer, size):
    """Answers a second, the nanoseconds of the processor that the server needs for an answer, and its bytes for a connection."""
    with Server(peer) as server:
        empty = server.resident_bytes()
        client = subprocess.Popen(
            [*last_processor, program, str(server.port), str(size), str(seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            if client.stdout.readline() != "begin\n":
                raise RuntimeError(f"{peer.name}, {size} connections: the client failed")
            before = server.processor_nanoseconds()
            client.stdin.write("\n")
            client.stdin.flush()
            rate, answers = client.stdout.readline().split()
            used = server.processor_nanoseconds() - before
            return [float(rate), used / int(answers), (server.resident_bytes() - empty) / size]
        finally:
            client.stdin.close()
            client.wait()


def main():
    there = prepare(peers)
    make_identity()
    build_client()
    found = medians(there, sizes, measure)
    print("| connections | server | answers/s | CPU ns/answer | of Go | bytes of a connection |")
    print("| ---: | --- | ---: | ---: | ---: | ---: |")
    for size in sizes:
        for peer in there:
            rate, cost, memory = found[size, peer.name]
            ratio = cost / found[size, there[0].name][1]
            print(f"| {size} | {peer.name} | {rate:,.0f} | {cost:,.0f} | {ratio:.2f} | {memory:,.0f} |")
    print()
    for peer in there:
        print(f"- {peer.name}: {peer.version}")


main()
