public import Tasklets

/// A number of permits. Who wants one and finds none waits until somebody releases one.
///
/// ```swift
/// let slots = Semaphore(3, name: "slots")
/// for page in pages {
///     Tasklet { try slots.withPermit { try load(page) } }  // never more than three at a time
/// }
/// ```
///
/// Permits are handed over: ``release()`` gives the permit to the tasklet that has waited longest, and nobody who comes
/// later can take it away. So nobody starves, and permits are given in the order in which they were asked for. May be used
/// by several threads.
public final class Semaphore: SelectPlace {
    package let line = WaitLine()
    /// While one is here nobody waits.
    private var permits: Int
    private let limit: Int
    private let origin: Origin

    /// Makes a semaphore.
    ///
    /// - Parameters:
    ///   - permits: how many may be acquired before the first release; not below zero.
    ///   - limit: how many there may ever be. A release beyond that is a programming error, which traps. `nil`: no limit.
    ///   - name: shown in reports.
    ///   - fileID: where the semaphore is made, for reports.
    ///   - line: where the semaphore is made, for reports.
    ///   - column: where the semaphore is made, for reports.
    public init(
        _ permits: Int,
        limit: Int? = nil,
        name: String? = nil,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        column: UInt = #column
    ) {
        guard permits >= 0 else { fatalError("A semaphore cannot begin with \(permits) permits: give it 0 or more.") }
        if let limit, limit < max(permits, 1) {
            fatalError(
                "A semaphore of \(permits) permits cannot have the limit \(limit): give it \(max(permits, 1)) or more."
            )
        }
        self.permits = permits
        self.limit = limit ?? .max
        origin = Origin(kind: "semaphore", name: name, fileID: fileID, line: line, column: column)
    }

    deinit { line.free() }

    /// The name given at creation.
    public var name: String? { origin.name }

    /// How many permits may be acquired without waiting.
    public var available: Int { line.inside { permits } }

    /// Takes a permit; waits for one if there is none.
    ///
    /// - Throws: what refuses or ends a wait: see <doc:Sync#How-a-wait-ends>. The caller has no permit then.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func acquire() throws {
        let core = try line.begin()
        if permits > 0 {
            permits -= 1
            return line.leave(core)
        }
        try line.waitForHandOver(core, at: self) { release() }
    }

    /// Takes a permit if there is one; never waits.
    public func tryAcquire() -> Bool {
        let core = line.enter()
        defer { line.leave(core) }
        if permits == 0 { return false }
        permits -= 1
        return true
    }

    /// Gives a permit to the tasklet that has waited longest, which is put at the end of its run queue; else keeps it for
    /// who comes next. The caller goes on.
    ///
    /// Any tasklet may release, also one that has not acquired.
    public func release() {
        let core = line.enter()
        if line.handOverToFirst(core) {
            // It has the permit.
        } else if permits < limit {
            permits += 1
        } else {
            refuseToRelease()
        }
        line.leave(core)
    }

    @inline(never)
    private func refuseToRelease() -> Never {
        fatalError(
            "\(origin.mention) is released more often than acquired: its limit is \(limit). "
                + "Release once for each acquire, as withPermit does."
        )
    }

    /// Runs `body` with a permit, which is released however that ends.
    ///
    /// - Throws: as ``acquire()``, or what `body` throws.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable
    public func withPermit<Result>(_ body: () throws -> Result) throws -> Result {
        try acquire()
        defer { release() }
        return try body()
    }

    /// A clause of a `select` that takes a permit. The body has it, and gives it back by ``release()``.
    ///
    /// ```swift
    /// try select {
    ///     slots.onAcquire {
    ///         defer { slots.release() }
    ///         try load(page)
    ///     }
    ///     shutdown.onSet { isRunning = false }
    /// }
    /// ```
    ///
    /// A select waits for a permit in line with the callers of ``acquire()``.
    @inlinable @inline(__always)
    public func onAcquire<Result>(_ body: @escaping () throws -> Result) -> PlaceClause<Result> {
        PlaceClause(self, place, body)
    }

    @usableFromInline var place: PlaceWait { PlaceWait(self) }

    package var isReady: Bool { permits > 0 }

    package func pass() { permits -= 1 }

    package func takeBack() { release() }

    /// Announces that other threads are going to release permits; a wait lasts until they do. See `Channel.share()`.
    ///
    /// The announcement holds as long as the semaphore exists.
    public func share() {
        line.setPromised(true)
    }

    package func describe(_ entry: WaitEntry) -> String { "acquire of " + origin.mention }
}

// Safe because the permits are touched between `enter` and `leave` or `wait` only.
extension Semaphore: @unchecked Sendable {}
