// Clauses that are made of others: what the builder makes of a list and of `if`.

/// Two clauses, or lists of clauses, one behind the other.
///
/// Written as if it could not be copied: so nothing is copied when it is taken apart, also where it can be.
@frozen
public struct PairClause<First: SelectClause & ~Copyable, Second: SelectClause & ~Copyable>: ~Copyable, SelectClause
where First.Result == Second.Result {
    public typealias Result = First.Result
    public typealias Wait = PairWait<First.Wait, Second.Wait>

    @usableFromInline let first: First
    @usableFromInline let second: Second

    @inlinable @inline(__always)
    init(first: consuming First, second: consuming Second) {
        self.first = first
        self.second = second
    }

    @inlinable @inline(__always)
    public consuming func split() -> (Wait, PairBody<First.Body, Second.Body>) {
        let (firstWait, firstBody) = first.split()
        let (secondWait, secondBody) = second.split()
        return (PairWait(first: firstWait, second: secondWait), PairBody(first: firstBody, second: secondBody))
    }
}

extension PairClause: Copyable where First: Copyable, Second: Copyable {}

/// The bodies of two clauses.
public struct PairBody<First: SelectBody, Second: SelectBody>: SelectBody where First.Result == Second.Result {
    public typealias Result = First.Result
    public typealias Wait = PairWait<First.Wait, Second.Wait>

    @usableFromInline let first: First
    @usableFromInline let second: Second

    @inlinable @inline(__always)
    init(first: consuming First, second: consuming Second) {
        self.first = first
        self.second = second
    }

    @inlinable @inline(__always)
    public func run(_ number: Int, _ wait: UnsafeMutablePointer<Wait>) throws -> Result {
        let count = unsafe First.Wait.places(Wait.first(wait))
        if number < count { return try unsafe first.run(number, Wait.first(wait)) }
        return try unsafe second.run(number - count, Wait.second(wait))
    }

    @inlinable @inline(__always)
    public func keepPlaces() {
        first.keepPlaces()
        second.keepPlaces()
    }
}

/// What two clauses wait for.
public struct PairWait<First: SelectWait, Second: SelectWait>: SelectWait {
    @usableFromInline var first: First
    @usableFromInline var second: Second

    @inlinable @inline(__always)
    init(first: consuming First, second: consuming Second) {
        self.first = first
        self.second = second
    }

    /// The address of the first one. Not by an `inout` access: other threads write into what they meet.
    @inlinable @inline(__always)
    static func first(_ wait: UnsafeMutablePointer<Self>) -> UnsafeMutablePointer<First> {
        unsafe UnsafeMutableRawPointer(wait).assumingMemoryBound(to: First.self)
    }

    @inlinable @inline(__always)
    static func second(_ wait: UnsafeMutablePointer<Self>) -> UnsafeMutablePointer<Second> {
        // Members lie one behind the other, each at a multiple of its alignment.
        let alignment = MemoryLayout<Second>.alignment
        let offset = (MemoryLayout<First>.size + alignment - 1) / alignment * alignment
        return unsafe (UnsafeMutableRawPointer(wait) + offset).assumingMemoryBound(to: Second.self)
    }

    @inlinable @inline(__always)
    public static func places(_ wait: UnsafeMutablePointer<Self>) -> Int {
        unsafe First.places(first(wait)) + Second.places(second(wait))
    }

    @inlinable @inline(__always)
    public static func prepare(_ wait: UnsafeMutablePointer<Self>, _ selection: Selection) {
        unsafe First.prepare(first(wait), selection)
        unsafe Second.prepare(second(wait), selection)
    }

    @inlinable @inline(__always)
    public static func take(
        _ wait: UnsafeMutablePointer<Self>,
        _ first: Int,
        _ end: Int,
        _ selection: Selection
    ) throws -> Int? {
        if let number = try unsafe First.take(Self.first(wait), first, end, selection) { return number }
        let count = unsafe First.places(Self.first(wait))
        return try unsafe Second.take(second(wait), first - count, end - count, selection).map { $0 + count }
    }

    @inlinable @inline(__always)
    public static func otherwise(_ wait: UnsafeMutablePointer<Self>) -> Int? {
        if let number = unsafe First.otherwise(first(wait)) { return number }
        return unsafe Second.otherwise(second(wait)).map { unsafe $0 + First.places(first(wait)) }
    }

    @inlinable @inline(__always)
    public static func setTimers(_ wait: UnsafeMutablePointer<Self>, _ selection: Selection) -> Int? {
        if let number = unsafe First.setTimers(first(wait), selection) { return number }
        return unsafe Second.setTimers(second(wait), selection).map { unsafe $0 + First.places(first(wait)) }
    }

