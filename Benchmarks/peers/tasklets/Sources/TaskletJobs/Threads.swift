import Channels
import Foundation
import Tasklets

/// Two threads send each other `count` numbers in turn.
func threadPingPong(count: Int, size: Int) throws -> Reading {
    let (there, back) = (Channel<Int>(), Channel<Int>())
    startAnswering(count / 2, there, back)
    var sum = 0
    let time = try ContinuousClock().measure {
        for n in 0..<count / 2 {
            try there.send(n)
            sum += try back.receive()
        }
    }
    try check(sum, is: sumBelow(count / 2) + count / 2)
    return Reading(time, operations: count / 2 * 2)
}

/// One thread sends numbers, the other one receives them.
func threadStream(count: Int, size: Int) throws -> Reading {
    let numbers = Channel<Int>()
    numbers.share()
    Thread { for n in 0..<count { try! numbers.send(n) } }.start()
    var sum = 0
    let time = try ContinuousClock().measure { for _ in 0..<count { sum += try numbers.receive() } }
    try check(sum, is: sumBelow(count))
    return Reading(time, operations: count)
}

/// A question to a thread that has fallen asleep.
func threadAsleep(count: Int, size: Int) throws -> Reading {
    let (there, back) = (Channel<Int>(), Channel<Int>())
    startAnswering(count, there, back)
    let clock = ContinuousClock()
    var time = Duration.zero
    var sum = 0
    for n in 0..<count {
        let rest = clock.now
        while clock.now - rest < .microseconds(200) {}
        time += try clock.measure {
            try there.send(n)
            sum += try back.receive()
        }
    }
    try check(sum, is: sumBelow(count) + count)
    return Reading(time, operations: count)
}

/// A thread that answers each number with the next one.
private func startAnswering(_ count: Int, _ there: Channel<Int>, _ back: Channel<Int>) {
    there.share()
    back.share()
    Thread { for _ in 0..<count { try! back.send(try! there.receive() + 1) } }.start()
}
