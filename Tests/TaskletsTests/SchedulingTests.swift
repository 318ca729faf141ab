import Tasklets
import TestSupport
import Testing

/// What the golden traces do not show: timed runs, hooks, attributes, reports.
struct SchedulingTests {
    @Test func aRunOfSomeSwitchesKeepsTheNextOneFirst() throws {
        try Scheduler.scope {
            var log: [String] = []
            for name in ["a", "b", "c"] {
                Tasklet(name: name) {
                    for _ in 0..<3 {
                        log.append(name)
                        try Tasklet.schedule()
                    }
                }
            }
            try Tasklet.run(switches: 2)
            #expect(log == ["a", "b"])
            #expect(Scheduler.current.runQueue.map(\.name) == ["main", "c", "a", "b"])
            try Tasklet.run(switches: 4)
            #expect(log == ["a", "b", "c", "a", "b", "c"])
            try Tasklet.run()
            #expect(log.count == 9)
        }
    }

    @Test func aRunForSomeTimeReturns() throws {
        try Scheduler.scope {
            var turns = 0
            Tasklet {
                while true {
                    turns += 1
                    try Tasklet.schedule()
                }
            }
            Tasklet { while true { try Tasklet.schedule() } }
            try Tasklet.run(for: .milliseconds(5))
            #expect(turns > 0)
            #expect(Tasklet.runCount == 3)
        }
    }

    @Test func ofNestedTimedRunsTheOuterOneCounts() throws {
        try Scheduler.scope {
            var log: [String] = []
            Tasklet(name: "inner") {
                try Tasklet.run(switches: 1)
                log.append("inner returns")
            }
            for name in ["a", "b"] { Tasklet(name: name) { for _ in 0..<1000 { try Tasklet.schedule() } } }
            try Tasklet.run(switches: 10)
            #expect(log.isEmpty)
            // Woken, main has taken the inner runner off the run stack: its run() returns in its turn.
            try Tasklet.schedule()
            #expect(log == ["inner returns"])
        }
    }

    @Test func aRunWithoutASwitchIsRefused() async {
        await #expect(processExitsWith: .failure) {
            try synchronously { try Tasklet.run(switches: 0) }
        }
    }

    @Test func callbacksMustNotSwitch() throws {
        try Scheduler.scope {
            var errors: [TaskletError?] = []
            Scheduler.current.scheduleCallback = { previous, next in
                #expect(Tasklet.current == previous)
                do { try Tasklet.schedule() } catch { errors.append(error as? TaskletError) }
            }
            Tasklet {}
            Tasklet {}
            try Tasklet.run()
            Scheduler.current.scheduleCallback = nil
            #expect(errors == [.switchTrap, .switchTrap, .switchTrap])
        }
    }

    @Test func anUncaughtErrorSaysWhoseItWas() throws {
        try Scheduler.scope {
            Tasklet(name: "worker") { throw Failure() }
            #expect(throws: Failure.self) { try Tasklet.run() }
            let report = Scheduler.current.lastUncaughtError
            #expect(report?.taskletName == "worker")
            #expect(
                report?.description.hasPrefix("tasklet 'worker' (made at TaskletsTests/SchedulingTests.swift:") == true
            )
        }
    }

    @Test func attributesOfNeighbours() throws {
        try Scheduler.scope {
            let a = Tasklet(name: "a") {}
            let b = Tasklet(name: "b") {}
            let main = Tasklet.current
            #expect(main.isMain && main.isCurrent && !a.isMain && !a.isCurrent)
            #expect(main.next == a && a.next == b && b.next == main)
            #expect(main.previous == b && b.previous == a && a.previous == main)
            try a.remove()
            #expect(a.next == nil && a.previous == nil && main.next == b)
            #expect(Tasklet.main == main)
            #expect(main.next == b)
        }
    }

    @Test func namesAndPlaces() throws {
        try Scheduler.scope {
            let named = Tasklet(name: "n") {}
            let unnamed = Tasklet {}
            #expect(named.name == "n")
            #expect(unnamed.name == "tasklet-3")
            #expect(Tasklet.main.name == "main")
            #expect(named.creationPlace.hasPrefix("TaskletsTests/SchedulingTests.swift:"))
            #expect("\(named)" == "tasklet 'n' (made at \(named.creationPlace))")
        }
    }

    @Test func bindingAStartedTaskletIsRefused() throws {
        try Scheduler.scope {
            let tasklet = Tasklet { try Tasklet.scheduleRemove() }
            try Tasklet.run()
            #expect(throws: TaskletError.alive) { try tasklet.bind {} }
            try tasklet.kill()
            var ran = false
            try tasklet.bind { ran = true }
            try tasklet.setup()
            try Tasklet.run()
            #expect(ran)
        }
    }
}
