/// The timers of one scheduler: waits that end at a time of its clock, and time limits.
///
/// A heap, four children to a node, the earliest deadline first. Timers with one deadline fire in the order in which they were
/// set. Setting and taking out cost the logarithm of how many there are.
///
///     heap     deadline, number, slot       what is compared lies together
///                            │
///     slots    timer, place in the heap     so that a node that moves touches no waiting frame: with many tasklets
///                │                          asleep none of those is in a cache
///     frame    Timer { deadline, slot }
///
/// The memory is raw, since time limits come and go with messages: properties of a class would cost exclusivity checks, and
/// those are a quarter of a time limit.
///
/// Safe because only the scheduler's own thread touches the memory, and a frame stays until its timer is out.
@safe
@usableFromInline
package final class Timers: WaitPlace {
    /// What a waiting frame holds for its timer.
    @usableFromInline
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

    @safe
    private struct Slot {
        var timer: UnsafeMutablePointer<Timer>?
        /// Where the node stands in the heap; of a slot that is free: the next one.
        var position: Int
    }

    @safe
    private struct Fields {
        var heap: UnsafeMutablePointer<Node>
        var slots: UnsafeMutablePointer<Slot>
        /// How many nodes and slots there is memory for.
        var capacity: Int
        /// How many nodes are in the heap. So many slots are in use, not the first ones as a rule.
        var count = 0
        /// How many slots have been used so far.
        var usedSlots = 0
        var freeSlot = -1
        var lastNumber: UInt64 = 0
        /// How many timers are time limits.
        var limits = 0
    }

    private let memory: UnsafeMutablePointer<Fields>

    private var fields: Fields {
        unsafeAddress { unsafe UnsafePointer(memory) }
        unsafeMutableAddress { unsafe memory }
    }

    init() {
        let capacity = 16
        unsafe memory = .allocate(capacity: 1)
        unsafe memory.initialize(
            to: Fields(
                heap: .allocate(capacity: capacity),
                slots: .allocate(capacity: capacity),
                capacity: capacity
            )
        )
    }

    deinit {
        unsafe fields.heap.deallocate()
        unsafe fields.slots.deallocate()
        unsafe memory.deallocate()
    }

    var nextDeadline: Int64? { count == 0 ? nil : unsafe fields.heap[0].deadline }

    var count: Int { fields.count }

    /// How many of them are time limits.
    var limits: Int { fields.limits }

    /// - Parameter timer: in a frame that stays until the timer has been taken out.
    func set(_ timer: UnsafeMutablePointer<Timer>, for target: Target) {
        let slot = takeSlot()
        fields.lastNumber += 1
        unsafe fields.slots[slot].timer = unsafe timer
        unsafe timer.pointee.slot = slot
        unsafe timer.pointee.target = target
        switch target {
        case .wait(let entry): entry.fields.isLinked = true
        case .limit: fields.limits += 1
        case .none: break
        }
        let node = unsafe Node(deadline: timer.pointee.deadline, number: fields.lastNumber, slot: slot)
        fields.count += 1
        rise(node, from: count - 1)
    }

    private func takeSlot() -> Int {
        let free = fields.freeSlot
        if free >= 0 {
            fields.freeSlot = unsafe fields.slots[free].position
            return free
        }
        let used = fields.usedSlots
        if used == fields.capacity { grow() }
        unsafe (fields.slots + used).initialize(to: Slot(timer: nil, position: 0))
        fields.usedSlots = used + 1
        return used
    }

    /// All slots are in use, and so all places of the heap.
    private func grow() {
        let capacity = fields.capacity
        let (heap, slots) = unsafe (fields.heap, fields.slots)
        fields.capacity = 2 * capacity
        unsafe fields.heap = .allocate(capacity: 2 * capacity)
        unsafe fields.slots = .allocate(capacity: 2 * capacity)
        unsafe fields.heap.moveInitialize(from: heap, count: capacity)
        unsafe fields.slots.moveInitialize(from: slots, count: capacity)
        unsafe heap.deallocate()
        unsafe slots.deallocate()
    }

    /// Takes out the earliest timer if it is due.
    func takeDue(at now: Int64) -> Target? {
        guard let deadline = nextDeadline, deadline <= now else { return nil }
        let timer = unsafe fields.slots[fields.heap[0].slot].timer!
        let target = unsafe timer.pointee.target
        unsafe remove(timer)
        return target
    }

    /// - Precondition: the timer is set.
    func remove(_ timer: UnsafeMutablePointer<Timer>) {
        let slot = unsafe timer.pointee.slot
        let position = unsafe fields.slots[slot].position
        unsafe fields.slots[slot] = unsafe Slot(timer: nil, position: fields.freeSlot)
        fields.freeSlot = slot
        unsafe timer.pointee.slot = -1
        switch unsafe timer.pointee.target {
        case .wait(let entry): entry.fields.isLinked = false
        case .limit: fields.limits -= 1
        case .none: break
        }
        fields.count -= 1
        guard position < count else { return }
        let last = unsafe fields.heap[count]
        if position > 0, unsafe last.isBefore(fields.heap[(position - 1) / 4]) {
            rise(last, from: position)
        } else {
            sink(last, from: position)
        }
    }

    // MARK: The heap

    private func place(_ node: Node, at position: Int) {
        unsafe (fields.heap + position).initialize(to: node)
        unsafe fields.slots[node.slot].position = position
    }

    /// Puts the node where `start` is empty, or above.
    private func rise(_ node: Node, from start: Int) {
        var position = start
        while position > 0 {
            let above = (position - 1) / 4
            let parent = unsafe fields.heap[above]
            guard node.isBefore(parent) else { break }
            place(parent, at: position)
            position = above
        }
        place(node, at: position)
    }

    /// Puts the node where `start` is empty, or below.
    private func sink(_ node: Node, from start: Int) {
        var position = start
        while case let firstChild = 4 * position + 1, firstChild < count {
            var child = firstChild
            var other = firstChild + 1
            while other < min(firstChild + 4, count) {
                if unsafe fields.heap[other].isBefore(fields.heap[child]) { child = other }
                other += 1
            }
            let smallest = unsafe fields.heap[child]
            guard smallest.isBefore(node) else { break }
            place(smallest, at: position)
            position = child
        }
        place(node, at: position)
    }

    /// Whether the heap is one, and each timer knows where it stands.
    var isInOrder: Bool {
        (0..<count).allSatisfy { position in
            let node = unsafe fields.heap[position]
            let slot = unsafe fields.slots[node.slot]
            return unsafe slot.position == position && slot.timer?.pointee.slot == node.slot
                && (position == 0 || !node.isBefore(fields.heap[(position - 1) / 4]))
        }
    }

    /// Whether the time of a block runs out whose tasklet `isMeant`.
    func containsLimit(where isMeant: (TaskletRecord) -> Bool) -> Bool {
        limits > 0
            && (0..<count).contains { position in
                let slot = unsafe fields.slots[fields.heap[position].slot]
                guard case .limit(let limit)? = unsafe slot.timer?.pointee.target else { return false }
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
