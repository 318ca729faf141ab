import Hub
import Tasklets

/// `size` tasklets give way `count` times together.
func yield(count: Int, size: Int) throws -> Reading {
    try measureYield(count: count, size: size) {
        try Tasklet.schedule()
        return 0
    }
}

/// The same while another tasklet waits at a pipe, in which nothing comes before they have ended.
func yieldWhileOneWaits(count: Int, size: Int) throws -> Reading {
    let (reader, writer) = try Hub.pipe()
    let waiting = Tasklet.spawn { try reader.read(upTo: 1).count }
    // It waits from here on.
    try Tasklet.schedule()
    var stillThere = size
    let reading = try measureYield(count: count, size: size) {
        stillThere -= 1
        if stillThere == 0 { try writer.write("x") }
    } _: {
        try Tasklet.schedule()
        return 0
    }
    try check(try waiting.value(), is: 1)
    return reading
}

/// Two tasklets give way inside six calls, and come back out of them each time.
func deepYield(count: Int, size: Int) throws -> Reading {
    try measureYield(count: count, size: 2) { try yieldDeep(6) - 6 }
}

@inline(__always)
private func measureYield(
    count: Int,
    size: Int,
    atEnd: @escaping () throws -> Void = {},
    _ yield: @escaping () throws -> Int
) throws -> Reading {
    let stopwatch = Stopwatch()
    var done = 0
    for _ in 0..<size {
        Tasklet {
            // Everybody has run once before the measurement starts.
            try Tasklet.schedule()
            stopwatch.start()
            for _ in 0..<count / size { done += try yield() + 1 }
            stopwatch.stop()
            try atEnd()
        }
    }
    try Tasklet.run()
    try check(done, is: count)
    return Reading(stopwatch.time, operations: count)
}

@inline(never)
private func yieldDeep(_ depth: Int) throws -> Int {
    if depth == 0 {
        try Tasklet.schedule()
        return 0
    }
    // The addition keeps this a real call with a return.
    return try yieldDeep(depth - 1) + 1
}
