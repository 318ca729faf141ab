import Synchronization

/// How many robots have joined in all parts of a world, which are built at the same time.
final class JoinCounter: Sendable {
    private let joined = Atomic(0)
    private let isOver = Atomic(false)

    /// So many robots more have joined as a part tells of at a time.
    ///
    /// - Returns: false when nobody is to join any more.
    func add() -> Bool {
        joined.add(Part.robotsBetweenNews, ordering: .relaxed)
        return !isOver.load(ordering: .relaxed)
    }

    var count: Int { joined.load(ordering: .relaxed) }

    func end() { isOver.store(true, ordering: .relaxed) }
}
