import Foundation
import Synchronization
import Tasklets
import TestSupport
import Testing

/// Handles in the hands of other threads.
struct ForeignHandleTests {
    @Test func theSchedulerOfAForeignTasklet() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            let tasklet = Tasklet.current
            let done = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                _ = tasklet.scheduler
                done.signal()
            }
            done.wait()
            #expect(tasklet.isCurrent)
        }
    }

    /// The owner lists its tasklets, which makes handles, while another thread drops the last one it knew of.
    @Test func droppingOnAnotherThreadWhileTheOwnerListsItsTasklets() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            final class Box: @unchecked Sendable {
                var tasklet: Tasklet?
            }
            let ended = Atomic<Int>(0)
            let rounds = 3000
            try withExtendedLifetime(ended) {
                try Scheduler.scope {
                    for _ in 0..<rounds {
                        let box = Box()
                        box.tasklet = Tasklet {
                            defer { ended.add(1, ordering: .relaxed) }
                            try Tasklet.scheduleRemove()
                        }
                        try Tasklet.run()
                        let dropped = Atomic<Bool>(false)
                        try withExtendedLifetime(dropped) {
                            Thread.detachNewThread {
                                box.tasklet = nil
                                dropped.store(true, ordering: .releasing)
                            }
                            var kept: [Tasklet] = []
                            while !dropped.load(ordering: .acquiring) {
                                kept.append(contentsOf: Scheduler.current.tasklets.filter { !$0.isMain })
                            }
                            try Tasklet.run()
                            // A handle that the owner has found counts as one: all agree on who it is.
                            #expect(Set(kept).count <= 1)
                            for tasklet in kept where tasklet.isAlive { try tasklet.kill() }
                            kept.removeAll()
                            try Tasklet.run()
                        }
                        // Records are used again: one that was freed twice turns up twice.
                        let fresh = (0..<3).map { _ in Tasklet(scheduled: false) {} }
                        withExtendedLifetime(fresh) {
                            #expect(Set(fresh).count == 3)
                            #expect(Scheduler.current.tasklets.count == 4)
                        }
                    }
                }
                #expect(ended.load(ordering: .relaxed) == rounds)
            }
        }
    }
}
