import Foundation
import Synchronization
import Tasklets
import TestSupport
import Testing

/// Promises between threads.
struct PromiseThreadTests {
    private struct Failure: Error {}

    @Test func anotherThreadBringsTheResult() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                alarm(60)
                let answer = Promise<Int>()
                // Else the thread, which is not known yet, would not count.
                answer.share()
                let thread = TestThread { answer.fulfill(5) }
                guard try answer.value() == 5 else { fatalError("another value") }
                thread.join()
            }
        }
    }

    @Test func runWaitsForAPromiseThatIsShared() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                alarm(60)
                let answer = Promise<Int>()
                answer.share()
                let isWaiting = Signal()
                var got: Int?
                Tasklet {
                    isWaiting.give()
                    got = try answer.value()
                }
                let thread = TestThread {
                    isWaiting.wait()
                    answer.fulfill(5)
                }
                try Tasklet.run()
                thread.join()
                if got != 5 { fatalError("run() has returned too early") }
            }
        }
    }

    @Test func theResultOfATaskletIsTakenOnAnotherThread() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                alarm(60)
                let promise = Tasklet.spawn {
                    try Tasklet.sleep(for: .milliseconds(20))
                    return 7
                }
                promise.share()
                let got = Atomic(0)
                withExtendedLifetime(got) {
                    let threads = (0..<3).map { number in
                        TestThread {
                            do {
                                let value = number == 0 ? try promise.value(within: .seconds(50)) : try promise.value()
                                got.add(value ?? 0, ordering: .relaxed)
                            } catch { fatalError("\(error)") }
                        }
                    }
                    do { try Tasklet.run() } catch { fatalError("\(error)") }
                    for thread in threads { thread.join() }
                }
                if got.load(ordering: .relaxed) != 21 { fatalError("\(got.load(ordering: .relaxed))") }
            }
        }
    }

    @Test func allOfSeveralThreads() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                alarm(60)
                for round in 0..<200 {
                    let promises = (0..<4).map { _ in Promise<Int>() }
                    for promise in promises { promise.share() }
                    let threads = (0..<4).map { number in
                        TestThread { promises[(number + round) % 4].fulfill(number) }
                    }
                    guard try Promise.first(2, of: promises, within: .seconds(50)).count == 2 else {
                        fatalError("too few")
                    }
                    guard try Promise.all(promises).sorted() == [0, 1, 2, 3] else { fatalError("another value") }
                    for thread in threads { thread.join() }
                }
            }
        }
    }

    /// The last reference goes on another thread, or there before the end of the tasklet: the error comes home.
    @Test(arguments: [false, true]) func anErrorDroppedOnAnotherThreadComesHome(hasEnded: Bool) async {
        await #expect(processExitsWith: .success) { [hasEnded] in
            try synchronously {
                alarm(60)
                final class Box: Sendable {
                    let promise: Locked<Promise<Int>?>
                    init(_ promise: Promise<Int>) { self.promise = Locked(promise) }
                }
                let box = Box(Tasklet.spawn { throw Failure() })
                if hasEnded { try Tasklet.run() }
                TestThread { box.promise.withLock { $0 = nil } }.join()
                do {
                    try Tasklet.run()
                    fatalError("the error is lost")
                } catch is Failure {}
            }
        }
    }

    /// Two threads race: one drops the promise while the tasklet's end brings the error. It comes out of run() once, always.
    @Test func noErrorIsLostInARace() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                alarm(100)
                final class Box: Sendable {
                    let promise = Locked<Promise<Int>?>(nil)
                    let isReady = Atomic(false)
                    let isOver = Atomic(false)
                }
                let box = Box()
                let thread = TestThread {
                    while !box.isOver.load(ordering: .acquiring) {
                        if box.isReady.exchange(false, ordering: .acquiringAndReleasing) {
                            box.promise.withLock { $0 = nil }
                        } else {
                            sched_yield()
                        }
                    }
                }
                for round in 0..<500 {
                    box.promise.withLock { $0 = Tasklet.spawn { throw Failure() } }
                    box.isReady.store(true, ordering: .releasing)
                    for _ in 0..<(round % 5) { sched_yield() }
                    var count = 0
                    // Until the other thread has dropped it, and what that has left has had its turn.
                    var hasDropped = false
                    while count == 0 || !hasDropped {
                        hasDropped = box.promise.withLock { $0 == nil }
                        do { try Tasklet.run() } catch is Failure { count += 1 }
                        if !hasDropped { sched_yield() }
                    }
                    do { try Tasklet.run() } catch { count += 1 }
                    if count != 1 { fatalError("thrown \(count) times") }
                }
                box.isOver.store(true, ordering: .releasing)
                thread.join()
            }
        }
    }

    /// Waiters on several threads, with cancellations: each gets the value or its cancellation, and nothing leaks.
    @Test func stress() async {
        await #expect(processExitsWith: .success) {
            alarm(100)
            let rounds = 300
            let promises = (0..<rounds).map { _ in Promise<Int>() }
            for promise in promises { promise.share() }
            let got = Atomic(0)
            withExtendedLifetime(got) {
                TestThread.run(count: 4) { thread in
                    if thread == 0 {
                        for (number, promise) in promises.enumerated() {
                            promise.fulfill(number)
                            do { try Tasklet.schedule() } catch { fatalError("\(error)") }
                        }
                        return
                    }
                    for (number, promise) in promises.enumerated() {
                        let waiter = Tasklet {
                            do {
                                let value =
                                    number % 3 == 0
                                    ? try promise.value(within: .seconds(90)) : try promise.value()
                                if value != number { fatalError("another value") }
                                got.add(1, ordering: .relaxed)
                            } catch is CancellationError { got.add(1, ordering: .relaxed) }
                        }
                        do { try Tasklet.schedule() } catch { fatalError("\(error)") }
                        if number % 5 == thread { waiter.cancel() }
                    }
                    do { try Tasklet.runUntilDone() } catch { fatalError("\(error)") }
                }
            }
            let count = got.load(ordering: .relaxed)
            if count != 3 * rounds { fatalError("\(count)") }
        }
    }
}
