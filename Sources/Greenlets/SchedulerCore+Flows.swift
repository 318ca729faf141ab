import CTasklets
public import Tasklets

/// The rare parts of a switch that do not depend on the type of the values.
extension SchedulerCore {
    // MARK: Leaving and arriving

    /// The sanitizer's record of a tasklet is that of the stack on which it stands: what the scheduler's switches need.
    /// So it is kept here when the flow is left, and taken from there when it goes on.
    @usableFromInline
    func prepareToLeave(_ me: FlowRecord) {
        unsafe me.sanitizer.pointee = unsafe visibleCurrent.sanitizer.pointee
        unsafe Flows.of(self).fields.pointee.departed = unsafe me.sanitizer
    }

    /// After a switch, on the stack of `me`.
    @usableFromInline @inline(never)
    func arrive(at me: FlowRecord) throws {
        if attention.contains(.sanitizer) { unsafe announceArrival(me.sanitizer) }
        settleDiscarded()
        if attention.contains(.flowTracing) { try traceArrival() }
    }

    /// When a switch has come straight back.
    @usableFromInline
    func arriveAtOnce() throws {
        if attention.contains(.flowTracing) { try traceArrival() }
    }

    // MARK: Membership

    /// The flow on whose stack the caller runs, as the member of a tree of this type that it is; `nil` if of none.
    @usableFromInline
    func membership(of type: ObjectIdentifier) -> FlowRecord? {
        guard let inner = unsafe FlowRecord(visibleCurrent.flow) else { return nil }
        if inner.valueType == type { return inner }
        let flow = inner.host ?? inner
        if flow.valueType == type { return flow }
        var root = flow.firstRoot
        while let found = root {
            if found.valueType == type { return found }
            root = found.nextRoot
        }
        return nil
    }

    /// A root in the running flow, which is the host of a new tree now.
    @usableFromInline
    func makeRoot(of type: ObjectIdentifier) -> FlowRecord {
        let flow = runningFlow
        let root = Flows.of(self).makeRecord(
            kind: "greenlet",
            maker: "Greenlet",
            name: "main",
            stackSize: Tasklet.defaultStackSize,
            fileID: "main",
            line: 0
        )
        root.state = .active
        root.valueType = type
        root.host = flow
        root.references = 1
        unsafe root.tree = root.pointer
        root.linkAlone()
        root.nextRoot = flow.firstRoot
        flow.firstRoot = root
        return root
    }

    private var runningFlow: FlowRecord {
        let tasklet = visibleCurrent
        if let inner = unsafe FlowRecord(tasklet.flow) { return inner.host ?? inner }
        let ground = Flows.of(self).makeRecord(
            kind: "tasklet",
            maker: "Tasklet",
            name: nil,
            stackSize: Tasklet.defaultStackSize,
            fileID: "main",
            line: 0
        )
        ground.state = .active
        unsafe tasklet.flow = ground.pointer
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
            maker: "Greenlet",
            name: name,
            stackSize: stackSize,
            fileID: fileID,
            line: line
        )
        record.valueType = valueType
        record.references = 1
        record.parent = parent
        parent.addReference()
        return record
    }
}
