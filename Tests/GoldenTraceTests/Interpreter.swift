import Channels
import Tasklets

/// Runs one golden program on tasklets and channels and keeps its log.
final class Interpreter {
    /// The variables every tasklet has for itself; texts, since a step can only print them.
    final class Flow {
        let me: String
        var it = "none"
        var err = "none"
        var i = "none"

        init(me: String) {
            self.me = me
        }
    }

    struct UnknownName: Error {
        var name: String
    }

    /// More steps than any program takes: what loops for ever is a bug and must not hang the tests.
    private static let stepLimit = 100_000

    let bodies: [String: [Step]]
    /// All tasklets by name, so that none ends because the last reference to it went away.
    var tasklets: [String: Tasklet] = [:]
    var channels: [String: Channel<String>] = [:]
    var atomicTasklets: Set<String> = []

    private(set) var log: [String] = []
    /// Who executed which step, in order; for the report of a difference.
    private(set) var history: [(tasklet: String, step: Step)] = []
    /// For each line of the log, how many steps had been begun.
    private(set) var stepsAtLine: [Int] = []
    /// The body of main has ended. What still runs then is not part of the trace.
    private(set) var isOver = false

    private init(bodies: [String: [Step]]) {
        self.bodies = bodies
    }

    /// Runs the program in a scheduler of its own on the calling thread, until the body of main ends.
    ///
    /// - Parameter around: gives the program that scheduler.
    static func run(
        _ bodies: [String: [Step]],
        channels: [TraceCase.ChannelSettings],
        in around: (_ program: () throws -> Void) throws -> Void
    ) throws -> Interpreter {
        let interpreter = Interpreter(bodies: bodies)
        // After the scope, since dropping a tasklet may run what it has left to do.
        defer { interpreter.tasklets = [:] }
        try around {
            for settings in channels {
                let channel = Channel<String>(name: settings.name)
                try interpreter.set(settings.preference, ofChannel: channel)
                channel.schedulesAll = settings.schedulesAll
                interpreter.channels[settings.name] = channel
            }
            interpreter.tasklets["main"] = Tasklet.main
            do {
                try interpreter.execute(body: "main", of: "main")
            } catch {
                interpreter.record("main uncaught \(errorKind(error))")
            }
            interpreter.isOver = true
        }
        return interpreter
    }

    func record(_ line: String) {
        guard !isOver else { return }
        log.append(line)
        stepsAtLine.append(history.count)
    }

    /// Notes a step about to be executed; throws where nothing more is to be done.
    func begin(_ step: Step, of flow: Flow) throws {
        guard !isOver else { throw TaskletExit() }
        guard history.count < Self.stepLimit else {
            record("stopped after \(Self.stepLimit) steps")
            isOver = true
            throw TaskletExit()
        }
        history.append((flow.me, step))
        for fault in SchedulerCore.current.validate() { record("invalid: \(fault)") }
    }

    func body(_ name: String, of tasklet: String) throws -> () throws -> Void {
        guard bodies[name] != nil else { throw UnknownName(name: name) }
        return { try self.execute(body: name, of: tasklet) }
    }

    private func execute(body: String, of tasklet: String) throws {
        guard let steps = bodies[body] else { throw UnknownName(name: body) }
        _ = try execute(steps, Flow(me: tasklet))
    }

    func tasklet(_ name: String) throws -> Tasklet {
        guard let tasklet = tasklets[name] else { throw UnknownName(name: name) }
        return tasklet
    }

    func channel(_ name: String) throws -> Channel<String> {
        guard let channel = channels[name] else { throw UnknownName(name: name) }
        return channel
    }

    /// Any number is a preference by its sign.
    func set(_ preference: Int, ofChannel channel: Channel<String>) throws {
        guard let preference = Channel<String>.Preference(rawValue: preference.signum()) else {
            throw UnknownName(name: "preference \(preference)")
        }
        channel.preference = preference
    }
}
