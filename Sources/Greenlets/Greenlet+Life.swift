import CStackSwitch
public import Tasklets

/// A greenlet's first breath and its end.
extension Greenlet {
    /// The running flow as a member of a tree of this type: itself, or a root in it.
    @inlinable
    static func membership(_ core: SchedulerCore) -> FlowRecord {
        let type = ObjectIdentifier(Value.self)
        if let inner = unsafe FlowRecord(core.visibleCurrent.flow), inner.valueType == type { return inner }
        if let member = core.membership(of: type) { return member }
        let root = core.makeRoot(of: type)
        let handle = Greenlet(record: root)
        root.plainClass = ObjectIdentifier(Swift.type(of: handle as AnyObject))
        root.keptHandle = handle
        return root
    }

    /// Gives an unstarted greenlet a stack, on which it takes the parcel when it is switched to.
    ///
    /// - Returns: false when it cannot start: the parcel, which is an error now, is for its parent. Who has no body stays
    ///   unstarted, everybody else is dead.
    @inlinable
    static func start(
        _ record: FlowRecord,
        with parcel: UnsafeMutablePointer<Parcel<Value>?>,
        from origin: FlowRecord,
        _ core: SchedulerCore
    ) -> Bool {
        if case .error = unsafe parcel.pointee {
            if core.attention.contains(.flowTracing) { unsafe traceStillbirth(of: record, parcel, from: origin, core) }
            record.state = .dead
            record.dropKeptHandle()
            unsafe turnExitIntoValue(&parcel.pointee)
            return false
        }
        guard let handle = record.handle, unsafe unsafeDowncast(handle, to: Greenlet.self).hasBody(in: record.chainRoot)
        else {
            unsafe parcel.pointee = .error(GreenletError.noBody)
            return false
        }
        record.code = Greenlet.self
        guard unsafe record.begin(core, UnsafeMutableRawPointer(parcel)) else {
            record.state = .dead
            record.dropKeptHandle()
            unsafe parcel.pointee = .error(GreenletError.outOfMemory)
            return false
        }
        if core.attention.contains(.flowTracing) { unsafe note(parcel, from: origin, to: record, core) }
        return true
    }

    /// An unstarted greenlet dies of an error without running: there is an event all the same.
    @usableFromInline @inline(never)
    static func traceStillbirth(
        of record: FlowRecord,
        _ parcel: UnsafeMutablePointer<Parcel<Value>?>,
        from origin: FlowRecord,
        _ core: SchedulerCore
    ) {
        unsafe note(parcel, from: origin, to: record, core)
        do {
            try core.traceArrival()
        } catch {
            unsafe parcel.pointee = .error(error)
        }
    }

    /// What runs on the stack of every greenlet.
    @inlinable
    static func live(_ record: FlowRecord) {
        let core = SchedulerCore.current
        // In this frame, which is left for ever but not freed: whoever starts now takes the parcel out of it.
        var outcome: Parcel<Value>?
        unsafe withUnsafeMutablePointer(to: &outcome) { outcome in
            let next = unsafe liveOnce(record, outcome, core)
            core.leaveForEver(to: next)
        }
    }

    /// A call of its own: what its frame holds is released when it returns, while the caller's is left for ever.
    @inlinable @inline(never)
    static func liveOnce(
        _ record: FlowRecord,
        _ outcome: UnsafeMutablePointer<Parcel<Value>?>,
        _ core: SchedulerCore
    ) -> FlowRecord {
        unsafe outcome.initialize(to: runBody(of: record, core))
        if record.firstRoot != nil { record.endTrees() }
        record.state = .dead
        if case .error = unsafe outcome.pointee { unsafe turnExitIntoValue(&outcome.pointee) }
        let next = unsafe route(outcome, to: record.parent.unsafelyUnwrapped, from: record, core)
        record.finish(core)
        return next
    }

    /// Runs the body. What it held is released when this returns.
    @inlinable @inline(never)
    static func runBody(of record: FlowRecord, _ core: SchedulerCore) -> Parcel<Value> {
        // Out of the frame of whoever started us, before anything else may run there.
        let first = unsafe record.slot.unsafelyUnwrapped.assumingMemoryBound(to: Parcel<Value>?.self).pointee.take()
        unsafe record.slot = nil
        let (handle, body) = takeBody(of: record)
        do {
            if !core.attention.isEmpty { try core.arrive(at: record) }
            switch unsafe first.unsafelyUnwrapped {
            case .error(let error): throw error
            case .value(let value):
                if let handle { return .value(try handle.run(value)) }
                return .value(try body!(value))
            }
        } catch {
            return .error(error)
        }
    }

    /// The body alone, so that the running greenlet does not keep itself alive; of a subclass the object, whose method it
    /// is.
    @inlinable
    static func takeBody(of record: FlowRecord) -> (Greenlet?, ((Value) throws -> Value)?) {
        let handle = unsafe unsafeDowncast(record.handle.unsafelyUnwrapped, to: Greenlet.self)
        if record.keptHandle != nil { record.dropKeptHandle() }
        guard unsafe handle.isPlain(in: FlowRecord(record.tree)!) else { return (handle, nil) }
        record.handle = nil
        return unsafe (nil, handle.body.take())
    }
}

extension FlowRecord {
    /// - Parameter parcel: where the flow finds its first value.
    /// - Returns: false when the system has no memory for a stack.
    @usableFromInline
    func begin(_ core: SchedulerCore, _ parcel: UnsafeMutableRawPointer) -> Bool {
        guard let stack = core.takeStack(size: stackSize) else { return false }
        self.stack = stack
        state = .active
        unsafe slot = unsafe parcel
        if let parent {
            let root = unsafe FlowRecord(parent.tree) ?? parent.chainRoot
            unsafe tree = root.pointer
            link(before: root)
        } else {
            link(before: Flows.of(core).generatorRing)
        }
        if core.attention.contains(.sanitizer) {
            unsafe stack_sanitizer_prepare(sanitizer, stack.bottom(size: stackSize), stackSize)
        }
        unsafe fields.pointee.context = unsafe stack_prepare(
            stack.top,
            { argument in
                let record = unsafe FlowRecord(fields: argument.assumingMemoryBound(to: Fields.self))
                unsafe record.code.unsafelyUnwrapped.live(record)
            },
            fields
        )
        return true
    }

    /// After the end, still on the stack. May free the record.
    @usableFromInline
    func finish(_ core: SchedulerCore) {
        unlink()
        unsafe tree = nil
        if core.attention.contains(.sanitizer) {
            unsafe Flows.of(core).fields.pointee.ended = unsafe core.visibleCurrent.sanitizer.pointee
        }
        let stack = self.stack!
        self.stack = nil
        core.retire(stack)
        handle = nil
        if references == 0 { discard() }
    }

    @usableFromInline
    func dropKeptHandle() {
        let kept = unsafe fields.pointee.keptHandle.take()
        // Not before the field is empty: it may be the last reference.
        withExtendedLifetime(kept) {}
    }
}

extension SchedulerCore {
    /// From the stack of a flow that has ended.
    @usableFromInline
    func leaveForEver(to target: FlowRecord) {
        unsafe visibleCurrent.flow = target.pointer
        let flows = unsafe Flows.of(self).fields
        if attention.contains(.sanitizer) {
            unsafe flows.pointee.departed = nil
            unsafe stack_sanitizer_leave(&flows.pointee.ended, target.sanitizer, true)
        }
        target.switchStackForEver()
        fatalError("A greenlet that has ended was resumed.")
    }
}
