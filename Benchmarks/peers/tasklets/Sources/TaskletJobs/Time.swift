import CAllocations
import Channels
import Tasklets

/// A stream whose receiver gives each message a time limit, which never expires.
func timeout(count: Int, size: Int) throws -> Reading {
    let numbers = Channel<Int>()
    var sum = 0
    Tasklet { for n in 0..<count { try numbers.send(n) } }
    Tasklet { for _ in 0..<count { sum += try withTimeout(.seconds(60)) { try numbers.receive() } } }
    let time = try ContinuousClock().measure { try Tasklet.run() }
    try check(sum, is: sumBelow(count))
    return Reading(time, operations: count)
}

/// All sleep at once, until times in random order, and end. Sleeping is not measured, but making, waking and ending are.
func sleeping(count: Int, size: Int) throws -> Reading {
    var ended = 0
    var state: UInt64 = 1
    let before = resident_bytes()
    let clock = ContinuousClock()
    let start = clock.now
    // Later than the last one is made.
    let wake = Scheduler.current.now.advanced(by: .microseconds(15 * count))
    for _ in 0..<count {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let deadline = wake.advanced(by: .microseconds(Int64(state >> 33) % 1000))
        Tasklet {
            try Tasklet.sleep(until: deadline)
            ended += 1
        }
    }
    try Tasklet.schedule()
    let made = clock.now - start
    let bytes = resident_bytes() - before
    try check(ended, is: 0)
    try Tasklet.sleep(until: wake)
    let again = clock.now
    try Tasklet.run()
    try check(ended, is: count)
    return Reading(made + (clock.now - again), operations: count, bytes: bytes / count)
}
