import CTasklets
public import Tasklets

/// How a greenlet begins and ends; main greenlets.
extension Greenlet {
    /// The running flow as a member of a tree of this type: itself, or a root in it.
    @inlinable
    static func membership(_ core: SchedulerCore) -> FlowRecord {
        let type = ObjectIdentifier(Value.self)
        if let inner = FlowRecord(core.visibleCurrent.innermost), inner.fields.valueType == type { return inner }
        if let member = core.membership(of: type) { return member }
        let root = core.makeRoot(of: type)
        let handle = Greenlet(record: root)
        root.fields.plainClass = ObjectIdentifier(Swift.type(of: handle as AnyObject))
        root.fields.keptHandle = handle
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
            if core.attention.contains(.greenletTracing) {
                unsafe traceEndBeforeStart(of: record, parcel, from: origin, core)
            }
            record.fields.state = .dead
            record.dropKeptHandle()
            unsafe turnExitIntoValue(&parcel.pointee)
            return false
        }
        guard let handle = record.handle, unsafe unsafeDowncast(handle, to: Greenlet.self).hasBody(in: record.chainRoot)
        else {
            unsafe parcel.pointee = .error(GreenletError.noBody)
            return false
        }
        record.fields.code = FlowCode(live: Greenlet.live, end: Greenlet.end)
        let layout = (size: MemoryLayout<Parcel<Value>?>.size, alignment: MemoryLayout<Parcel<Value>?>.alignment)
        guard unsafe record.begin(core, UnsafeMutableRawPointer(parcel), outcome: layout) else {
            record.fields.state = .dead
            record.dropKeptHandle()
            unsafe parcel.pointee = .error(GreenletError.outOfMemory)
            return false
        }
        if core.attention.contains(.greenletTracing) { unsafe note(parcel, from: origin, to: record, core) }
        return true
    }

    /// An unstarted greenlet dies of an error without running: there is an event all the same.
    @usableFromInline @inline(never)
    static func traceEndBeforeStart(
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
    static func live(_ record: FlowRecord) -> FlowRecord? {
        let core = SchedulerCore.current
        let outcome = unsafe record.fields.outcome.unsafelyUnwrapped.assumingMemoryBound(to: Parcel<Value>?.self)
        unsafe outcome.initialize(to: runBody(of: record, core))
        if record.fields.firstRoot != nil { record.endTrees() }
        record.fields.state = .dead
        if case .error = unsafe outcome.pointee { unsafe turnExitIntoValue(&outcome.pointee) }
        let next = unsafe route(outcome, to: record.fields.parent.unsafelyUnwrapped, from: record, core)
        record.finish(core)
        return next
    }

    /// Runs the body. What it held is released when this returns.
    @inlinable @inline(never)
    static func runBody(of record: FlowRecord, _ core: SchedulerCore) -> Parcel<Value> {
        // Out of the frame of whoever started us, before anything else may run there.
        let first = unsafe record.fields.slot.unsafelyUnwrapped.assumingMemoryBound(to: Parcel<Value>?.self).pointee
            .take()
        unsafe record.fields.slot = nil
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
        if record.fields.keptHandle != nil { record.dropKeptHandle() }
        guard handle.isPlain(in: record.fields.tree!) else { return (handle, nil) }
        record.handle = nil
        return unsafe (nil, handle.body.take())
    }
}

extension FlowRecord {
    /// - Parameters:
    ///   - parcel: where the flow finds its first value.
    ///   - layout: what it leaves at its end.
    /// - Returns: false when the system has no memory for a stack.
    @usableFromInline
    func begin(
        _ core: SchedulerCore,
        _ parcel: UnsafeMutableRawPointer,
        outcome layout: (size: Int, alignment: Int)
    ) -> Bool {
        guard let stack = core.takeStack(size: fiber.stackSize) else { return false }
        fields.state = .active
        unsafe fields.slot = unsafe parcel
        if let parent = fields.parent {
            let root = parent.fields.tree ?? parent.chainRoot
            fields.tree = root
            link(before: root)
        } else {
            link(before: Flows.of(core).fields.generators)
        }
        //     top      ┌───────────────┐
        //              │ outcome       │   still there when the stack has been left
        //     roof     ├───────────────┤
        //              │ first frame   │
        // A frame begins at a multiple of 16.
        let roof = unsafe (stack.top - layout.size).alignedDown(toMultipleOf: max(layout.alignment, 16))
        unsafe fields.outcome = unsafe roof
        unsafe fiber.prepare(on: stack, below: roof, argument: UnsafeMutableRawPointer(memory)) { argument in
            let record = unsafe FlowRecord(memory: argument.assumingMemoryBound(to: Fields.self))
            if let next = unsafe record.fields.code.unsafelyUnwrapped.live(record) {
                SchedulerCore.current.leaveForEver(to: next)
            } else {
                record.leaveGeneratorForEver(SchedulerCore.current)
            }
        }
        return true
    }

    /// After the end, still on the stack. May free the record.
    @usableFromInline
    func finish(_ core: SchedulerCore) {
        unlink()
        fields.tree = nil
        if core.attention.contains(.sanitizer) {
            unsafe core.endedSanitizer.pointee = unsafe core.visibleCurrent.fiber.sanitizer.pointee
        }
        core.retire(fiber.takeStack())
        handle = nil
        if fields.references == 0 { discard() }
    }

    @usableFromInline
    func dropKeptHandle() {
        let kept = fields.keptHandle.take()
        // Not before the field is empty: it may be the last reference.
        withExtendedLifetime(kept) {}
    }
}

extension SchedulerCore {
    /// From the stack of a flow that has ended.
    @usableFromInline
    func leaveForEver(to target: FlowRecord) {
        visibleCurrent.innermost = target.fiber
        if attention.contains(.sanitizer) {
            unsafe prepareToLeave(nil)
            unsafe stack_sanitizer_leave(endedSanitizer, target.fiber.sanitizer, true)
        }
        target.fiber.switchStackForEver()
        fatalError("A greenlet that has ended was resumed.")
    }
}
