import Channels
import Tasklets

/// The name the golden traces give to an error.
func errorKind(_ error: any Error) -> String {
    switch error {
    case is TaskletExit: "TaskletExit"
    case let error as ProgramError: error.rawValue
    case let error as DeadlockError: "RuntimeError.\(error.reason)"
    case ChannelError.closed: "ValueError.closedChannel"
    case let error as TaskletError: "RuntimeError.\(error)"
    default: "unexpected \(type(of: error)): \(error)"
    }
}
