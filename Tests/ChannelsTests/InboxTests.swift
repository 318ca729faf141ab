import Channels
import Foundation
import Tasklets
import TestSupport
import Testing

/// What another thread does while the own one is at work elsewhere.
struct InboxTests {
    @Test func messagesOfOneThreadArriveInTheirOrder() throws {
        try Scheduler.scope {
            let channels = (0..<10).map { _ in Channel<Int>() }
            var order: [Int] = []
            for (number, channel) in channels.enumerated() {
                channel.share()
                Tasklet {
                    _ = try channel.receive()
                    order.append(number)
                }
            }
            try Tasklet.schedule()
            // Until it has ended this thread does not look at its inbox.
            TestThread { for channel in channels.reversed() { try! channel.send(1) } }.join()
            try Tasklet.run()
            #expect(order == (0..<10).reversed())
        }
    }

    /// Tasklets that have been woken and jobs come in one order.
    @Test func jobsArriveInTheirOrderAmongMessages() throws {
        try Scheduler.scope {
            let channels = (0..<3).map { _ in Channel<Int>() }
            let order = Locked<[String]>([])
            for (number, channel) in channels.enumerated() {
                channel.share()
                Tasklet {
                    _ = try channel.receive()
                    order.withLock { $0.append("tasklet \(number)") }
                }
            }
            try Tasklet.schedule()
            let core = SchedulerCore.current
            TestThread {
                for (number, channel) in channels.enumerated() {
                    try! channel.send(1)
                    let isTaken = core.post {
                        core.addTasklet { order.withLock { $0.append("made \(number)") } }
                    }
                    order.withLock { if !isTaken { $0.append("not taken") } }
                }
            }.join()
            // Another thread sees no farther than the first job.
            let main = Tasklet.main
            TestThread { _ = main.scheduler!.runQueue }.join()
            #expect(order.withLock { $0 } == [])
            try Tasklet.run()
            #expect(
                order.withLock { $0 }
                    == ["tasklet 0", "made 0", "tasklet 1", "made 1", "tasklet 2", "made 2"]
            )
        }
    }

    /// A thread without a scheduler leaves a job for one that sleeps.
    @Test func aJobWakesASleepingThread() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                setHangAlarm()
                let channel = Channel<Int>()
                channel.share()
                let (core, main) = (SchedulerCore.current, Tasklet.current)
                let thread = TestThread {
                    while !core.insideGate({ _ in core.head == nil }) { sched_yield() }
                    guard core.post({ core.addTasklet { try channel.send(7) } }) else { fatalError("it has ended") }
                    if SchedulerCore.currentIfAny != nil { fatalError("the thread has got a scheduler") }
                }
                guard try channel.receive() == 7, !main.isBlocked else { fatalError("another value") }
                thread.join()
            }
        }
    }

    @Test func aSchedulerThatHasEndedTakesNoJob() throws {
        let counter = Tracked.Counter()
        let core = try Scheduler.scope {
            SchedulerCore.current.makeClaim()
            return SchedulerCore.current
        }
        do {
            let tracked = Tracked(counter)
            let isTaken = core.post { [box = Smuggled(value: tracked)] in withExtendedLifetime(box) {} }
            #expect(!isTaken)
        }
        #expect(counter.count == 0)
        core.dropClaim()
    }

    /// Who has been met is in the queue for everybody, also before its thread has noticed.
    @Test func anOperationFromOutsideSeesWhatWasSentBefore() throws {
        try Scheduler.scope {
            let channel = Channel<Int>()
            channel.share()
            let receiver = Tasklet { _ = try channel.receive() }
            try Tasklet.schedule()
            let faults = Locked<[String]>([])
            TestThread {
                try! channel.send(1)
                if receiver.isBlocked { faults.withLock { $0.append("it is still blocked") } }
                do { try receiver.insert() } catch { faults.withLock { $0.append("insert() throws \(error)") } }
            }.join()
            #expect(faults.withLock { $0 } == [])
            try Tasklet.run()
            #expect(!receiver.isAlive)
        }
    }
}
