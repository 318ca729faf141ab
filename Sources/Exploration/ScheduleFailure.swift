public import Tasklets

/// A schedule under which a program fails.
public struct ScheduleFailure: Error {
    /// Why a schedule fails.
    public enum Reason: Sendable {
        /// An error left the program, or a tasklet that nobody asked for its result.
        case error(any Error)
        /// Tasklets still wait at the end, and nobody can wake them.
        case stuck(DeadlockError)
        /// A condition of ``check(_:_:)`` did not hold.
        case check(String)
        /// What a failing `#expect` said.
        case expectation(String)
        /// No end within so many steps.
        case endless(steps: Int)
        /// The program took another course than before although the choices were the same: the first choice that differs.
        case notRepeating(String)
        /// A schedule that was given does not fit the program: it has been changed since.
        case otherProgram(String)
    }

    public let reason: Reason
    /// Whether ``Search/independent`` has not found it, and the random sample that is compared with it has.
    public let isMissedByReduction: Bool
    /// The schedule, with as few departures as could be found.
    public let schedule: Schedule
    /// The schedule in which the failure was found.
    public let found: Schedule
    /// How many schedules were tried until then, and how many more to make it shorter.
    public let schedulesTried: Int
    public let shrinkingRuns: Int
    /// What the program does under `schedule`, point by point: the first 2,000.
    public let steps: [ScheduleStep]
    let timeline: String

    /// Writes the timeline of the failing run, which [Perfetto](https://ui.perfetto.dev) opens.
    ///
    /// - Parameter write: called with its text.
    public func writeTimeline(_ write: (String) throws -> Void) rethrows {
        try write(timeline)
    }
}

extension ScheduleFailure: CustomStringConvertible {
    private static let missedText = """
        \nFound at random, and missed by the search of independent schedules: the tasklets share something that it does not \
        see. Make it Shared, or use another search.
        """

    /// The reason, the steps with the departures marked, and how to run the schedule again.
    public var description: String {
        """
        \(reason)\(isMissedByReduction ? Self.missedText : "")
        \(ScheduleStep.text(of: steps, isEndless: reason.isEndless))
        Schedule: \(schedule)
        Again:    SWIFT_DETERMINISTIC_HASHING=1 TASKLETS_SCHEDULE='\(schedule)', and the command that ran the program
        """
    }
}

extension ScheduleFailure.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .error(let error): "\(error)"
        case .stuck(let error): "Tasklets still wait at the end. \(error)"
        case .check(let text): "Does not hold: \(text)"
        case .expectation(let text): text
        case .endless(let steps):
            """
            No end within \(steps) steps. Time stands still while a tasklet is runnable, as one that gives way is: to wait for \
            a time, sleep. If the program would end later: let it do less, by fewer tasklets or fewer rounds.
            """
        case .notRepeating(let text):
            """
            The program did not repeat: \(text) It must not look at the system's clock, at random numbers without a seed, or \
            at what another thread does. The order of a Set or Dictionary differs from process to process, unless the \
            environment has SWIFT_DETERMINISTIC_HASHING=1, and even between two of the same contents.
            """
        case .otherProgram(let text): "The schedule is not one of this program, which may have changed: \(text)"
        }
    }

    var isEndless: Bool {
        if case .endless = self { true } else { false }
    }

    /// What a shorter schedule has to have in common to be of the same failure.
    var kind: String {
        switch self {
        case .error(let error): "error \(type(of: error))"
        case .stuck: "stuck"
        case .check(let text): "check \(text)"
        case .expectation: "expectation"
        case .endless: "endless"
        case .notRepeating: "not repeating"
        case .otherProgram: "other program"
        }
    }
}
