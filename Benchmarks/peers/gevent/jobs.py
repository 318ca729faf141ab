"""gevent: greenlets with a scheduler, `gevent.sleep(0)` to give way, `gevent.queue.Channel` for messages."""

import os
import sys

# This file's own folder is called gevent as well.
sys.path[0] = os.path.join(os.path.dirname(__file__), "..")
sys.path.append(sys.path.pop(0))

import gevent
from gevent.event import Event
from gevent.queue import Channel
from gevent.socket import wait_read

from running import Stopwatch, check, clock, main, resident_bytes, sum_below


def measure_yield(count, size, step):
    stopwatch = Stopwatch()
    turns = count // size
    done = 0

    def body():
        nonlocal done
        # Everybody has run once before the measurement starts.
        step(0)
        stopwatch.start()
        for _ in range(turns):
            step(0)
        stopwatch.stop()
        done += turns

    gevent.joinall([gevent.spawn(body) for _ in range(size)])
    check(done, count)
    return stopwatch.seconds()


def plain_yield(count, size):
    return measure_yield(count, size, gevent.sleep)


def yield_while_one_waits(count, size):
    """The same while another greenlet waits at a pipe in which nothing comes before they have ended."""
    reader, writer = os.pipe()
    waiting = gevent.spawn(wait_read, reader)
    gevent.sleep(0)
    seconds = plain_yield(count, size)
    os.write(writer, b"x")
    waiting.join()
    return seconds


def offload(count, size):
    pool = gevent.get_hub().threadpool
    total = 0
    start = clock()
    for _ in range(count):
        total += pool.apply(int, (1,))
    seconds = clock() - start
    check(total, count)
    return seconds


def deep_yield(count, size):
    return measure_yield(count, 2, lambda _: yield_deep(6))


def yield_deep(depth):
    if depth == 0:
        gevent.sleep(0)
        return 0
    return yield_deep(depth - 1) + 1


def stream(count, size):
    numbers = Channel()

    def send():
        for n in range(count):
            numbers.put(n)

    gevent.spawn(send)
    total = 0
    start = clock()
    for _ in range(count):
        total += numbers.get()
    seconds = clock() - start
    check(total, sum_below(count))
    return seconds


def string(count, size):
    lines = Channel()
    line = "".join(["forty characters ", "that lie on the heap..."])

    def send():
        for _ in range(count):
            lines.put(line)

    gevent.spawn(send)
    total = 0
    start = clock()
    for _ in range(count):
        total += len(lines.get())
    seconds = clock() - start
    check(total, 40 * count)
    return seconds


def ping_pong(count, size):
    there, back = Channel(), Channel()

    def answer():
        for _ in range(count // 2):
            back.put(there.get() + 1)

    gevent.spawn(answer)
    total = 0
    start = clock()
    for n in range(count // 2):
        there.put(n)
        total += back.get()
    seconds = clock() - start
    check(total, sum_below(count // 2) + count // 2)
    return seconds


def ring(count, size):
    channels = [Channel() for _ in range(size)]
    end = Event()
    passed = 0

    def body(inbox, outbox):
        nonlocal passed
        while left := inbox.get():
            passed += 1
            outbox.put(left - 1)
        end.set()

    for index in range(size):
        gevent.spawn(body, channels[index], channels[(index + 1) % size])
    gevent.sleep(0)
    start = clock()
    channels[0].put(count)
    end.wait()
    seconds = clock() - start
    check(passed, count)
    return seconds


def fan_in(count, size):
    numbers = Channel()

    def send():
        for n in range(count // size):
            numbers.put(n)

    for _ in range(size):
        gevent.spawn(send)
    total = 0
    start = clock()
    for _ in range(count):
        total += numbers.get()
    seconds = clock() - start
    check(total, size * sum_below(count // size))
    return seconds


def broadcast(count, size):
    channels = [Channel() for _ in range(size)]
    rounds = count // size
    total = received = 0
    end = Event()

    def receive(channel):
        nonlocal total, received
        while True:
            value = channel.get()
            total += value
            received += 1
            if received == count:
                end.set()

    for channel in channels:
        gevent.spawn(receive, channel)
    gevent.sleep(0)
    start = clock()
    for number in range(1, rounds + 1):
        for channel in channels:
            channel.put(number)
    end.wait()
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
        gevent.spawn(body).join()
    seconds = clock() - start
    check(ended, count)
    return seconds


def kill(count, size):
    never = Channel()
    cleaned = 0
    seconds = 0

    def wait():
        nonlocal cleaned
        try:
            never.get()
        finally:
            cleaned += 1

    for _ in range(count // size):
        waiting = [gevent.spawn(wait) for _ in range(size)]
        gevent.sleep(0)
        start = clock()
        for one in waiting:
            one.kill()
        seconds += clock() - start
    check(cleaned, count)
    return seconds


def park(count, size):
    """Parking is waiting for an event, waking is setting it."""
    event = Event()
    woken = 0

    def sleep():
        nonlocal woken
        for _ in range(count):
            event.wait()
            event.clear()
            woken += 1

    gevent.spawn(sleep)
    gevent.sleep(0)
    start = clock()
    for _ in range(count):
        event.set()
        while event.is_set():
            gevent.sleep(0)
    seconds = clock() - start
    check(woken, count)
    return seconds


def parked(count, size):
    event = Event()
    ended = 0

    def wait():
        nonlocal ended
        event.wait()
        ended += 1

    before = resident_bytes()
    start = clock()
    waiting = [gevent.spawn(wait) for _ in range(count)]
    gevent.sleep(0)
    resident = resident_bytes() - before
    event.set()
    gevent.joinall(waiting)
    seconds = clock() - start
    check(ended, count)
    return seconds, resident // count


main({
    "yield": plain_yield, "deep-yield": deep_yield, "stream": stream, "string": string, "ping-pong": ping_pong,
    "ring": ring, "fan-in": fan_in, "broadcast": broadcast, "create": create, "kill": kill, "park": park,
    "parked": parked, "yield-outside": yield_while_one_waits, "offload": offload,
})
