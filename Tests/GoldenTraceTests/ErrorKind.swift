import Channels
import Tasklets

/// The name the golden traces give to an error.
func errorKind(_ error: any Error) -> String {
    switch error {
    case is TaskletExit: "TaskletExit"
    case let error as ProgramError: error.rawValue
    case let error as DeadlockError: "RuntimeError.\(error.reason)"
    case ChannelError.closed: "ValueError.closedChannel"
    case let error as TaskletError: "RuntimeError.\(name(of: error))"
    default: "unexpected \(type(of: error)): \(error)"
    }
}

private func name(of error: TaskletError) -> String {
    switch error {
    case .outOfMemory: "outOfMemory"
    case .offloaded: "offloaded"
    case .dead: "dead"
    case .blocked: "blocked"
    case .throwToDead: "throwToDead"
    case .removeBlocked: "removeBlocked"
    case .removeCurrent: "removeCurrent"
    case .alive: "alive"
    case .notBound: "notBound"
    case .scheduled: "scheduled"
    case .bindCurrent: "bindCurrent"
    case .blockTrap: "blockTrap"
    case .switchTrap: "switchTrap"
    case .otherThread: "otherThread"
    case .noThread: "noThread"
    case .threadNotInitialised: "threadNotInitialised"
    }
}
