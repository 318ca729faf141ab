import Tasklets

/// The outcome of a case beside its golden trace.
struct Comparison: Sendable {
    let name: String
    /// What differs, or nothing.
    let difference: String?

    /// - Parameter around: gives the case a scheduler of its own.
    init(_ traceCase: TraceCase, in around: (_ program: () throws -> Void) throws -> Void = { try Scheduler.scope($0) })
    {
        name = traceCase.name
        guard case .steps(let bodies) = traceCase.program else {
            difference = "a case in prose cannot be interpreted"
            return
        }
        CrashReport.running(traceCase.name)
        defer { CrashReport.running(nil) }
        weak var remains: Interpreter?
        do {
            let run = try Interpreter.run(bodies, channels: traceCase.channels, in: around)
            remains = run
            if let difference = Self.difference(between: run, and: traceCase.trace) {
                self.difference = difference
                return
            }
        } catch {
            difference = "the scope failed with \(errorKind(error))"
            return
        }
        // Every tasklet's body holds the interpreter.
        difference = remains == nil ? nil : "a body is left behind after the scope has ended"
    }

    private static func difference(between run: Interpreter, and trace: [String]) -> String? {
        guard let line = firstDifference(run.log, trace) else { return nil }
        let begun = line < run.stepsAtLine.count ? run.stepsAtLine[line] : run.history.count
        let steps = run.history[..<begun].filter { !$0.step.isPlain }.suffix(8).map { "    \($0.tasklet): \($0.step)" }
        return """
            line \(line + 1) of \(trace.count)
              before:   \(line > 0 ? run.log[line - 1] : "(start)")
              expected: \(line < trace.count ? trace[line] : "(end of trace)")
              got:      \(line < run.log.count ? run.log[line] : "(end of log)")
              last steps begun:
            \(steps.joined(separator: "\n"))
            """
    }

    /// The index of the first line in which two logs differ, the length counting as well.
    static func firstDifference(_ log: [String], _ trace: [String]) -> Int? {
        for (index, pair) in zip(log, trace).enumerated() where pair.0 != pair.1 { return index }
        return log.count == trace.count ? nil : min(log.count, trace.count)
    }
}

extension Step {
    /// Whether the step says nothing about what went wrong: it prints, or only contains others.
    fileprivate var isPlain: Bool {
        switch self {
        case .log, .attempt, .repeated, .forever, .iterate, .whileReceivers, .whileSenders: true
        default: false
        }
    }
}
