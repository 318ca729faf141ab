import Tasklets

/// An error a golden program names.
enum ProgramError: String, Error, Sendable {
    case boom = "Boom"
    case zap = "Zap"
    /// Ends an iteration over a channel when it is received there.
    case stopIteration = "StopIteration"
    /// Stands for the library's own `TaskletExit`.
    case taskletExit = "TaskletExit"

    /// What is really thrown for it.
    var thrown: any Error {
        self == .taskletExit ? TaskletExit() : self
    }
}
