import Synchronization
import Tasklets
public import Testing

/// Runs the body of a test under many schedules: see ``Testing/Trait/explored(_:budget:where:time:)``.
public struct ExploredTrait: TestTrait, TestScoping {
    let search: Search
    let budget: Budget
    let points: Points
    let time: TimeModel

    public func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        try exploreBody(of: test, function)
    }

    private func exploreBody(of test: Test, _ function: @Sendable () async throws -> Void) throws {
        let place = test.sourceLocation
        try explore(
            search,
            budget: budget,
            where: points,
            time: time,
            fileID: place.fileID,
            filePath: place.filePath,
            line: place.line,
            column: place.column
        ) {
            try runToItsEnd(of: test, function)
        }
    }
}

/// Gives a test a scheduler of its own: see ``Testing/Trait/tasklets(within:)``.
public struct TaskletsTrait: TestTrait, TestScoping {
    let limit: Duration

    public func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        try runInScope(of: test, function)
    }

    private func runInScope(of test: Test, _ function: @Sendable () async throws -> Void) throws {
        // Of a test that is explored as well: that has a scheduler of its own, and looks who is left.
        if SchedulerCore.current.chooser != nil { return try runToItsEnd(of: test, function) }
        try Scheduler.scope {
            try withTimeout(limit) { try runToItsEnd(of: test, function) }
            let left = Scheduler.current.tasklets.filter { $0 != .main }
            guard !left.isEmpty else { return }
            let names = left.map { "\n\($0)" }.joined()
            Issue.record("Tasklets are left at the end of the test:\(names)", sourceLocation: test.sourceLocation)
        }
    }
}

extension Trait where Self == ExploredTrait {
    /// Runs the body of the test under many schedules, as ``explore(_:budget:where:time:fileID:filePath:line:column:_:)`` does.
    ///
    /// ```swift
    /// @Test(.explored()) func nothingIsLost() throws { … }
    /// ```
    ///
    /// Only for a test function that is not `async`, and of no actor.
    public static func explored(
        _ search: Search = .departures(),
        budget: Budget = .seconds(5),
        where points: Points = .operations,
        time: TimeModel = .whenIdle
    ) -> ExploredTrait {
        ExploredTrait(search: search, budget: budget, points: points, time: time)
    }

    /// The same with what is usual.
    public static var explored: ExploredTrait { .explored() }
}

extension Trait where Self == TaskletsTrait {
    /// Gives the test a scheduler of its own, with the test as its main tasklet. The test fails when tasklets are left at its
    /// end, which are named and ended, and when its waits take longer than `limit`.
    ///
    /// ```swift
    /// @Test(.tasklets) func aWriterAndAReader() throws { … }
    /// ```
    ///
    /// Only for a test function that is not `async`, and of no actor.
    public static func tasklets(within limit: Duration) -> TaskletsTrait { TaskletsTrait(limit: limit) }

    /// The same with a limit of a minute.
    public static var tasklets: TaskletsTrait { .tasklets(within: .seconds(60)) }
}

/// The body of a test that is not `async` comes as a function that is: it never suspends, so it is run where we are.
private func runToItsEnd(of test: Test, _ function: @Sendable () async throws -> Void) throws {
    try withoutActuallyEscaping(function) { function in
        let outcome = Outcome()
        Task.immediate {
            do {
                try await function()
                outcome.result.withLock { $0 = .success(()) }
            } catch {
                outcome.result.withLock { $0 = .failure(error) }
            }
        }
        guard let result = outcome.result.withLock({ $0 }) else {
            fatalError(
                "\(test.name) suspends: .explored and .tasklets are for tests that are not async, and of no actor."
            )
        }
        try result.get()
    }
}

private final class Outcome: Sendable {
    let result = Mutex<Result<Void, any Error>?>(nil)
}
