import CTasklets
import Foundation
import Synchronization
import Tasklets
import TestSupport
import Testing

/// A small event source on poll, as a hub would have one: tasklets wait until a descriptor can be read.
private final class PipeSource: EventSource, WaitPlace {
    var pending: Int { 0 }
    private var waiting: [(descriptor: Int32, entry: WaitEntry)] = []
    private let interruption = UnsafePipe()
    private(set) var sleeps = 0

    func sleep(until deadline: Int64) {
        sleeps += 1
        let now = clock_now()
        let milliseconds = deadline == .max ? -1 : max(0, min((deadline - now + 999_999) / 1_000_000, 60_000))
        _ = poll(milliseconds: Int32(milliseconds))
        interruption.drain()
    }

    func collect(for core: SchedulerCore) {
        for descriptor in poll(milliseconds: 0) {
            guard let place = waiting.firstIndex(where: { $0.descriptor == descriptor }) else { continue }
            core.wake(waiting.remove(at: place).entry)
        }
    }

    func interrupt() { interruption.write() }

    private func poll(milliseconds: Int32) -> [Int32] {
        var polled = waiting.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        polled.append(pollfd(fd: interruption.output, events: Int16(POLLIN), revents: 0))
        Foundation.poll(&polled, nfds_t(polled.count), milliseconds)
        return polled.dropLast().filter { $0.revents != 0 }.map(\.fd)
    }

    func wait(_ descriptor: Int32, isDaemon: Bool = false) throws {
        try SchedulerCore.current.waitOutside(at: self, argument: nil, isDaemon: isDaemon) {
            waiting.append((descriptor, $0))
            return true
        }
    }

    func withdraw(_ entry: WaitEntry) -> Withdrawal {
        guard let place = waiting.firstIndex(where: { $0.entry == entry }) else { return .tooLate }
        waiting.remove(at: place)
        return .done
    }

    func describe(_ entry: WaitEntry) -> String { "read on a pipe" }
}

/// A pipe that does not block its reader.
private final class UnsafePipe: Sendable {
    let output: Int32
    private let input: Int32

    init() {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { fatalError("no pipe") }
        output = ends[0]
        input = ends[1]
        _ = fcntl(output, F_SETFL, O_NONBLOCK)
    }

    deinit {
        close(input)
        close(output)
    }

    func write() {
        var byte: UInt8 = 1
        Foundation.write(input, &byte, 1)
    }

    func drain() {
        var byte: UInt8 = 0
        while Foundation.read(output, &byte, 1) == 1 {}
    }
}

struct EventSourceTests {
    private func withSource(_ body: (PipeSource) throws -> Void) throws {
        try Scheduler.scope {
            let source = PipeSource()
            SchedulerCore.current.setEventSource(source)
            try body(source)
        }
    }

    @Test func runSleepsInTheSource() throws {
        try withSource { source in
            let pipe = UnsafePipe()
            var log: [String] = []
            Tasklet {
                try source.wait(pipe.output)
                log.append("read")
            }
            Tasklet {
                try Tasklet.sleep(for: .milliseconds(5))
                log.append("slept")
                pipe.write()
            }
            try Tasklet.run()
            #expect(log == ["slept", "read"])
            #expect(source.sleeps > 0)
        }
    }

    @Test func aBusySchedulerLooksOutside() throws {
        try withSource { source in
            let pipe = UnsafePipe()
            var isRead = false
            Tasklet {
                try source.wait(pipe.output)
                isRead = true
            }
            Tasklet {
                pipe.write()
                while !isRead { try Tasklet.schedule() }
            }
            try Tasklet.run()
            #expect(isRead)
            #expect(source.sleeps == 0)
        }
    }

