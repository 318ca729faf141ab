public import Tasklets

/// References, and what happens when there is none left (WhichOne, "Who is ended when").
extension FlowRecord {
    /// A handle or a child goes, on whatever thread.
    @usableFromInline
    func dropReference() {
        guard SchedulerCore.currentIfAny == core else { return dropFromOutside() }
        _ = core.enter()
        fields.references -= 1
        let left = fields.references
        core.leave()
        if left == 0 { becomeUnreachable() } else if left == 1 { dropHandleKeptForChildren() }
    }

    /// Left to the thread that the greenlet belongs to. Once that has ended there is nothing left to run.
    private func dropFromOutside() {
        let left = core.insideGate { _ -> Int? in
            guard core.isEnded else {
                core.discard(Reference(record: self))
                return nil
            }
            fields.references -= 1
            return fields.references
        }
        if left == 0 { discard() } else if left == 1 { dropHandleKeptForChildren() }
    }

    /// Of one that has not started, the last child has gone. What is left is the handle, which may be kept by nobody else.
    private func dropHandleKeptForChildren() {
        if fields.state == .unstarted, fields.keptHandle != nil { dropKeptHandle() }
    }

    /// Stands for a reference that was dropped on another thread, and is released on the right one.
    final class Reference {
        private let record: FlowRecord
        /// Of a generator, the object that owns the record.
        private let owner: AnyObject?

        init(record: FlowRecord, owner: AnyObject? = nil) {
            self.record = record
            self.owner = owner
        }

        deinit {
            if let owner { record.dropGenerator(ownedBy: owner) } else { record.dropReference() }
        }
    }

    private func becomeUnreachable() {
        switch fields.state {
        case .unstarted, .dead: discard()
        case .active:
            // Whoever runs is looked after when it switches away or ends.
            guard unsafe fields.slot != nil else { return }
            end()
        }
    }

    /// Runs the cleanup of a suspended flow.
    func end() {
        unsafe fields.code.unsafelyUnwrapped.end(self)
    }

    /// Gives the record back.
    func discard() {
        let parent = fields.parent
        fields.parent = nil
        if fields.fiber.stack == nil { Flows.discard(self) }
        parent?.dropReference()
    }

    // MARK: Ends of trees

    /// Ends all greenlets of the trees that this flow is the host of, and the trees.
    @usableFromInline
    func endTrees() {
        var root = fields.firstRoot
        while let ending = root {
            ending.endTree()
            root = ending.fields.nextRoot
            // Who still runs, when the program exits in a greenlet, keeps the tree.
            guard ending.next == ending else { continue }
            // The flow goes on without a root in it.
            let tasklet = core.visibleCurrent
            if tasklet.innermost == ending.fiber { tasklet.innermost = fiber }
            removeRoot(ending)
            ending.fields.state = .dead
            ending.fields.fiber.host = nil
            ending.fields.tree = nil
            ending.next = nil
            ending.previous = nil
            ending.dropKeptHandle()
        }
    }

    private func removeRoot(_ root: FlowRecord) {
        if fields.firstRoot == root {
            fields.firstRoot = root.fields.nextRoot
        } else {
            var before = fields.firstRoot!
            while before.fields.nextRoot != root { before = before.fields.nextRoot! }
            before.fields.nextRoot = root.fields.nextRoot
        }
        root.fields.nextRoot = nil
    }

    private func endTree() {
        fields.isBeingEnded = true
        // Cleanup may make new ones, but not for ever.
        for _ in 0..<SchedulerCore.exitAttempts {
            while let member = firstParked { member.end() }
            if next == self { break }
        }
        fields.isBeingEnded = false
    }

    /// Gives up one that catches `GreenletExit` every time: a stack with live frames cannot be freed.
    @usableFromInline
    func abandon() {
        report("\(fields.fiber.origin) caught GreenletExit every time; its stack is never freed.")
        unlink()
        fields.state = .dead
        fields.tree = nil
        unsafe fields.slot = nil
        // Never given back.
        fields.references += 1
    }
}

