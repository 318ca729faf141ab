import Channels
import Tasklets

/// A select of `size` channels finds a sender at one of them. Giving way lets the sender come again.
func selectReady(count: Int, size: Int) throws -> Reading {
    let channels = (0..<size).map { _ in Channel<Int>() }
    var sum = 0
    Tasklet { for n in 0..<count { try channels[n % size].send(n) } }
    Tasklet { sum = try sumBySelect(channels, count) { try Tasklet.schedule() } }
    let time = try ContinuousClock().measure { try Tasklet.run() }
    try check(sum, is: sumBelow(count))
    return Reading(time, operations: count)
}

/// A select of `size` channels waits at all of them, and is woken at one. The sender hands over to it with each message.
func selectWoken(count: Int, size: Int) throws -> Reading {
    let channels = (0..<size).map { _ in Channel<Int>() }
    var sum = 0
    Tasklet { sum = try sumBySelect(channels, count) {} }
    Tasklet { for n in 0..<count { try channels[n % size].send(n) } }
    let time = try ContinuousClock().measure { try Tasklet.run() }
    try check(sum, is: sumBelow(count))
    return Reading(time, operations: count)
}

private func sumBySelect(_ channels: [Channel<Int>], _ count: Int, _ between: () throws -> Void) throws -> Int {
    switch channels.count {
    case 2: try sumOfTwo(channels, count, between)
    case 8: try sumOfEight(channels, count, between)
    default: fatalError("There is a select of 2 channels and one of 8, none of \(channels.count).")
    }
}

private func sumOfTwo(_ channels: [Channel<Int>], _ count: Int, _ between: () throws -> Void) throws -> Int {
    let (a, b) = (channels[0], channels[1])
    var sum = 0
    for _ in 0..<count {
        try select {
            a.onReceive { sum += $0 }
            b.onReceive { sum += $0 }
        }
        try between()
    }
    return sum
}

private func sumOfEight(_ channels: [Channel<Int>], _ count: Int, _ between: () throws -> Void) throws -> Int {
    let (a, b, c, d) = (channels[0], channels[1], channels[2], channels[3])
    let (e, f, g, h) = (channels[4], channels[5], channels[6], channels[7])
    var sum = 0
    for _ in 0..<count {
        try select {
            a.onReceive { sum += $0 }
            b.onReceive { sum += $0 }
            c.onReceive { sum += $0 }
            d.onReceive { sum += $0 }
            e.onReceive { sum += $0 }
            f.onReceive { sum += $0 }
            g.onReceive { sum += $0 }
            h.onReceive { sum += $0 }
        }
        try between()
    }
    return sum
}
