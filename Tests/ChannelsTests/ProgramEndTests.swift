import Channels
import Foundation
import Tasklets
import TestSupport
import Testing

/// What main's frames hold when the program ends inside a tasklet: they are never left, so LeakSanitizer looks here.
nonisolated(unsafe) private var kept: [AnyObject] = []

/// The end of the program inside a tasklet, and while other threads sleep.
struct ProgramEndTests {
    private struct Boom: Error {}

    private static func text(of bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// Counts by place: those that never ran, and those that wait. Neither main nor those that are ready to go on.
    @Test func aDebugBuildNamesWhatIsUnfinished() async throws {
        let result = try await #require(processExitsWith: .exitCode(0), observing: [\.standardErrorContent]) {
            try synchronously {
                setHangAlarm()
                let channel = Channel<Int>()
                kept = [channel]
                for _ in 1...3 { Tasklet(fileID: "A/a.swift", line: 1) { _ = try channel.receive() } }
                Tasklet(name: "sleeper", fileID: "A/a.swift", line: 2) { try Tasklet.sleep(for: .seconds(3600)) }
                Tasklet { while true { try Tasklet.schedule() } }
                try Tasklet.schedule()
                for _ in 1...2 { Tasklet(fileID: "A/a.swift", line: 3) {} }
                exit(0)
            }
        }
        let said = Self.text(of: result.standardErrorContent).split(separator: "\n").filter {
            $0.hasPrefix("Tasklets: ")
        }
        #if DEBUG
        #expect(
            said == [
                "Tasklets: The program has ended: 2 tasklets never ran (2 made at A/a.swift:3), "
                    + "4 tasklets still wait (3 made at A/a.swift:1, 'sleeper' made at A/a.swift:2). "
                    + "Tasklet.runUntilDone() runs them to their end, or says who can never go on; cancel() ends them."
            ]
        )
        #else
        #expect(said == [])
        #endif
    }

    /// It has run: the one that carries its error to main has not.
    @Test(arguments: [false, true])
    func theErrorOfAPromiseThatNobodyTookIsNamed(onThread: Bool) async throws {
        let result = try await #require(processExitsWith: .exitCode(0), observing: [\.standardErrorContent]) {
            [onThread] in
            try synchronously {
                setHangAlarm()
                @Sendable func leave() {
                    let failing = Tasklet.spawn(name: "failing", fileID: "A/a.swift", line: 1) { throw Boom() }
                    try! Tasklet.runUntilDone()
                    withExtendedLifetime(failing) {}
                }
                if onThread { TestThread { leave() }.join() } else { leave() }
                exit(0)
            }
        }
        let lines = Self.text(of: result.standardErrorContent).split(separator: "\n").filter {
            $0.hasPrefix("Tasklets: ")
        }
        #expect(
            lines == [
                "Tasklets: The error of tasklet 'failing' (made at A/a.swift:1) was lost at the end of its thread: Boom()"
            ]
        )
    }

    @Test func exitInATaskletKeepsItsStatusWhenCleanupFails() async throws {
        let result = try await #require(processExitsWith: .exitCode(3), observing: [\.standardOutputContent]) {
            try synchronously {
                setHangAlarm()
                let channel = Channel<Int>()
                kept = [channel]
                Tasklet(name: "stubborn") {
                    do {
                        _ = try channel.receive()
                    } catch {
                        print("cleanup")
                        throw Boom()
                    }
                }
                Tasklet(name: "exiter") {
                    print("exit")
                    exit(3)
                }
                do { try Tasklet.run() } catch { print("main went on: \(error)") }
                print("main reached its end")
                exit(0)
            }
        }
        #expect(Self.text(of: result.standardOutputContent) == "exit\ncleanup\n")
    }

    @Test func exitInATaskletKeepsItsStatusWhenCleanupMeetsMain() async throws {
        let result = try await #require(processExitsWith: .exitCode(3), observing: [\.standardOutputContent]) {
            try synchronously {
                setHangAlarm()
                let first = Channel<Int>()
                let second = Channel<Int>()
                kept = [first, second]
                Tasklet(name: "sender") {
                    defer {
                        print("cleanup")
                        try? second.send(1)
                        print("cleanup ends")
                    }
                    _ = try first.receive()
                }
                Tasklet(name: "exiter") { exit(3) }
                let value = try second.receive()
                print("main got \(value)")
                exit(0)
            }
        }
        #expect(Self.text(of: result.standardOutputContent) == "cleanup\ncleanup ends\n")
    }

    @Test func exitInsideANestedRunResumesNoCallerOfRun() async throws {
        let result = try await #require(processExitsWith: .exitCode(4), observing: [\.standardOutputContent]) {
            try synchronously {
                setHangAlarm()
                let channel = Channel<Int>()
                kept = [channel]
                Tasklet(name: "runner") {
                    Tasklet(name: "exiter") { exit(4) }
                    do { try Tasklet.run() } catch { print("runner got \(error)") }
                    print("runner went on")
                }
                Tasklet(name: "waiter") {
                    defer { print("waiter's cleanup") }
                    _ = try channel.receive()
                }
                try Tasklet.run()
                print("main went on")
                exit(0)
            }
        }
        #expect(Self.text(of: result.standardOutputContent) == "waiter's cleanup\n")
    }

    /// Whoever sleeps when main returns is not told of a deadlock: the process is ending.
    @Test func threadsThatSleepAtTheEndGetNoVerdict() async throws {
        for _ in 0..<5 {
            let result = try await #require(
                processExitsWith: .exitCode(0),
                observing: [\.standardOutputContent, \.standardErrorContent]
            ) {
                try synchronously {
                    setHangAlarm()
                    let jobs = Channel<Int>(name: "jobs")
                    let results = Channel<Int>(name: "results")
                    results.share()
                    for _ in 0..<2 {
                        Thread.detachNewThread {
                            try! results.send(0)
                            while let job = try! jobs.next() { try! results.send(job * job) }
                        }
                    }
                    for _ in 0..<2 { _ = try results.receive() }
                    for number in 1...4 {
                        while jobs.balance == 0 { sched_yield() }
                        try jobs.send(number)
                        _ = try results.receive()
                    }
                    while jobs.balance != -2 { sched_yield() }
                    exit(0)
                }
            }
            let text = Self.text(of: result.standardErrorContent)
            #expect(!text.contains("Deadlock"), "\(text)")
            #expect(!text.contains("Tasklets:"), "\(text)")
        }
    }
}

