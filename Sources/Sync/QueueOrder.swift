/// Which element of a ``Queue`` is received first.
public struct QueueOrder<Element>: Sendable {
    @usableFromInline
    enum Kind: Sendable {
        case fifo
        case lifo
        case priority(@Sendable (Element) -> Int)
    }

    @usableFromInline let kind: Kind

    /// The one that was sent first.
    public static var fifo: QueueOrder { QueueOrder(kind: .fifo) }

    /// The one that was sent last.
    public static var lifo: QueueOrder { QueueOrder(kind: .lifo) }

    /// The one with the lowest rank; of those with the same rank, the one that was sent first.
    ///
    /// ```swift
    /// let jobs = Queue<Job>(order: .priority { $0.deadline })
    /// ```
    ///
    /// The rank is a number, and `rank` is called by the sender before it touches the queue: no code of the program runs
    /// while the elements are being arranged.
    ///
    /// - Parameter rank: gives the same number whenever it is called with an element.
    public static func priority(_ rank: @escaping @Sendable (Element) -> Int) -> QueueOrder {
        QueueOrder(kind: .priority(rank))
    }
}
