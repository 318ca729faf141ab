import CTestFunctions
import Channels
import Foundation
import Synchronization
import Tasklets
import TestSupport
import Testing

/// Threads meet where the system refuses `membarrier`, as in a container with a filter: slower, in the same order.
struct RefusedBarrierTests {
    @Test func messagesBetweenThreads() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                guard refuse_membarrier() else { fatalError("the filter has no effect") }
                let numbers = Channel<Int>(name: "numbers")
                let answers = Channel<Int>(name: "answers")
                numbers.share()
                answers.share()
                let producers = (0..<3).map { producer in
                    TestThread {
                        // Tasklets of the same thread in between.
                        Tasklet { for _ in 0..<3000 { try Tasklet.schedule() } }
                        for number in 0..<3000 { try! numbers.send(3 * number + producer) }
                        try! Tasklet.run()
                    }
                }
                let echo = TestThread { for _ in 0..<3000 { try! answers.send(try! answers.receive() + 1) } }
                var sum = 0
                Tasklet { for _ in 0..<9000 { sum += try numbers.receive() } }
                var echoed = 0
                for number in 0..<3000 {
                    try answers.send(number)
                    if try answers.receive() == number + 1 { echoed += 1 }
                }
                try Tasklet.run()
                for producer in producers { producer.join() }
                echo.join()
                guard sum == 9000 * 8999 / 2, echoed == 3000 else { fatalError("\(sum), \(echoed)") }
            }
        }
    }

    /// The gate: another thread changes the queue of one that is switching all the time.
    @Test func killsFromAnotherThread() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                guard refuse_membarrier() else { fatalError("the filter has no effect") }
                for _ in 0..<20 {
                    let victims = Locked<[Smuggled<Tasklet>]>([])
                    let begun = Atomic(0)
                    let cleaned = Atomic(0)
                    let owner = TestThread {
                        victims.withLock { victims in
                            for _ in 0..<200 {
                                let victim = Tasklet {
                                    begun.add(1, ordering: .relaxed)
                                    defer { cleaned.add(1, ordering: .relaxed) }
                                    while true { try Tasklet.schedule() }
                                }
                                victims.append(Smuggled(value: victim))
                            }
                        }
                        try! Tasklet.run()
                    }
                    while begun.load(ordering: .relaxed) < 200 { usleep(100) }
                    for victim in victims.withLock({ $0 }) { try victim.value.kill() }
                    victims.withLock { $0 = [] }
                    owner.join()
                    guard cleaned.load(ordering: .relaxed) == 200 else {
                        fatalError("\(cleaned.load(ordering: .relaxed))")
                    }
                }
            }
        }
    }

    @Test func aFilterThatComesTooLateIsNamed() async {
        let result = await #expect(processExitsWith: .signal(SIGABRT), observing: [\.standardErrorContent]) {
            try synchronously {
                let tasklet = Smuggled(value: Tasklet(scheduled: false) {})
                guard refuse_membarrier() else { fatalError("the filter has no effect") }
                TestThread {
                    _ = tasklet.value.isAlive
                    try? tasklet.value.kill()
                }.join()
            }
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("If a seccomp filter does: install it before the first use of tasklets."))
    }
}
