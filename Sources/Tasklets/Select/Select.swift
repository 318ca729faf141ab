/// Waits until one of several clauses is ready, and gives what its body gives.
///
/// ```swift
/// try select {
///     jobs.onReceive { job in try work(on: job) }
///     results.onSend(result) { print("sent") }
///     after(.seconds(1)) { print("nothing has happened") }
/// }
/// ```
///
/// Of the clauses that are ready, the first in the order of listing is chosen, always: see ``select(fair:_:)`` for turns.
/// If none is ready the tasklet waits at all of them, and the first that becomes ready ends the wait; with ``otherwise(_:)``
/// it does not wait. Exactly one clause is chosen, also when several threads come to several of them at once. The body of the
/// chosen one runs after the select has been left: it may wait, throw, and contain another select.
///
/// The bodies all give the same type, which may be `Void`. Clauses may stand inside `if` and `for`, so there may be any
/// number of them. A select without a clause waits until the tasklet is cancelled or killed.
///
/// The operation of the chosen clause follows the same rules as outside of a select: who runs next after a channel operation,
/// and which errors it throws. The select throws those errors.
///
/// - Throws: what the body throws; what the operation of the chosen clause throws; what ends a wait, such as a cancellation or
///   a time limit.
@available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
@inlinable @inline(__always)
public func select<Clauses: SelectClause & ~Copyable>(
    @SelectBuilder _ clauses: () throws -> Clauses
) throws -> Clauses.Result {
    let (start, bodies) = try clauses().split()
    // Moves, or a value that is sent would have two owners.
    var wait = consume start
    defer { bodies.keepPlaces() }
    // A local of the waiting frame: no check, so it may be open over the switch.
    return try unsafe withUnsafeMutablePointer(to: &wait) { wait in
        let number = try unsafe Selection.choose(of: wait)
        return try unsafe bodies.run(number, wait)
    }
}

/// The same, but the clauses take turns in being the first: the one behind the clause that was chosen last comes first.
///
/// ```swift
/// let turns = SelectRotation()
/// while true {
///     try select(fair: turns) {
///         left.onReceive { print("left", $0) }
///         right.onReceive { print("right", $0) }
///     }
/// }
/// ```
///
/// Of clauses that are ready all the time, each is chosen once a round, in the order of listing. The turns are as
/// predictable as everything else: nothing is random. A select that throws an error which was sent, or which ended its wait,
/// leaves the turns as they are.
///
/// - Parameters:
///   - rotation: whose turn it is. The caller keeps it from one select to the next.
///   - clauses: as of ``select(_:)``.
/// - Throws: as ``select(_:)``.
@available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
@inlinable @inline(__always)
public func select<Clauses: SelectClause & ~Copyable>(
    fair rotation: SelectRotation,
    @SelectBuilder _ clauses: () throws -> Clauses
) throws -> Clauses.Result {
    let (start, bodies) = try clauses().split()
    // Moves, or a value that is sent would have two owners.
    var wait = consume start
    defer { bodies.keepPlaces() }
    return try unsafe withUnsafeMutablePointer(to: &wait) { wait in
        let number = try unsafe Selection.choose(of: wait, startingAt: rotation.next)
        rotation.next = number + 1
        return try unsafe bodies.run(number, wait)
    }
}

/// Whose turn it is in ``select(fair:_:)``.
public final class SelectRotation {
    /// The number of the clause that comes first.
    @usableFromInline var next = 0

    /// The first clause comes first.
    public init() {}
}

/// Joins the clauses of a ``select(_:)``.
@resultBuilder
public enum SelectBuilder {
    @inlinable @inline(__always)
    public static func buildPartialBlock<Clause: SelectClause & ~Copyable>(
        first clause: consuming Clause
    ) -> Clause { clause }

    @inlinable @inline(__always)
    public static func buildPartialBlock<First: SelectClause & ~Copyable, Second: SelectClause & ~Copyable>(
        accumulated first: consuming First,
        next second: consuming Second
    ) -> PairClause<First, Second> where First.Result == Second.Result {
        PairClause(first: first, second: second)
    }

    @inlinable @inline(__always)
    public static func buildOptional<Clause: SelectClause>(_ clause: Clause?) -> OptionalClause<Clause> {
        OptionalClause(clause: clause)
    }

    @inlinable @inline(__always)
    public static func buildEither<First: SelectClause, Second: SelectClause>(
        first: First
    ) -> PairClause<OptionalClause<First>, OptionalClause<Second>> where First.Result == Second.Result {
        PairClause(first: OptionalClause(clause: first), second: OptionalClause(clause: nil))
    }

    @inlinable @inline(__always)
    public static func buildEither<First: SelectClause, Second: SelectClause>(
        second: Second
    ) -> PairClause<OptionalClause<First>, OptionalClause<Second>> where First.Result == Second.Result {
        PairClause(first: OptionalClause(clause: nil), second: OptionalClause(clause: second))
    }

    @inlinable
    public static func buildArray<Clause: SelectClause>(_ clauses: [Clause]) -> ListClause<Clause> {
        ListClause(clauses: clauses)
    }
}
