/// Any number of clauses of one type: a `for`.
public struct ListClause<Clause: SelectClause>: SelectClause {
    public typealias Result = Clause.Result
    public typealias Wait = ListWait<Clause.Wait>

    @usableFromInline let clauses: [Clause]

    @inlinable
    init(clauses: [Clause]) {
        self.clauses = clauses
    }

    @inlinable
    public consuming func split() -> (Wait, ListBody<Clause.Body>) {
        let waits = UnsafeMutableBufferPointer<Clause.Wait>.allocate(capacity: clauses.count)
        var bodies: [Clause.Body] = []
        for (index, clause) in clauses.enumerated() {
            let (wait, body) = clause.split()
            unsafe waits.initializeElement(at: index, to: wait)
            bodies.append(body)
        }
        return unsafe (ListWait(memory: Wait.Memory(waits)), ListBody(bodies: bodies))
    }
}

/// The bodies of a list of clauses.
public struct ListBody<Body: SelectBody>: SelectBody {
    public typealias Result = Body.Result
    public typealias Wait = ListWait<Body.Wait>

    @usableFromInline let bodies: [Body]

    @inlinable
    init(bodies: [Body]) {
        self.bodies = bodies
    }

    @inlinable
    public func run(_ number: Int, _ wait: UnsafeMutablePointer<Wait>) throws -> Result {
        let (index, number) = unsafe Wait.locate(number, wait)
        return try unsafe bodies[index].run(number, Wait.address(index, wait))
    }

    @inlinable
    public func keepPlaces() {
        for body in bodies { body.keepPlaces() }
    }
}

/// What the clauses of a list wait for.
public struct ListWait<Wait: SelectWait>: SelectWait {
    /// Memory of a number that is not known before.
    @safe
    @usableFromInline
    final class Memory {
        @usableFromInline let waits: UnsafeMutableBufferPointer<Wait>

        @inlinable
        init(_ waits: UnsafeMutableBufferPointer<Wait>) {
            unsafe self.waits = unsafe waits
        }

        deinit {
            unsafe waits.deinitialize().deallocate()
        }
    }

    @usableFromInline let memory: Memory

    @inlinable
    init(memory: Memory) {
        self.memory = memory
    }

    @inlinable
    static func address(_ index: Int, _ list: UnsafeMutablePointer<Self>) -> UnsafeMutablePointer<Wait> {
        unsafe list.pointee.memory.waits.baseAddress! + index
    }

    @inlinable
    static func indices(_ list: UnsafeMutablePointer<Self>) -> Range<Int> {
        unsafe list.pointee.memory.waits.indices
    }

    /// Which member of the list has the place of that number, and what its number is there.
    @inlinable
    static func locate(_ number: Int, _ list: UnsafeMutablePointer<Self>) -> (index: Int, number: Int) {
        var left = number
        for index in unsafe indices(list) {
            let count = unsafe Wait.places(address(index, list))
            if left < count { return (index, left) }
            left -= count
        }
        fatalError("There is no place of number \(number).")
    }

    /// The first number that a member gives, counted through the list.
    @inlinable
    static func first(
        _ list: UnsafeMutablePointer<Self>,
        _ number: (_ wait: UnsafeMutablePointer<Wait>, _ placesBefore: Int) throws -> Int?
    ) rethrows -> Int? {
        var placesBefore = 0
        for index in unsafe indices(list) {
            let wait = unsafe address(index, list)
            if let number = try unsafe number(wait, placesBefore) { return placesBefore + number }
            placesBefore += unsafe Wait.places(wait)
        }
        return nil
    }

    @inlinable
    public static func places(_ list: UnsafeMutablePointer<Self>) -> Int {
        unsafe indices(list).reduce(0) { unsafe $0 + Wait.places(address($1, list)) }
    }

    @inlinable
    public static func prepare(_ list: UnsafeMutablePointer<Self>, _ selection: Selection) {
        for index in unsafe indices(list) { unsafe Wait.prepare(address(index, list), selection) }
    }

    @inlinable
    public static func take(
        _ list: UnsafeMutablePointer<Self>,
        _ first: Int,
        _ end: Int,
        _ selection: Selection
    ) throws -> Int? {
        try unsafe self.first(list) { wait, placesBefore in
            try unsafe Wait.take(wait, first - placesBefore, end - placesBefore, selection)
        }
    }

    @inlinable
    public static func otherwise(_ list: UnsafeMutablePointer<Self>) -> Int? {
        unsafe first(list) { wait, _ in unsafe Wait.otherwise(wait) }
    }

    @inlinable
    public static func setTimers(_ list: UnsafeMutablePointer<Self>, _ selection: Selection) -> Int? {
        unsafe first(list) { wait, _ in unsafe Wait.setTimers(wait, selection) }
    }

    @inlinable
    public static func join(
        _ list: UnsafeMutablePointer<Self>,
        _ number: Int,
        _ entry: Selection.Entry,
        _ selection: Selection
    ) -> Selection.Joining {
        let (index, number) = unsafe locate(number, list)
        return unsafe Wait.join(address(index, list), number, entry, selection)
    }

    @inlinable
    public static func fail(_ list: UnsafeMutablePointer<Self>, _ error: any Error) -> any Error {
        unsafe indices(list).reduce(error) { unsafe Wait.fail(address($1, list), $0) }
    }
}
