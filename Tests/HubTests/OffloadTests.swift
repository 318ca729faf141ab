import CTasklets
import Channels
import Foundation
import Hub
import Synchronization
import Tasklets
import TestSupport
import Testing

/// A gate between threads: jobs wait here in the system until it is opened.
private final class Door: Sendable {
    private let ends: (Int32, Int32)

    init() {
        var ends: [Int32] = [0, 0]
        precondition(pipe(&ends) == 0)
        self.ends = (ends[0], ends[1])
    }

    deinit {
        close(ends.0)
        close(ends.1)
    }

    func pass() {
        var byte: UInt8 = 0
        precondition(read(ends.0, &byte, 1) == 1)
    }

    /// Whether somebody may pass, who is not there.
    var isOpen: Bool {
        var state = pollfd(fd: ends.0, events: Int16(POLLIN), revents: 0)
        return poll(&state, 1, 0) == 1
    }

    func open(for count: Int) {
        let bytes = [UInt8](repeating: 1, count: count)
        precondition(write(ends.1, bytes, count) == count)
    }
}

private struct Wrong: Error, Equatable {}

/// Opens a door when it is released.
private final class Told: Sendable {
    let door: Door

    init(_ door: Door) { self.door = door }

    deinit { door.open(for: 1) }
}

@Suite(.serialized, .hangAlarm) struct OffloadTests {
    @Test func theResultComesBack() throws {
        try Scheduler.scope {
            let sum = try offload { (1...1000).reduce(0, +) }
            #expect(sum == 500_500)
            let here = thread_number()
            let there = try offload { thread_number() }
            #expect(there != here)
        }
    }

    @Test func theErrorComesBack() throws {
        _ = try Scheduler.scope {
            #expect(throws: Wrong()) { try offload { throw Wrong() } }
        }
    }

    @Test func othersRunMeanwhile() throws {
        try Scheduler.scope {
            let door = Door()
            Tasklet {
                try Tasklet.schedule()
                door.open(for: 1)
            }
            try offload { door.pass() }
        }
    }

    @Test func aThreadHasAName() throws {
        try Scheduler.scope {
            let name = try offload {
                try String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
            }
            #expect(name.hasPrefix("offload-"))
        }
    }

    /// Runs `body` while there is one thread only.
    private func withOneThread(_ body: () throws -> Void) throws {
        let former = Hub.offloadLimit
        Hub.offloadLimit = 1
        defer { Hub.offloadLimit = former }
        // Those that are left of other tests end after their next job.
        while WorkerPool.offload.size > 1 { try offload {} }
        try body()
    }

    @Test func jobsOverTheLimitWaitInOrder() throws {
        try Scheduler.scope {
            try withOneThread {
                let door = Door()
                let order = Locked<[Int]>([])
                let jobs = (0..<5).map { number in
                    Tasklet.spawn {
                        try offload {
                            door.pass()
                            order.withLock { $0.append(number) }
                        }
                    }
                }
                try Tasklet.schedule()
                door.open(for: 5)
                for job in jobs { try job.value() }
                #expect(order.withLock { $0 } == [0, 1, 2, 3, 4])
                #expect(WorkerPool.offload.size == 1)
            }
        }
    }

    @Test(arguments: ["timeout", "cancel", "kill"])
    func whoeverEndsTheWaitFreesTheTaskletAndNotTheThread(_ end: String) throws {
        try Scheduler.scope {
            let (begins, goesOn, ends) = (Door(), Door(), Door())
            let waiter = Tasklet.spawn {
                let body = {
                    _ = try offload {
                        begins.open(for: 1)
                        goesOn.pass()
                        defer { ends.open(for: 1) }
                        throw Wrong()
                    }
                }
                if end == "timeout" { try withTimeout(.milliseconds(1), body) } else { try body() }
            }
            try Tasklet.schedule()
            begins.pass()
            switch end {
            case "cancel": waiter.tasklet?.cancel()
            case "kill": try waiter.tasklet?.kill()
            default: break
            }
            #expect(throws: (any Error).self) { try waiter.value() }
            goesOn.open(for: 1)
            ends.pass()
            // The late error meets nobody.
            #expect(try offload { 1 } == 1)
        }
    }

