import Synchronization
import Tasklets
public import Testing

/// Runs the body of a test, or of each test of a suite, under many schedules: see
/// ``Testing/Trait/explored(_:budget:where:time:)``.
public struct ExploredTrait: TestTrait, SuiteTrait, TestScoping {
    /// Tells the trait of a test from that of its suite.
    private final class Identity: Sendable {}

    let search: Search
    let budget: Budget
    let points: Points
    let time: TimeModel
    private let identity = Identity()

    init(search: Search, budget: Budget, points: Points, time: TimeModel) {
        self.search = search
        self.budget = budget
        self.points = points
        self.time = time
    }

    public var isRecursive: Bool { true }

    public func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        // The last one counts: the test's own comes behind those of its suites.
        let last = test.traits.last { $0 is ExploredTrait } as? ExploredTrait
        guard last == nil || last!.identity === identity else { return try await function() }
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

/// Gives a test a scheduler of its own, or each test of a suite: see ``Testing/Trait/tasklets(within:fileID:line:)``.
public struct TaskletsTrait: TestTrait, SuiteTrait, TestScoping {
    let limit: Duration
    /// Where the limit was set; `nil` for the usual one.
    let place: String?

    public var isRecursive: Bool { true }

    public func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let last = test.traits.last { $0 is TaskletsTrait } as? TaskletsTrait
        guard last == nil || (last!.limit, last!.place) == (limit, place) else { return try await function() }
        try runInScope(of: test, function)
    }

    private func runInScope(of test: Test, _ function: @Sendable () async throws -> Void) throws {
        // Of a test that is explored as well: that has a scheduler of its own, and looks who is left.
        if SchedulerCore.current.chooser != nil { return try runToItsEnd(of: test, function) }
        try Scheduler.scope {
            try withTimeout(limit, throwing: TimeoutError(text: limitText(of: test))) {
                try runToItsEnd(of: test, function)
            }
            // One that carries an error that nobody took throws it at the end of the scope.
            let left = Scheduler.current.tasklets.filter { $0 != .main && !$0.record.carriesUntakenError }
            guard !left.isEmpty else { return }
            let core = SchedulerCore.current
            let lines = left.map { tasklet in
                "\n  \(tasklet) \(core.insideGate { _ in core.describeState(of: tasklet.record) })"
            }.joined()
            Issue.record("Tasklets are left at the end of the test:\(lines)", sourceLocation: test.sourceLocation)
        }
    }

    private func limitText(of test: Test) -> String {
        let place =
            place.map { "set at \($0)" }
            ?? "which is usual, of the test at \(test.sourceLocation.fileID):\(test.sourceLocation.line)"
        return """
            The waits of the test \(test.name) have taken longer than \(limit): the limit of its trait .tasklets, \(place). For \
            another one: .tasklets(within:).
            """
    }
}

extension Trait where Self == ExploredTrait {
    /// Runs the body of the test under many schedules, as ``explore(_:budget:where:time:fileID:filePath:line:column:_:)`` does.
    ///
    /// ```swift
    /// @Test(.explored()) func nothingIsLost() throws { … }
    /// ```
    ///
    /// On a suite it is meant for each of its tests, and of the suites in it: `@Suite(.explored) struct …`. One on the test itself
    /// takes its place.
    ///
    /// Only for test functions that are not `async`, and of no actor.
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
    /// end, which are named and ended, and when its waits take longer than `limit`: by a `TimeoutError` that names the place of
    /// the limit.
    ///
    /// ```swift
    /// @Test(.tasklets) func aWriterAndAReader() throws { … }
    /// ```
    ///
    /// On a suite it is meant for each of its tests. Only for test functions that are not `async`, and of no actor.
    ///
    /// - Parameters:
    ///   - limit: how long the waits of a test may take, all together.
    ///   - fileID: where the limit is set, for the error.
    ///   - line: the line in it.
    public static func tasklets(
        within limit: Duration,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) -> TaskletsTrait {
        TaskletsTrait(limit: limit, place: "\(fileID):\(line)")
    }

    /// The same with a limit of a minute.
    public static var tasklets: TaskletsTrait { TaskletsTrait(limit: .seconds(60), place: nil) }
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
