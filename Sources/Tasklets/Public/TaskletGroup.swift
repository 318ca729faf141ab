/// The children of one block, and their results: see ``withTaskletGroup(of:limit:_:)``.
///
/// A group is used on its own thread: by the block, by the children, by other tasklets.
public final class TaskletGroup<Value> {
    /// Where tasklets wait for something of a group.
    final class Place: WaitLineOwner {
        let line = WaitLine()
        private let description: String

        init(_ description: String) {
            self.description = description
        }

        deinit { line.free() }

        func describe(_ entry: WaitEntry) -> String { description }
    }

    let limit: Int
    /// Whose block it is.
    let owner: TaskletRecord
    /// Whether the block runs. Children may be added as long as there are any, also afterwards.
    var isBlockRunning = true
    var isOver = false

    /// Called with the error of each child that fails, the first one too, and whose it is: at that child's end, where nothing
    /// may switch. Set it before children are added. Without it, errors after the first one are not heard of.
    public var onError: ((UncaughtError) -> Void)?

    // Touched inside the gate.

    var children = GroupChildren<Value>()
    /// Children that have not ended, and rooms that are kept for one.
    var active = 0
    /// Results that nobody has taken, in the order of finishing.
    var results = Results<Value>()
    /// The first error of a child.
    var failure: (any Error)?
    var isCancelled = false

    let takers: Place
    let room: Place
    let end: Place

    init(limit: Int) {
        guard limit > 0 else { fatalError("A group needs a limit of at least one tasklet, not \(limit).") }
        self.limit = limit
        owner = SchedulerCore.current.visibleCurrent
        takers = Place("next result of a group")
        room = Place("room in a group of \(limit)")
        end = Place("the end of a group's children")
    }
}

/// First in, first out.
struct Results<Value> {
    private var values: [Value?] = []
    private var first = 0

    mutating func append(_ value: Value) { values.append(value) }

    /// Puts back what was taken last.
    mutating func putBack(_ value: Value) { values.insert(value, at: first) }

    mutating func takeFirst() -> Value? {
        guard first < values.count else { return nil }
        let value = values[first]
        values[first] = nil
        first += 1
        // What has been taken goes when it is the greater part.
        if first * 2 > values.count {
            values.removeFirst(first)
            first = 0
        }
        return value
    }
}

// MARK: - Children

extension TaskletGroup {
    /// Makes a child and puts it at the end of the run queue. Waits while there are as many as the limit; those that wait are
    /// served in order.
    ///
    /// A child of a group that was cancelled is cancelled: its first wait throws.
    ///
    /// - Parameters:
    ///   - name: shown in reports and by ``Tasklet/name``.
    ///   - stackSize: bytes reserved for the stack.
    ///   - fileID: where the tasklet is made, for reports.
    ///   - line: where the tasklet is made, for reports.
    ///   - body: what it does.
    /// - Throws: the error of the group when a child has failed; `CancellationError` when the caller has to wait and is
    ///   cancelled, and whatever else ends its wait. No child is made then.
    @discardableResult
    public func add(
        name: String? = nil,
        stackSize: Int = Tasklet.defaultStackSize,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: @escaping () throws -> Value
    ) throws -> Tasklet {
        try reserve()
        return start(name: name, stackSize: stackSize, fileID: fileID, line: line, body)
    }

    /// Makes a child, for which room was kept.
    @discardableResult
    func start(
        name: String? = nil,
        stackSize: Int = Tasklet.defaultStackSize,
        fileID: StaticString,
        line: UInt,
        _ body: @escaping () throws -> Value
    ) -> Tasklet {
        let core = SchedulerCore.current
        let record = core.makeRecord(name: name, stackSize: stackSize, fileID: fileID, line: line)
        let child = GroupChild(of: self, record: record)
        let tasklet = core.start(record, extras: child) { child.keep(try body()) }
        let isCancelled = end.line.inside {
            children.append(child)
            return self.isCancelled
        }
        if isCancelled { tasklet.cancel() }
        return tasklet
    }

    /// Keeps room for one child; waits for it.
    func reserve() throws {
        let core = try room.line.begin()
        if isOver {
            room.line.leave(core)
            fatalError("The group is over: add its children inside its block.")
        }
        if let failure {
            room.line.leave(core)
            throw failure
        }
        if active < limit {
            active += 1
            return room.line.leave(core)
        }
        var isGranted = false
        do {
            try unsafe withUnsafeMutablePointer(to: &isGranted) {
                try unsafe room.line.wait(core, at: room, argument: UnsafeMutableRawPointer($0))
            }
        } catch {
            if isGranted { giveBackRoom() }
            throw reason(of: error)
        }
        guard let failure = end.line.inside({ failure }) else { return }
        if isGranted { giveBackRoom() }
        throw failure
    }

