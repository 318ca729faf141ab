import Foundation
import Tasklets
import Testing

/// Runs `program` under many schedules, and finds one under which it fails.
///
/// ```swift
/// @Test func nothingIsLost() throws {
///     try explore {
///         let balance = Shared(0)
///         let log = Channel<Int>()
///         …
///         #expect(balance.value == 30)
///     }
/// }
/// ```
///
/// The order in which tasklets run is contract. A schedule departs from it at a few choices: there another tasklet runs that
/// could. Each schedule is run in a scheduler of its own with a virtual clock, from the beginning of `program` until everything
/// that it has made has ended. It fails by
///
/// - an error that leaves `program`, or a tasklet,
/// - tasklets that wait at the end, and nobody can wake them,
/// - a condition of ``check(_:_:)`` that does not hold, or a failing `#expect`,
/// - no end within 100,000 steps: far more than any search could try the orders of, so the number is no parameter,
/// - another course than before, although the choices were the same.
///
/// The search ends with the first that fails. Its schedule is made shorter then, and told: in a test of Swift Testing as an
/// issue of that test, elsewhere on standard error. A failing `#expect` in the middle of the search is listed as a known issue.
///
/// `XCTAssert` and its like fail the test, and no schedule: the search does not hear of them, and goes on. Say what must hold by
/// ``check(_:_:)``, or throw.
///
/// The environment variable `TASKLETS_SCHEDULE` replays a schedule in place of the search, in another process as well.
///
/// Tasklets of a `Scheduler.scope` inside `program` run in their usual order. For several schedulers that share something, as
/// threads would: ``ExploredHost``.
///
/// `program` must do the same each time that the choices are the same: no system clock, no random numbers without a seed, no
/// other threads. It runs on the caller's thread. A schedule costs a few microseconds and some hundred nanoseconds a choice.
///
/// - Parameters:
///   - search: which schedules are tried.
///   - budget: when the search ends although there is more to try.
///   - points: where another tasklet may run.
///   - time: when timers fire.
///   - fileID: where an issue is reported, together with the next three.
///   - filePath: the path of the file.
///   - line: the line in it.
///   - column: the column in that.
///   - program: run again and again.
/// - Returns: what was found. Look at ``Exploration/failures`` where no issue is recorded: in a program, or with XCTest.
/// - Throws: ``InvalidScheduleError`` when `TASKLETS_SCHEDULE` is no schedule.
@available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
@discardableResult
public func explore(
    _ search: Search = .departures(),
    budget: Budget = .seconds(5),
    where points: Points = .operations,
    time: TimeModel = .whenIdle,
    fileID: String = #fileID,
    filePath: String = #filePath,
    line: Int = #line,
    column: Int = #column,
    _ program: () throws -> Void
) throws -> Exploration {
    var (search, points, time) = (search, points, time)
    if let text = ProcessInfo.processInfo.environment["TASKLETS_SCHEDULE"], !text.isEmpty {
        guard let schedule = Schedule(text) else { throw InvalidScheduleError(text: text) }
        search = .replay(schedule)
    }
    if case .replay(let schedule) = search { (points, time) = (schedule.points, schedule.time) }
    return try withoutActuallyEscaping(program) { program in
        try Scheduler.scope(clock: .virtual) {
            let engine = Engine(points: points, time: time, budget: budget, program)
            guard Test.current != nil else {
                let found = engine.explore(search)
                if let failure = found.failures.first {
                    FileHandle.standardError.write(Data("Exploration: \(failure)\n".utf8))
                }
                return found
            }
            var found = Exploration()
            withKnownIssue("A schedule fails; see the issue of explore.", isIntermittent: true) {
                found = engine.explore(search)
            } matching: { [expectation = engine.expectation] issue in
                expectation.note("\(issue)")
                return true
            }
            if let failure = found.failures.first {
                let place = SourceLocation(fileID: fileID, filePath: filePath, line: line, column: column)
                Issue.record("\(failure)", sourceLocation: place)
            }
            return found
        }
    }
}

extension Search {
    var state: any SearchState {
        switch self {
        case .order: Replay([])
        case .departures(let limit): DepartureSearch(upTo: limit)
        case .all: FullSearch()
        case .independent: IndependentSearch()
        case .random(let seed, let runs): RandomSearch(seed: seed, runs: runs)
        case .priorities(let depth, let seed, let runs): PrioritySearch(depth: depth, seed: seed, runs: runs)
        case .replay(let schedule): Replay(schedule.departures, choices: schedule.choices)
        }
    }
}
