"""greenlet has neither a scheduler nor channels: one greenlet switches to another and hands over a value with it."""

import os
import sys
from functools import partial

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))

from greenlet import GreenletExit, getcurrent, greenlet

from running import Stopwatch, check, clock, main, resident_bytes, sum_below

caller = getcurrent()


def measure_yield(count, size, wrap):
    """A ring in which each switches to the next."""
    stopwatch = Stopwatch()
    turns = count // size
    done = 0

    def body(index):
        nonlocal done
        step = wrap(ring[(index + 1) % size].switch)
        # Everybody has run once before the measurement starts.
        caller.switch()
        stopwatch.start()
        for _ in range(turns):
            step()
        stopwatch.stop()
        done += turns

    ring = [greenlet(partial(body, index)) for index in range(size)]
    for member in ring + ring:
        member.switch()
    check(done, count)
    return stopwatch.seconds()


def plain_yield(count, size):
    return measure_yield(count, size, lambda switch: switch)


def deep_yield(count, size):
    return measure_yield(count, 2, lambda switch: partial(yield_deep, 6, switch))


def yield_deep(depth, switch):
    if depth == 0:
        switch()
        return 0
    return yield_deep(depth - 1, switch) + 1


def stream(count, size):
    def send():
        for n in range(count):
            caller.switch(n)

    sender = greenlet(send)
    total = 0
    start = clock()
    for _ in range(count):
        total += sender.switch()
    seconds = clock() - start
    check(total, sum_below(count))
    return seconds


def string(count, size):
    line = "".join(["forty characters ", "that lie on the heap..."])

    def send():
        for _ in range(count):
            caller.switch(line)

    sender = greenlet(send)
    total = 0
    start = clock()
    for _ in range(count):
        total += len(sender.switch())
    seconds = clock() - start
    check(total, 40 * count)
    return seconds


def ping_pong(count, size):
    def answer(value):
        while True:
            value = caller.switch(value + 1)

    partner = greenlet(answer)
    total = 0
    start = clock()
    for n in range(count // 2):
        total += partner.switch(n)
    seconds = clock() - start
    check(total, sum_below(count // 2) + count // 2)
    return seconds


def ring(count, size):
    passed = 0

    def body(index):
        nonlocal passed
        left = caller.switch()
        send = members[(index + 1) % size].switch
        while left > 0:
            passed += 1
            left = send(left - 1)

    members = [greenlet(partial(body, index)) for index in range(size)]
    for member in members:
        member.switch()
    start = clock()
    members[0].switch(count)
    seconds = clock() - start
    check(passed, count)
    return seconds


def fan_in(count, size):
    def send():
        for n in range(count // size):
            caller.switch(n)

    senders = [greenlet(send) for _ in range(size)]
    total = 0
    start = clock()
    for _ in range(count // size):
        for sender in senders:
            total += sender.switch()
    seconds = clock() - start
    check(total, size * sum_below(count // size))
    return seconds


def broadcast(count, size):
    total = 0

    def receive():
        nonlocal total
        while True:
            # On its own line: `total +=` would read the sum before the switch.
            value = caller.switch()
            total += value

    receivers = [greenlet(receive) for _ in range(size)]
    for receiver in receivers:
        receiver.switch()
    rounds = count // size
    start = clock()
    for number in range(1, rounds + 1):
        for receiver in receivers:
            receiver.switch(number)
    seconds = clock() - start
    check(total, size * (sum_below(rounds) + rounds))
    return seconds


def create(count, size):
    ended = 0

    def body():
        nonlocal ended
        ended += 1

    start = clock()
    for _ in range(count):
        greenlet(body).switch()
    seconds = clock() - start
    check(ended, count)
    return seconds


def kill(count, size):
    cleaned = 0
    seconds = 0

    def wait():
        nonlocal cleaned
        try:
            caller.switch()
        finally:
            cleaned += 1

    for _ in range(count // size):
        waiting = [greenlet(wait) for _ in range(size)]
        for one in waiting:
            one.switch()
        start = clock()
        for one in waiting:
            one.throw(GreenletExit)
        seconds += clock() - start
    check(cleaned, count)
    return seconds


def park(count, size):
    woken = 0

    def sleep():
        nonlocal woken
        while True:
            caller.switch()
            woken += 1

    sleeper = greenlet(sleep)
    sleeper.switch()
    start = clock()
    for _ in range(count):
        sleeper.switch()
    seconds = clock() - start
    check(woken, count)
    return seconds


def parked(count, size):
    ended = 0

    def wait():
        nonlocal ended
        caller.switch()
        ended += 1

    before = resident_bytes()
    start = clock()
    waiting = [greenlet(wait) for _ in range(count)]
    for one in waiting:
        one.switch()
    resident = resident_bytes() - before
    for one in waiting:
        one.switch()
    seconds = clock() - start
    check(ended, count)
    return seconds, resident // count


main({
    "yield": plain_yield, "deep-yield": deep_yield, "stream": stream, "string": string, "ping-pong": ping_pong,
    "ring": ring, "fan-in": fan_in, "broadcast": broadcast, "create": create, "kill": kill, "park": park,
    "parked": parked, "greenlet-switch": plain_yield, "greenlet-create": create, "generator": stream,
})
