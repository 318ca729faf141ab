"""What the Python peers share: reading the arguments, checking the result, printing the reading."""

import os
import sys
import time

clock = time.perf_counter


def check(found, expected):
    if found != expected:
        sys.exit(f"wrong result: {found}, not {expected}")


def sum_below(count):
    return count * (count - 1) // 2


def resident_bytes():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")


class Stopwatch:
    """Runs from the first start to the last stop."""

    def __init__(self):
        self.first = None
        self.last = None

    def start(self):
        if self.first is None:
            self.first = clock()

    def stop(self):
        self.last = clock()

    def seconds(self):
        return self.last - self.first


def main(jobs):
    """JOB COUNT [SIZE] prints the nanoseconds that one operation takes, and bytes where a job tells them.

    A job gives the seconds for all operations, or a pair of these and bytes.
    """
    arguments = sys.argv[1:]
    if len(arguments) < 2 or arguments[0] not in jobs:
        sys.exit(f"usage: JOB COUNT [SIZE]; jobs: {' '.join(jobs)}")
    count = int(arguments[1])
    size = int(arguments[2]) if len(arguments) > 2 else 1
    result = jobs[arguments[0]](count, size)
    seconds, *more = result if isinstance(result, tuple) else (result,)
    print(seconds * 1e9 / count, *more)
    sys.stdout.flush()
    # Those that wait for ever are not unwound.
    os._exit(0)
