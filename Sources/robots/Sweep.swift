import ArgumentParser
import Glibc
import RobotWorld
import Synchronization

/// Runs of many scenarios, as many at a time as there are processors, each in a thread with a scheduler of its own.
///
///     {"scenarios": ["narrow.json", {"robots": [{"count": 1000, "seed": 7, "behaviour": "wander"}]}]}
struct Sweep {
    let path: String
    /// Moves the walls of all scenarios.
    let size: WorldSize?

    private struct Entry {
        let name: String
        let scenario: Scenario
    }

    /// Runs all of them for some steps, and prints a line for each, in the order of the file.
    ///
    /// The first run that cannot be printed ends the others too. So does ctrl-C: then only runs with all of their steps are
    /// printed, and an error tells which ones are missing.
    func run(steps: Int, asJSON: Bool) throws {
        let entries = try entries()
        Interrupt.listen()
        let printer = Printer(count: entries.count)
        let next = Atomic(0)
        try Worker.runOnAllProcessors(atMost: entries.count) {
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < entries.count, !Interrupt.isRequested, !printer.hasFailed else { return }
                printer.begin(index)
                let entry = entries[index]
                printer.take(Sweep.line(entry, steps: steps, asJSON: asJSON, printer), at: index)
            }
        }
        try printer.check()
        if printer.printed < entries.count, let exitCode = Interrupt.exitCode {
            throw Failure(message: missing(entries, printer), exitCode: ExitCode(exitCode))
        }
    }

    /// Which runs there is no line of, with their place in the file, since names may be equal.
    private func missing(_ entries: [Entry], _ printer: Printer) -> String {
        func names(_ indices: some Sequence<Int>) -> String {
            indices.map { index in
                let (place, name) = ("scenarios[\(index)]", entries[index].name)
                return place == name ? place : "\(place) (\(name))"
            }.joined(separator: ", ")
        }
        var parts = ["the sweep was ended: \(printer.printed) of \(entries.count) runs are complete"]
        let unfinished = printer.unfinished
        if !unfinished.isEmpty { parts.append("not finished: \(names(unfinished))") }
        // Runs begin in the order of the file.
        if let first = printer.notBegun.first, let last = printer.notBegun.last {
            parts.append("not begun: \(names([first]))" + (last > first ? " to \(names([last]))" : ""))
        }
        return "\(path): \(parts.joined(separator: "; "))"
    }

    private static func line(
        _ entry: Entry,
        steps: Int,
        asJSON: Bool,
        _ printer: Printer
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
            let summary = Summary(
                outcome: outcome,
                before: (0, 0),
                seconds: start.duration(to: clock.now) / .seconds(1),
                seed: nil
            )
            return asJSON ? summary.json(scenario: entry.name) : "\(entry.name.onOneLine): \(summary.line)"
        }
    }

    private func entries() throws -> [Entry] {
        let text = JSONText(path: path, bytes: try contents(of: path, named: "with --sweep"))
        let expectation = "names of scenario files, and scenarios"
        let file = try JSONObject(text, expectation: "{\"scenarios\": […]}")
        try file.expectKeys(["scenarios"])
        let values = try file.array("scenarios", of: expectation)
        if values.isEmpty { throw file.wrong("scenarios", "the list is empty; give \(expectation)") }
        return try values.enumerated().map { index, value in
            guard case .string(let name, let line) = value else {
                let object = try file.object(
                    "scenarios",
                    index,
                    value,
                    expectation: "the name of a scenario file, or a scenario"
                )
                return Entry(name: object.key, scenario: try Scenario(object, size: size))
            }
            let (folder, _) = path.splitAtLastSlash
            // A file called `-` is one of that name here.
            let scenarioPath = name.isAbsolutePath ? name : (name == "-" && folder.isEmpty ? "./" : folder) + name
            let place = "in line \(line) of \(path), scenarios[\(index)]"
            return Entry(name: name, scenario: try ScenarioFile(path: scenarioPath, place: place).scenario(size: size))
        }
    }
}

/// Prints lines that come in any order in the order of their numbers, each as soon as those before it are there.
private final class Printer: Sendable {
    private enum Run {
        case notBegun
        case begun
        /// Without a line when it has not come to its end.
        case ended(Result<String?, any Error>)
    }

    private struct State {
        var runs: [Run]
        /// All before this one have been printed, or have no line.
        var next = 0
        var printed = 0
        var failure: (any Error)?
    }

    private let state: Mutex<State>

    init(count: Int) {
        state = Mutex(State(runs: Array(repeating: .notBegun, count: count)))
    }

    var hasFailed: Bool { state.withLock { $0.failure != nil } }

    /// How many lines there are.
    var printed: Int { state.withLock { $0.printed } }

    var notBegun: [Int] {
        state.withLock { state in
            state.runs.indices.filter { if case .notBegun = state.runs[$0] { true } else { false } }
        }
    }

    var unfinished: [Int] {
        state.withLock { state in
            state.runs.indices.filter { if case .ended(.success(nil)) = state.runs[$0] { true } else { false } }
        }
    }

    func begin(_ index: Int) { state.withLock { $0.runs[index] = .begun } }

    func take(_ line: sending Result<String?, any Error>, at index: Int) {
        state.withLock { state in
            state.runs[index] = .ended(line)
            while state.failure == nil, state.next < state.runs.count, case .ended(let line) = state.runs[state.next] {
                state.next += 1
                do {
                    guard let line = try line.get() else { continue }
                    try Summary.print(line)
                    state.printed += 1
                } catch {
                    state.failure = error
                }
            }
        }
    }

    /// Throws what has gone wrong.
    func check() throws {
        try state.withLock { if let failure = $0.failure { throw failure } }
    }
}

/// Threads of the operating system.
private enum Worker {
    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// Calls `body` in as many threads as there are processors, and waits until all calls have returned.
    static func runOnAllProcessors(atMost count: Int, _ body: @escaping @Sendable () -> Void) throws {
        let count = min(count, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        var threads: [pthread_t] = []
        for _ in 0..<count {
            let argument = unsafe Unmanaged.passRetained(Body(body))
            var thread = pthread_t()
            let code = unsafe pthread_create(
                &thread,
                nil,
                { argument in
                    unsafe Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
                    return nil
                },
                argument.toOpaque()
            )
            guard code == 0 else {
                unsafe argument.release()
                // Those that have started do the work.
                if threads.isEmpty { body() }
                break
            }
            threads.append(thread)
        }
        for thread in threads { pthread_join(thread, nil) }
    }
}
