import Channels
import Tasklets

/// The sum of the numbers below `count`.
func sumBelow(_ count: Int) -> Int { count * (count - 1) / 2 }

/// One tasklet sends numbers, another one receives them.
func stream(count: Int, size: Int) throws -> Reading {
    let numbers = Channel<Int>()
    var sum = 0
    Tasklet { for n in 0..<count { try numbers.send(n) } }
    Tasklet { for _ in 0..<count { sum += try numbers.receive() } }
    let time = try ContinuousClock().measure { try Tasklet.run() }
    try check(sum, is: sumBelow(count))
    return Reading(time, operations: count)
}

/// The same with a string that does not fit into the value itself.
func string(count: Int, size: Int) throws -> Reading {
    let lines = Channel<String>()
    let line = String(repeating: "forty characters that lie on the heap...", count: 1)
    var sum = 0
    Tasklet { for _ in 0..<count { try lines.send(line) } }
    Tasklet { for _ in 0..<count { sum += try lines.receive().utf8.count } }
    let time = try ContinuousClock().measure { try Tasklet.run() }
    try check(sum, is: 40 * count)
    return Reading(time, operations: count)
}

/// Two tasklets send each other `count` numbers in turn.
func pingPong(count: Int, size: Int) throws -> Reading {
    let there = Channel<Int>()
    let back = Channel<Int>()
    var sum = 0
    Tasklet {
        for n in 0..<count / 2 {
            try there.send(n)
            sum += try back.receive()
        }
    }
    Tasklet { for _ in 0..<count / 2 { try back.send(try there.receive() + 1) } }
    let time = try ContinuousClock().measure { try Tasklet.run() }
    try check(sum, is: sumBelow(count / 2) + count / 2)
    return Reading(time, operations: count / 2 * 2)
}

/// A number goes round a ring of `size` tasklets, and one is taken from it at each.
func ring(count: Int, size: Int) throws -> Reading {
    let channels = (0..<size).map { _ in Channel<Int>() }
    var passed = 0
    for (index, inbox) in channels.enumerated() {
        let outbox = channels[(index + 1) % size]
        Tasklet {
            while case let left = try inbox.receive(), left > 0 {
                passed += 1
                try outbox.send(left - 1)
            }
        }
    }
    try Tasklet.run()
    let time = try ContinuousClock().measure {
        try channels[0].send(count)
        try Tasklet.run()
    }
    try check(passed, is: count)
    return Reading(time, operations: count)
}

/// `size` senders, one receiver.
func fanIn(count: Int, size: Int) throws -> Reading {
    let numbers = Channel<Int>()
    var sum = 0
    for _ in 0..<size {
        Tasklet { for n in 0..<count / size { try numbers.send(n) } }
    }
    Tasklet { for _ in 0..<count { sum += try numbers.receive() } }
    let time = try ContinuousClock().measure { try Tasklet.run() }
    try check(sum, is: size * sumBelow(count / size))
    return Reading(time, operations: count)
}

/// `size` tasklets wait, each at a channel of its own, and get a message each, round after round.
func broadcast(count: Int, size: Int) throws -> Reading {
    let channels = (0..<size).map { _ in Channel<Int>() }
    let rounds = count / size
    var sum = 0
    for channel in channels {
        Tasklet { while true { sum += try channel.receive() } }
    }
    try Tasklet.run()
    let time = try ContinuousClock().measure {
        for round in 1...rounds {
            for channel in channels { try channel.send(round) }
        }
        try Tasklet.run()
    }
    try check(sum, is: size * (sumBelow(rounds) + rounds))
    return Reading(time, operations: rounds * size)
}
