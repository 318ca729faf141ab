import ArgumentParser
import Synchronization

/// Makes all runs of an experiment that have not been made yet, and writes what is wanted of them.
struct Experiment {
    let plan: SweepPlan
    let asJSON: Bool
    let outputs: SweepOutputNames

    /// - Throws: `Failure`, when something cannot be written, when runs have failed, and when the user has ended it: what is
    ///   finished is kept then.
    func run() throws {
        Interrupt.listen()
        if outputs.given.isEmpty {
            try printLines()
        } else {
            try writeOutputs()
        }
    }

    private func printLines() throws {
        let printer = SweepPrinter(count: plan.runCount)
        let results = ExperimentResults(plan, printer: printer, asJSON: asJSON)
        try sayingFailures(of: results) {
            try work(Array(0..<plan.runCount), results)
            try results.check()
            let failed = Set(results.failed.map(\.index))
            if let exitCode = Interrupt.exitCode, printer.printed + failed.count < plan.runCount {
                let missing = printer.missing(without: failed) { "run \($0 + 1)" }
                throw Failure(message: "\(plan.path): \(missing)", exitCode: ExitCode(exitCode))
            }
        }
        try Failure.throwAll(failures(of: results))
    }

    private func writeOutputs() throws {
        let files = try SweepFiles(plan, outputs)
        let results = try ExperimentResults(plan, keptAt: outputs.runs)
        let before = results.count
        let endings = try sayingFailures(of: results) {
            try work((0..<plan.runCount).filter { !results.contains($0) }, results)
            try results.check()
            if let exitCode = Interrupt.exitCode, results.count + results.failed.count < plan.runCount {
                throw Failure(message: ended(results), exitCode: ExitCode(exitCode))
            }
            return try files.take(results)
        }
        var failures = files.commit() + failures(of: results)
        // What could not be written is written by the same command again.
        if failures.isEmpty { results.removeFile() }
        do {
            let names = FinishedRun.Ending.allCases
            let text =
                asJSON
                ? "{\"runs\": \(plan.runCount), \"resumed\": \(before)"
                    + names.map { ", \"\($0.rawValue)\": \(endings[$0] ?? 0)" }.joined() + "}"
                : "runs \(plan.runCount), finished before \(before); ended by "
                    + names.map { "\($0.rawValue) \(endings[$0] ?? 0)" }.joined(separator: ", ")
            try Summary.print(text, onErrors: files.takesStandardOutput)
        } catch {
            failures.append(Failure(error))
        }
        try Failure.throwAll(failures)
    }

    /// Whatever ends the experiment early, the user is told first which runs have failed until then.
    private func sayingFailures<Result>(of results: ExperimentResults, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            for failure in failures(of: results).dropLast() { Notice.say(failure.message) }
            throw error
        }
    }

    /// Makes the runs on all processors.
    private func work(_ pending: [Int], _ results: ExperimentResults) throws {
        let next = Atomic(0)
        try Worker.runOnAllProcessors(atMost: pending.count) { [plan] in
            while true {
                let place = next.add(1, ordering: .relaxed).oldValue
                guard place < pending.count, !results.isOver else { return }
                let run = plan.run(pending[place])
                results.begin(run)
                let execution = SweepExecution(
                    plan: plan,
                    run: run,
                    isOver: { results.isOver },
                    show: results.showsSteps ? { results.show(run, step: $0) } : nil
                )
                results.take(execution.perform(), of: run)
            }
        }
    }

    /// What the user is told who has ended it.
    private func ended(_ results: ExperimentResults) -> String {
        let complete = "\(plan.path): the sweep was ended: \(results.count) of \(plan.runCount) runs are complete"
        guard let path = outputs.runs else {
            return "\(complete), and nothing is kept of them, since no output is a file"
        }
        if results.count == 0 {
            results.removeFile()
            return "\(complete); the same command begins anew"
        }
        return "\(complete) and kept in \(path); the same command goes on from there"
    }

    /// One for each run that has failed, and one that says what to do about them.
    private func failures(of results: ExperimentResults) -> [Failure] {
        let failed = results.failed
        guard let first = failed.first else { return [] }
        let lines = failed.map { failed in
            let message = "\(plan.path): \(failed.name): \(failed.failure.message)"
            return Failure(message: message, exitCode: failed.failure.exitCode)
        }
        let kept = outputs.runs.map { "; the others are kept in \($0), and the same command tries these again" } ?? ""
        let total = "\(plan.path): \(failed.count) of \(plan.runCount) runs have failed\(kept)"
        return lines + [Failure(message: total, exitCode: first.failure.exitCode)]
    }
}
