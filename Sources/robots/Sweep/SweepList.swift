import ArgumentParser
import RobotWorld
import Synchronization

/// Runs of the scenarios that a file lists.
struct SweepList {
    private let path: String
    private let entries: [Entry]

    private struct Entry {
        let name: String
        let scenario: Scenario
    }

    /// Reads all of the scenarios.
    ///
    /// - Throws: `Failure` that names file, key and value.
    init(_ file: JSONObject, size: WorldSize?) throws {
        path = file.text.path
        let expectation = "names of scenario files, and scenarios"
        try file.expectKeys(["scenarios"])
        let values = try file.array("scenarios", of: expectation)
        if values.isEmpty { throw file.wrong("scenarios", "the list is empty; give \(expectation)") }
        entries = try values.enumerated().map { index, value in
            guard case .string(let name, let line) = value else {
                let object = try file.object(
                    "scenarios",
                    index,
                    value,
                    expectation: "the name of a scenario file, or a scenario"
                )
                return Entry(name: object.key, scenario: try Scenario(object, size: size))
            }
            let path = file.text.path
            let place = "in line \(line) of \(path), scenarios[\(index)]"
            let scenarioFile = ScenarioFile(path: Sweep.path(of: name, namedIn: path), place: place)
            return Entry(name: name, scenario: try scenarioFile.scenario(size: size))
        }
    }

    /// Runs all of them for some steps, and prints a line for each, in the order of the file.
    ///
    /// The first run that cannot be printed ends the others too. So does ctrl-C: then only runs with all of their steps are
    /// printed, and an error tells which ones are missing.
    func run(steps: Int, asJSON: Bool) throws {
        Interrupt.listen()
        let printer = SweepPrinter(count: entries.count)
        let next = Atomic(0)
        let entries = entries
        try Worker.runOnAllProcessors(atMost: entries.count) {
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < entries.count, !Interrupt.isRequested, !printer.hasFailed else { return }
                printer.begin(index)
                printer.take(SweepList.line(entries[index], steps: steps, asJSON: asJSON, printer), at: index)
            }
        }
        try printer.check()
        if printer.printed < entries.count, let exitCode = Interrupt.exitCode {
            let missing = printer.missing { index in
                let (place, name) = ("scenarios[\(index)]", entries[index].name)
                return place == name ? place : "\(place) (\(name))"
            }
            throw Failure(message: "\(path): \(missing)", exitCode: ExitCode(exitCode))
        }
    }

    private static func line(
        _ entry: Entry,
        steps: Int,
        asJSON: Bool,
        _ printer: SweepPrinter
    ) -> Result<String?, any Error> {
        Result {
            let clock = ContinuousClock()
            let start = clock.now
            let isOver = { Interrupt.isRequested || printer.hasFailed }
            let outcome = try Simulation(entry.scenario).run(
                joining: { _ in isOver() ? .stop : .proceed },
                show: { $0.number == steps || isOver() ? .stop : .proceed }
            )
            if outcome.steps < steps { return nil }
            return Summary(
                outcome: outcome,
                before: (0, 0),
                seconds: start.duration(to: clock.now) / .seconds(1),
                seed: nil
            ).text(ofRun: entry.name, asJSON: asJSON)
        }
    }
}
