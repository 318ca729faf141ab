/// The timers of one scheduler: waits that end at a time of its clock, and time limits.
///
/// A heap in an array, four children to a node, the earliest deadline first. Timers with one deadline fire in the order in
/// which they were set. Setting and taking out cost the logarithm of how many there are.
///
///     heap     deadline, number, slot       what is compared lies together
///                            │
///     slots    timer, place in the heap     so that a node that moves touches no waiting frame: with many tasklets
///                │                          asleep none of those is in a cache
///     frame    Timer { deadline, slot }
package final class Timers: WaitPlace {
    /// What a waiting frame holds for its timer.
    package struct Timer {
        package let deadline: Int64
        fileprivate var target = Target.none
        fileprivate var slot = -1

        package init(deadline: Int64) {
            self.deadline = deadline
        }

        var isSet: Bool { slot >= 0 }
    }

    /// What happens when a timer is due.
    enum Target {
        case none
        /// The wait ends.
        case wait(WaitEntry)
        /// The time of a block is up.
        case limit(TimeLimit)
    }

    private struct Node {
        let deadline: Int64
        let number: UInt64
        let slot: Int

        func isBefore(_ other: Node) -> Bool {
            deadline != other.deadline ? deadline < other.deadline : number < other.number
        }
    }

    /// Safe as the timers are: a timer that is set stays.
    @safe
    private struct Slot {
        var timer: UnsafeMutablePointer<Timer>?
        /// Where the node stands in the heap; of a slot that is free: the next one.
        var position: Int
    }

    private var heap: [Node] = []
    private var slots: [Slot] = []
    private var freeSlot = -1
    private var lastNumber: UInt64 = 0
    /// How many of them are time limits.
    private(set) var limits = 0

    var nextDeadline: Int64? { heap.first?.deadline }

    var count: Int { heap.count }

    /// - Parameter timer: in a frame that stays until the timer has been taken out.
    func set(_ timer: UnsafeMutablePointer<Timer>, for target: Target) {
        lastNumber += 1
        let slot: Int
        if freeSlot >= 0 {
            slot = freeSlot
            freeSlot = slots[slot].position
        } else {
            slot = slots.count
            unsafe slots.append(Slot(timer: nil, position: 0))
        }
        unsafe slots[slot].timer = unsafe timer
        unsafe timer.pointee.slot = slot
        unsafe timer.pointee.target = target
        switch target {
        case .wait(let entry): entry.fields.isLinked = true
        case .limit: limits += 1
        case .none: break
        }
        heap.append(unsafe Node(deadline: timer.pointee.deadline, number: lastNumber, slot: slot))
        rise(from: heap.count - 1)
    }

    /// Takes out the earliest timer if it is due.
    func takeDue(at now: Int64) -> Target? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        let timer = unsafe slots[first.slot].timer!
        let target = unsafe timer.pointee.target
        unsafe remove(timer)
        return target
    }

    /// - Precondition: the timer is set.
    func remove(_ timer: UnsafeMutablePointer<Timer>) {
        let slot = unsafe timer.pointee.slot
        let position = slots[slot].position
        slots[slot] = unsafe Slot(timer: nil, position: freeSlot)
        freeSlot = slot
        unsafe timer.pointee.slot = -1
        switch unsafe timer.pointee.target {
        case .wait(let entry): entry.fields.isLinked = false
        case .limit: limits -= 1
        case .none: break
        }
        let last = heap.removeLast()
        guard position < heap.count else { return }
        heap[position] = last
        sink(from: position)
        rise(from: slots[last.slot].position)
    }

    // MARK: The heap

    private func place(_ node: Node, at position: Int) {
        heap[position] = node
        slots[node.slot].position = position
    }

    private func rise(from start: Int) {
        let node = heap[start]
        var position = start
        while position > 0, case let parent = (position - 1) / 4, node.isBefore(heap[parent]) {
            place(heap[parent], at: position)
            position = parent
        }
        place(node, at: position)
    }

    private func sink(from start: Int) {
        let node = heap[start]
        var position = start
        while case let firstChild = 4 * position + 1, firstChild < heap.count {
            var child = firstChild
            for other in firstChild + 1..<max(firstChild + 1, min(firstChild + 4, heap.count))
            where heap[other].isBefore(heap[child]) {
                child = other
            }
            guard heap[child].isBefore(node) else { break }
            place(heap[child], at: position)
            position = child
        }
        place(node, at: position)
    }

    /// Whether the heap is one, and each timer knows where it stands.
    var isInOrder: Bool {
        heap.indices.allSatisfy { position in
            let slot = heap[position].slot
            return unsafe slots[slot].position == position && slots[slot].timer?.pointee.slot == slot
                && (position == 0 || !heap[position].isBefore(heap[(position - 1) / 4]))
        }
    }

    /// Whether the time of a block runs out whose tasklet `isMeant`.
    func containsLimit(where isMeant: (TaskletRecord) -> Bool) -> Bool {
        limits > 0
            && heap.contains { node in
                guard case .limit(let limit)? = unsafe slots[node.slot].timer?.pointee.target else { return false }
                return isMeant(limit.tasklet)
            }
    }

    // MARK: What the kernel asks

    package func withdraw(_ entry: WaitEntry) -> Withdrawal {
        guard entry.fields.isLinked else { return .tooLate }
        unsafe remove(entry.fields.argument!.assumingMemoryBound(to: Timer.self))
        return .done
    }

    package func describe(_ entry: WaitEntry) -> String { "sleep" }
}
