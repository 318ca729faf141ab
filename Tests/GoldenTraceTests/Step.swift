/// One step of the language in which the golden programs are written.
indirect enum Step: Sendable {
    case log(Template)

    // Tasklets, by name.
    case spawn(body: String, name: String)
    case create(body: String, name: String)
    case createEmpty(String)
    case bind(String, body: String)
    case bindPaused(String, body: String)
    case setup(String)
    case insert(String)
    case remove(String)
    case resume(String)
    case switchTo(String)
    case kill(String, pending: Bool)
    case throwInto(String, ProgramError, pending: Bool)

    // The scheduler.
    case run
    case schedule(Template?)
    case scheduleRemove(Template?)
    case setTemporaryValue(String, Template)

    // Channels, by name.
    case send(String, Template)
    case receive(String)
    case sendError(String, ProgramError)
    case sendSequence(String, [String])
    case close(String)
    case open(String)
    case preference(String, Int)
    case schedulesAll(String, Bool)

    // Flags and callbacks.
    case blockTrap(Bool)
    case atomic(Bool)
    case switchTrap(Int)
    case errorHandler(ErrorHandlerMode)
    case scheduleCallback(Bool)
    case channelCallback(Bool)

    // The flow of a body.
    case raise(ProgramError)
    case leaveLoop
    case leaveBody
    case attempt([Step], handler: Handler?, finally: [Step])
    case repeated(Int, [Step])
    case forever([Step])
    case iterate(String, [Step])
    case whileReceivers(String, [Step])
    case whileSenders(String, [Step])

    enum ErrorHandlerMode: String, Sendable {
        case on, fail, off
    }

    /// The part of an `attempt` that runs on an error.
    struct Handler: Sendable {
        enum Scope: String, Decodable {
            /// All errors but `TaskletExit`.
            case error
            case any
        }
        var scope: Scope
        var steps: [Step]
    }
}
