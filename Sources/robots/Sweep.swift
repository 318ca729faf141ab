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
    /// The first run that cannot be printed, or that ctrl-C stops, ends the others too; runs that have not begun then are
    /// left out.
    func run(steps: Int, asJSON: Bool) throws {
        let entries = try entries()
        Interrupt.listen()
        let printer = Printer(count: entries.count)
        let next = Atomic(0)
        try Worker.runOnAllProcessors(atMost: entries.count) {
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < entries.count, !Interrupt.isRequested, !printer.hasFailed else { return }
                let entry = entries[index]
                printer.take(Sweep.line(entry, steps: steps, asJSON: asJSON, printer), at: index)
            }
        }
        try printer.check()
    }

    private static func line(
        _ entry: Entry,
        steps: Int,
        asJSON: Bool,
        _ printer: Printer
    ) -> Result<String, any Error> {
        Result {
            let clock = ContinuousClock()
            let start = clock.now
            let isOver = { Interrupt.isRequested || printer.hasFailed }
            let outcome = try Simulation(entry.scenario).run(
                joining: { _ in isOver() ? .stop : .proceed },
                show: { $0.number == steps || isOver() ? .stop : .proceed }
            )
            let summary = Summary(
                robots: entry.scenario.robots.count,
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
        return try file.array("scenarios", of: expectation).enumerated().map { index, value in
            guard case .string(let name, let line) = value else {
                let object = try file.object(
                    "scenarios",
                    index,
                    value,
                    expectation: "the name of a scenario file, or a scenario"
                )
                return Entry(name: object.key, scenario: try Scenario(object, size: size))
            }
            let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
            let scenarioPath = name.hasPrefix("/") ? name : folder + name
            let place = "in line \(line) of \(path.onOneLine), scenarios[\(index)]"
            return Entry(name: name, scenario: try ScenarioFile(path: scenarioPath, place: place).scenario(size: size))
        }
    }
}

/// Prints lines that come in any order in the order of their numbers, each as soon as those before it are there.
private final class Printer: Sendable {
    private struct State {
        var lines: [Result<String, any Error>?]
        var printed = 0
        var failure: (any Error)?
    }

    private let state: Mutex<State>

    init(count: Int) {
        state = Mutex(State(lines: Array(repeating: nil, count: count)))
    }

    var hasFailed: Bool { state.withLock { $0.failure != nil } }

    func take(_ line: sending Result<String, any Error>, at index: Int) {
        state.withLock { state in
            state.lines[index] = line
            while state.failure == nil, state.printed < state.lines.count, let line = state.lines[state.printed] {
                state.printed += 1
                do {
                    try Summary.print(line.get())
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
