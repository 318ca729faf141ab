import CTestFunctions
import Foundation
import Tasklets
import Testing

/// What other languages' runtimes and the C library keep for each thread, and what of it is a tasklet's own.
struct ForeignStateTests {
    /// Each rethrows its own, however they interleave.
    @Test func everyTaskletHasItsOwnCaughtException() throws {
        try Scheduler.scope {
            var found: [String: String] = [:]
            for name in ["one", "two", "three"] {
                Tasklet { found[name] = rethrown(name) { try Tasklet.schedule() } }
            }
            // One that handles none sees none.
            var strangers = 0
            Tasklet {
                for _ in 0..<3 {
                    if is_handling_exception() || uncaught_exceptions() != 0 { strangers += 1 }
                    try Tasklet.schedule()
                }
            }
            try Tasklet.run()
            #expect(found == ["one": "one", "two": "two", "three": "three"])
            #expect(strangers == 0)
            #expect(!is_handling_exception() && uncaught_exceptions() == 0)
        }
    }

    @Test func anExceptionInsideAnother() throws {
        try Scheduler.scope {
            var found: [String] = []
            for name in ["a", "b"] {
                Tasklet {
                    let outer = rethrown(name) {
                        try Tasklet.schedule()
                        found.append(rethrown(name + "-inner") { try Tasklet.schedule() })
                        try Tasklet.schedule()
                    }
                    found.append(outer)
                }
            }
            try Tasklet.run()
            #expect(found == ["a-inner", "b-inner", "a", "b"])
        }
    }

    @Test func givingWayWhileAnExceptionIsOnItsWay() throws {
        try Scheduler.scope {
            var counts: [Int32] = []
            for _ in 0..<3 {
                Tasklet {
                    counts.append(uncaught_exceptions_in_cleanup({ _ in try! Tasklet.schedule() }, nil))
                    counts.append(uncaught_exceptions())
                }
            }
            Tasklet { counts.append(uncaught_exceptions()) }
            try Tasklet.run()
            #expect(counts == [0, 1, 0, 1, 0, 1, 0])
        }
    }

    /// A tasklet that begins, and one that ends, while another one handles an exception.
    @Test func beginningsAndEndsMeanwhile() throws {
        try Scheduler.scope {
            var strangers = 0
            Tasklet {
                let found = rethrown("kept") {
                    for _ in 0..<5 {
                        Tasklet { if is_handling_exception() { strangers += 1 } }
                        try Tasklet.schedule()
                    }
                }
                #expect(found == "kept")
            }
            try Tasklet.run()
            #expect(strangers == 0)
        }
    }

    /// Not a tasklet's own, as the documentation says: looking at them at each switch would cost as much as the switch.
    @Test func floatingPointModesAreTheThreads() throws {
        let former = fegetround()
        defer { fesetround(former) }
        try Scheduler.scope {
            var seen: [Int32] = []
            Tasklet {
                fesetround(FE_UPWARD)
                try Tasklet.schedule()
                seen.append(fegetround())
            }
            Tasklet {
                seen.append(fegetround())
                fesetround(FE_DOWNWARD)
            }
            try Tasklet.run()
            #expect(seen == [FE_UPWARD, FE_DOWNWARD])
        }
    }
}

/// What a C++ function catches that throws `text`, calls `meanwhile` in its `catch` block and throws again.
private func rethrown(_ text: String, meanwhile: () throws -> Void) -> String {
    withoutActuallyEscaping(meanwhile) { meanwhile in
        var body = meanwhile
        var found = [CChar](repeating: 0, count: 100)
        withUnsafeMutablePointer(to: &body) { body in
            rethrow_after(
                text,
                { argument in try! argument!.assumingMemoryBound(to: (() throws -> Void).self).pointee() },
                body,
                &found,
                found.count
            )
        }
        return String(decoding: found.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
