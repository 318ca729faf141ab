import Tasklets

/// `size` tasklets give way `count` times together.
func yield(count: Int, size: Int) throws -> Reading {
    try measureYield(count: count, size: size) {
        try Tasklet.schedule()
        return 0
    }
}

/// Two tasklets give way inside six calls, and come back out of them each time.
func deepYield(count: Int, size: Int) throws -> Reading {
    try measureYield(count: count, size: 2) { try yieldDeep(6) - 6 }
}

@inline(__always)
private func measureYield(count: Int, size: Int, _ yield: @escaping () throws -> Int) throws -> Reading {
    let stopwatch = Stopwatch()
    var done = 0
    for _ in 0..<size {
        Tasklet {
            // Everybody has run once before the measurement starts.
            try Tasklet.schedule()
            stopwatch.start()
            for _ in 0..<count / size { done += try yield() + 1 }
            stopwatch.stop()
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
