import CTasklets
import Foundation
import Synchronization
import Tasklets
import TestSupport
import Testing

struct BacktraceTests {
    @Test func theFunctionsOfAParkedTaskletAreNamed() throws {
        try Scheduler.scope {
            let tasklet = Tasklet { try outer(depth: 3) }
            try Tasklet.run()
            let names = functions(tasklet.backtrace())
            let own = names.filter { $0.hasPrefix("TaskletsTests.") }
            #expect(own == ["TaskletsTests.inner() throws -> ()"] + [String](repeating: outerName, count: 4))
            // The frames above the body are the kernel's, those below it are too, down to the entry of the stack.
            #expect(names.contains { $0.contains("closure #1 () throws -> ()") && $0.contains("BacktraceTests") })
            #expect(names.last == "stack_start")
        }
    }

    /// File and line of each call. What an optimized build has put into its caller has lines of its own file: of `inner` it is that
    /// of `scheduleRemove`.
    @Test func linesAreThoseOfTheCalls() throws {
        try Scheduler.scope {
            let line = #line + 1
            let tasklet = Tasklet { try outer(depth: 1) }
            try Tasklet.run()
            let own = tasklet.backtrace().filter { $0.contains("BacktraceTests.swift:") }
            let lines = own.map { Int($0.split(separator: ":").last!) }
            let callers = [outerLine + 2, outerLine, line]
            #if DEBUG
            #expect(lines.starts(with: [innerLine] + callers), "\(own)")
            #expect(own.first == "TaskletsTests.inner() throws -> () at BacktraceTests.swift:\(innerLine)")
            #else
            #expect(lines.starts(with: callers), "\(own)")
            #endif
        }
    }

    @Test func ofTheCurrentTasklet() throws {
        try Scheduler.scope {
            var names: [String] = []
            Tasklet { names = functions(ownBacktrace()) }
            try Tasklet.run()
            #expect(names.first == "TaskletsTests.ownBacktrace() -> Swift.Array<Swift.String>")
            #expect(names.last == "stack_start")
        }
        #expect(functions(ownBacktrace()).first == "TaskletsTests.ownBacktrace() -> Swift.Array<Swift.String>")
    }

    @Test func whoHasNoFramesHasNoBacktrace() throws {
        try Scheduler.scope {
            let young = Tasklet(scheduled: false) {}
            #expect(young.backtrace() == [])
            try young.insert()
            #expect(young.backtrace() == [])
            try Tasklet.run()
            #expect(!young.isAlive)
            #expect(young.backtrace() == [])
            #expect(Tasklet(name: "empty").backtrace() == [])
        }
    }

    /// The main tasklet of a scope stands on the stack of the tasklet that began the scope.
    @Test func aScopeInsideATasklet() throws {
        try Scheduler.scope {
            var names: [String] = []
            Tasklet {
                try Scheduler.scope {
                    let main = Tasklet.main
                    Tasklet { names = functions(main.backtrace()) }
                    try runInside()
                }
            }
            try Tasklet.run()
            #expect(names.contains("TaskletsTests.runInside() throws -> ()"), "\(names)")
            #expect(names.last == "stack_start")
        }
    }

    /// The thread of the outer scheduler is in a scope, where it does something else.
    @Test func ofATaskletWhoseThreadIsInAScope() throws {
        try Scheduler.scope {
            let outer = Tasklet.current
            // The thread would answer if it were asked.
            stack_sample_allow()
            try Scheduler.scope { #expect(outer.backtrace() == []) }
            #expect(!outer.backtrace().isEmpty)
        }
    }

    /// A C library without frame pointers stands in between: what is said is true, though it may be less.
    @Test func insideACallbackFromC() throws {
        try Scheduler.scope {
            let tasklet = Tasklet {
                var numbers: [Int32] = [3, 1, 2]
                qsort(&numbers, 3, 4) { _, _ in
                    try? inner()
                    return 0
                }
            }
            try Tasklet.run()
            let names = functions(tasklet.backtrace())
            #expect(names.contains("TaskletsTests.inner() throws -> ()"))
            #expect(names.count < 30)
            try tasklet.kill()
        }
    }

    @Test func fromAnotherThread() throws {
        try Scheduler.scope {
            let tasklet = Tasklet { try outer(depth: 0) }
            try Tasklet.run()
            let names = Locked<[String]>([])
            let done = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                names.withLock { $0 = tasklet.backtrace() }
                done.signal()
            }
            done.wait()
            #expect(names.withLock { $0 } == tasklet.backtrace())
            #expect(functions(names.withLock { $0 }).contains(outerName))
        }
    }

    /// Deeper than what is listed at most.
    @Test func aVeryDeepOne() throws {
        try Scheduler.scope {
            let tasklet = Tasklet(stackSize: 8 << 20) { try outer(depth: 5000) }
            try Tasklet.run()
            let names = functions(tasklet.backtrace())
            #expect(names.count == 1000)
            #expect(names.last == outerName)
        }
    }
}

/// Without file and line.
private func functions(_ backtrace: [String]) -> [String] {
    backtrace.map { line in line.range(of: " at ", options: .backwards).map { String(line[..<$0.lowerBound]) } ?? line }
}

private let outerName = "TaskletsTests.outer(depth: Swift.Int) throws -> ()"

private let outerLine = #line + 4  // the call of itself; that of `inner` is two lines below
@inline(never)
func outer(depth: Int) throws {
    if depth > 0 {
        try outer(depth: depth - 1)
    } else {
        try inner()
    }
    // Not a tail call.
    calls.add(1, ordering: .relaxed)
}

private let innerLine = #line + 3
@inline(never)
func inner() throws {
    try Tasklet.scheduleRemove()
    calls.add(1, ordering: .relaxed)
}

@inline(never)
func runInside() throws {
    try Tasklet.run()
    calls.add(1, ordering: .relaxed)
}

@inline(never)
func ownBacktrace() -> [String] {
    let names = Tasklet.current.backtrace()
    calls.add(1, ordering: .relaxed)
    return names
}

private let calls = Atomic(0)
