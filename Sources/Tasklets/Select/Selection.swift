/// A select in progress, as its clauses see it. What is in it is the library's affair.
public struct Selection {
    @usableFromInline package let core: SchedulerCore
    /// What `enter` said.
    @usableFromInline package let attention: SchedulerCore.Attention

    /// One of the entries of the wait.
    public struct Entry {
        @usableFromInline package let entry: WaitEntry

        @inlinable
        package init(_ entry: WaitEntry) {
            self.entry = entry
        }
    }

    /// What a place says when the tasklet comes to wait at it.
    public struct Joining {
        @usableFromInline let joining: SchedulerCore.Joining

        @inlinable
        package init(_ joining: SchedulerCore.Joining) {
            self.joining = joining
        }
    }

    @inlinable
    init(core: SchedulerCore, attention: SchedulerCore.Attention) {
        self.core = core
        self.attention = attention
    }

    /// Finds a place that is ready, or waits for one. Returns its number, out of the gate.
    ///
    /// The gate is not left between the look at the places and the wait, so nothing changes meanwhile but what other threads
    /// do at shared lines: `join` looks at these again.
    ///
    /// - Parameter start: the number of the place that is looked at first.
    @inlinable @inline(__always)
    static func choose<Wait: SelectWait>(of wait: UnsafeMutablePointer<Wait>, startingAt start: Int = 0) throws -> Int {
        let core = SchedulerCore.current
        try core.beginOperation()
        unsafe Wait.prepare(wait, Selection(core: core, attention: core.attention))
        let selection = Selection(core: core, attention: core.enter())
        try core.checkCallback(selection.attention)
        if let number = try unsafe Wait.take(wait, start, Int.max, selection) { return number }
        if start > 0, let number = try unsafe Wait.take(wait, 0, start, selection) { return number }
        return try unsafe selection.wait(at: wait)
    }

    @inlinable @inline(never)
    func wait<Wait: SelectWait>(at wait: UnsafeMutablePointer<Wait>) throws -> Int {
        if let number = unsafe Wait.otherwise(wait) {
            core.leave()
            return number
        }
        if let number = unsafe Wait.setTimers(wait, self) {
            try core.giveWayInsteadOfWaiting()
            return number
        }
        let count = unsafe Wait.places(wait)
        if count == 0 { try core.waitForNothing() }
        do {
            return try unsafe withUnsafeTemporaryAllocation(of: WaitEntry.Fields.self, capacity: count - 1) { further in
                try unsafe core.waitAtSeveral(further) { number, entry in
                    unsafe Wait.join(wait, number, Entry(entry), self).joining
                }
            }
        } catch {
            throw unsafe Wait.fail(wait, error)
        }
    }
}

extension SchedulerCore {
    /// The wait of a select without clauses. Inside the gate, which it leaves.
    @usableFromInline
    func waitForNothing() throws -> Never {
        let nowhere = Nowhere()
        defer { withExtendedLifetime(nowhere) {} }
        _ = unsafe try waitAtSeveral(UnsafeMutableBufferPointer(start: nil, count: 0)) { _, entry in
            unsafe entry.describe(at: nowhere)
            return .joined
        }
        fatalError("A wait for nothing has ended.")
    }
}

/// Where a select without clauses waits.
private final class Nowhere: WaitPlace {
    func withdraw(_ entry: WaitEntry) -> Withdrawal { .done }

    func describe(_ entry: WaitEntry) -> String { "select without a clause" }
}