    @Test func anotherThreadInterruptsTheSource() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                setHangAlarm()
                let source = PipeSource()
                SchedulerCore.current.setEventSource(source)
                let pipe = UnsafePipe()
                var isDone = false
                let reader = Tasklet(name: "reader") {
                    try? source.wait(pipe.output)
                    isDone = true
                }
                try Tasklet.schedule()
                let thread = TestThread { try! reader.kill() }
                try Tasklet.run()
                thread.join()
                guard isDone else { fatalError("the reader was not killed") }
            }
        }
    }

    @Test func aDaemonWaitDoesNotHoldUpRun() throws {
        try withSource { source in
            let pipe = UnsafePipe()
            var isCleanedUp = false
            let listener = Tasklet {
                defer { isCleanedUp = true }
                while true { try source.wait(pipe.output, isDaemon: true) }
            }
            try Tasklet.run()
            #expect(listener.isBlocked)
            #expect(source.sleeps == 0)
            try listener.kill()
            #expect(isCleanedUp)
        }
    }

    /// Whether the listener has begun to wait or not.
    @Test(arguments: [false, true])
    func aDaemonWaitDoesNotHoldUpRunUntilDone(hasBegun: Bool) throws {
        try withSource { source in
            let pipe = UnsafePipe()
            let listener = Tasklet { while true { try source.wait(pipe.output, isDaemon: true) } }
            if hasBegun { try Tasklet.schedule() }
            try Tasklet.runUntilDone()
            #expect(listener.isBlocked)
            #expect(source.sleeps == 0)
            try listener.kill()
        }
    }

    /// No deadlock: what the daemon hears may wake main.
    @Test func aBlockedMainSleepsForADaemonWait() throws {
        try withSource { source in
            let pipe = UnsafePipe()
            let main = Tasklet.current
            Tasklet {
                try source.wait(pipe.output, isDaemon: true)
                try main.insert()
            }
            Tasklet {
                pipe.write()
            }
            Tasklet { try Tasklet.scheduleRemove() }
            try Tasklet.scheduleRemove()
            #expect(Tasklet.current == main)
        }
    }

    @Test func cleanupMayWaitForTheSource() throws {
        var isFlushed = false
        try withSource { source in
            let pipe = UnsafePipe()
            Tasklet {
                defer {
                    pipe.write()
                    if (try? source.wait(pipe.output)) != nil { isFlushed = true }
                }
                try Tasklet.sleep(for: .seconds(3600))
            }
            try Tasklet.schedule()
        }
        #expect(isFlushed)
    }

    @Test func reportsNameTheWait() throws {
        try withSource { source in
            let pipe = UnsafePipe()
            let reader = Tasklet(name: "reader") { try source.wait(pipe.output) }
            try Tasklet.schedule()
            #expect(Scheduler.current.dump().contains(") waits in read on a pipe for "))
            #expect(reader.next == nil)
            try reader.kill()
        }
    }

    @Test func trapsAndCancellation() throws {
        try withSource { source in
            let pipe = UnsafePipe()
            var errors: [any Error] = []
            let reader = Tasklet {
                for _ in 0..<2 { do { try source.wait(pipe.output) } catch { errors.append(error) } }
            }
            try Tasklet.schedule()
            reader.cancel()
            try Tasklet.run()
            #expect(errors.count == 2)
            #expect(errors.allSatisfy { $0 is CancellationError })
        }
    }
}

/// A place that cannot let go of a waiter at once: something outside still writes into its frame.
private final class Job: WaitPlace, @unchecked Sendable {
    private let isAsked = Atomic(false)
    private let lock = NSLock()
    private var entry: WaitEntry?

    func wait() throws {
        try SchedulerCore.current.waitOutside(at: self, argument: nil) { entry in
            lock.withLock { self.entry = entry }
            return true
        }
    }

    /// On the thread that does the job.
    func end() {
        let entry: WaitEntry = lock.withLock { self.entry! }
        let core = entry.tasklet.scheduler
        _ = core.post { core.wake(entry) }
    }

    var isAskedToEnd: Bool { isAsked.load(ordering: .acquiring) }

    func withdraw(_ entry: WaitEntry) -> Withdrawal {
        isAsked.store(true, ordering: .releasing)
        return .later
    }

    func describe(_ entry: WaitEntry) -> String { "a job" }
}

struct LaterTests {
    @Test func aWaitThatCannotEndAtOnceEndsLaterWithTheError() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                setHangAlarm()
                let job = Job()
                var log: [String] = []
                let waiter = Tasklet {
                    do { try job.wait() } catch is TaskletExit { log.append("exit") }
                }
                try Tasklet.schedule()
                let thread = TestThread {
                    while !job.isAskedToEnd { sched_yield() }
                    job.end()
                }
                try waiter.kill()
                log.append("killed")
                try Tasklet.run()
                thread.join()
                guard log == ["killed", "exit"] else { fatalError("\(log)") }
            }
        }
    }
}
