// Customers come to a bank with one counter, and leave when they have waited for too long: a simulation in virtual time. An
// hour at the bank takes the computer some microseconds.
import Foundation
import TaskletKit

/// Random numbers that are the same in every run.
struct Dice {
    private var state: UInt64 = 42

    mutating func uniform() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 11) / 9_007_199_254_740_992
    }

    mutating func exponential(mean: Double) -> Double { -mean * log(1 - uniform()) }
}

func simulateBank(customers: Int) throws {
    var dice = Dice()
    var served = 0
    var waited = Duration.zero
    let counter = Semaphore(1, name: "counter")

    try withTaskletGroup(of: Void.self) { bank in
        for number in 1...customers {
            let patience = Duration.seconds(1 + 2 * dice.uniform())
            let service = Duration.seconds(dice.exponential(mean: 12))
            try bank.add(name: "customer \(number)") {
                let arrival = Scheduler.current.now
                let isServed = try withTimeout(patience, orElse: false) {
                    try counter.acquire()
                    return true
                }
                waited += arrival.duration(to: Scheduler.current.now)
                guard isServed else { return }
                defer { counter.release() }
                try Tasklet.sleep(for: service)
                served += 1
            }
            try Tasklet.sleep(for: .seconds(dice.exponential(mean: 10)))
        }
    }
    print("\(served) served, \(customers - served) left,", "waited for \(Int(waited / .seconds(1))) seconds together")
}

try Scheduler.scope(clock: .virtual) { try simulateBank(customers: 10_000) }
