import Channels
import Foundation
import Tasklets
import TestSupport
import Testing

/// What `dump()` says of tasklets that wait at a channel, and for how long.
struct DumpTests {
    @Test func whatEachWaitsFor() throws {
        try Scheduler.scope {
            let named = Channel<Int>(name: "jobs")
            let line: UInt = #line
            let unnamed = Channel<Int>()
            Tasklet(name: "taker") { _ = try named.receive() }
            Tasklet(name: "giver") { try unnamed.send(1) }
            Tasklet(name: "complainer") { try unnamed.send(throwing: ChannelError.closed) }
            try Tasklet.run()
            let text = Scheduler.current.dump()
            let place = "ChannelsTests/DumpTests.swift"
            #expect(text.contains("'taker' (made at \(place):\(line + 2)) waits in receive on channel 'jobs' for 0."))
            let wait = "waits in send on the channel made at \(place):\(line + 1):39 for 0."
            #expect(text.contains("'giver' (made at \(place):\(line + 3)) \(wait)"), "\(text)")
            #expect(text.contains("'complainer' (made at \(place):\(line + 4)) \(wait)"), "\(text)")
        }
    }

    /// Of many that do the same, one is listed; of a few each.
    @Test func equalTaskletsAreCounted() throws {
        try Scheduler.scope {
            for number in 1...100 {
                let reply = Channel<Int>(name: "reply \(number)")
                Tasklet(name: "request \(number)") { _ = try reply.receive() }
            }
            let few = Channel<Int>(name: "few")
            for number in 1...3 { Tasklet(name: "taker \(number)") { _ = try few.receive() } }
            try Tasklet.run()
            let text = Scheduler.current.dump()
            // The head, main, one request and the others, three takers, and how exact the times are.
            let lines = text.split(separator: "\n").filter { !$0.hasPrefix("  A wait may be") }
            #expect(lines.count == 7, "\(text)")
            #expect(lines[0].hasSuffix(", 104 tasklets:"))
            #expect(lines[2].hasPrefix("  tasklet 'request 1' "))
            #expect(lines[2].contains(" waits in receive on channel 'reply 1' for "))
            #expect(lines[3] == "      and 99 more like this")
            for number in 1...3 { #expect(lines[3 + number].hasPrefix("  tasklet 'taker \(number)' ")) }
        }
    }

    /// What they wait at is what one looks for: only a number may differ.
    @Test func taskletsThatWaitAtDifferentNamesAreListed() throws {
        try Scheduler.scope {
            let names = ["north", "east", "south", "west", "up"]
            for name in names {
                let door = Channel<Int>(name: name)
                Tasklet { _ = try door.receive() }
            }
            try Tasklet.run()
            let text = Scheduler.current.dump()
            #expect(names.allSatisfy { text.contains("receive on channel '\($0)'") }, "\(text)")
        }
    }

    /// What the compiler puts around closures is no function of the program.
    @Test func functionsAreThoseOfTheProgram() throws {
        try Scheduler.scope {
            let numbers = Channel<Int>(name: "numbers")
            var sum = 0
            Tasklet(name: "taker") { sum += try oneMore { try numbers.receive() } }
            try Tasklet.run()
            let text = Scheduler.current.dump(frames: 50)
            #expect(text.contains("oneMore"), "\(text)")
            #expect(!text.contains("thunk") && !text.contains("partial apply"), "\(text)")
        }
    }

    /// The first wait of a program, and one after so many that the clock is hardly looked at.
    @Test(arguments: [0, 10, 1000, 100_000])
    func theTimeOfAWait(messagesBefore: Int) throws {
        try Scheduler.scope {
            let numbers = Channel<Int>()
            let clock = ContinuousClock()
            Tasklet { for n in 0..<messagesBefore { try numbers.send(n) } }
            for _ in 0..<messagesBefore { _ = try numbers.receive() }

            let beforeWait = clock.now
            Tasklet(name: "patient") { _ = try numbers.receive() }
            try Tasklet.run()
            let afterWait = clock.now
            while clock.now - afterWait < .milliseconds(50) {}
            let atLeast = clock.now - afterWait
            let text = Scheduler.current.dump()
            let atMost = clock.now - beforeWait

            let said = try #require(seconds(in: text, after: "for "), "\(text)")
            let error = seconds(in: text, after: "A wait may be up to ") ?? 0
            #expect(said >= atLeast / .seconds(1), "\(text)")
            // Both are rounded up to milliseconds.
            #expect(said - error <= atMost / .seconds(1) + 0.001, "\(text)")
            // A program that waits seldom gets exact times.
            if messagesBefore == 0 { #expect(!text.contains("A wait may be")) }
        }
    }

    private func seconds(in text: String, after words: String) -> Double? {
        text.range(of: words).flatMap { Double(text[$0.upperBound...].prefix { $0 != " " }) }
    }

    /// The one that fell asleep in the kernel is looked at where it is, not where it was parked before.
    @Test func anotherThreadThatSleeps() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                setHangAlarm()
                let numbers = Channel<Int>(name: "numbers")
                let reader = Handle()
                let done = DispatchSemaphore(value: 0)
                #expect(numbers.balance == 0)
                Thread.detachNewThread {
                    let tasklet = Tasklet(name: "reader") {
                        try Tasklet.schedule()
                        try receiveInside(numbers)
                    }
                    reader.set(tasklet)
                    try! waitForEver(numbers)
                    // Until the reader has its number: the end of the thread would end it.
                    try! waitForEver(numbers)
                    done.signal()
                    // Does not end: what a thread holds while it ends looks lost to LeakSanitizer.
                    while true { pause() }
                }
                while numbers.balance != -2 { sched_yield() }
                var text = ""
                while !text.contains(", asleep, 2 tasklets:\n") {
                    text = reader.tasklet?.scheduler?.dump(frames: 30) ?? ""
                }
                let names = reader.tasklet?.backtrace() ?? []
                guard text.contains("tasklet 'main' waits in receive on channel 'numbers' for "),
                    text.contains(") waits in receive on channel 'numbers' for "),
                    text.contains("waitForEver"), names.contains(where: { $0.contains("receiveInside") }),
                    names.last?.hasPrefix("stack_start") == true, names.contains(where: { $0.contains("standAside") })
                else { fatalError(text) }
                for number in 1...3 { try numbers.send(number) }
                done.wait()
            }
        }
    }
}

private final class Handle: @unchecked Sendable {
    private let lock = NSLock()
    private var held: Tasklet?

    func set(_ tasklet: Tasklet) { lock.withLock { held = tasklet } }
    var tasklet: Tasklet? { lock.withLock { held } }
}

nonisolated(unsafe) private var received = 0

@inline(never)
private func receiveInside(_ numbers: Channel<Int>) throws {
    received += try numbers.receive()
}

@inline(never)
private func waitForEver(_ numbers: Channel<Int>) throws {
    received -= try numbers.receive()
}

/// A function with a frame of its own in every build.
@inline(never)
private func oneMore(_ body: () throws -> Int) throws -> Int { try body() + 1 }
