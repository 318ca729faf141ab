"""PyPy's `stackless`: tasklets, channels and a scheduler, written in Python on top of continulets."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))

import stackless

from running import Stopwatch, check, clock, main, resident_bytes, sum_below


def measure_yield(count, size, step):
    stopwatch = Stopwatch()
    turns = count // size
    done = 0

    def body():
        nonlocal done
        # Everybody has run once before the measurement starts.
        step()
        stopwatch.start()
        for _ in range(turns):
            step()
        stopwatch.stop()
        done += turns

    for _ in range(size):
        stackless.tasklet(body)()
    stackless.run()
    check(done, count)
    return stopwatch.seconds()


def plain_yield(count, size):
    return measure_yield(count, size, stackless.schedule)


def deep_yield(count, size):
    return measure_yield(count, 2, lambda: yield_deep(6))


def yield_deep(depth):
    if depth == 0:
        stackless.schedule()
        return 0
    return yield_deep(depth - 1) + 1


def stream(count, size):
    return pass_all(count, range(count), lambda value: value, sum_below(count))


def string(count, size):
    line = "".join(["forty characters ", "that lie on the heap..."])
    return pass_all(count, (line for _ in range(count)), len, 40 * count)


def pass_all(count, values, measure, expected):
    channel = stackless.channel()
    total = 0

    def send():
        for value in values:
            channel.send(value)

    def receive():
        nonlocal total
        for _ in range(count):
            value = measure(channel.receive())
            total += value

    stackless.tasklet(send)()
    stackless.tasklet(receive)()
    start = clock()
    stackless.run()
    seconds = clock() - start
    check(total, expected)
    return seconds


def ping_pong(count, size):
    there, back = stackless.channel(), stackless.channel()
    total = 0

    def ask():
        nonlocal total
        for n in range(count // 2):
            there.send(n)
            value = back.receive()
            total += value

    def answer():
        for _ in range(count // 2):
            back.send(there.receive() + 1)

    stackless.tasklet(ask)()
    stackless.tasklet(answer)()
    start = clock()
    stackless.run()
    seconds = clock() - start
    check(total, sum_below(count // 2) + count // 2)
    return seconds


def ring(count, size):
    channels = [stackless.channel() for _ in range(size)]
    passed = 0

    def body(inbox, outbox):
        nonlocal passed
        while True:
            left = inbox.receive()
            if left == 0:
                return
            passed += 1
            outbox.send(left - 1)

    for index in range(size):
        stackless.tasklet(body)(channels[index], channels[(index + 1) % size])
    stackless.run()
    start = clock()
    channels[0].send(count)
    stackless.run()
    seconds = clock() - start
    check(passed, count)
    return seconds


def fan_in(count, size):
    numbers = stackless.channel()
    total = 0

    def send():
        for n in range(count // size):
            numbers.send(n)

    def receive():
        nonlocal total
        for _ in range(count):
            value = numbers.receive()
            total += value

    for _ in range(size):
        stackless.tasklet(send)()
    stackless.tasklet(receive)()
    start = clock()
    stackless.run()
    seconds = clock() - start
    check(total, size * sum_below(count // size))
    return seconds


def broadcast(count, size):
    channels = [stackless.channel() for _ in range(size)]
    rounds = count // size
    total = 0

    def receive(channel):
        nonlocal total
        while True:
            value = channel.receive()
            total += value

    for channel in channels:
        stackless.tasklet(receive)(channel)
    stackless.run()
    start = clock()
    for number in range(1, rounds + 1):
        for channel in channels:
            channel.send(number)
    stackless.run()
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
        stackless.tasklet(body)()
        stackless.schedule()
    seconds = clock() - start
    check(ended, count)
    return seconds


def kill(count, size):
    never = stackless.channel()
    cleaned = 0
    seconds = 0

    def wait():
        nonlocal cleaned
        try:
            never.receive()
        finally:
            cleaned += 1

    for _ in range(count // size):
        waiting = [stackless.tasklet(wait)() for _ in range(size)]
        stackless.run()
        start = clock()
        for one in waiting:
            one.kill()
        seconds += clock() - start
    check(cleaned, count)
    return seconds


def park(count, size):
    woken = 0

    def sleep():
        nonlocal woken
        for _ in range(count):
            stackless.schedule_remove()
            woken += 1

    def wake():
        for _ in range(count):
            sleeper.insert()
            stackless.schedule()

    sleeper = stackless.tasklet(sleep)()
    stackless.tasklet(wake)()
    start = clock()
    stackless.run()
    seconds = clock() - start
    check(woken, count)
    return seconds


def parked(count, size):
    never = stackless.channel()
    ended = 0

    def wait():
        nonlocal ended
        never.receive()
        ended += 1

    before = resident_bytes()
    start = clock()
    for _ in range(count):
        stackless.tasklet(wait)()
    stackless.run()
    resident = resident_bytes() - before
    # close() wakes nobody.
    for _ in range(count):
        never.send(None)
    stackless.run()
    seconds = clock() - start
    check(ended, count)
    return seconds, resident // count


main({
    "yield": plain_yield, "deep-yield": deep_yield, "stream": stream, "string": string, "ping-pong": ping_pong,
    "ring": ring, "fan-in": fan_in, "broadcast": broadcast, "create": create, "kill": kill, "park": park,
    "parked": parked,
})