/// Cleanup at the end of a scope: what it may wait for, and what ends it.
struct CleanupAtTheEndTests {
    @Test func cleanupMayMeetOtherCleanup() throws {
        var log: [String] = []
        try Scheduler.scope {
            let never = Channel<Int>()
            let last = Channel<Int>()
            Tasklet {
                defer { log.append("got \((try? last.receive()) ?? 0)") }
                _ = try never.receive()
            }
            Tasklet {
                defer {
                    try? last.send(7)
                    log.append("sent")
                }
                _ = try never.receive()
            }
            try Tasklet.schedule()
        }
        #expect(log == ["got 7", "sent"])
    }

    @Test func cleanupMaySleep() throws {
        var isClean = false
        try Scheduler.scope {
            let never = Channel<Int>()
            Tasklet {
                defer { isClean = (try? Tasklet.sleep(for: .milliseconds(10))) != nil }
                _ = try never.receive()
            }
            try Tasklet.schedule()
        }
        #expect(isClean)
    }

    @Test func cleanupThatSleepsTooLongIsEnded() throws {
        var error: (any Error)?
        let start = ContinuousClock.now
        try Scheduler.scope {
            let never = Channel<Int>()
            Tasklet {
                defer { do { try Tasklet.sleep(for: .seconds(3600)) } catch let caught { error = caught } }
                _ = try never.receive()
            }
            try Tasklet.schedule()
        }
        #expect(error is TaskletExit)
        #expect(ContinuousClock.now - start < .seconds(1800))
    }

    @Test func cleanupThatWaitsForNobodyIsRefused() throws {
        var refused = 0
        try Scheduler.scope {
            let never = Channel<Int>()
            Tasklet {
                defer {
                    for _ in 0..<5 {
                        do { _ = try never.receive() } catch is TaskletExit { refused += 1 } catch {}
                    }
                }
                _ = try never.receive()
            }
            try Tasklet.schedule()
        }
        #expect(refused == 5)
    }

    /// A loop that swallows every refusal is left after a hundred, and named; the others' cleanup runs all the same.
    @Test(arguments: ["receive", "schedule", "sleep", "pause", "run"])
    func whoSwallowsEveryRefusalIsNamed(way: String) async throws {
        let result = try await #require(
            processExitsWith: .exitCode(0),
            observing: [\.standardErrorContent, \.standardOutputContent]
        ) { [way] in
            setHangAlarm()
            try Scheduler.scope {
                let never = Channel<Int>()
                // Kept: one that nobody refers to could not be paused.
                var swallower: Tasklet?
                swallower = Tasklet(name: "swallower") {
                    while true {
                        switch way {
                        case "receive": _ = try? never.receive()
                        case "schedule": try? Tasklet.schedule()
                        case "sleep": try? Tasklet.sleep(for: .seconds(1))
                        case "pause": try? Tasklet.scheduleRemove()
                        default: try? Tasklet.run()
                        }
                    }
                }
                Tasklet(name: "polite") {
                    defer { print("polite cleanup") }
                    while true { try Tasklet.schedule() }
                }
                try withExtendedLifetime(swallower) { try Tasklet.schedule() }
            }
            exit(0)
        }
        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(text.contains("tasklet 'swallower' (made at "))
        #expect(text.contains("caught TaskletExit every time; its stack is never freed."))
        #expect(String(decoding: result.standardOutputContent, as: UTF8.self) == "polite cleanup\n")
    }
}
