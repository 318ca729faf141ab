import Channels
import Foundation
import Synchronization
import Tasklets
import TestSupport
import Testing

/// Channels between real threads: nothing lost, nothing twice, order kept for each sender.
struct CrossThreadTests {
    @Test(arguments: [1, 2, 4])
    func everythingArrivesOnce(threads: Int) throws {
        let perThread = 2000
        let channel = Channel<Int>(name: "numbers")
        channel.share()
        let running = DispatchGroup()
        let sums = Locked<[Int: [Int]]>([:])
        for thread in 0..<threads {
            running.enter()
            Thread.detachNewThread {
                // Four senders on each thread, which take turns.
                let senders = (0..<4).map { sender in
                    Tasklet(name: "sender \(thread).\(sender)") {
                        for n in 0..<perThread / 4 { try channel.send((thread * 4 + sender) * perThread + n) }
                    }
                }
                while senders.contains(where: \.isAlive) {
                    try! Tasklet.run()
                    sched_yield()
                }
                running.leave()
            }
        }
        try Scheduler.scope {
            for _ in 0..<threads * perThread {
                let value = try channel.receive()
                sums.withLock { $0[value / perThread, default: []].append(value % perThread) }
            }
        }
        running.wait()
        let received = sums.withLock { $0 }
        #expect(received.count == threads * 4)
        for values in received.values { #expect(values == Array(0..<perThread / 4)) }
        #expect(channel.balance == 0)
    }

    @Test func aThreadSleepsUntilAnotherOneWakesIt() throws {
        let requests = Channel<Int>()
        let replies = Channel<Int>()
        requests.share()
        replies.share()
        Thread.detachNewThread {
            while let request = try! requests.next() { try! replies.send(request * 2) }
            try! replies.send(-1)
        }
        try Scheduler.scope {
            for n in 0..<1000 {
                try requests.send(n)
                #expect(try replies.receive() == 2 * n)
            }
            requests.finish()
            #expect(try replies.receive() == -1)
        }
    }

    @Test func killingAcrossThreads() throws {
        let channel = Channel<Int>()
        let ready = DispatchSemaphore(value: 0)
        let box = Locked<[Tasklet]>([])
        let ended = Atomic<Int>(0)
        let done = DispatchSemaphore(value: 0)
        withExtendedLifetime(ended) {
            Thread.detachNewThread {
                box.withLock { tasklets in
                    for _ in 0..<100 {
                        tasklets.append(
                            Tasklet {
                                defer { ended.add(1, ordering: .relaxed) }
                                _ = try channel.receive()
                            }
                        )
                    }
                }
                try! Tasklet.run()
                ready.signal()
                while ended.load(ordering: .relaxed) < 100 { try! Tasklet.run() }
                done.signal()
            }
            ready.wait()
            #expect(channel.balance == -100)
            let tasklets = box.withLock { $0 }
            for tasklet in tasklets { try! tasklet.kill() }
            #expect(channel.balance == 0)
            done.wait()
            let areDead = tasklets.allSatisfy { !$0.isAlive }
            #expect(areDead)
        }
    }
}
