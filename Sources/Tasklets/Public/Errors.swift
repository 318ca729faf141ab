/// Ends a tasklet quietly: thrown in it by ``Tasklet/kill(pending:)``, or by its own body.
///
/// A `catch` for a certain error type does not catch it; whoever catches everything should throw it again.
public struct TaskletExit: Error {
    public init() {}
}

/// An operation that is not possible now. Nothing has changed: queue, channels and tasklets are as before the call.
public enum TaskletError: Error, Equatable, CustomStringConvertible {
    /// Insert, run or switch of a tasklet that has ended or was never set up.
    case dead
    /// Insert, run or switch of a blocked tasklet.
    case blocked
    /// An error other than `TaskletExit` thrown to a tasklet that is not alive.
    case throwToDead
    /// Remove of a blocked tasklet.
    case removeBlocked
    /// Remove of the current tasklet.
    case removeCurrent
    /// Setup of a living tasklet, or bind of one that has live frames.
    case alive
    /// Setup of a tasklet without a function.
    case notBound
    /// Bind of a queued or blocked tasklet.
    case scheduled
    /// Bind of the current tasklet.
    case bindCurrent
    /// The tasklet would block, and its block trap is set.
    case blockTrap
    /// A function that was given to a native thread, by the hub's `offload { … }`, would wait for a tasklet.
    case offloaded
    /// The operation would switch, and the thread's switch trap is set.
    case switchTrap
    /// Switch to a tasklet of another thread or of another scope.
    case otherThread
    /// Run or switch of a tasklet whose thread or scope has ended.
    case noThread
    /// Insert or setup of a tasklet whose thread or scope has ended.
    case threadNotInitialised
    /// The system has no memory, or no mapping, left for the tasklet's stack: it ends before it ever runs. Comes out of
    /// run(), or of what main is doing, as every uncaught error does; the others go on.
    case outOfMemory

    public var description: String {
        switch self {
        case .dead: "The tasklet is not alive: give it a function with bind and call setup()."
        case .blocked: "The tasklet waits; it goes on when its wait ends, or when it is killed."
        case .throwToDead: "An error cannot be thrown to a tasklet that is not alive."
        case .removeBlocked: "The tasklet waits and cannot be removed; kill it instead."
        case .removeCurrent: "The current tasklet cannot be removed; it can call scheduleRemove()."
        case .alive: "The tasklet is alive already; wait for its end or kill it first."
        case .notBound: "The tasklet has no function; give it one with bind."
        case .scheduled: "The tasklet is queued or blocked; remove it before bind."
        case .bindCurrent: "The current tasklet cannot be bound to another function."
        case .blockTrap: "The tasklet would block, but its blockTrap is set."
        case .offloaded:
            "Work inside offload { … } runs on a native thread, which would be held while it waits for tasklets: wait before or "
                + "after it, or inside a Scheduler.scope { … } of its own."
        case .switchTrap:
            "This would switch to another tasklet, but the switch trap is set, or a callback or a part of an async function "
                + "runs; do it afterwards."
        case .otherThread: "The tasklet belongs to another thread or scope; use run(), insert() or a channel."
        case .noThread, .threadNotInitialised:
            "The tasklet's thread or scope has ended; make the tasklet anew where it is to run."
        case .outOfMemory: "The system has no memory left for the tasklet's stack; end some tasklets or ask for less."
        }
    }
}
