import Channels
import Foundation
import Tasklets
import TestSupport
import Testing

/// Which thread gets a deadlock error, and which one sleeps on.
struct VerdictTests {
    /// Starts a thread that waits in the channel and notes how that ends. Returns when the thread sleeps in the system: as
    /// long as the caller does nothing else with the library there is nothing else that it could sleep for.
    private static func startSleeper(_ name: String, at channel: Channel<Int>, log: SharedLog) -> TestThread {
        let began = Locked<(SystemThread, Tasklet)?>(nil)
        let thread = TestThread {
            began.withLock { $0 = (SystemThread(), Tasklet.current) }
            do { log.add("\(name) got \(try channel.receive())") } catch { log.add("\(name) got \(type(of: error))") }
        }
        while true {
            if let (thread, main) = began.withLock({ $0 }), main.isBlocked {
                while !thread.isAsleep { sched_yield() }
                break
            }
            sched_yield()
        }
        return thread
    }

    /// When the last thread that is able to run has ended, the one that fell asleep last is told. It ends by that, and then
    /// it is the other one's turn.
    @Test func whoFellAsleepLastIsToldFirst() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            let log = SharedLog()
            let sleepers = Locked<[TestThread]>([])
            // The test's own thread has no scheduler.
            TestThread {
                for name in ["A", "B", "C"] {
                    let sleeper = VerdictTests.startSleeper(name, at: Channel<Int>(), log: log)
                    sleepers.withLock { $0.append(sleeper) }
                }
            }.join()
            for sleeper in sleepers.withLock({ $0 }) { sleeper.join() }
            #expect(log.lines == ["C got DeadlockError", "B got DeadlockError", "A got DeadlockError"])
        }
    }

    /// One tasklet waits where a thread was promised, another where all others that know the place sleep or have ended.
    @Test(arguments: [false, true]) func aPromiseCountsBesideASharedWait(mainWaitsForThePromise: Bool) async {
        await #expect(processExitsWith: .success) { [mainWaitsForThePromise] in
            try synchronously {
                setHangAlarm()
                let shared = Channel<Int>(name: "shared")
                let promised = Channel<Int>(name: "promised")
                promised.share()
                TestThread { _ = shared.balance }.join()
                let main = SystemThread()
                let isReady = Signal()
                // Not known to the library before it sends.
                let thread = TestThread {
                    isReady.wait()
                    while !main.isAsleep { sched_yield() }
                    try! promised.send(7)
                    try! shared.send(8)
                }
                var other = 0
                Tasklet { other = try (mainWaitsForThePromise ? shared : promised).receive() }
                try Tasklet.schedule()
                isReady.give()
                let own = try (mainWaitsForThePromise ? promised : shared).receive()
                try Tasklet.runUntilDone()
                thread.join()
                #expect(own == (mainWaitsForThePromise ? 7 : 8))
                #expect(other == (mainWaitsForThePromise ? 8 : 7))
            }
        }
    }
}

/// Lines from several threads.
private final class SharedLog: Sendable {
    private let storage = Locked<[String]>([])

    var lines: [String] { storage.withLock { $0 } }

    func add(_ line: String) {
        storage.withLock { $0.append(line) }
    }
}
