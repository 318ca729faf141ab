import Channels
import Foundation
import Tasklets
import TestSupport
import Testing

/// Which waits make a thread sleep: those that another thread may end, as long as they last.
struct WaitCountTests {
    enum End: String, CaseIterable, Codable {
        case message, messageFromOutside, finish, finishFromOutside, kill, killFromOutside, cancel, close
    }

    /// A wait in a shared channel has ended, in whatever way: then a deadlock is noticed, although another thread is able to
    /// run.
    @Test(arguments: End.allCases) func aSharedWaitThatHasEndedCountsNoMore(end: End) async {
        await #expect(processExitsWith: .success) { [end] in
            try synchronously {
                setHangAlarm()
                let jobs = Channel<Int>(name: "jobs")
                let isUsed = Signal()
                let mayEnd = Signal()
                let able = TestThread {
                    guard jobs.balance == 0 else { fatalError("balance") }
                    isUsed.give()
                    mayEnd.wait()
                }
                isUsed.wait()
                if end == .close { jobs.share() }
                let worker = Tasklet { _ = try? jobs.next() }
                try Tasklet.schedule()
                switch end {
                case .message: try jobs.send(1)
                case .messageFromOutside: TestThread { try! jobs.send(1) }.join()
                case .finish: jobs.finish()
                case .finishFromOutside: TestThread { jobs.finish() }.join()
                case .kill: try worker.kill()
                case .killFromOutside: TestThread { try! worker.kill() }.join()
                case .cancel: worker.cancel()
                case .close:
                    jobs.close()
                    try jobs.send(1)
                }
                try Tasklet.run()
                guard !worker.isAlive else { fatalError("the worker still waits") }
                let never = Channel<Int>(name: "never")
                #expect(throws: DeadlockError.self) { try never.receive() }
                mayEnd.give()
                able.join()
            }
        }
    }

    /// The channel was the own thread's alone when the tasklet began to wait.
    @Test func aWaitThatBeganBeforeAnotherThreadCameCounts() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                setHangAlarm()
                let jobs = Channel<Int>(name: "jobs")
                let results = Channel<Int>(name: "results")
                Tasklet { try results.send(jobs.receive() + 1) }
                try Tasklet.schedule()
                let main = SystemThread()
                let isUsed = Signal()
                let isWaiting = Signal()
                let able = TestThread {
                    guard jobs.balance == -1 else { fatalError("balance") }
                    isUsed.give()
                    isWaiting.wait()
                    while !main.isAsleep { sched_yield() }
                    try? jobs.send(6)
                }
                isUsed.wait()
                isWaiting.give()
                #expect(try results.receive() == 7)
                able.join()
            }
        }
    }
}
