public import Tasklets

/// A sequence whose elements are made, one at a time, by a function that yields them.
///
/// ```swift
/// let squares = Generator<Int> { yield in
///     for n in 1... { try yield(n * n) }
/// }
/// for (n, square) in zip(1...3, squares) { print(n, square) }
/// ```
///
/// The function runs only as far as the next element that is asked for. It has a stack of its own, so it may yield from
/// any depth: in a recursion over a tree, in a closure that it passed to `map` or `forEach`. Each iteration runs it anew.
///
/// Leaving a loop early ends the iteration: ``GreenletExit`` is thrown where the body waits, so that every `defer` runs. A body
/// that catches it 100,000 times is given up, as in ``Coroutine``.
///
/// A `for` loop cannot throw. If the body may fail, take the elements with ``Iterator/tryNext()``:
///
/// ```swift
/// let lines = fileReader.makeIterator()
/// while let line = try lines.tryNext() { print(line) }
/// ```
///
/// Cost: an element takes two switches. An iteration takes about as long to begin and end as it takes to allocate four
/// objects, and a stack meanwhile.
public struct Generator<Element>: Sequence {
    /// What the body calls with each element.
    public typealias Yield = Coroutine<Void, Element>.Yield

    private let body: (Yield) throws -> Void
    private let name: String?
    private let stackSize: Int
    private let fileID: StaticString
    private let line: UInt

    /// Makes a sequence. The body runs when its elements are asked for.
    ///
    /// - Parameters:
    ///   - name: shown in reports.
    ///   - stackSize: bytes reserved for the stack of an iteration, rounded up by a quarter at most; at least
    ///     `Tasklet.minimumStackSize`.
    ///   - fileID: where the generator is made, for reports.
    ///   - line: where the generator is made, for reports.
    ///   - body: calls `yield` with each element.
    public init(
        name: String? = nil,
        stackSize: Int = Tasklet.defaultStackSize,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: @escaping (_ yield: Yield) throws -> Void
    ) {
        self.body = body
        self.name = name
        self.stackSize = stackSize
        self.fileID = fileID
        self.line = line
    }

    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func makeIterator() -> Iterator {
        let body = body
        let coroutine = Coroutine<Void, Element>(name: name, stackSize: stackSize, fileID: fileID, line: line) {
            _,
            yield in
            try body(yield)
        }
        return Iterator(coroutine: coroutine)
    }

    /// One run of a generator's body. Copies share it.
    public struct Iterator: IteratorProtocol {
        @usableFromInline
        let coroutine: Coroutine<Void, Element>

        /// The next element; `nil` once the body has ended.
        ///
        /// An error that leaves the body ends the program with a message, since this cannot throw: use ``tryNext()`` where
        /// there may be one. What ends a wait of the body because its tasklet is killed or cancelled, or because the time of a
        /// block is up, ends the iteration instead: the loop is left early, and the tasklet's next operation that has to wait
        /// throws the error. So ask by ``tryNext()``, too, where the body waits and half of the elements are of no use.
        @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
        @inlinable @inline(__always)
        public func next() -> Element? {
            do {
                return try coroutine.resume(())
            } catch {
                coroutine.record.fail(with: error)
                return nil
            }
        }

        /// Whether the body has ended.
        public var isEnded: Bool { coroutine.isEnded }

        /// The next element; `nil` once the body has ended.
        ///
        /// - Throws: as ``Coroutine/resume(_:)``.
        @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
        @inlinable @inline(__always)
        public func tryNext() throws -> Element? {
            try coroutine.resume(())
        }
    }
}

@available(*, unavailable)
extension Generator: Sendable {}

@available(*, unavailable)
extension Generator.Iterator: Sendable {}

extension FlowRecord {
    /// An error has left a body, and `next()` cannot throw it.
    @usableFromInline @inline(never)
    func fail(with error: any Error) {
        if SchedulerCore.currentIfAny == core, core.throwsAgain(insteadOf: error) { return }
        guard error is TaskletExit else {
            fatalError(
                "The \(fields.fiber.origin) failed in a loop that cannot throw; use tryNext() there. The error: \(error)"
            )
        }
        _ = core.enter()
        core.replaceError(of: core.me, by: error)
        core.leave()
    }
}
