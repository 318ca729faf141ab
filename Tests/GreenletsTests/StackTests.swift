import Channels
import Foundation
import Greenlets
import Tasklets
import TestSupport
import Testing

/// Stacks, overflow, other threads.
struct GreenletStackTests {
    /// A tasklet that waits inside a greenlet stands on the greenlet's stack: a dump looks there.
    @Test func aDumpLooksIntoTheGreenlet() throws {
        try Scheduler.scope {
            let numbers = Channel<Int>(name: "numbers")
            let tasklet = Tasklet(name: "host") {
                try Greenlet<Int>(stackSize: 128 * 1024) { try waitInside(numbers) + $0 }.switch(0)
            }
            try Tasklet.run()
            let text = Scheduler.current.dump(frames: 3)
            #expect(text.contains("waits in receive on channel 'numbers'"), "\(text)")
            #expect(text.contains(" of \(128 * 1024) bytes"), "\(text)")
            #expect(text.contains("waitInside"), "\(text)")
            #expect(tasklet.backtrace().contains { $0.contains("waitInside") })
            try numbers.send(1)
            try Tasklet.run()
            #expect(!tasklet.isAlive)
        }
    }

    /// Goes down so many frames of a kibibyte.
    private static func descend(_ depth: Int) -> Int {
        withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 1) { bytes in
            bytes[0] = UInt8(truncatingIfNeeded: depth)
            return depth == 0 ? 0 : descend(depth - 1) + 1 + Int(bytes[0]) - Int(UInt8(truncatingIfNeeded: depth))
        }
    }

    @Test(
        .disabled(if: ProcessInfo.processInfo.environment["SANITIZER"] != nil, "a sanitizer has a handler of its own")
    )
    func overflowOfAGreenlet() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try synchronously {
                let greenlet = Greenlet<Int>(name: "deep", stackSize: 64 * 1024) { _ in Self.descend(100_000) }
                try greenlet.switch(0)
            }
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("Stack overflow: greenlet 'deep' (made at GreenletsTests/StackTests.swift:"))
        #expect(text.contains("has used up its stack of 65536 bytes. If it needs more: Greenlet(stackSize: 262144)."))
    }

    @Test(
        .disabled(if: ProcessInfo.processInfo.environment["SANITIZER"] != nil, "a sanitizer has a handler of its own")
    )
    func overflowOfAGeneratorInATasklet() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try synchronously {
                Tasklet {
                    for _ in Generator<Int>({ yield in try yield(Self.descend(100_000)) }) {}
                }
                try Tasklet.run()
            }
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("Stack overflow: generator 'generator-1' (made at GreenletsTests/StackTests.swift:"))
        #expect(text.contains("If it needs more: Generator(stackSize: 1048576)."))
    }

    @Test(
        .disabled(if: ProcessInfo.processInfo.environment["SANITIZER"] != nil, "a sanitizer has a handler of its own")
    )
    func overflowOfATaskletThatHasGreenlets() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try synchronously {
                Tasklet(name: "host") {
                    try Greenlet<Int> { $0 }.switch(1)
                    _ = Self.descend(100_000)
                }
                try Tasklet.run()
            }
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("Stack overflow: tasklet 'host' (made at GreenletsTests/StackTests.swift:"))
    }

    @Test func otherStackSizes() throws {
        try Scheduler.scope { () throws in
            for size in [64, 1024, 8192] {
                let depth = size / 4
                #expect(try Greenlet<Int>(stackSize: size * 1024) { Self.descend($0) }.switch(depth) == depth)
            }
        }
    }

    @Test func localsSurviveSwitches() throws {
        try Scheduler.scope { () throws in
            let greenlets = (1...8).map { seed in
                Greenlet<Double> { _ in
                    var doubles = (0..<24).map { Double($0 * seed) }
                    for _ in 0..<100 {
                        for index in 0..<24 { doubles[index] += 0.5 }
                        _ = try Greenlet<Double>.current.parent!.switch(0)
                    }
                    return doubles.reduce(0, +)
                }
            }
            for _ in 0..<100 {
                for greenlet in greenlets { try greenlet.switch(0) }
            }
            let sums = try greenlets.map { try $0.switch(0) }
            let expected = (1...8).map { (seed: Int) -> Double in Double(276 * seed + 1200) }
            #expect(sums == expected)
        }
    }

    @Test func many() throws {
        try Scheduler.scope { () throws in
            let main = Greenlet<Int>.current
            let greenlets = (0..<10_000).map { number in
                Greenlet<Int> { value in try main.switch(value + number) }
            }
            var sum = 0
            for greenlet in greenlets { sum += try greenlet.switch(1) }
            #expect(sum == 10_000 + 10_000 * 9999 / 2)
            for greenlet in greenlets { #expect(try greenlet.switch(3) == 3) }
            #expect(greenlets.allSatisfy { $0.isDead })
        }
    }

    @Test func anotherThreadIsRefused() throws {
        try Scheduler.scope { () throws in
            let greenlet = Smuggled(value: Greenlet<Int> { $0 })
            nonisolated(unsafe) var refused: (any Error)?
            let thread = TestThread {
                do { try greenlet.value.switch(1) } catch { refused = error }
            }
            thread.join()
            #expect(refused as? GreenletError == .otherThread)
            #expect(try greenlet.value.switch(1) == 1)
        }
    }

    /// In a callback of the scheduler another tasklet is first in the ring already.
    @Test func inAScheduleCallback() throws {
        try Scheduler.scope { () throws in
            var values: [Int] = []
            Scheduler.current.scheduleCallback = { _, _ in
                let main = Greenlet<Int>.current
                if let value = try? Greenlet<Int>({ try main.switch($0 + 1) }).switch(1) { values.append(value) }
            }
            Tasklet {}
            try Tasklet.run()
            Scheduler.current.scheduleCallback = nil
            #expect(values == [2, 2])
        }
    }
}

@inline(never)
private func waitInside(_ numbers: Channel<Int>) throws -> Int {
    let number = try numbers.receive()
    return number
}
