#!/usr/bin/env python3
"""Runs the same jobs on tasklets and on the peers, in turn, and prints a Markdown table of medians.

compare.py [ROUNDS] (5 if nothing is said); progress goes to standard error.
"""

import os
import platform
import statistics
import subprocess
import sys
import time
from collections import defaultdict

from peers import peers, prepare_all, run

# Title, job, how many tasklets, and how many operations where that is not to be found out.
jobs = [
    ("yield, 2 tasklets", "yield", 2, None),
    ("yield, 1,000", "yield", 1000, None),
    ("yield, 10,000", "yield", 10_000, None),
    ("yield, 2, while one waits outside", "yield-outside", 2, None),
    ("yield, 1,000, while one waits outside", "yield-outside", 1000, None),
    ("yield from six frames deep", "deep-yield", 2, None),
    ("create, run, end", "create", 1, None),
    ("message, stream", "stream", 2, None),
    ("message, stream of strings", "string", 2, None),
    ("message, ping-pong", "ping-pong", 2, None),
    ("message, ring of 1,000", "ring", 1000, None),
    ("message, 100 senders to one", "fan-in", 100, None),
    ("message to each of 10 parked", "broadcast", 10, None),
    ("message to each of 1,000 parked", "broadcast", 1000, None),
    ("message to each of 10,000 parked", "broadcast", 10_000, None),
    ("message to each of 100,000 parked", "broadcast", 100_000, None),
    ("message to each of 1,000,000 parked", "broadcast", 1_000_000, None),
    ("select of 2, one ready", "select-ready", 2, None),
    ("select of 8, one ready", "select-ready", 8, None),
    ("select of 2, woken", "select-woken", 2, None),
    ("select of 8, woken", "select-woken", 8, None),
    ("permit of a semaphore, uncontended", "permit", 1, None),
    ("lock, uncontended", "lock", 1, None),
    ("lock, handed over", "hand-over", 2, None),
    ("element of a queue of 128", "queue", 2, None),
    ("child of a group of 1,000", "group", 1000, None),
    ("park and wake", "park", 2, None),
    ("kill", "kill", 1000, None),
    ("greenlet switch", "greenlet-switch", 2, None),
    ("greenlet create, run, end", "greenlet-create", 1, None),
    ("generator element", "generator", 1, None),
    ("the same, a hand-written iterator", "iterator", 1, None),
    ("generator dropped after one element", "generator-dropped", 1, None),
    ("10,000 parked at once, for each", "parked", 10_000, 10_000),
    ("1,000,000 parked at once, for each", "parked", 1_000_000, 1_000_000),
    ("message within a time limit", "timeout", 2, None),
    ("10,000 asleep at once, for each", "sleeping", 10_000, 10_000),
    ("1,000,000 asleep at once, for each", "sleeping", 1_000_000, 1_000_000),
    ("two threads, ping-pong", "threads-ping-pong", 2, None),
    ("two threads, stream", "threads-stream", 2, None),
    ("two threads, queue of 128", "threads-queue", 2, None),
    ("two threads, a question to one that sleeps", "threads-asleep", 2, 500),
    ("an async function that does not suspend", "await", 1, None),
    ("an async function, to an actor and back", "await-hop", 1, None),
    ("a function on a native thread", "offload", 1, None),
    ("a step of a robot, 12 robots", "robots", 12, None),
    ("a step of a robot, 1,000", "robots", 1000, None),
    ("a step of a robot, 1,000,000", "robots", 1_000_000, 5_000_000),
]
# A run of a job is to take that long.
nanoseconds_for_run = 250e6


def report(text):
    print(text, file=sys.stderr, flush=True)


def find_count(peer, job, size):
    """How many operations take about `nanoseconds_for_run`: a multiple of the size, and even where it can be.

    Comes near in several steps, since just-in-time compilers grow faster with the length of the run.
    """
    count = max(size, 1000)
    while True:
        took = run(peer, job, count, size)[0] * count
        if took > nanoseconds_for_run / 2:
            return count
        count = int(count * min(20, nanoseconds_for_run / took)) // (2 * size) * 2 * size or size


def measure(there, rounds):
    """The readings of each job and peer, and what failed."""
    counts, readings, failed = {}, defaultdict(list), {}
    for turn in range(rounds):
        report(f"round {turn + 1} of {rounds}, load {os.getloadavg()[0]:.1f}")
        # Nobody is always the one after the same other one.
        order = there[turn % len(there):] + there[: turn % len(there)]
        for _, job, size, fixed in jobs:
            for peer in order:
                key = (job, size, peer.name)
                if job not in peer.jobs or size > peer.most or key in failed:
                    continue
                try:
                    if key not in counts:
                        counts[key] = fixed or find_count(peer, job, size)
                    reading = run(peer, job, counts[key], size)
                    readings[key].append(reading)
                except (RuntimeError, subprocess.TimeoutExpired) as error:
                    report(f"failed: {error}")
                    failed[key] = error
    return readings, failed


def number(value):
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def table(readings, failed, missing):
    names = [peer.name for peer in peers]
    medians = {key: [statistics.median(column) for column in zip(*all)] for key, all in readings.items()}
    bare = medians.get(("yield", 2, "Boost.Context"), [None])[0]
    yield " | ".join(["| job", "tasklets", "in bare switches", *names[1:]]) + " |"
    yield "| --- " + "| ---: " * (len(names) + 1) + "|"
    for title, job, size, _ in jobs:
        for column, unit in enumerate(["ns", "bytes"] if job in ("parked", "sleeping") else ["ns"]):
            ours = medians.get((job, size, names[0]), [None] * 2)[column]
            cells = [f"{title}, {unit}" if job in ("parked", "sleeping") else title]
            for peer in peers:
                key = (job, size, peer.name)
                if peer.name in missing:
                    cell = "missing"
                elif key in failed:
                    cell = "failed"
                elif key not in medians:
                    cell = "too many" if job in peer.jobs else "–"
                elif peer.name == names[0] or ours is None:
                    cell = number(medians[key][column])
                else:
                    theirs = medians[key][column]
                    cell = f"{number(theirs)} ({ours / theirs:.2g})"
                cells.append(cell)
                if peer.name == names[0]:
                    cells.append(f"{ours / bare:.1f}" if ours and bare and unit == "ns" else "–")
            yield f"| {' | '.join(cells)} |"


def processor():
    with open("/proc/cpuinfo") as lines:
        names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores, Linux {platform.release()}"


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    started = time.monotonic()
    there, missing = prepare_all(peers, report)
    load = os.getloadavg()[0]
    readings, failed = measure(there, rounds)
    for line in table(readings, failed, missing):
        print(line)
    print()
    print(f"Machine: {processor()}. Load average {load:.1f} before, {os.getloadavg()[0]:.1f} after.")
    print(f"Medians of {rounds} rounds, {(time.monotonic() - started) / 60:.0f} minutes.")
    print()
    for peer in there:
        print(f"- {peer.name}: {peer.version}")
    for name, reason in missing.items():
        print(f"- {name}: missing. {reason}")
    for (job, size, name), error in failed.items():
        print(f"- {name}: {job} with {size} failed. {' '.join(str(error).split())}")
    sys.exit(1 if failed else 0)


main()
