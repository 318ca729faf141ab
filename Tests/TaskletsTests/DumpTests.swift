import Foundation
import Synchronization
import Tasklets
import TestSupport
import Testing

/// What `dump()` says of tasklets that wait for nobody in particular; those at channels are in ChannelsTests.
struct DumpTests {
    @Test func everyStateHasItsWords() throws {
        try Scheduler.scope {
            var text = ""
            let line: UInt = #line
            let unstarted = Tasklet(name: "unstarted", scheduled: false) {}
            let paused = Tasklet(name: "paused") { try Tasklet.scheduleRemove() }
            Tasklet(name: "dumper") {
                Tasklet(name: "young") {}
                text = Scheduler.current.dump()
                try Tasklet.schedule()
            }
            Tasklet(name: "waiting") { for _ in 0..<3 { try Tasklet.schedule() } }
            // Everybody runs, `dumper` behind `waiting` the second time.
            try Tasklet.run(switches: 2)
            try Tasklet.run()

            let lines = text.split(separator: "\n").map(String.init)
            let thread = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
            #expect(lines.first == "Scheduler of thread \(thread.split(separator: "/").last!), 6 tasklets:")
            #expect(lines.count == 7)
            func says(_ name: String, _ state: String, madeAfter offset: UInt?) -> Bool {
                let place = offset.map { " (made at TaskletsTests/DumpTests.swift:\(line + $0))" } ?? ""
                return lines.contains { $0.hasPrefix("  tasklet '\(name)'\(place) \(state)") }
            }
            #expect(says("main", "is inside run(); stack: ", madeAfter: nil), "\(text)")
            #expect(says("unstarted", "is paused and has not begun", madeAfter: 1), "\(text)")
            #expect(says("paused", "is paused; stack: ", madeAfter: 2), "\(text)")
            #expect(says("dumper", "is running; stack: ", madeAfter: 3), "\(text)")
            #expect(says("young", "waits for its first turn", madeAfter: 4), "\(text)")
            #expect(says("waiting", "waits for its first turn", madeAfter: 8), "\(text)")
            withExtendedLifetime((unstarted, paused)) {}
        }
    }

    @Test func whoHasGivenWayWaitsForItsTurn() throws {
        try Scheduler.scope {
            Tasklet(name: "other") { try Tasklet.schedule() }
            try Tasklet.schedule()
            let text = Scheduler.current.dump()
            #expect(text.contains("tasklet 'main' is running; stack: "))
            #expect(text.contains(") waits for its turn; stack: "))
        }
    }

    @Test func functionsAreListedWhenAskedFor() throws {
        try Scheduler.scope {
            let tasklet = Tasklet { try parkInside() }
            try Tasklet.run()
            #expect(!Scheduler.current.dump().contains("parkInside"))
            #expect(Scheduler.current.dump(frames: 20).contains("(parkInside in "))
            let oneEach = Scheduler.current.dump(frames: 1).split(separator: "\n").filter { $0.hasPrefix("      ") }
            #expect(oneEach.count == 2)
            withExtendedLifetime(tasklet) {}
        }
    }

    /// The outer scheduler cannot run, but can be looked at.
    @Test func aSchedulerWhoseThreadIsInAScope() throws {
        try Scheduler.scope {
            let outer = Scheduler.current
            Tasklet(name: "of the outer one") {}
            try Scheduler.scope {
                let text = outer.dump(frames: 5)
                #expect(text.contains(", suspended by a scope, 2 tasklets:\n"), "\(text)")
                #expect(text.contains("tasklet 'main' is running\n"), "\(text)")
                #expect(text.contains("tasklet 'of the outer one'"))
                #expect(Scheduler.current.dump().contains(", 1 tasklet:\n  tasklet 'main' is running; stack: "))
            }
            try Tasklet.run()
        }
    }

    /// A tasklet that never gives way does not keep others from looking.
    @Test func anotherThreadThatIsBusy() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            // Threads that are begun here take the signal by which they are looked at.
            Scheduler.dumpOnSignal(SIGUSR1)
            let busy = Locked<Tasklet?>(nil)
            let isEnough = Flag()
            let ended = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                let parked = Tasklet(name: "parked") { try parkInside() }
                Tasklet(name: "busy") {
                    busy.withLock { $0 = Tasklet.current }
                    computeUntil(isEnough)
                    blackHole += 1
                }
                try! Tasklet.run()
                withExtendedLifetime(parked) {}
                ended.signal()
            }
            var tasklet: Tasklet?
            while tasklet == nil {
                tasklet = busy.withLock { $0 }
                sched_yield()
            }
            // The tasklet may not have come there yet, and a thread without a processor does not answer.
            var text = ""
            while !text.contains("computeUntil") { text = tasklet?.scheduler?.dump(frames: 20) ?? "" }
            while tasklet?.backtrace().contains(where: { $0.contains("computeUntil") }) != true {}
            guard text.contains("tasklet 'main' is inside run(); stack: "), text.contains("parkInside"),
                text.contains(") is running\n"), tasklet?.stackUse == nil,
                // Each of them once: a function that has no variables must not hide or repeat its caller.
                zip(text.split(separator: "\n"), text.split(separator: "\n").dropFirst()).allSatisfy({ $0 != $1 })
            else { fatalError(text) }
            let scheduler = tasklet?.scheduler
            isEnough.isSet.store(true, ordering: .relaxed)
            ended.wait()
            while tasklet?.scheduler != nil { sched_yield() }
            guard scheduler?.dump() == "The scheduler has ended.\n" else { fatalError("not ended") }
        }
    }

    @Test func aThreadThatDoesNotAnswer() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            Scheduler.dumpOnSignal(SIGUSR1)
            let deaf = Locked<Tasklet?>(nil)
            let isEnough = Flag()
            let ended = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                Tasklet(name: "deaf") {
                    var all = sigset_t()
                    sigfillset(&all)
                    pthread_sigmask(SIG_BLOCK, &all, nil)
                    deaf.withLock { $0 = Tasklet.current }
                    computeUntil(isEnough)
                }
                try! Tasklet.run()
                ended.signal()
            }
            while deaf.withLock({ $0 == nil }) { sched_yield() }
            let text = deaf.withLock { $0!.scheduler!.dump(frames: 20) }
            guard text.contains(") is running\n      where it is could not be told this time\n") else {
                fatalError(text)
            }
            isEnough.isSet.store(true, ordering: .relaxed)
            ended.wait()
        }
    }

    @Test func aSignalThatCannotBeHandledIsRefused() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Scheduler.dumpOnSignal(SIGKILL)
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("Scheduler.dumpOnSignal: the system does not let the program handle signal 9."))
    }
}

@inline(never)
private func computeUntil(_ flag: Flag) {
    while !flag.isSet.load(ordering: .relaxed) {}
}

private final class Flag: Sendable {
    let isSet = Atomic(false)
}

@inline(never)
private func parkInside() throws {
    try Tasklet.scheduleRemove()
    blackHole += 1
}

nonisolated(unsafe) private var blackHole = 0
