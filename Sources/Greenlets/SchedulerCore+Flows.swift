import CTasklets
public import Tasklets

/// The rare parts of a switch that do not depend on the type of the values.
extension SchedulerCore {
    // MARK: Leaving and arriving

    /// The sanitizer's record of a tasklet is that of the stack on which it stands: what the scheduler's switches need.
    /// So it is kept here when the flow is left, and taken from there when it goes on.
    @usableFromInline
    func prepareToLeave(_ me: FlowRecord) {
        unsafe me.fiber.sanitizer.pointee = unsafe visibleCurrent.fiber.sanitizer.pointee
        unsafe prepareToLeave(me.fiber.sanitizer)
    }

    /// After a switch, on the stack of `me`.
    @usableFromInline @inline(never)
    func arrive(at me: FlowRecord) throws {
        if attention.contains(.sanitizer) { unsafe arrive(on: me.fiber.sanitizer) }
        settleDiscarded()
        if attention.contains(.greenletTracing) { try traceArrival() }
    }

    /// When a switch has come straight back.
    @usableFromInline
    func arriveAtOnce() throws {
        if attention.contains(.greenletTracing) { try traceArrival() }
    }

    // MARK: Membership

    /// The flow on whose stack the caller runs, as the member of a tree of this type that it is; `nil` if of none.
    @usableFromInline
    func membership(of type: ObjectIdentifier) -> FlowRecord? {
        guard let inner = FlowRecord(visibleCurrent.innermost) else { return nil }
        if inner.fields.valueType == type { return inner }
        let flow = inner.host ?? inner
        if flow.fields.valueType == type { return flow }
        var root = flow.fields.firstRoot
        while let found = root {
            if found.fields.valueType == type { return found }
            root = found.fields.nextRoot
        }
        return nil
    }

    /// A root in the running flow, which is the host of a new tree now.
    @usableFromInline
    func makeRoot(of type: ObjectIdentifier) -> FlowRecord {
        let flow = runningFlow
        let root = Flows.of(self).makeRecord(
            kind: "greenlet",
            name: "main",
            stackSize: Tasklet.defaultStackSize,
            fileID: "main",
            line: 0
        )
        root.fields.state = .active
        root.fields.valueType = type
        root.fields.fiber.host = flow.fiber
        root.fields.references = 1
        root.fields.tree = root
        root.linkAlone()
        root.fields.nextRoot = flow.fields.firstRoot
        flow.fields.firstRoot = root
        return root
    }

    private var runningFlow: FlowRecord {
        let tasklet = visibleCurrent
        if let inner = FlowRecord(tasklet.innermost) { return inner.host ?? inner }
        let ground = Flows.of(self).makeRecord(
            kind: "tasklet",
            name: nil,
            stackSize: Tasklet.defaultStackSize,
            fileID: "main",
            line: 0
        )
        ground.fields.state = .active
        tasklet.innermost = ground.fiber
        return ground
    }

    @usableFromInline
    func makeGreenlet(
        under parent: FlowRecord,
        valueType: ObjectIdentifier,
        name: String?,
        stackSize: Int,
        fileID: StaticString,
        line: UInt
    ) -> FlowRecord {
        let record = Flows.of(self).makeRecord(
            kind: "greenlet",
            name: name,
            stackSize: stackSize,
            fileID: fileID,
            line: line
        )
        record.fields.valueType = valueType
        record.fields.references = 1
        record.fields.parent = parent
        parent.addReference()
        return record
    }
}
