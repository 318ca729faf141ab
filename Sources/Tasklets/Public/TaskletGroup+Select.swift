extension TaskletGroup {
    /// A clause of a ``select(_:)`` that takes the result of the child that has finished next, or `nil` when there is no child
    /// left.
    ///
    /// ```swift
    /// try select {
    ///     group.onNext { page in if let page { show(page) } }
    ///     stop.onSet { group.cancelAll() }
    /// }
    /// ```
    ///
    /// When a child has failed the clause is ready too: the select throws what ``next()`` throws then. No result is lost
    /// when the tasklet is killed.
    @inlinable @inline(__always)
    public func onNext<Result>(_ body: @escaping (Value?) throws -> Result) -> GroupNextClause<Value, Result> {
        GroupNextClause(place: place, wait: nextWait, body: body)
    }

    @usableFromInline var place: AnyObject { core }

    @usableFromInline var nextWait: GroupNextWait<Value> { GroupNextWait(core) }
}

/// What ``TaskletGroup/onNext(_:)`` makes.
public struct GroupNextClause<Value, Result>: SelectClause, SelectBody {
    @usableFromInline let place: AnyObject
    @usableFromInline let wait: GroupNextWait<Value>
    @usableFromInline let body: (Value?) throws -> Result

    @inlinable @inline(__always)
    init(place: AnyObject, wait: GroupNextWait<Value>, body: @escaping (Value?) throws -> Result) {
        self.place = place
        self.wait = wait
        self.body = body
    }

    @inlinable @inline(__always)
    public consuming func split() -> (GroupNextWait<Value>, Self) { (wait, self) }

    @inlinable @inline(__always)
    public func run(_ number: Int, _ wait: UnsafeMutablePointer<GroupNextWait<Value>>) throws -> Result {
        try body(unsafe GroupNextWait.result(wait))
    }

    @inlinable @inline(__always)
    public func keepPlaces() { withExtendedLifetime(place) {} }
}

/// What a ``GroupNextClause`` waits for.
///
/// Safe because the clause keeps the group until `keepPlaces`.
@safe
public struct GroupNextWait<Value>: SelectWait {
    unowned(unsafe) let group: GroupCore
    /// The child whose result it is. Stays empty when a child has failed, and when there is none left.
    var slot: GroupChild?

    init(_ group: GroupCore) {
        unsafe self.group = group
    }

    public static func prepare(_ wait: UnsafeMutablePointer<Self>, _ selection: Selection) {
        unsafe wait.pointee.group.takers.line.prepareToJoin(selection.core)
        unsafe selection.core.touch(wait.pointee.group.end.line, selection.core.attention)
    }

    public static func take(
        _ wait: UnsafeMutablePointer<Self>,
        _ first: Int,
        _ end: Int,
        _ selection: Selection
    ) -> Int? {
        guard first <= 0, end > 0 else { return nil }
        let group = unsafe wait.pointee.group
        group.takers.line.lock()
        guard group.isNextReady else {
            group.takers.line.unlock(selection.core)
            return nil
        }
        unsafe wait.pointee.slot = group.takeFinished()
        group.takers.line.leave(selection.core)
        return 0
    }

    public static func join(
        _ wait: UnsafeMutablePointer<Self>,
        _ number: Int,
        _ entry: Selection.Entry,
        _ selection: Selection
    ) -> Selection.Joining {
        // A group is used on its own thread, which has just looked at it.
        let (group, entry) = unsafe (wait.pointee.group, entry.entry)
        group.takers.line.lock()
        unsafe withUnsafeMutablePointer(to: &wait.pointee.slot) { slot in
            unsafe entry.describe(at: group.takers, argument: UnsafeMutableRawPointer(slot))
        }
        group.takers.line.join(entry, selection.core)
        return Selection.Joining(.joined)
    }

    public static func fail(_ wait: UnsafeMutablePointer<Self>, _ error: any Error) -> any Error {
        let group = unsafe wait.pointee.group
        if let child = unsafe wait.pointee.slot.take() { group.putBack(child) }
        return group.reason(of: error)
    }

    @usableFromInline
    static func result(_ wait: UnsafeMutablePointer<Self>) throws -> Value? {
        if let child = unsafe wait.pointee.slot.take() {
            // All children of the group are of this type.
            return unsafe unsafeDowncast(child, to: ValueChild<Value>.self).value
        }
        let group = unsafe wait.pointee.group
        if let failure = group.takers.line.inside({ group.failure }) { throw failure }
        return nil
    }
}

extension GroupCore {
    /// Whether ``next()`` need not wait. Inside the gate.
    fileprivate var isNextReady: Bool { failure != nil || finished.first != nil || active == 0 }

    /// The child that has finished next; none when a child has failed. Inside the gate.
    fileprivate func takeFinished() -> GroupChild? {
        guard failure == nil, let child = finished.first else { return nil }
        finished.remove(child)
        return child
    }
}
