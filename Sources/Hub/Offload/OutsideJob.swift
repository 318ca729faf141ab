import Synchronization
package import Tasklets

/// What a native thread does for a tasklet, as reports name it.
package enum OutsideTask: CustomStringConvertible {
    case offload(LiteralText, UInt)
    case resolve(String)
    case file(StaticString, path: String)

    package var description: String {
        switch self {
        case .offload(let fileID, let line): "offload at \(fileID):\(line)"
        case .resolve(let name): "look up '\(name)'"
        case .file(let operation, let path): "\(operation) \(path)"
        }
    }
}

/// A function that another thread calls, and the tasklet that waits for its result. On the heap, so that the thread may come back
/// with a result when nobody waits any more:
///
///     scheduler's thread                    worker
///     entry := the waiter's ───add────▶     waiting → begun, or ended at once when it was abandoned
///                                           result := what the function gives
///     entry.take()?.wake ◀──────post─────
///     takes the result
///
/// `entry` belongs to the scheduler's thread, inside the gate. `body` and `result` belong to the worker until it posts; of a job
/// that was abandoned `body` belongs to whoever has done that.
final class OutsideJob<Result: Sendable>: WaitPlace, @unchecked Sendable {
    private enum Stage: UInt8, AtomicRepresentable {
        case waiting
        case begun
        case abandoned
    }

    private let core: SchedulerCore
    private let task: OutsideTask
    private let stage = Atomic(Stage.waiting)
    private var entry: WaitEntry?
    private var body: (@Sendable () throws -> Result)?
    private var result: Swift.Result<Result, any Error>?

    init(_ task: OutsideTask, for core: SchedulerCore, _ body: @escaping @Sendable () throws -> Result) {
        self.core = core
        self.task = task
        self.body = body
        core.makeClaim()
    }

    deinit { core.dropClaim() }

    func value(from ports: any Ports, by workers: WorkerPool.Kind) throws -> Result {
        // It begins when the tasklet is known to wait: one that may not does not hand over anything.
        unsafe try core.waitOutside(at: self, argument: nil) { entry in
            self.entry = entry
            do {
                try ports.perform({ self.run() }, by: workers)
            } catch {
                result = .failure(error)
                arriveLater()
            }
            return true
        }
        defer { result = nil }
        return try result!.get()
    }

    private func run() {
        let (mayBegin, _) = stage.compareExchange(
            expected: .waiting,
            desired: .begun,
            ordering: .acquiringAndReleasing
        )
        guard mayBegin else { return }
        result = Swift.Result(catching: body!)
        body = nil
        // Before anybody hears of the result, who may end the program.
        SchedulerCore.endThatOfWorker(after: "\(task)")
        arriveLater()
    }

    private func arriveLater() {
        // The result of one whose scheduler has ended meets nobody.
        _ = core.post {
            guard let entry = self.entry.take() else { return }
            self.core.wake(entry)
        }
    }

    // MARK: WaitPlace

    func withdraw(_ entry: WaitEntry) -> Withdrawal {
        if self.entry == nil { return .tooLate }
        self.entry = nil
        let (isAbandoned, _) = stage.compareExchange(
            expected: .waiting,
            desired: .abandoned,
            ordering: .acquiringAndReleasing
        )
        // What it holds goes now, and not when a thread comes to it.
        if isAbandoned, let body = body.take() { core.discard(body) }
        return .done
    }

    func describe(_ entry: WaitEntry) -> String { "\(task)" }
}

extension HubCore {
    /// Has another thread call the function, and waits for its result.
    package func perform<Result: Sendable>(
        _ task: OutsideTask,
        by workers: WorkerPool.Kind,
        _ body: @escaping @Sendable () throws -> Result
    ) throws -> Result {
        try OutsideJob(task, for: core, body).value(from: checkedPorts, by: workers)
    }
}