    @inlinable @inline(__always)
    public static func join(
        _ wait: UnsafeMutablePointer<Self>,
        _ number: Int,
        _ entry: Selection.Entry,
        _ selection: Selection
    ) -> Selection.Joining {
        let count = unsafe First.places(first(wait))
        if number < count { return unsafe First.join(first(wait), number, entry, selection) }
        return unsafe Second.join(second(wait), number - count, entry, selection)
    }

    @inlinable @inline(__always)
    public static func fail(_ wait: UnsafeMutablePointer<Self>, _ error: any Error) -> any Error {
        unsafe Second.fail(second(wait), First.fail(first(wait), error))
    }
}

/// A clause that is there or not: an `if`.
public struct OptionalClause<Clause: SelectClause>: SelectClause {
    public typealias Result = Clause.Result
    public typealias Wait = OptionalWait<Clause.Wait>

    @usableFromInline let clause: Clause?

    @inlinable @inline(__always)
    init(clause: Clause?) {
        self.clause = clause
    }

    @inlinable @inline(__always)
    public consuming func split() -> (Wait, OptionalBody<Clause.Body>) {
        guard let (wait, body) = clause?.split() else { return (OptionalWait(wait: nil), OptionalBody(body: nil)) }
        return (OptionalWait(wait: wait), OptionalBody(body: body))
    }
}

/// The body of a clause that is there or not.
public struct OptionalBody<Body: SelectBody>: SelectBody {
    public typealias Result = Body.Result
    public typealias Wait = OptionalWait<Body.Wait>

    @usableFromInline let body: Body?

    @inlinable @inline(__always)
    init(body: Body?) {
        self.body = body
    }

    @inlinable @inline(__always)
    public func run(_ number: Int, _ wait: UnsafeMutablePointer<Wait>) throws -> Result {
        try unsafe body!.run(number, Wait.wait(wait)!)
    }

    @inlinable @inline(__always)
    public func keepPlaces() { body?.keepPlaces() }
}

/// What a clause waits for that is there or not.
public struct OptionalWait<Wait: SelectWait>: SelectWait {
    @usableFromInline var wait: Wait?
    /// Whether it is there. Asked without reading the optional, into which other threads may write.
    @usableFromInline let isPresent: Bool

    @inlinable @inline(__always)
    init(wait: Wait?) {
        isPresent = wait != nil
        self.wait = wait
    }

    /// The address of what is there: an optional's value lies at its beginning.
    @inlinable @inline(__always)
    static func wait(_ wait: UnsafeMutablePointer<Self>) -> UnsafeMutablePointer<Wait>? {
        unsafe wait.pointee.isPresent ? UnsafeMutableRawPointer(wait).assumingMemoryBound(to: Wait.self) : nil
    }

    @inlinable @inline(__always)
    public static func places(_ wait: UnsafeMutablePointer<Self>) -> Int {
        unsafe self.wait(wait).map { unsafe Wait.places($0) } ?? 0
    }

    @inlinable @inline(__always)
    public static func prepare(_ wait: UnsafeMutablePointer<Self>, _ selection: Selection) {
        if let wait = unsafe self.wait(wait) { unsafe Wait.prepare(wait, selection) }
    }

    @inlinable @inline(__always)
    public static func take(
        _ wait: UnsafeMutablePointer<Self>,
        _ first: Int,
        _ end: Int,
        _ selection: Selection
    ) throws -> Int? {
        guard let wait = unsafe self.wait(wait) else { return nil }
        return try unsafe Wait.take(wait, first, end, selection)
    }

    @inlinable @inline(__always)
    public static func otherwise(_ wait: UnsafeMutablePointer<Self>) -> Int? {
        guard let wait = unsafe self.wait(wait) else { return nil }
        return unsafe Wait.otherwise(wait)
    }

    @inlinable @inline(__always)
    public static func setTimers(_ wait: UnsafeMutablePointer<Self>, _ selection: Selection) -> Int? {
        guard let wait = unsafe self.wait(wait) else { return nil }
        return unsafe Wait.setTimers(wait, selection)
    }

    @inlinable @inline(__always)
    public static func join(
        _ wait: UnsafeMutablePointer<Self>,
        _ number: Int,
        _ entry: Selection.Entry,
        _ selection: Selection
    ) -> Selection.Joining {
        unsafe Wait.join(self.wait(wait)!, number, entry, selection)
    }

    @inlinable @inline(__always)
    public static func fail(_ wait: UnsafeMutablePointer<Self>, _ error: any Error) -> any Error {
        guard let wait = unsafe self.wait(wait) else { return error }
        return unsafe Wait.fail(wait, error)
    }
}
