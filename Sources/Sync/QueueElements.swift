/// What lies in a queue: a ring for elements that leave in the order of their coming or against it, a heap for those
/// that have ranks.
///
/// In raw memory, as all that each operation touches.
@safe
@usableFromInline
struct QueueElements<Element>: ~Copyable {
    /// Safe as the whole: the memory belongs to this value alone.
    @safe
    @usableFromInline
    struct Ranked {
        @usableFromInline let element: Element
        @usableFromInline let rank: Int
        /// Tells those of one rank apart: lower is earlier.
        @usableFromInline let turn: Int

        @inlinable
        init(element: consuming Element, rank: Int, turn: Int) {
            self.element = element
            self.rank = rank
            self.turn = turn
        }

        @inlinable
        func isBefore(_ other: borrowing Ranked) -> Bool {
            rank == other.rank ? turn < other.turn : rank < other.rank
        }
    }

    @usableFromInline let order: QueueOrder<Element>.Kind
    /// The ring: its first element and its size, a power of two.
    @usableFromInline var memory: UnsafeMutablePointer<Element>?
    @usableFromInline var first = 0
    @usableFromInline var size = 0
    @usableFromInline var count = 0
    /// The heap: nobody is before its parent, at `(index - 1) / 2`.
    @usableFromInline var heap: [Ranked] = []
    /// Turns of those that come, and of those that are put back.
    @usableFromInline var lastTurn = 0
    @usableFromInline var firstTurn = 0

    init(order: QueueOrder<Element>.Kind) {
        self.order = order
    }

    /// Ends what is inside. No `deinit`: that would keep the compiler from inlining any access to the whole.
    func destroy() {
        guard let memory = unsafe memory else { return }
        for number in 0..<count { unsafe slot(number).deinitialize(count: 1) }
        unsafe memory.deallocate()
    }

    // MARK: In and out

    /// Puts an element where it belongs.
    @inlinable @inline(__always)
    mutating func insert(_ element: consuming Element, rank: Int) {
        if case .priority = order {
            lastTurn += 1
            push(Ranked(element: element, rank: rank, turn: lastTurn))
        } else {
            if count == size { grow() }
            unsafe slot(count).initialize(to: element)
        }
        count += 1
    }

    /// Puts an element back that was the next to leave.
    @inlinable
    mutating func putBack(_ element: consuming Element, rank: Int) {
        switch order {
        case .priority:
            firstTurn -= 1
            push(Ranked(element: element, rank: rank, turn: firstTurn))
        case .lifo:
            if count == size { grow() }
            unsafe slot(count).initialize(to: element)
        case .fifo:
            if count == size { grow() }
            first = (first &- 1) & (size &- 1)
            unsafe slot(0).initialize(to: element)
        }
        count += 1
    }

    /// Takes the element that leaves next.
    ///
    /// - Precondition: there is one.
    @inlinable @inline(__always)
    mutating func take() -> Element {
        count &-= 1
        switch order {
        case .fifo:
            let element = unsafe slot(0).move()
            first = (first &+ 1) & (size &- 1)
            return element
        case .lifo: return unsafe slot(count).move()
        case .priority: return pop()
        }
    }

    /// The element that leaves next.
    ///
    /// - Precondition: there is one.
    @inlinable
    var next: Element {
        switch order {
        case .fifo: unsafe slot(0).pointee
        case .lifo: unsafe slot(count - 1).pointee
        case .priority: heap[0].element
        }
    }

    // MARK: The ring

    /// The place of the element with this number, the first one in the ring being 0.
    @inlinable @inline(__always)
    func slot(_ number: Int) -> UnsafeMutablePointer<Element> {
        unsafe memory.unsafelyUnwrapped + ((first &+ number) & (size &- 1))
    }

    @inlinable @inline(never)
    mutating func grow() {
        let larger = max(2 * size, 8)
        let room = UnsafeMutablePointer<Element>.allocate(capacity: larger)
        for number in 0..<count {
            unsafe (room + number).moveInitialize(from: slot(number), count: 1)
        }
        unsafe memory?.deallocate()
        unsafe memory = room
        first = 0
        size = larger
    }

    // MARK: The heap

    @inlinable @inline(never)
    mutating func push(_ new: Ranked) {
        heap.append(new)
        var index = heap.count - 1
        while index > 0, heap[index].isBefore(heap[(index - 1) / 2]) {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    @inlinable @inline(never)
    mutating func pop() -> Element {
        heap.swapAt(0, heap.count - 1)
        let top = heap.removeLast()
        var index = 0
        while true {
            var earliest = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < heap.count && heap[child].isBefore(heap[earliest]) {
                earliest = child
            }
            if earliest == index { return top.element }
            heap.swapAt(index, earliest)
            index = earliest
        }
    }
}
