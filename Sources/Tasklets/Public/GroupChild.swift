/// What a group knows of one of its children.
class GroupChild: TaskletExtras {
    private final let group: GroupCore
    final let record: TaskletRecord
    /// What the body has ended with. Neither when it was killed or cancelled.
    final private(set) var error: (any Error)?
    final fileprivate(set) var hasValue = false
    /// Neighbours among the children, or among those that have finished.
    final fileprivate(set) var nextSibling: GroupChild?
    final fileprivate(set) unowned(unsafe) var previousSibling: GroupChild?

    init(of group: GroupCore, record: TaskletRecord) {
        self.group = group
        self.record = record
    }

    override func keep(_ error: any Error) -> Bool {
        self.error = error
        return true
    }

    override func taskletHasEnded() {
        group.childHasEnded(self)
    }
}

/// One with a result.
final class ValueChild<Value>: GroupChild {
    private(set) var value: Value?

    func keep(_ value: Value) {
        self.value = value
        hasValue = true
    }
}

/// Children in order. Touched inside the gate.
struct GroupChildren {
    private(set) var first: GroupChild?
    private unowned(unsafe) var last: GroupChild?

    mutating func append(_ child: GroupChild) {
        unsafe child.previousSibling = unsafe last
        if let last = unsafe last { last.nextSibling = child } else { first = child }
        unsafe last = child
    }

    mutating func prepend(_ child: GroupChild) {
        guard let first else { return append(child) }
        child.nextSibling = first
        unsafe first.previousSibling = child
        self.first = child
    }

    mutating func remove(_ child: GroupChild) {
        let next = child.nextSibling
        let previous = unsafe child.previousSibling
        if let next { unsafe next.previousSibling = previous } else { unsafe last = previous }
        child.nextSibling = nil
        unsafe child.previousSibling = nil
        if let previous { previous.nextSibling = next } else { first = next }
    }

    /// Lets go of all: not one from within the other, which would take a frame for each.
    mutating func removeAll() {
        while let child = first { remove(child) }
    }

    var tasklets: [Tasklet] {
        var found: [Tasklet] = []
        var child = first
        while let current = child {
            found.append(Tasklet.of(current.record))
            child = current.nextSibling
        }
        return found
    }
}
