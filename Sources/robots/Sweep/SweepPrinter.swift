import Synchronization

/// Prints lines that come in any order in the order of their numbers, each as soon as those before it are there.
final class SweepPrinter: Sendable {
    private enum Run {
        case notBegun
        case begun
        /// Without a line when it has not come to its end.
        case ended(Result<String?, any Error>)
    }

    private struct State {
        var runs: [Run]
        /// All before this one have been printed, or have no line.
        var next = 0
        var printed = 0
        var failure: (any Error)?
    }

    private let state: Mutex<State>

    init(count: Int) {
        state = Mutex(State(runs: Array(repeating: .notBegun, count: count)))
    }

    var hasFailed: Bool { state.withLock { $0.failure != nil } }

    /// How many lines there are.
    var printed: Int { state.withLock { $0.printed } }

    /// Which runs there is no line of.
    ///
    /// - Parameters:
    ///   - failed: Runs of which is told elsewhere why there is none.
    ///   - name: What a run is called, by its place in the list: the names of scenarios may be equal.
    func missing(without failed: Set<Int> = [], name: (Int) -> String) -> String {
        let runs = state.withLock { $0.runs }
        let unfinished = runs.indices.filter { index in
            if case .ended(.success(nil)) = runs[index] { !failed.contains(index) } else { false }
        }
        let notBegun = runs.indices.filter { if case .notBegun = runs[$0] { true } else { false } }
        var parts = ["the sweep was ended: \(printed) of \(runs.count) runs are complete"]
        if !unfinished.isEmpty { parts.append("not finished: \(unfinished.map(name).joined(separator: ", "))") }
        // Runs begin in the order of the list.
        if let first = notBegun.first, let last = notBegun.last {
            parts.append("not begun: \(name(first))" + (last > first ? " to \(name(last))" : ""))
        }
        return parts.joined(separator: "; ")
    }

    func begin(_ index: Int) { state.withLock { $0.runs[index] = .begun } }

    func take(_ line: sending Result<String?, any Error>, at index: Int) {
        state.withLock { state in
            state.runs[index] = .ended(line)
            while state.failure == nil, state.next < state.runs.count, case .ended(let line) = state.runs[state.next] {
                state.next += 1
                do {
                    guard let line = try line.get() else { continue }
                    try Summary.print(line)
                    state.printed += 1
                } catch {
                    state.failure = error
                }
            }
        }
    }

    /// Throws what has gone wrong.
    func check() throws {
        try state.withLock { if let failure = $0.failure { throw failure } }
    }
}