    /// Room that was kept and is not used.
    func giveBackRoom() {
        let core = end.line.enter()
        passOnRoom(core)
        end.line.leave(core)
    }

    /// Gives the room of a child that has ended to whoever waits for it. Inside the gate.
    private func passOnRoom(_ core: SchedulerCore) {
        if failure == nil, let waiter = room.line.first {
            unsafe waiter.fields.argument!.assumingMemoryBound(to: Bool.self).pointee = true
            return room.line.wake(waiter, core)
        }
        active -= 1
        guard active == 0 else { return }
        while takers.line.wakeFirst(core) {}
        _ = end.line.wakeFirst(core)
    }

    /// Cancels the children, in the order in which they were added, and those that are added from now on. Their
    /// `CancellationError`s are no errors of the group. The caller goes on.
    public func cancelAll() {
        let tasklets = end.line.inside {
            isCancelled = true
            return children.tasklets
        }
        for tasklet in tasklets { tasklet.cancel() }
    }

    /// At the end of the child, where nothing may switch.
    func childHasEnded(_ child: GroupChild<Value>) {
        var error: UncaughtError?
        var isFirstError = false
        let core = end.line.enter()
        children.remove(child)
        switch child.outcome {
        case .success(let value)?:
            if let taker = takers.line.first {
                unsafe taker.fields.argument!.assumingMemoryBound(to: Value?.self).pointee = value
                takers.line.wake(taker, core)
            } else {
                results.append(value)
            }
        case .failure(let thrown)?:
            error = UncaughtError(error: thrown, tasklet: child.record)
            isFirstError = failure == nil
            if isFirstError { failure = thrown }
        case nil: break
        }
        end.line.leave(core)
        if let error {
            onError?(error)
            if isFirstError { fail() }
        }
        giveBackRoom()
    }

    /// The first child has failed: the others are cancelled, then all that wait at the group go on, and the block.
    private func fail() {
        cancelAll()
        let core = end.line.enter()
        while takers.line.wakeFirst(core) {}
        while room.line.wakeFirst(core) {}
        if isBlockRunning {
            owner.fields.failedBlocks += 1
            owner.fields.refusals.insert(.groupFailed)
            if owner.fields.refusals.isCancelled, let replaced = core.endWait(of: owner, by: CancellationError()) {
                core.discard(replaced)
            }
        }
        end.line.leave(core)
    }

    /// What is thrown out of a wait at the group: a cancellation that came from the failure of a child is that failure.
    private func reason(of error: any Error) -> any Error {
        guard error is CancellationError else { return error }
        return end.line.inside { failure } ?? error
    }
}

// MARK: - Results

extension TaskletGroup {
    /// The result of the child that has finished next; waits for it. `nil` when there is no child left.
    ///
    /// ```swift
    /// while let line = try group.next() { print(line) }
    /// ```
    ///
    /// Results come in the order of finishing. A child that is killed or cancelled gives none. Several tasklets may wait: each
    /// result goes to the first of them.
    ///
    /// - Throws: the error of the group when a child has failed; `CancellationError` when the caller has to wait and is
    ///   cancelled, and whatever else ends its wait. No result is lost by that.
    public func next() throws -> Value? {
        let core = try takers.line.begin()
        if let failure {
            takers.line.leave(core)
            throw failure
        }
        if let value = results.takeFirst() {
            takers.line.leave(core)
            return value
        }
        if active == 0 {
            takers.line.leave(core)
            return nil
        }
        var slot: Value?
        do {
            try unsafe withUnsafeMutablePointer(to: &slot) {
                try unsafe takers.line.wait(core, at: takers, argument: UnsafeMutableRawPointer($0))
            }
        } catch {
            if let slot { putBack(slot) }
            throw reason(of: error)
        }
        if let slot { return slot }
        if let failure = takers.line.inside({ failure }) { throw failure }
        return nil
    }

    /// The result was given to a tasklet that was hit by an error before its turn.
    private func putBack(_ value: Value) {
        let core = takers.line.enter()
        if let taker = takers.line.first {
            unsafe taker.fields.argument!.assumingMemoryBound(to: Value?.self).pointee = value
            takers.line.wake(taker, core)
        } else {
            results.putBack(value)
        }
        takers.line.leave(core)
    }
}
