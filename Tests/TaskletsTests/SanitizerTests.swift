import Foundation
import Tasklets
import TestSupport
import Testing

/// Shows that a run under a sanitizer would find something: each test plants a fault in a tasklet.
///
/// The variable `SANITIZER` (`address` or `thread`) is set by `make test-asan` and `make test-tsan`.
struct SanitizerTests {
    @Test(.enabled(if: Sanitizer.current == "address"))
    func memoryUsedAfterItWasFreedIsFound() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try synchronously {
                Tasklet {
                    let memory = UnsafeMutablePointer<Int>.allocate(capacity: 1)
                    memory.initialize(to: 1)
                    try Tasklet.schedule()
                    memory.deallocate()
                    try Tasklet.schedule()
                    print(memory.pointee)
                }
                try Tasklet.run()
            }
        }
        #expect(result.says("AddressSanitizer: heap-use-after-free"))
    }

    @Test(.enabled(if: Sanitizer.current == "address"))
    func aWriteBesideAVariableOfAParkedTaskletIsFound() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try synchronously {
                var place: UnsafeMutablePointer<Int>?
                Tasklet {
                    var local = 1
                    try withUnsafeMutablePointer(to: &local) {
                        place = $0
                        try Tasklet.schedule()
                    }
                    print(local)
                }
                try Tasklet.schedule()
                place![1] = 2
                try Tasklet.run()
            }
        }
        #expect(result.says("AddressSanitizer: stack-buffer-overflow"))
    }

    /// Leaks are looked for when the process ends, after its output has been closed: the exit code tells.
    @Test(.enabled(if: Sanitizer.current == "address"))
    func aLostObjectIsFound() async {
        await #expect(processExitsWith: .failure) {
            try synchronously {
                Tasklet { _ = Unmanaged.passRetained(NSObject()) }
                try Tasklet.run()
            }
        }
        await #expect(processExitsWith: .success) {
            try synchronously {
                Tasklet { Unmanaged.passRetained(NSObject()).release() }
                try Tasklet.run()
            }
        }
    }

    @Test(.enabled(if: Sanitizer.current == "thread"))
    func aRaceBetweenTaskletsOfTwoThreadsIsFound() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            nonisolated(unsafe) let counter = UnsafeMutablePointer<Int>.allocate(capacity: 1)
            counter.initialize(to: 0)
            let done = DispatchSemaphore(value: 0)
            for _ in 0..<2 {
                Thread.detachNewThread {
                    Tasklet {
                        for _ in 0..<10_000 {
                            counter.pointee += 1
                            try Tasklet.schedule()
                        }
                    }
                    try! Tasklet.run()
                    done.signal()
                }
            }
            done.wait()
            done.wait()
        }
        // Which of its two words for it comes first differs from run to run.
        #expect(result.says("ThreadSanitizer: data race") || result.says("ThreadSanitizer: Swift access race"))
    }

    /// The compiler does not see it: the closure of a tasklet is an ordinary one.
    @Test(.enabled(if: Sanitizer.current == "thread"))
    func anObjectSharedWithATaskIsFound() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try synchronously(shareWithATask)
        }
        #expect(result.says("ThreadSanitizer: data race") || result.says("ThreadSanitizer: Swift access race"))
    }
}

private final class Counter {
    var count = 0
}

private func shareWithATask() throws {
    let counter = Counter()
    let done = DispatchSemaphore(value: 0)
    Tasklet {
        for _ in 0..<10_000 {
            counter.count += 1
            try Tasklet.schedule()
        }
    }
    Task.detached {
        for _ in 0..<10_000 {
            counter.count += 1
            await Task.yield()
        }
        done.signal()
    }
    try Tasklet.run()
    done.wait()
}

/// Which sanitizer the tests are built with.
enum Sanitizer {
    static let current = ProcessInfo.processInfo.environment["SANITIZER"]
}

extension ExitTest.Result? {
    /// Whether the text is in what the process wrote to standard error.
    func says(_ text: String) -> Bool {
        String(decoding: self?.standardErrorContent ?? [], as: UTF8.self).contains(text)
    }
}
