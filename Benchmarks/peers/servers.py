"""What the comparisons of servers share: a server on the first processor (or two), whoever asks it on the last one."""

import os
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from peers import prepare_all

last_processor = ["taskset", "-c", str(os.cpu_count() - 1)]


def report(text):
    print(text, file=sys.stderr, flush=True)


def prepare(peers):
    """Builds all; gives those that are there."""
    there, missing = prepare_all(peers, report)
    for name, reason in missing.items():
        report(f"{name} is missing: {reason}")
    return there


def rounds():
    """From the command line; 5 if nothing is said."""
    return int(sys.argv[1]) if len(sys.argv) > 1 else 5


def medians(there, jobs, measure):
    """Of the readings of each job and peer, which take turns: `measure(peer, job)` gives a list of numbers."""
    readings = defaultdict(list)
    for turn in range(rounds()):
        report(f"round {turn + 1} of {rounds()}, load {os.getloadavg()[0]:.1f}")
        # Nobody is always the one after the same other one.
        order = there[turn % len(there):] + there[: turn % len(there)]
        for job in jobs:
            for peer in order:
                readings[job, peer.name].append(measure(peer, job))
    return {key: [statistics.median(column) for column in zip(*all)] for key, all in readings.items()}


class Server:
    """A peer's server. It prints its port, and ends when its standard input does."""

    def __init__(self, peer):
        self.process = subprocess.Popen(
            ["taskset", "-c", peer.processors, *peer.command],
            env=os.environ | peer.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self.process.stdout.readline())

    def tasks(self):
        return Path(f"/proc/{self.process.pid}/task").iterdir()

    def processor_nanoseconds(self):
        """Of all its threads."""
        return sum(int((task / "schedstat").read_text().split()[0]) for task in self.tasks())

    def context_switches(self):
        lines = [line for task in self.tasks() for line in (task / "status").read_text().splitlines()]
        return sum(int(line.split()[1]) for line in lines if "ctxt_switches" in line)

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
