/// One tasklet that waits for the results of several promises.
final class Gathering: WaitLineOwner {
    let line = WaitLine()
    private let wanted: Int
    private let count: Int
    /// The numbers of those that have a result, in the order in which it came.
    private var finished: [Int] = []
    private var hasFailed = false

    /// - Parameters:
    ///   - count: of promises, for reports.
    ///   - wanted: how many results are enough. So is one error.
    init(of count: Int, wanted: Int) {
        self.count = count
        self.wanted = wanted
    }

    deinit { line.free() }

    func describe(_ entry: WaitEntry) -> String { "\(wanted) of \(count) promises" }

    private var isReady: Bool { hasFailed || finished.count >= wanted }

    /// On the thread that has settled the promise.
    func note(_ number: Int, hasFailed: Bool) {
        let core = line.enter()
        finished.append(number)
        if hasFailed { self.hasFailed = true }
        if isReady { _ = line.wakeFirst(core) }
        line.leave(core)
    }

    /// Waits until enough have a result.
    ///
    /// - Returns: the numbers of those that have one, in the order in which it came.
    func wait(until deadline: Int64?) throws -> [Int] {
        let core = line.enter()
        if isReady {
            line.leave(core)
        } else if let deadline {
            line.leave(core)
            try wait(until: deadline) { self.isReady }
        } else {
            unsafe try line.wait(core, at: self)
        }
        return line.inside { finished }
    }
}
