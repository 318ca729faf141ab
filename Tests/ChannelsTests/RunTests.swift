import Channels
import Foundation
import Tasklets
import TestSupport
import Testing

/// When run() and runUntilDone() return, and what they report.
struct RunTests {
    /// One that is alone and gives way goes on at once: each time counts as a switch.
    @Test func aTimedRunOfOneEnds() throws {
        try Scheduler.scope {
            var turns = 0
            Tasklet {
                while true {
                    turns += 1
                    try Tasklet.schedule()
                }
            }
            try Tasklet.run(switches: 10)
            #expect(turns == 10)
            try Tasklet.run(for: .milliseconds(1))
            #expect(turns > 10)
        }
    }

    @Test func runUntilDoneNamesWhoIsStuck() throws {
        try Scheduler.scope {
            let first = Channel<Int>(name: "first")
            let second = Channel<Int>(name: "second")
            Tasklet(name: "left") {
                _ = try first.receive()
                try second.send(1)
            }
            Tasklet(name: "right") {
                _ = try second.receive()
                try first.send(1)
            }
            let error = try #require(throws: DeadlockError.self) { try Tasklet.runUntilDone() }
            #expect(error.waiters.map(\.name) == ["left", "right"])
            #expect(error.waiters.map(\.operation) == ["receive on channel 'first'", "receive on channel 'second'"])
            try Tasklet.run()
        }
    }

    @Test func runUntilDoneReturnsWhenAllHaveEnded() throws {
        try Scheduler.scope {
            let numbers = Channel<Int>()
            var got: [Int] = []
            Tasklet { for number in 1...3 { try numbers.send(number) } }
            Tasklet { for _ in 1...3 { got.append(try numbers.receive()) } }
            Tasklet { try Tasklet.sleep(for: .milliseconds(5)) }
            let paused = Tasklet(scheduled: false) {}
            try Tasklet.runUntilDone()
            #expect(got == [1, 2, 3])
            #expect(paused.isPaused)
            try Tasklet.runUntilDone()
        }
    }

    @Test func runUntilDoneThrowsWhatATaskletThrows() throws {
        struct Failure: Error {}
        try Scheduler.scope {
            Tasklet { throw Failure() }
            #expect(throws: Failure.self) { try Tasklet.runUntilDone() }
            try Tasklet.runUntilDone()
        }
    }

    @Test func runUntilDoneInsideATasklet() throws {
        try Scheduler.scope {
            var log: [String] = []
            Tasklet {
                Tasklet { log.append("inner") }
                try Tasklet.runUntilDone()
                log.append("outer")
            }
            try Tasklet.runUntilDone()
            #expect(log == ["inner", "outer"])
        }
    }

    /// The channel has been used by both threads; nobody promised anything.
    @Test func runUntilDoneSleepsForAThreadThatIsAble() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                setHangAlarm()
                let jobs = Channel<Int>(name: "jobs")
                let isUsed = Signal()
                let isWaiting = Signal()
                let thread = TestThread {
                    guard jobs.balance == 0 else { fatalError("balance") }
                    isUsed.give()
                    isWaiting.wait()
                    while jobs.balance == 0 { sched_yield() }
                    try! jobs.send(5)
                }
                isUsed.wait()
                var got = 0
                Tasklet { got = try jobs.receive() }
                // run() does not wait for a thread that has only used the channel.
                try Tasklet.run()
                guard got == 0 else { fatalError("run() waited") }
                isWaiting.give()
                try Tasklet.runUntilDone()
                thread.join()
                guard got == 5 else { fatalError("got \(got)") }
            }
        }
    }

    @Test func runWaitsForAPromise() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                setHangAlarm()
                let results = Channel<Int>(name: "results")
                results.share()
                var got = 0
                Tasklet { got = try results.receive() }
                let isReady = Signal()
                let thread = TestThread {
                    isReady.wait()
                    while results.balance == 0 { sched_yield() }
                    try! results.send(7)
                }
                isReady.give()
                try Tasklet.run()
                thread.join()
                guard got == 7 else { fatalError("got \(got)") }
            }
        }
    }

    @Test(arguments: ["close", "finish"]) func theEndOfAChannelEndsItsPromise(way: String) async {
        await #expect(processExitsWith: .success) { [way] in
            try synchronously {
                setHangAlarm()
                let results = Channel<Int>(name: "results")
                results.share()
                var hasEnded = false
                Tasklet {
                    hasEnded = try results.next() == nil
                }
                try Tasklet.schedule()
                if way == "close" { results.close() } else { results.finish() }
                try Tasklet.run()
                #expect(hasEnded == (way == "finish"))
            }
        }
    }

    @Test func aTimedRunSleepsAtAPromiseNoLongerThanItsTime() throws {
        try Scheduler.scope {
            let results = Channel<Int>(name: "results")
            results.share()
            Tasklet { _ = try results.receive() }
            try Tasklet.run(for: .milliseconds(10))
            #expect(results.balance == -1)
        }
    }
}

/// The end of a channel, and an error that looks like it.
struct EndOfStreamTests {
    @Test func finishEndsAWaitingNextAlsoWhenTheChannelIsOpenedAtOnce() throws {
        try Scheduler.scope {
            let channel = Channel<Int>()
            var ends = 0
            var error: (any Error)?
            Tasklet {
                while try channel.next() != nil {}
                ends += 1
            }
            Tasklet { do { _ = try channel.receive() } catch let caught { error = caught } }
            try Tasklet.schedule()
            channel.finish()
            channel.open()
            try Tasklet.run()
            #expect(ends == 1)
            #expect(error as? ChannelError == .closed)
        }
    }

    @Test func anErrorThatWasSentIsNoEnd() throws {
        try Scheduler.scope {
            let channel = Channel<Int>()
            channel.close()
            var error: (any Error)?
            channel.open()
            Tasklet { do { _ = try channel.next() } catch let caught { error = caught } }
            try Tasklet.schedule()
            channel.close()
            try channel.send(throwing: ChannelError.closed)
            #expect(error as? ChannelError == .closed)
        }
    }

    @Test func anErrorOfAWaitingSenderIsNoEnd() throws {
        try Scheduler.scope {
            let channel = Channel<Int>()
            Tasklet { try channel.send(throwing: ChannelError.closed) }
            try Tasklet.schedule()
            channel.close()
            #expect(throws: ChannelError.closed) { try channel.next() }
            #expect(try channel.next() == nil)
        }
    }

    @Test func valuesThatAreNilAreNoEnd() throws {
        try Scheduler.scope {
            let channel = Channel<Int?>()
            Tasklet {
                try channel.send(nil)
                try channel.send(1)
                channel.finish()
            }
            var got: [Int?] = []
            while let value = try channel.next() { got.append(value) }
            #expect(got == [nil, 1])
        }
    }
}
