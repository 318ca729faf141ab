/// Everything of a group that does not depend on the type of its results. A generic class would look up its type at each
/// step: with that a child took twice as long.
final class GroupCore {
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

    var onError: ((UncaughtError) -> Void)?

    // Touched inside the gate.

    var children = GroupChildren()
    /// Children that have not ended, and rooms that are kept for one.
    var active = 0
    /// Those with results that nobody has taken, in the order of finishing.
    var finished = GroupChildren()
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

// MARK: - Children

extension GroupCore {
    /// Makes a child, for which room was kept.
    ///
    /// - Parameter body: what it does; keeps the result in the child.
    func start(_ child: GroupChild, _ body: @escaping () throws -> Void) -> Tasklet {
        let tasklet = SchedulerCore.current.start(child.record, extras: child, body)
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
        core.touch(end.line, core.attention)
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

    /// Gives the room of a child that has ended to the first that waits for it. Inside the gate.
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

    func cancelAll() {
        let tasklets = end.line.inside {
            isCancelled = true
            return children.tasklets
        }
        for tasklet in tasklets { tasklet.cancel() }
    }

    /// At the end of the child, where nothing may switch.
    func childHasEnded(_ child: GroupChild) {
        var error: UncaughtError?
        var isFirstError = false
        let core = end.line.enter()
        children.remove(child)
        if let thrown = child.error {
            error = UncaughtError(error: thrown, tasklet: child.record)
            isFirstError = failure == nil
            if isFirstError { failure = thrown }
        } else if child.hasValue {
            if !give(child, core) { finished.append(child) }
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
            core.touch(owner, core.attention)
            owner.fields.failedBlocks += 1
            owner.fields.refusals.insert(.groupFailed)
            if owner.fields.refusals.isCancelled, let replaced = core.endWait(of: owner, by: CancellationError()) {
                core.discard(replaced)
            }
        }
        end.line.leave(core)
    }

    /// What is thrown out of a wait at the group: a cancellation that came from the failure of a child is that failure.
    func reason(of error: any Error) -> any Error {
        guard error is CancellationError else { return error }
        return end.line.inside { failure } ?? error
    }
}

// MARK: - Results

extension GroupCore {
    /// The child that has finished next, with a result; waits for it.
    func next() throws -> GroupChild? {
        let core = try takers.line.begin()
        core.touch(end.line, core.attention)
        if let failure {
            takers.line.leave(core)
            throw failure
        }
        if let child = finished.first {
            finished.remove(child)
            takers.line.leave(core)
            return child
        }
        if active == 0 {
            takers.line.leave(core)
            return nil
        }
        var slot: GroupChild?
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

    /// Gives the result of a child to the first that waits. False when nobody does. Inside the gate.
    private func give(_ child: GroupChild, _ core: SchedulerCore) -> Bool {
        while let taker = takers.line.first {
            // One in a select may just be going on elsewhere.
            guard taker.claim() else {
                takers.line.unlinkFirst(taker)
                continue
            }
            unsafe taker.fields.argument!.assumingMemoryBound(to: GroupChild?.self).pointee = child
            takers.line.wake(taker, core)
            return true
        }
        return false
    }

    /// The result was given to a tasklet that was hit by an error before its turn.
    func putBack(_ child: GroupChild) {
        let core = takers.line.enter()
        if !give(child, core) { finished.prepend(child) }
        takers.line.leave(core)
    }
}
