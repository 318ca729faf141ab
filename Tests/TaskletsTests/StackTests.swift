import Foundation
import Tasklets
import TestSupport
import Testing

/// What breaks silently when a switch or a stack is wrong.
struct StackTests {
    @Test func localsSurviveSwitches() throws {
        try Scheduler.scope {
            var sums: [Double] = []
            for seed in 1...8 {
                Tasklet {
                    // More floating-point and integer values than there are registers.
                    var doubles = (0..<24).map { Double($0 * seed) }
                    var integers = (0..<24).map { $0 &* seed }
                    for _ in 0..<100 {
                        for index in 0..<24 {
                            doubles[index] += 0.5
                            integers[index] &+= 1
                        }
                        try Tasklet.schedule()
                    }
                    let sum: Double = doubles.reduce(0, +)
                    sums.append(sum + Double(integers.reduce(0, +)))
                }
            }
            try Tasklet.run()
            let expected = (1...8).map { (seed: Int) -> Double in Double(552 * seed + 3600) }
            #expect(sums == expected)
        }
    }

    @Test func givingWayFromDeepInside() throws {
        func descend(_ depth: Int) throws -> Int {
            if depth == 0 {
                try Tasklet.schedule()
                return 0
            }
            return try descend(depth - 1) + 1
        }
        try Scheduler.scope {
            var results: [Int] = []
            for depth in [1, 10, 100, 500] { Tasklet { results.append(try descend(depth)) } }
            try Tasklet.run()
            #expect(results == [1, 10, 100, 500])
        }
    }

    @Test func givingWayInsideOtherPeoplesClosures() throws {
        try Scheduler.scope {
            var log: [String] = []
            for name in ["a", "b"] {
                Tasklet {
                    let numbers = try [3, 1, 2].sorted {
                        try Tasklet.schedule()
                        return $0 < $1
                    }
                    let texts = try numbers.map {
                        try Tasklet.schedule()
                        return "\(name)\($0)"
                    }
                    log += texts
                }
            }
            try Tasklet.run()
            #expect(log.sorted() == ["a1", "a2", "a3", "b1", "b2", "b3"])
        }
    }

    @Test func manyShortTaskletsUseFewStacks() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                var ended = 0
                let before = try mappedMegabytes()
                for _ in 0..<100 {
                    for _ in 0..<1000 { Tasklet { ended += 1 } }
                    try Tasklet.run()
                }
                precondition(ended == 100_000)
                // A thousand stacks would be 250 more.
                let used = try mappedMegabytes() - before
                precondition(used < 100, "\(used) MB")
            }
        }
    }

    @Test func stacksOfOtherSizes() throws {
        try Scheduler.scope {
            var depths: [Int] = []
            for size in [64, 128, 1024, 8192] {
                Tasklet(stackSize: size * 1024) {
                    depths.append(try useStack(ofKibibytes: size / 4))
                    try Tasklet.schedule()
                }
            }
            try Tasklet.run()
            #expect(depths == [16, 32, 256, 2048])
        }
    }

    @Test func tooSmallAStackIsRefused() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try synchronously { Tasklet(stackSize: 1000) {} }
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("A stack of 1000 bytes is too small: stackSize must be at least 65536."))
    }

    @Test(.disabled(if: Sanitizer.current != nil, "a sanitizer reserves terabytes"))
    func whoGetsNoStackEndsAndTheOthersGoOn() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                var limit = rlimit()
                getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
                limit.rlim_cur = rlim_t(try mappedMegabytes() * 1e6) + 200_000_000
                setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
                var ended = 0
                var refused = 0
                let tasklets = (0..<1000).map { number in
                    Tasklet(name: "\(number)", stackSize: 1 << 20) {
                        defer { ended += 1 }
                        try Tasklet.scheduleRemove()
                    }
                }
                while Tasklet.runCount > 1 {
                    do {
                        try Tasklet.run()
                    } catch TaskletError.outOfMemory {
                        refused += 1
                    }
                }
                let paused = tasklets.filter(\.isPaused)
                guard paused.count > 50, refused > 50, paused.count + refused == 1000 else {
                    fatalError("\(paused.count) paused, \(refused) refused")
                }
                for tasklet in paused { try tasklet.kill() }
                guard ended == paused.count else { fatalError("\(ended) of \(paused.count) ended") }
            }
        }
    }

    @Test func anOverflowEndsTheProcessAndSaysWhose() async {
        // The sanitizers report the overflow themselves and exit.
        let ending: ExitTest.Condition = Sanitizer.current == nil ? .signal(SIGSEGV) : .failure
        let result = await #expect(processExitsWith: ending, observing: [\.standardErrorContent]) {
            try synchronously {
                Tasklet(name: "deep") { _ = try useStack(ofKibibytes: 1000) }
                try Tasklet.run()
            }
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("Stack overflow: tasklet 'deep' (made at TaskletsTests/StackTests.swift:"))
        #expect(
            text.contains(") has used up its stack of 262144 bytes. If it needs more: Tasklet(stackSize: 1048576).")
        )
    }

    @Test func anOverflowOfMainSaysSo() async {
        let ending: ExitTest.Condition = Sanitizer.current == nil ? .signal(SIGSEGV) : .failure
        let result = await #expect(processExitsWith: ending, observing: [\.standardErrorContent]) {
            _ = Tasklet.current
            _ = try useStack(ofKibibytes: 1_000_000)
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("Stack overflow: the main tasklet has used up the stack of its thread."))
    }

    @Test(.disabled(if: Sanitizer.current != nil, "a sanitizer's own memory counts too"))
    func aHundredThousandBlockedTaskletsTakeUnder500Megabytes() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                let before = try residentMegabytes()
                var handles: [Tasklet] = []
                for _ in 0..<100_000 { handles.append(Tasklet { try Tasklet.scheduleRemove() }) }
                try Tasklet.run()
                precondition(handles.allSatisfy(\.isPaused))
                let used = try residentMegabytes() - before
                guard used < 500 else { fatalError("\(used) MB") }
            }
        }
    }
}

/// Recurses until about that much of the stack is in use; returns the figure.
@inline(never)
func useStack(ofKibibytes kibibytes: Int) throws -> Int {
    if kibibytes == 0 { return 0 }
    return try withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 16) { memory in
        fill(memory, with: UInt8(truncatingIfNeeded: kibibytes))
        let rest = try useStack(ofKibibytes: kibibytes - 1)
        return rest + (isFilled(memory, with: UInt8(truncatingIfNeeded: kibibytes)) ? 1 : 0)
    }
}

// Not inlined, or the optimizer would see that the memory is not needed.
@inline(never)
private func fill(_ memory: UnsafeMutableRawBufferPointer, with byte: UInt8) {
    memory.initializeMemory(as: UInt8.self, repeating: byte)
}

@inline(never)
private func isFilled(_ memory: UnsafeMutableRawBufferPointer, with byte: UInt8) -> Bool {
    memory.allSatisfy { $0 == byte }
}

private func megabytes(ofStatmField index: Int) throws -> Double {
    let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    return Double(fields[index])! * 4096 / 1e6
}

func mappedMegabytes() throws -> Double { try megabytes(ofStatmField: 0) }
func residentMegabytes() throws -> Double { try megabytes(ofStatmField: 1) }
