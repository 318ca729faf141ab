/// A clause of a ``select(_:)``: what it waits for, and what is done when that has happened.
///
/// Types of this library make clauses, as `Channel.onReceive` does. Programs only list them.
public protocol SelectClause<Result>: ~Copyable {
    /// What the body gives.
    associatedtype Result
    /// What the clause waits for.
    associatedtype Wait
    /// What is done then.
    associatedtype Body: SelectBody where Body.Wait == Wait, Body.Result == Result

    /// The two halves. What is waited for gets an address, which other threads know. The other half gets none, so that the
    /// compiler sees where a body is called and need not allocate what it captures.
    consuming func split() -> (Wait, Body)
}

/// What is done when a clause has been chosen.
public protocol SelectBody<Result> {
    /// What the body gives.
    associatedtype Result
    /// What the clause waits for.
    associatedtype Wait: SelectWait

    /// Runs the body; the select has been left.
    ///
    /// - Parameters:
    ///   - number: which of the places of `wait` was chosen.
    ///   - wait: where a value lies that has been received.
    func run(_ number: Int, _ wait: UnsafeMutablePointer<Wait>) throws -> Result

    /// Keeps the places alive until it has been called: a ``SelectWait`` does not.
    func keepPlaces()
}

/// What a clause waits for: memory in the frame of the select, and what is done with it.
///
/// A clause is one place, as a rule. Several clauses together are one as well: places are numbered through.
///
///     prepare     out of the gate
///     take        inside: if a place is ready, does what its operation does then, and goes out
///     otherwise   inside: nothing is ready
///     setTimers   inside: about to wait
///     join        inside: the tasklet is about to wait at this place; see `SchedulerCore.waitAtSeveral`
///     fail        out of the gate: the wait has ended by an error
public protocol SelectWait {
    /// How many places there are.
    static func places(_ wait: UnsafeMutablePointer<Self>) -> Int

    /// Gets ready to be looked at inside the gate. May run the program's code.
    static func prepare(_ wait: UnsafeMutablePointer<Self>, _ selection: Selection)

    /// Meets a partner, or whatever else lets the caller go on at once. Looks at the places from number `first` to the one
    /// before `end`.
    ///
    /// - Returns: the number of the place; the gate has been left then. `nil` when none is ready.
    /// - Throws: what the operation throws; out of the gate.
    static func take(
        _ wait: UnsafeMutablePointer<Self>,
        _ first: Int,
        _ end: Int,
        _ selection: Selection
    ) throws -> Int?

    /// The number of a place that is chosen when no other is ready.
    static func otherwise(_ wait: UnsafeMutablePointer<Self>) -> Int?

    /// Sets the time at which a place becomes ready. The number of one whose time is up already.
    static func setTimers(_ wait: UnsafeMutablePointer<Self>, _ selection: Selection) -> Int?

    /// Links an entry at a place; or goes on at once when another thread has made it ready meanwhile.
    static func join(
        _ wait: UnsafeMutablePointer<Self>,
        _ number: Int,
        _ entry: Selection.Entry,
        _ selection: Selection
    ) -> Selection.Joining

    /// Gives back what has been handed over to the tasklet, whose wait has ended by an error before its turn.
    ///
    /// - Returns: what the select throws.
    static func fail(_ wait: UnsafeMutablePointer<Self>, _ error: any Error) -> any Error
}

/// One place without a time, at which nothing is handed over, unless something else is said.
extension SelectWait {
    @inlinable @inline(__always)
    public static func places(_ wait: UnsafeMutablePointer<Self>) -> Int { 1 }

    @inlinable @inline(__always)
    public static func otherwise(_ wait: UnsafeMutablePointer<Self>) -> Int? { nil }

    @inlinable @inline(__always)
    public static func setTimers(_ wait: UnsafeMutablePointer<Self>, _ selection: Selection) -> Int? { nil }

    @inlinable @inline(__always)
    public static func fail(_ wait: UnsafeMutablePointer<Self>, _ error: any Error) -> any Error { error }
}
