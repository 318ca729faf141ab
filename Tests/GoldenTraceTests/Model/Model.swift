/// A second, plain statement of the rules: tasklets are stacks of program places and the run queue is an array.
///
/// It knows nothing of the library. First it has to give every golden trace; then the library has to do what it does
/// for programs nobody has run on the original.
final class Model {
    /// The program did what the rules leave open, or did not end.
    struct Unspecified: Error {
        var reason: String
    }

    static let stepLimit = 20_000

    let bodies: [String: [Step]]
    var channels: [String: ModelChannel] = [:]
    var tasklets: [String: ModelTasklet] = [:]
    let main = ModelTasklet(name: "main")
    /// The runnable tasklets, the current one first.
    var queue: [ModelTasklet] = []
    /// Those inside run(), the innermost last.
    var runStack: [ModelTasklet] = []
    var trapLevel = 0
    var errorHandler = Step.ErrorHandlerMode.off
    var logsSwitches = false
    var logsChannels = false
    var log: [String] = []
    var isOver = false

    var me: ModelTasklet { queue[0] }

    private init(bodies: [String: [Step]], channels: [TraceCase.ChannelSettings]) throws {
        self.bodies = bodies
        for settings in channels {
            self.channels[settings.name] = ModelChannel(
                preference: settings.preference.signum(),
                schedulesAll: settings.schedulesAll
            )
        }
        main.place = .queued
        main.isStarted = true
        main.frames = [.steps(try body("main"), next: 0)]
        tasklets["main"] = main
        queue = [main]
    }

    /// The log of a program.
    static func log(of bodies: [String: [Step]], channels: [TraceCase.ChannelSettings]) throws -> [String] {
        let model = try Model(bodies: bodies, channels: channels)
        var last = model.main
        for _ in 0..<stepLimit {
            try model.advance(model.me)
            if model.isOver { return model.log }
            if model.me !== last {
                if model.logsSwitches { model.log.append("switch \(last.name) -> \(model.me.name)") }
                last = model.me
            }
        }
        throw Unspecified(reason: "no end")
    }

    func body(_ name: String) throws -> [Step] {
        guard let body = bodies[name] else { throw Unspecified(reason: "no body \(name)") }
        return body
    }

    func tasklet(_ name: String) throws -> ModelTasklet {
        guard let tasklet = tasklets[name] else { throw Unspecified(reason: "no tasklet \(name)") }
        return tasklet
    }

    func channel(_ name: String) throws -> ModelChannel {
        guard let channel = channels[name] else { throw Unspecified(reason: "no channel \(name)") }
        return channel
    }
}
