/// What a group knows of one of its children.
final class GroupChild<Value>: TaskletExtras {
    private let group: TaskletGroup<Value>
    let record: TaskletRecord
    /// What the body has ended with; `nil` when it was killed or cancelled.
    private(set) var outcome: Result<Value, any Error>?
    /// Neighbours among the children.
    fileprivate(set) var nextSibling: GroupChild?
    fileprivate(set) unowned(unsafe) var previousSibling: GroupChild?

    init(of group: TaskletGroup<Value>, record: TaskletRecord) {
        self.group = group
        self.record = record
    }

    func keep(_ value: Value) { outcome = .success(value) }

    override func keep(_ error: any Error) -> Bool {
        outcome = .failure(error)
        return true
    }

    override func taskletHasEnded() {
        group.childHasEnded(self)
    }
}

/// The children of a group, in the order in which they were added. Touched inside the gate.
struct GroupChildren<Value> {
    private var first: GroupChild<Value>?
    private unowned(unsafe) var last: GroupChild<Value>?

    mutating func append(_ child: GroupChild<Value>) {
        unsafe child.previousSibling = unsafe last
        if let last = unsafe last { last.nextSibling = child } else { first = child }
        unsafe last = child
    }

    mutating func remove(_ child: GroupChild<Value>) {
        let next = child.nextSibling
        let previous = unsafe child.previousSibling
        if let next { unsafe next.previousSibling = previous } else { unsafe last = previous }
        child.nextSibling = nil
        unsafe child.previousSibling = nil
        if let previous { previous.nextSibling = next } else { first = next }
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
