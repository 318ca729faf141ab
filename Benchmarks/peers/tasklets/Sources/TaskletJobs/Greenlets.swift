import Greenlets

/// Two greenlets that switch to each other in turn.
func greenletSwitch(count: Int, size: Int) throws -> Reading {
    let stopwatch = Stopwatch()
    var done = 0
    var other: Greenlet<Int>?
    let turns = count / 2
    let first = Greenlet<Int> { _ in
        let other = other!
        var sum = 0
        try other.switch(0)
        stopwatch.start()
        for turn in 0..<turns { sum += try other.switch(turn) }
        stopwatch.stop()
        done += 2 * turns
        return sum
    }
    other = Greenlet<Int> { got in
        var got = got
        while true { got = try first.switch(got) }
    }
    try check(try first.switch(0), is: sumBelow(turns))
    try check(done, is: 2 * turns)
    return Reading(stopwatch.time, operations: 2 * turns)
}

/// Made one after the other: each has run and ended before the next one is made.
func greenletCreate(count: Int, size: Int) throws -> Reading {
    var sum = 0
    let time = try ContinuousClock().measure {
        for number in 0..<count { sum += try Greenlet<Int> { $0 + 1 }.switch(number) }
    }
    try check(sum, is: sumBelow(count) + count)
    return Reading(time, operations: count)
}

/// The elements of one generator.
func generator(count: Int, size: Int) throws -> Reading {
    let numbers = Generator<Int> { yield in
        for number in 0..<count { try yield(number) }
    }
    return try measureSum(of: numbers, count: count)
}

/// The same without a generator, for comparison.
func iterator(count: Int, size: Int) throws -> Reading {
    try measureSum(of: Numbers(count: count), count: count)
}

/// Generators of which each is dropped after its first element.
func generatorDropped(count: Int, size: Int) throws -> Reading {
    var cleanups = 0
    let numbers = Generator<Int> { yield in
        defer { cleanups += 1 }
        while true { try yield(1) }
    }
    var sum = 0
    let time = ContinuousClock().measure {
        for _ in 0..<count {
            for number in numbers {
                sum += number
                break
            }
        }
    }
    try check(sum, is: count)
    try check(cleanups, is: count)
    return Reading(time, operations: count)
}

private struct Numbers: Sequence, IteratorProtocol {
    let count: Int
    private var number = 0

    init(count: Int) {
        self.count = count
    }

    @inline(never)
    mutating func next() -> Int? {
        guard number < count else { return nil }
        defer { number += 1 }
        return number
    }
}

@inline(__always)
private func measureSum(of numbers: some Sequence<Int>, count: Int) throws -> Reading {
    var sum = 0
    let time = ContinuousClock().measure {
        for number in numbers { sum += number }
    }
    try check(sum, is: sumBelow(count))
    return Reading(time, operations: count)
}