extension SchedulerCore {
    /// Ends the greenlets in a tasklet. On its own stack it is at its end; elsewhere those that run remain.
    func endTrees(of tasklet: TaskletRecord) {
        guard var flow = FlowRecord(tasklet.innermost) else { return }
        let isOnOwnStack = flow.stackHolder.outer == nil
        while let outer = flow.outer { flow = outer }
        if isOnOwnStack { tasklet.innermost = flow.fiber }
        flow.endTrees()
        guard isOnOwnStack else { return }
        tasklet.innermost = nil
        // Whoever could not be ended, since it waits inside a generator, still refers to its tree.
        if flow.fields.firstRoot == nil { Flows.discard(flow) }
    }

    /// Nobody refers to the flow that is about to be left: the one that runs next ends it.
    @usableFromInline @inline(never)
    func discardUnreachable(_ flow: FlowRecord) {
        flow.fields.references += 1
        _ = enter()
        discard(FlowRecord.Reference(record: flow))
        leave()
    }
}

extension FlowRecord {
    /// The flow whose stack this one runs on.
    var stackHolder: FlowRecord { host ?? self }

    /// The flow around this one: the host of a root, the root of a greenlet, the consumer of a generator that runs.
    var outer: FlowRecord? {
        if let host { return host }
        return fields.tree ?? fields.consumerFlow
    }
}

extension Greenlet {
    /// One that switches away instead, and was stored meanwhile, lives on. One that was not is asked again.
    @inlinable
    static func end(_ record: FlowRecord) {
        let core = SchedulerCore.current
        let isTreeEnding = record.fields.tree?.fields.isBeingEnded ?? false
        record.fields.references += 1
        for _ in 0..<SchedulerCore.exitAttempts {
            throwExit(in: record, from: membership(core), core)
            if record.fields.state == .dead || (record.fields.references > 1 && !isTreeEnding) { break }
        }
        record.dropAfterEnd(isTreeEnding: isTreeEnding)
    }

    /// Throws `GreenletExit` in a suspended greenlet; returns when it has ended, or somebody switches back.
    ///
    /// Meanwhile the caller is its parent, so that its end comes back here; the caller may be in another tree.
    @inlinable
    static func throwExit(in record: FlowRecord, from me: FlowRecord, _ core: SchedulerCore) {
        let parent = record.fields.parent
        let tree = record.fields.tree
        record.fields.parent = me
        record.fields.tree = me.fields.tree
        me.fields.references += 1
        record.fields.fiber.error = GreenletExit()
        unsafe record.fields.slot = nil
        if core.attention.contains(.greenletTracing) {
            core.noteEvent(GreenletEvent(kind: .throw, origin: handle(of: me), target: handle(of: record)))
        }
        // What comes back is for nobody.
        var ignored: Value?
        unsafe withUnsafeMutablePointer(to: &ignored) { ignored in
            unsafe me.fields.slot = UnsafeMutableRawPointer(ignored)
            me.go(to: record, core)
            do {
                try unsafe me.settle(&ignored.pointee, core)
            } catch GreenletError.exitedWithoutValue {
                // It has ended as it was asked to.
            } catch {
                core.loseError(error, of: record)
            }
        }
        if record.fields.state == .active { record.fields.tree = tree }
        record.changeParent(from: me, backTo: parent)
    }
}

extension FlowRecord {
    @usableFromInline
    func changeParent(from temporary: FlowRecord, backTo former: FlowRecord?) {
        if fields.parent == temporary {
            fields.parent = former
            temporary.fields.references -= 1
        } else {
            // It got another one meanwhile.
            former?.dropReference()
        }
    }

    @usableFromInline
    func dropAfterEnd(isTreeEnding: Bool) {
        if fields.state == .active, isTreeEnding || fields.references == 1 { abandon() }
        fields.references -= 1
        if fields.references == 0, fields.state == .dead { discard() }
    }
}
