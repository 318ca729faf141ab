import Channels
import Foundation
import Tasklets
import TestSupport
import Testing

/// A thread whose tasklets all wait for another thread, and what that one does meanwhile.
struct SleepingThreadTests {
    /// A scope that begins and ends is no reason for a deadlock error elsewhere.
    @Test func aScopeOfTheOtherThreadDoesNotEndTheWait() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                setHangAlarm()
                let channel = Channel<Int>()
                let waiter = Locked<Tasklet?>(nil)
                let result = Locked<Swift.Result<Int, any Error>?>(nil)
                let done = DispatchSemaphore(value: 0)
                #expect(channel.balance == 0)
                Thread.detachNewThread {
                    waiter.withLock { $0 = Tasklet.current }
                    let received = Swift.Result { try channel.receive() }
                    result.withLock { $0 = received }
                    done.signal()
                }
                while channel.balance == 0 { sched_yield() }
                for _ in 0..<1000 { try Scheduler.scope { _ = Tasklet {} } }
                #expect(channel.balance == -1)
                if channel.balance == -1 { try channel.send(7) }
                done.wait()
                #expect(throws: Never.self) { try result.withLock { try $0?.get() } }
            }
        }
    }

    @Test func attributesOfASleepingThreadsTasklets() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                setHangAlarm()
                let channel = Channel<Int>()
                let found = Locked<Tasklet?>(nil)
                let done = DispatchSemaphore(value: 0)
                #expect(channel.balance == 0)
                Thread.detachNewThread {
                    found.withLock { $0 = Tasklet.current }
                    _ = try! channel.receive()
                    done.signal()
                }
                while channel.balance == 0 { sched_yield() }
                let sleeper = found.withLock { $0 }
                for _ in 0..<1000 { #expect(sleeper?.isCurrent == false) }
                #expect(sleeper?.isBlocked == true)
                try channel.send(1)
                done.wait()
            }
        }
    }
}