    @Test func aJobThatWasGivenUpBeforeItBeganNeverDoes() throws {
        try Scheduler.scope {
            try withOneThread {
                let (begins, door) = (Door(), Door())
                let hasBegun = Atomic(false)
                let first = Tasklet.spawn {
                    try offload {
                        begins.open(for: 1)
                        door.pass()
                    }
                }
                try Tasklet.schedule()
                begins.pass()
                #expect(throws: TimeoutError.self) {
                    try withTimeout(.milliseconds(1)) { try offload { hasBegun.store(true, ordering: .relaxed) } }
                }
                door.open(for: 1)
                try first.value()
                try offload {}
                let hasBegunAfterAll = hasBegun.load(ordering: .relaxed)
                #expect(!hasBegunAfterAll)
            }
        }
    }

    @Test func whatAJobHoldsGoesWhenItIsGivenUpBeforeItBegan() throws {
        try Scheduler.scope {
            try withOneThread {
                let (begins, door, released) = (Door(), Door(), Door())
                let first = Tasklet.spawn {
                    try offload {
                        begins.open(for: 1)
                        door.pass()
                    }
                }
                try Tasklet.schedule()
                begins.pass()
                let second = Tasklet.spawn {
                    let told = Told(released)
                    try offload { withExtendedLifetime(told) {} }
                }
                try Tasklet.schedule()
                second.tasklet?.cancel()
                #expect(throws: CancellationError.self) { try second.value() }
                #expect(released.isOpen)
                door.open(for: 1)
                try first.value()
            }
        }
    }

    @Test func aHigherLimitBeginsWhatWaitsAndALowerOneKeepsIdleThreadsIdle() throws {
        try Scheduler.scope {
            try withOneThread {
                let (begins, door) = (Door(), Door())
                func spawn(_ count: Int) -> [Promise<Void>] {
                    (0..<count).map { _ in
                        Tasklet.spawn {
                            try offload {
                                begins.open(for: 1)
                                door.pass()
                            }
                        }
                    }
                }
                let three = spawn(3)
                try Tasklet.schedule()
                begins.pass()
                #expect(!begins.isOpen)
                Hub.offloadLimit = 3
                for _ in 0..<2 { begins.pass() }
                door.open(for: 3)
                for job in three { try job.value() }
                Hub.offloadLimit = 1
                let two = spawn(2)
                try Tasklet.schedule()
                begins.pass()
                #expect(!begins.isOpen)
                door.open(for: 1)
                begins.pass()
                door.open(for: 1)
                for job in two { try job.value() }
            }
        }
    }

    /// What is released with a job may make tasklets: they do not stay with the thread.
    @Test func whatAReleaseLeavesBehindIsReported() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            final class Maker: Sendable {
                deinit { Tasklet(name: "late") {} }
            }
            setHangAlarm()
            try Scheduler.scope {
                let (begins, goesOn) = (Door(), Door())
                try Scheduler.scope {
                    Tasklet {
                        _ = try offload {
                            begins.open(for: 1)
                            goesOn.pass()
                            return Maker()
                        }
                    }
                    try Tasklet.schedule()
                    begins.pass()
                }
                Hub.offloadLimit = 1
                goesOn.open(for: 1)
                // Comes after it.
                try offload {}
            }
        }
        let printed = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(printed.contains("has left tasklet 'late'"), "\(printed)")
    }

    /// What a result holds is released although nobody takes it.
    @Test func aLateResultIsReleased() throws {
        try Scheduler.scope {
            let (begins, goesOn, released) = (Door(), Door(), Door())
            let waiter = Tasklet.spawn {
                _ = try offload {
                    begins.open(for: 1)
                    goesOn.pass()
                    return Told(released)
                }
            }
            try Tasklet.schedule()
            begins.pass()
            waiter.tasklet?.cancel()
            #expect(throws: CancellationError.self) { try waiter.value() }
            goesOn.open(for: 1)
            // It comes back to this thread, which has to look for it, and goes with it.
            while !released.isOpen { try Tasklet.sleep(for: .milliseconds(1)) }
        }
    }

    @Test func theSchedulerMayEndFirst() throws {
        let (begins, goesOn, ends) = (Door(), Door(), Door())
        try Scheduler.scope {
            Tasklet {
                try offload {
                    begins.open(for: 1)
                    goesOn.pass()
                    ends.open(for: 1)
                }
            }
            try Tasklet.schedule()
            begins.pass()
        }
        goesOn.open(for: 1)
        ends.pass()
        #expect(try Scheduler.scope { try offload { 7 } } == 7)
    }

    @Test func aDumpSaysWhereItWasHandedOver() throws {
        try Scheduler.scope {
            let door = Door()
            let job = Tasklet.spawn { try offload(fileID: "Demo/main.swift", line: 9) { door.pass() } }
            try Tasklet.schedule()
            #expect(Scheduler.current.dump().contains("waits in offload at Demo/main.swift:9"))
            door.open(for: 1)
            try job.value()
        }
    }

    @Test func itsBodyMayNotWait() throws {
        try Scheduler.scope {
            #expect(throws: TaskletError.offloaded) { try offload { try Tasklet.sleep(for: .milliseconds(1)) } }
            #expect("\(TaskletError.offloaded)".contains("offload { … }"))
            // With a scheduler of its own it may.
            let value = try offload {
                try Scheduler.scope {
                    let result = Tasklet.spawn { 5 }
                    return try result.value()
                }
            }
            #expect(value == 5)
        }
    }

    /// In a process of its own, where no other test's thread is one.
    @Test func idleThreadsAreNoHopeInADeadlock() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            try Scheduler.scope {
                let channel = Channel<Int>()
                let shared = Smuggled(value: channel)
                // Refused, but from now on other threads count.
                #expect(throws: TaskletError.offloaded) { try offload { try shared.value.send(1) } }
                #expect(throws: DeadlockError.self) { try channel.receive() }
            }
        }
    }

    @Test func manyAtOnce() throws {
        try Scheduler.scope {
            let jobs = (0..<500).map { number in Tasklet.spawn { try offload { number * 2 } } }
            let values = try jobs.map { try $0.value() }
            #expect(values == (0..<500).map { $0 * 2 })
            #expect(WorkerPool.offload.size <= Hub.offloadLimit)
        }
    }

    @Test func whatIsLeftBehindIsReported() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            setHangAlarm()
            try Scheduler.scope {
                try offload {
                    Tasklet(name: "forgotten") {}
                    Tasklet(name: "stuck") { try Tasklet.sleep(for: .seconds(100)) }
                    try Tasklet.schedule()
                }
            }
        }
        let printed = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(printed.contains("offload at HubTests/OffloadTests.swift:"), "\(printed)")
        #expect(printed.contains("tasklet 'stuck' (made at HubTests/OffloadTests.swift:"), "\(printed)")
        #expect(printed.contains("end them there."), "\(printed)")
    }

    @Test func theEndOfTheProgramWaitsForNoThread() async {
        await #expect(processExitsWith: .exitCode(3)) {
            setHangAlarm()
            try Scheduler.scope {
                let door = Door()
                Tasklet { try offload { door.pass() } }
                try Tasklet.schedule()
                exit(3)
            }
        }
    }
}
