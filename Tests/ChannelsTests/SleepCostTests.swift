import Channels
import Foundation
import TestSupport
import Testing

/// Falling asleep and waking cost the same however many other threads sleep.
struct SleepCostTests {
    @Test func sleepingThreadsCostTheOthersNothing() async {
        await #expect(processExitsWith: .success) {
            // How long a thread spins depends on the load of the machine, which may change between the two measurements.
            for _ in 0..<4 {
                let alone = try leastTimeOfRoundTrips()
                if try timeWithSleepers() < 3 * alone { return }
            }
            let alone = try leastTimeOfRoundTrips()
            let inCompany = try timeWithSleepers()
            guard inCompany < 3 * alone else { fatalError("\(inCompany) ns instead of \(alone), five times") }
        }
    }
}

private func timeWithSleepers() throws -> Int {
    let never = Channel<Int>(name: "never")
    never.share()
    let sleepers = (0..<2000).map { _ in TestThread { while try! never.next() != nil {} } }
    // Each has to be asleep: it is counted at the channel before.
    while never.balance > -2000 { usleep(1000) }
    let time = try leastTimeOfRoundTrips()
    never.finish()
    for sleeper in sleepers { sleeper.join() }
    return time
}

/// Processor time, since others use the machine; the least of several, for the same reason.
private func leastTimeOfRoundTrips() throws -> Int {
    let requests = Channel<Int>(name: "requests")
    let replies = Channel<Int>(name: "replies")
    requests.share()
    replies.share()
    let rounds = 10
    let perRound = 300
    let other = TestThread { for _ in 0..<rounds * perRound { try! replies.send(try! requests.receive()) } }
    var least = Int.max
    for _ in 0..<rounds {
        let start = clock()
        for number in 0..<perRound {
            try requests.send(number)
            _ = try replies.receive()
        }
        least = min(least, Int(clock() - start) * 1000 / perRound)
    }
    other.join()
    return least
}
