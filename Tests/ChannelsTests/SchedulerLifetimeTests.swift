import CTestFunctions
import Channels
import Foundation
import Tasklets
import TestSupport
import Testing

/// A scheduler's memory goes when nothing refers to it any more, whichever reference is the last.
struct SchedulerLifetimeTests {
    enum Use: String, CaseIterable, Codable {
        case nothing, tasklets, killedTasklets, manyTasklets
        case channel, waitersLeft, sharedChannel, promisedChannel, channelOfAnotherThread
        case handleThatStays, channelThatStays, schedulerThatStays, handleDroppedByAnotherThread, dump

        func inScope() throws {
            var kept: Any?
            try Scheduler.scope {
                let channel = Channel<Int>()
                switch self {
                case .nothing: break
                case .tasklets:
                    Tasklet {}
                    try Tasklet.run()
                case .killedTasklets:
                    let tasklet = Tasklet { try Tasklet.scheduleRemove() }
                    try Tasklet.run()
                    try tasklet.kill()
                case .manyTasklets:
                    // More than are kept for the next ones.
                    for _ in 0..<5000 { Tasklet {} }
                    try Tasklet.run()
                case .channel:
                    Tasklet { _ = try channel.receive() }
                    try Tasklet.schedule()
                    try channel.send(1)
                case .waitersLeft:
                    Tasklet { _ = try channel.receive() }
                    try Tasklet.schedule()
                case .sharedChannel:
                    Tasklet { _ = try channel.receive() }
                    try Tasklet.schedule()
                    TestThread { try! channel.send(1) }.join()
                    try Tasklet.run()
                case .promisedChannel:
                    Tasklet { _ = try channel.next() }
                    try Tasklet.schedule()
                    channel.share()
                    channel.finish()
                    try Tasklet.run()
                case .channelOfAnotherThread:
                    channel.share()
                    let thread = TestThread {
                        Tasklet { try channel.send(1) }
                        try! Tasklet.run()
                    }
                    // Promised anew while a tasklet of the other thread waits.
                    while channel.balance == 0 { sched_yield() }
                    channel.share()
                    #expect(try channel.receive() == 1)
                    thread.join()
                case .handleThatStays: kept = Tasklet(scheduled: false) {}
                case .channelThatStays: kept = channel
                case .handleDroppedByAnotherThread:
                    let box = Box(Tasklet { try Tasklet.scheduleRemove() })
                    try Tasklet.run()
                    TestThread { box.tasklet = nil }.join()
                case .schedulerThatStays: kept = Scheduler.current
                case .dump: #expect(Scheduler.current.dump().contains("main"))
                }
            }
            withExtendedLifetime(kept) {}
        }
    }

    private final class Box: @unchecked Sendable {
        var tasklet: Tasklet?

        init(_ tasklet: Tasklet) {
            self.tasklet = tasklet
        }
    }

    /// Under AddressSanitizer the system's count of bytes is always zero, and LeakSanitizer looks instead.
    @Test(arguments: Use.allCases) func scopesLeaveNothingBehind(use: Use) async {
        await #expect(processExitsWith: .success) { [use] in
            alarm(60)
            let rounds = use == .manyTasklets ? 20 : 200
            for _ in 0..<rounds { try use.inScope() }
            let before = bytes_allocated()
            for _ in 0..<rounds { try use.inScope() }
            let left = (bytes_allocated() - before) / rounds
            // The memory of a scheduler is several hundred bytes.
            guard left < 200 else { fatalError("each scope leaves \(left) bytes behind") }
        }
    }
}
