import Channels
import Foundation
import Tasklets
import TestSupport
import Testing

/// What the golden traces do not show: values, finish, reports.
struct ChannelTests {
    private let living = Tracked.Counter()

    @Test func valuesOfManyKindsArrive() throws {
        try Scheduler.scope {
            let texts = Channel<String>()
            let nothing = Channel<Void>()
            let optionals = Channel<Int?>()
            let big = Channel<(Int, String, [Int], Double)>()
            Tasklet {
                try texts.send("a text that is too long to be stored inline")
                try nothing.send(())
                try optionals.send(nil)
                try optionals.send(1)
                try big.send((1, "two", [3, 4], 5))
            }
            #expect(try texts.receive() == "a text that is too long to be stored inline")
            try nothing.receive()
            #expect(try optionals.next() == .some(nil))
            #expect(try optionals.receive() == 1)
            let received = try big.receive()
            #expect(received == (1, "two", [3, 4], 5))
        }
    }

    @Test(arguments: [Channel<Tracked>.Preference.receiver, .neither, .sender], [false, true])
    func aValueIsMovedOnce(preference: Channel<Tracked>.Preference, receiverFirst: Bool) throws {
        try Scheduler.scope {
            let channel = Channel<Tracked>()
            channel.preference = preference
            let send = { [living] in for _ in 0..<3 { try channel.send(Tracked(living)) } }
            let receive = { [living] in
                for _ in 0..<3 {
                    let value = try channel.receive()
                    #expect(living.count <= 2)
                    withExtendedLifetime(value) {}
                }
            }
            Tasklet(receiverFirst ? receive : send)
            Tasklet(receiverFirst ? send : receive)
            try Tasklet.run()
            #expect(living.count == 0)
        }
    }

    @Test func aKilledSendersValueEnds() throws {
        try Scheduler.scope {
            let channel = Channel<Tracked>()
            let sender = Tasklet { [living] in try channel.send(Tracked(living)) }
            try Tasklet.run()
            #expect(living.count == 1)
            #expect(channel.balance == 1)
            try sender.kill()
            #expect(living.count == 0)
            #expect(channel.balance == 0)
        }
    }

    @Test func aValueDeliveredToAKilledReceiverEnds() throws {
        try Scheduler.scope {
            let channel = Channel<Tracked>()
            channel.preference = .neither
            let receiver = Tasklet { _ = try channel.receive() }
            try Tasklet.run()
            try channel.send(Tracked(living))
            #expect(living.count == 1)
            try receiver.kill(pending: true)
            try Tasklet.run()
            #expect(living.count == 0)
            #expect(!receiver.isAlive)
        }
    }

    @Test func anAbandonedChannelWithWaitersEndsWithTheScope() throws {
        let ended = Tracked.Counter()
        try Scheduler.scope {
            for _ in 0..<3 {
                let channel = Channel<Tracked>()
                Tasklet {
                    let local = Tracked(ended)
                    try withExtendedLifetime(local) { _ = try channel.receive() }
                }
            }
            try Tasklet.run()
            #expect(ended.count == 3)
        }
        #expect(ended.count == 0)
    }

    @Test func finishWakesReceiversInOrder() throws {
        try Scheduler.scope {
            let channel = Channel<Int>()
            var log: [String] = []
            for name in ["a", "b"] {
                Tasklet {
                    while let value = try channel.next() { log.append("\(name) \(value)") }
                    log.append("\(name) ends")
                }
            }
            Tasklet {
                do { log.append("c \(try channel.receive())") } catch ChannelError.closed { log.append("c closed") }
            }
            try Tasklet.run()
            #expect(channel.waiting.count == 3)
            channel.finish()
            #expect(channel.isClosed)
            #expect(log.isEmpty)
            try Tasklet.run()
            #expect(log == ["a ends", "b ends", "c closed"])
        }
    }

    @Test func finishLosesNoValueOfWaitingSenders() throws {
        try Scheduler.scope {
            let channel = Channel<Int>()
            for value in 1...3 { Tasklet { try channel.send(value) } }
            try Tasklet.run()
            channel.finish()
            #expect(!channel.isClosed)
            var received: [Int] = []
            while let value = try channel.next() { received.append(value) }
            #expect(received == [1, 2, 3])
            #expect(channel.isClosed)
            #expect(throws: ChannelError.closed) { try channel.send(4) }
        }
    }

    /// The process has other threads: one of them may have been meant to come. In a process of its own, since the threads of other
    /// tests are able to come to a channel that another thread has used.
    @Test func aDeadlockNamesWhatPromisesAThread() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                setHangAlarm()
                // A thread that stays, and uses nothing.
                let staying = Pipe()
                Thread.detachNewThread { _ = staying.fileHandleForReading.availableData }
                func lastLine(_ body: () throws -> Void) throws -> String {
                    let error = try #require(throws: DeadlockError.self) { try Scheduler.scope { try body() } }
                    return try #require(error.description.split(separator: "\n").last.map(String.init))
                }
                let unused = try lastLine { _ = try Channel<Int>(name: "unused").receive() }
                #expect(
                    unused
                        == "  No other thread has used any of this. If one is going to, call share() on it before the wait."
                )
                // Another thread has been there, and has ended.
                let used = try lastLine {
                    let used = Channel<Int>(name: "used")
                    TestThread { #expect(used.balance == 0) }.join()
                    _ = try used.receive()
                }
                #expect(used == "  tasklet 'main' waits in receive on channel 'used'")
                try staying.fileHandleForWriting.close()
            }
        }
    }

    @Test func aDeadlockNamesEverybody() throws {
        try Scheduler.scope {
            let jobs = Channel<Int>(name: "jobs")
            let results = Channel<Int>()
            Tasklet(name: "worker") { try results.send(try jobs.receive()) }
            do {
                _ = try results.receive()
                Issue.record("no deadlock")
            } catch let error as DeadlockError {
                #expect(error.reason == .deadlock)
                #expect(error.waiters.map(\.name) == ["main", "worker"])
                let lines = error.description.split(separator: "\n").map(String.init)
                #expect(lines[0] == "Deadlock: the last runnable tasklet blocked.")
                #expect(
                    lines[1].hasPrefix(
                        "  tasklet 'main' waits in receive on the channel made at ChannelsTests/ChannelTests.swift:"
                    )
                )
                #expect(lines[2].hasPrefix("  tasklet 'worker' (made at ChannelsTests/ChannelTests.swift:"))
                #expect(lines[2].hasSuffix(" waits in receive on channel 'jobs'"))
            }
        }
    }

    @Test func blockingOperationsGoThroughForeignClosures() throws {
        try Scheduler.scope {
            let channel = Channel<Int>()
            Tasklet { for n in [3, 1, 2] { try channel.send(n) } }
            let values = try (0..<3).map { _ in try channel.receive() }
            #expect(values == [3, 1, 2])
        }
    }
}
