/// No tasklet is left that is able to run, and those that wait would wait without end.
///
/// The error goes to the tasklet that blocked last, to main, or to the caller of ``Tasklet/runUntilDone()``;
/// ``Tasklet/run()-swift.type.method`` returns instead. Its description lists every blocked tasklet of the
/// scheduler:
///
///     Deadlock: the last runnable tasklet blocked.
///       tasklet 'reader' (made at Demo/main.swift:9) waits in receive on channel 'lines'
///       tasklet 'main' waits in send on channel 'jobs'
///
/// When it is thrown, and to whom: <doc:WhoRunsWhen#When-nobody-is-left-to-run>.
public struct DeadlockError: Error, CustomStringConvertible {
    /// What the deadlock is.
    public enum Reason: Sendable {
        /// The last runnable tasklet blocked or left while main was blocked; or ``Tasklet/runUntilDone()`` has found tasklets
        /// that can never go on.
        case deadlock
        /// The last runnable tasklet ended while main waited to receive.
        case mainReceiving
        /// The last runnable tasklet ended while main waited to send.
        case mainSending
        /// The last runnable tasklet ended while main waited for something else than a channel.
        case mainWaiting
    }

    /// A tasklet that waits without end.
    public struct Waiter: Sendable, CustomStringConvertible {
        let origin: Origin
        /// The tasklet's name.
        public var name: String { origin.displayName }
        /// Where it was made: `#fileID:#line`; `nil` for main.
        public var creationPlace: String? { origin.placeIfMade }
        /// The operation and what it is waiting on, as in "receive on channel 'jobs'"; all of them, joined by "or", when it waits
        /// for several.
        public let operation: String

        public var description: String { "\(origin) waits in \(operation)" }
    }

    public let reason: Reason
    /// Every blocked tasklet of the scheduler, the oldest first.
    public let waiters: [Waiter]

    init(reason: Reason, scheduler: SchedulerCore) {
        self.reason = reason
        var waiters: [Waiter] = []
        scheduler.forEachLiving { tasklet in
            guard tasklet.state == .blocked else { return true }
            waiters.append(Waiter(origin: tasklet.origin, operation: tasklet.describeWait()))
            return true
        }
        self.waiters = waiters
    }

    public var description: String {
        let headline =
            switch reason {
            case .deadlock: "Deadlock: the last runnable tasklet blocked."
            case .mainReceiving: "Deadlock: the last runnable tasklet ended while main waits to receive."
            case .mainSending: "Deadlock: the last runnable tasklet ended while main waits to send."
            case .mainWaiting: "Deadlock: the last runnable tasklet ended while main waits."
            }
        return ([headline] + waiters.map { "  \($0)" }).joined(separator: "\n")
    }
}
