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
        case channel, waiterLeft, sharedChannel, promisedChannel, channelOfAnotherThread
        case handleThatStays, channelThatStays, schedulerThatStays, handleDroppedByAnotherThread, dump

        /// Returns what is to outlive the scope.
        func use() throws -> Any? {
            switch self {
            case .nothing: return nil
            case .tasklets:
                Tasklet {}
                try Tasklet.run()
            case .manyTasklets:
                // More than are kept for the next ones.
                for _ in 0..<5000 { Tasklet {} }
                try Tasklet.run()
            case .killedTasklets:
                let tasklet = Tasklet { try Tasklet.scheduleRemove() }
                try Tasklet.run()
                try tasklet.kill()
            case .handleDroppedByAnotherThread:
                let box = Box(Tasklet { try Tasklet.scheduleRemove() })
                try Tasklet.run()
                TestThread { box.tasklet = nil }.join()
            case .handleThatStays: return Tasklet(scheduled: false) {}
            case .schedulerThatStays: return Scheduler.current
            case .dump: #expect(Scheduler.current.dump().contains("main"))
            default:
                let channel = Channel<Int>()
                try use(channel)
                return self == .channelThatStays ? channel : nil
            }
            return nil
        }

        private func use(_ channel: Channel<Int>) throws {
            switch self {
            case .channel, .channelThatStays:
                Tasklet { _ = try channel.receive() }
                try Tasklet.schedule()
                try channel.send(1)
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
            default:
                // Left waiting.
                Tasklet { _ = try channel.receive() }
                try Tasklet.schedule()
            }
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
            setHangAlarm()
            let rounds = use == .manyTasklets ? 5 : 100
            var left = 0
            // Some times, since what a thread has freed and keeps for itself counts as allocated: that comes and goes.
            for _ in 0..<6 {
                let before = bytes_allocated()
                for _ in 0..<rounds {
                    let kept = try Scheduler.scope { try use.use() }
                    withExtendedLifetime(kept) {}
                }
                left = (bytes_allocated() - before) / rounds
                // The memory of a scheduler is 880 bytes.
                if left < 500 { return }
            }
            fatalError("each scope leaves \(left) bytes behind")
        }
    }
}
