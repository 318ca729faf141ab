/// The timers of one scheduler: tasklets that wait for a time of its clock.
///
/// A heap in an array, the earliest deadline first. Timers with one deadline fire in the order in which they were set.
/// Setting and taking out cost the logarithm of how many there are.
package final class Timers: WaitPlace {
    /// What a waiting frame holds for its timer: the argument of the entry.
    package struct Timer {
        package let deadline: Int64
        /// Where the timer stands in the heap.
        var position = 0

        package init(deadline: Int64) {
            self.deadline = deadline
        }
    }

    private struct Node {
        let deadline: Int64
        let number: UInt64
        let entry: WaitEntry

        func isBefore(_ other: Node) -> Bool {
            (deadline, number) < (other.deadline, other.number)
        }
    }

    private var heap: [Node] = []
    private var lastNumber: UInt64 = 0

    var nextDeadline: Int64? { heap.first?.deadline }

    /// - Parameter entry: its argument is a `Timer` in the waiting frame.
    func set(_ entry: WaitEntry) {
        lastNumber += 1
        heap.append(Node(deadline: Timers.timer(of: entry).deadline, number: lastNumber, entry: entry))
        entry.fields.isLinked = true
        rise(from: heap.count - 1)
    }

    /// Takes out the earliest timer if it is due.
    func takeDue(at now: Int64) -> WaitEntry? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        remove(at: 0)
        return first.entry
    }

    private func remove(at position: Int) {
        heap[position].entry.fields.isLinked = false
        let last = heap.removeLast()
        guard position < heap.count else { return }
        heap[position] = last
        sink(from: position)
        rise(from: Timers.timer(of: last.entry).position)
    }

    // MARK: The heap

    private func place(_ node: Node, at position: Int) {
        heap[position] = node
        unsafe Timers.memory(of: node.entry).pointee.position = position
    }

    private func rise(from start: Int) {
        let node = heap[start]
        var position = start
        while position > 0, case let parent = (position - 1) / 2, node.isBefore(heap[parent]) {
            place(heap[parent], at: position)
            position = parent
        }
        place(node, at: position)
    }

    private func sink(from start: Int) {
        let node = heap[start]
        var position = start
        while true {
            var child = 2 * position + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
            guard heap[child].isBefore(node) else { break }
            place(heap[child], at: position)
            position = child
        }
        place(node, at: position)
    }

    private static func memory(of entry: WaitEntry) -> UnsafeMutablePointer<Timer> {
        unsafe entry.fields.argument!.assumingMemoryBound(to: Timer.self)
    }

    private static func timer(of entry: WaitEntry) -> Timer {
        unsafe memory(of: entry).pointee
    }

    var count: Int { heap.count }

    /// Whether the heap is one, and each timer knows where it stands.
    var isInOrder: Bool {
        heap.indices.allSatisfy { position in
            Timers.timer(of: heap[position].entry).position == position
                && (position == 0 || !heap[position].isBefore(heap[(position - 1) / 2]))
        }
    }

    // MARK: What the kernel asks

    package func withdraw(_ entry: WaitEntry) -> Withdrawal {
        guard entry.fields.isLinked else { return .tooLate }
        remove(at: Timers.timer(of: entry).position)
        return .done
    }

    package func describe(_ entry: WaitEntry) -> String { "sleep" }
}
