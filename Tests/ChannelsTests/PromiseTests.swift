import Channels
import Foundation
import Synchronization
import Tasklets
import TestSupport
import Testing

private func waitUntilAsleep(_ tasklet: Tasklet) {
    while tasklet.scheduler?.dump().contains(", asleep, ") != true { sched_yield() }
}

/// Promises (`share()`) that begin or end while a thread sleeps already.
struct PromiseTests {
    @Test(arguments: ["close", "finish"]) func theEndOfAPromiseWakesAThreadInsideRun(way: String) async {
        await #expect(processExitsWith: .success) { [way] in
            try synchronously {
                setHangAlarm()
                let results = Channel<Int>(name: "results")
                results.share()
                let waiter = Tasklet.current
                let thread = TestThread {
                    waitUntilAsleep(waiter)
                    if way == "close" { results.close() } else { results.finish() }
                }
                Tasklet { _ = try results.next() }
                try Tasklet.run()
                thread.join()
            }
        }
    }

    @Test func theEndOfAPromiseIsTheEndOfHope() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                setHangAlarm()
                let results = Channel<Int>(name: "results")
                results.share()
                let waiter = Tasklet.current
                let thread = TestThread {
                    waitUntilAsleep(waiter)
                    results.close()
                }
                var error: (any Error)?
                do { _ = try results.receive() } catch let caught { error = caught }
                guard error is DeadlockError else { fatalError("got \(String(describing: error))") }
                thread.join()
            }
        }
    }

    /// The thread sleeps because another one has used the channel. Then that one promises a third one, and ends.
    @Test func aPromiseIsKeptToAThreadThatSleepsAlready() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                setHangAlarm()
                let results = Channel<Int>(name: "results")
                let waiter = Tasklet.current
                let isUsed = Signal()
                let promiser = TestThread {
                    guard results.balance == 0 else { fatalError("balance") }
                    isUsed.give()
                    waitUntilAsleep(waiter)
                    results.share()
                }
                let sender = TestThread {
                    promiser.join()
                    do { try results.send(3) } catch { fatalError("\(error)") }
                }
                isUsed.wait()
                do {
                    guard try results.receive() == 3 else { fatalError("another value") }
                } catch { fatalError("\(error)") }
                sender.join()
            }
        }
    }

    /// A receiver that is cancelled while another thread hands it a value has either the value or its error, and the
    /// sender knows which.
    @Test func noValueIsLostByACancellation() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                setHangAlarm()
                let numbers = Channel<Int>(name: "numbers")
                numbers.preference = .neither
                numbers.share()
                let got = Atomic(0)
                let isOver = Atomic(false)
                let thread = TestThread {
                    for round in 0..<20_000 {
                        let receiver = Tasklet {
                            do {
                                while true {
                                    _ = try numbers.receive()
                                    got.add(1, ordering: .relaxed)
                                }
                            } catch is CancellationError {}
                        }
                        Tasklet {
                            for _ in 0..<(round % 7) { try Tasklet.schedule() }
                            receiver.cancel()
                        }
                        do {
                            while receiver.isAlive { try Tasklet.schedule() }
                        } catch { fatalError("\(error)") }
                    }
                    isOver.store(true, ordering: .releasing)
                    numbers.close()
                    do {
                        while try numbers.next() != nil { got.add(1, ordering: .relaxed) }
                    } catch { fatalError("\(error)") }
                }
                var sent = 0
                while !isOver.load(ordering: .acquiring) {
                    guard numbers.balance < 0 else { continue }
                    do { try numbers.send(1) } catch ChannelError.closed { break }
                    sent += 1
                }
                thread.join()
                let received = got.load(ordering: .relaxed)
                guard received == sent else { fatalError("\(sent) sent, \(received) received") }
            }
        }
    }
}
