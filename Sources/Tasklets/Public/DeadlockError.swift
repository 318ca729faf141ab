import CTasklets

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
/// Tasklets that wait for each other's locks are named in a line of their own:
///
///       In a cycle: 'a' waits in acquire of lock 'x', held by 'b'; 'b' waits in acquire of lock 'y', held by 'a'
///
/// When the process has other threads, and none of them has used what these wait for, a last line says that such a use has to be
/// announced, by `Channel.share()`. When one was announced, and the program has no other thread any more, a last line says so.
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
    /// What is to be said of other threads. Beside the other byte, since an error has its place in the frame of every wait.
    private let hint: Hint
    /// Every blocked tasklet of the scheduler, the oldest first.
    public let waiters: [Waiter]
    /// Those of ``waiters`` that wait for each other in a cycle, for locks as a rule: each waits for what the next one holds,
    /// and the last for what the first holds. Empty when there is no cycle; one of them when there are several.
    public let cycle: [Waiter]

    private enum Hint: UInt8 {
        case nothing
        /// Another thread, which is there but has used nothing yet, might have been meant to come.
        case toShare
        /// One was announced, and there is none.
        case nobodyIsLeft
    }

    init(reason: Reason, scheduler: SchedulerCore) {
        self.init(reason: reason, schedulers: [scheduler])
    }

    /// The same of several schedulers that sleep for each other on one thread.
    ///
    /// Inside the gates of them all.
    ///
    /// - Parameter isTold: leaves out those who stand for a scheduler.
    package init(reason: Reason, schedulers: [SchedulerCore], where isTold: (TaskletRecord) -> Bool = { _ in true }) {
        self.reason = reason
        var waits = WaitGraph()
        for scheduler in schedulers {
            scheduler.forEachLiving { tasklet in
                if tasklet.state == .blocked, isTold(tasklet) { waits.add(tasklet) }
                return true
            }
        }
        waiters = waits.waiters
        cycle = waits.cycle
        let isExplored = schedulers.contains { $0.chooser != nil }
        let mayWantToShare = waits.isAllAtHome && !waiters.isEmpty && !isExplored && thread_count_of_program() > 1
        let isAlone = !isExplored && !SchedulerRegistry.isAnotherThere && thread_is_only_one()
        hint = mayWantToShare ? .toShare : waits.isAnnounced && isAlone ? .nobodyIsLeft : .nothing
    }

    public var description: String {
        let headline =
            switch reason {
            case .deadlock: "Deadlock: the last runnable tasklet blocked."
            case .mainReceiving: "Deadlock: the last runnable tasklet ended while main waits to receive."
            case .mainSending: "Deadlock: the last runnable tasklet ended while main waits to send."
            case .mainWaiting: "Deadlock: the last runnable tasklet ended while main waits."
            }
        var lines = [headline] + waiters.map { "  \($0)" }
        if !cycle.isEmpty {
            let waits = cycle.map { "'\($0.name)' waits in \($0.operation)" }
            lines.append("  In a cycle: " + waits.joined(separator: "; "))
        }
        switch hint {
        case .nothing: break
        case .toShare:
            lines.append(
                "  No other thread has used any of this. If one is going to, call share() on it before the wait."
            )
        case .nobodyIsLeft:
            lines.append("  share() has announced another thread, but the program has none any more.")
        }
        return lines.joined(separator: "\n")
    }
}

extension SchedulerCore {
    /// What is to be said when nobody of the scheduler can go on. On its own thread, outside the gate.
    package var deadlock: DeadlockError {
        insideGate { _ in DeadlockError(reason: .deadlock, scheduler: self) }
    }
}
