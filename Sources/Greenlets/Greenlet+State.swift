import Tasklets

/// Who runs, who is whose parent.
extension Greenlet {
    /// The greenlet that runs on the calling thread; the main one of a tree when the caller is no greenlet of this type.
    public static var current: Greenlet {
        let core = SchedulerCore.current
        return handle(of: membership(core))
    }

    /// A handle of a greenlet. Another object each time, so that the library need not keep one alive, except where the
    /// object is known to live: main, and a subclass's own.
    @usableFromInline
    static func handle(of record: FlowRecord) -> Greenlet {
        if let known = record.fields.keptHandle ?? record.handle {
            return unsafe unsafeDowncast(known, to: Greenlet.self)
        }
        record.addReference()
        return Greenlet(record: record)
    }

    /// Who gets the result; `nil` for a main greenlet. Change it with ``setParent(_:)``.
    public final var parent: Greenlet? {
        record.read { $0.fields.parent }.map(Greenlet.handle)
    }

    /// Gives the greenlet another parent. Counts at its end: until then it may be changed again.
    ///
    /// One that has not started may get a parent in another tree, and runs there.
    ///
    /// - Throws: ``GreenletError/parentCycle``, ``GreenletError/parentInOtherTree``, ``GreenletError/mainHasNoParent``;
    ///   the parent stays what it was. Not a setter because a setter cannot throw.
    public final func setParent(_ parent: Greenlet) throws(GreenletError) {
        try record.setParent(parent.record)
        if parent.record.fields.state == .unstarted { parent.record.fields.keptHandle = parent }
    }

    /// Whether the greenlet has started and not ended: it runs or is suspended. True for main.
    public final var isActive: Bool { record.read { $0.fields.state == .active } }

    /// Whether the greenlet has ended. One whose tasklet or thread has ended is dead as well.
    public final var isDead: Bool { record.read { $0.fields.state == .dead } }

    /// Whether this is the main greenlet of its tree.
    public final var isMain: Bool { record.read { $0.fields.parent == nil } }
}

extension FlowRecord {
    /// Reads the record, from whatever thread.
    @usableFromInline
    func read<Result>(_ body: (FlowRecord) -> Result) -> Result {
        if SchedulerCore.currentIfAny == core { return body(self) }
        return core.insideGate { _ in body(self) }
    }

    @usableFromInline
    func addReference() {
        guard SchedulerCore.currentIfAny == core else { return core.insideGate { _ in fields.references += 1 } }
        _ = core.enter()
        fields.references += 1
        core.leave()
    }

    @usableFromInline
    func setParent(_ newParent: FlowRecord) throws(GreenletError) {
        guard let former = fields.parent else { throw .mainHasNoParent }
        var ancestor: FlowRecord? = newParent
        while let current = ancestor {
            if current == self { throw .parentCycle }
            ancestor = current.fields.parent
        }
        if fields.state == .unstarted {
            move(to: newParent.core)
        } else if newParent.chainRoot != chainRoot {
            throw .parentInOtherTree
        }
        newParent.addReference()
        core.insideGate { _ in fields.parent = newParent }
        former.dropReference()
    }

    /// Makes an unstarted greenlet belong to another scheduler.
    private func move(to newCore: SchedulerCore) {
        guard core != newCore, SchedulerCore.currentIfAny == newCore else { return }
        let formerCore = core
        newCore.makeClaim()
        formerCore.insideGate { _ in fields.fiber.scheduler = newCore }
        formerCore.dropClaim()
    }
}
