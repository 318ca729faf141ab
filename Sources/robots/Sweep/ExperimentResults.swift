import Synchronization

/// What the threads of an experiment share: the runs that have ended, and the line on the terminal.
final class ExperimentResults: Sendable {
    private struct State: ~Copyable {
        /// Nil when lines are printed instead.
        var runs: FinishedRuns?
        /// By their place in the list.
        var failed: [Int: Failed] = [:]
        var progress: SweepProgress?
        /// Why no more runs can be kept.
        var error: (any Error)?
    }

    /// A run out of which an error has come.
    struct Failed {
        let index: Int
        let name: String
        let run: FinishedRun
        let failure: Failure
    }

    private let state: Mutex<State>
    /// Whether no more runs can be kept; asked at each step.
    private let isFull = Atomic(false)
    private let printer: SweepPrinter?
    private let asJSON: Bool
    /// Whether the steps of runs are to be shown.
    let showsSteps: Bool

    /// The results of an experiment of which lines are printed.
    init(_ plan: SweepPlan, printer: SweepPrinter, asJSON: Bool) {
        let progress = SweepProgress(plan, isFinished: { _ in false })
        self.printer = printer
        self.asJSON = asJSON
        showsSteps = progress != nil
        state = Mutex(State(progress: progress))
    }

    /// The results of an experiment that are kept, with those that there are already.
    ///
    /// - Parameter path: Where; nil for a file without a name.
    init(_ plan: SweepPlan, keptAt path: String?) throws {
        let runs = try FinishedRuns(path: path, identity: SweepIdentity(plan))
        let finished = Set((0..<plan.runCount).filter { runs.contains($0) })
        let progress = SweepProgress(plan, isFinished: finished.contains)
        printer = nil
        asJSON = false
        showsSteps = progress != nil
        state = Mutex(State(runs: runs, progress: progress))
    }

    /// Whether what is under way is for nothing.
    var isOver: Bool { Interrupt.isRequested || printer?.hasFailed ?? false || isFull.load(ordering: .relaxed) }

    /// How many runs are kept.
    var count: Int { state.withLock { $0.runs?.count ?? 0 } }

    func contains(_ index: Int) -> Bool { state.withLock { $0.runs?.contains(index) ?? false } }

    /// Those out of which errors have come, in the order of the list.
    var failed: [Failed] { state.withLock { $0.failed.sorted { $0.key < $1.key }.map(\.value) } }

    /// A run by its place in the list; nil when it has not ended.
    func run(at index: Int) throws -> FinishedRun? {
        try state.withLock { try $0.failed[index]?.run ?? $0.runs?.run(at: index) }
    }

    func begin(_ run: SweepRun) { printer?.begin(run.index) }

    func show(_ run: SweepRun, step: Int) { state.withLock { $0.progress?.show(run, step: step) } }

    func take(_ result: SweepExecution.Result, of run: SweepRun) {
        var line: String?
        state.withLock { state in
            switch result {
            case .finished(let finished, let summary):
                state.progress?.end(run)
                if state.error == nil {
                    do {
                        try state.runs?.add(finished, at: run.index)
                    } catch {
                        state.error = error
                        isFull.store(true, ordering: .relaxed)
                    }
                }
                if printer != nil {
                    state.progress?.clear()
                    line = summary.text(ofRun: run.name, asJSON: asJSON)
                }
            case .failed(let finished, let failure):
                state.progress?.end(run)
                state.failed[run.index] = Failed(
                    index: run.index,
                    name: run.name,
                    run: finished,
                    failure: failure
                )
            case .interrupted: break
            }
        }
        printer?.take(.success(line), at: run.index)
    }

    /// Called when no thread is at work any more.
    ///
    /// - Throws: What has kept runs from being kept.
    func check() throws {
        let error = state.withLock { state in
            state.progress?.clear()
            return state.error
        }
        if let error { throw error }
        try printer?.check()
    }

    /// Removes the file of the runs: what it has is in the outputs, or there is nothing in it.
    func removeFile() { state.withLock { $0.runs?.remove() } }
}
