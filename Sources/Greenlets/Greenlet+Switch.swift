public import CTasklets
public import Tasklets

/// What travels at a switch.
@usableFromInline
enum Parcel<Value> {
    case value(Value)
    case error(any Error)
}

extension Greenlet {
    /// Hands control and a value to this greenlet. Returns what somebody sends to the caller later, whoever that is.
    ///
    /// The first switch starts the body with the value. A switch to a greenlet that has ended goes to its parent, and so
    /// on up; a switch to oneself returns the value at once.
    ///
    /// - Throws: an error that was thrown at the caller, or that left one of its children;
    ///   ``GreenletError/otherThread``, ``GreenletError/otherTree``, ``GreenletError/ended``, ``GreenletError/noBody``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable @inline(__always)
    @discardableResult
    public final func `switch`(_ value: consuming Value) throws -> Value {
        let core = SchedulerCore.current
        let tasklet = core.me
        guard core.attention.isEmpty, let me = FlowRecord(tasklet.innermost), let slot = unsafe record.fields.slot,
            me.fields.tree == record.fields.tree, me.fields.references > 0
        else { return try transfer(.value(value)) }
        var arrived: Value?
        unsafe slot.assumingMemoryBound(to: Value?.self).initialize(to: consume value)
        unsafe record.fields.slot = nil
        tasklet.innermost = record.fiber
        unsafe withUnsafeMutablePointer(to: &arrived) { arrived in
            unsafe me.fields.slot = UnsafeMutableRawPointer(arrived)
            me.fiber.switchStack(to: record.fiber)
        }
        if !core.attention.isEmpty || arrived == nil { try me.settle(&arrived, core) }
        return unsafe arrived.take().unsafelyUnwrapped
    }

    /// The same without a value.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable @inline(__always)
    public final func `switch`() throws where Value == Void {
        try self.switch(())
    }

    /// Hands control to this greenlet and throws the error where it waits. Returns what somebody sends to the caller.
    ///
    /// A greenlet that has not started does not run: it is dead at once, and the error goes to its parent. So it does
    /// with one that has ended. ``GreenletExit`` is not thrown in a parent, which gets it as a value.
    ///
    /// - Throws: as ``switch(_:)``; the error itself when the caller throws it at itself.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @discardableResult
    public final func `throw`(_ error: any Error = GreenletExit()) throws -> Value {
        try transfer(.error(error))
    }

    /// A switch or throw, whatever there is to heed.
    @inlinable @inline(never)
    final func transfer(_ parcel: consuming Parcel<Value>) throws -> Value {
        let core = SchedulerCore.current
        try record.checkReach(from: core)
        let me = Greenlet.membership(core)
        try record.checkTree(of: me)
        if record.fields.state == .unstarted, !hasBody(in: me.fields.tree!) { throw GreenletError.noBody }
        // Kept in this frame until the target has taken it.
        var outgoing: Parcel<Value>? = consume parcel
        var arrived: Value?
        try unsafe withUnsafeMutablePointer(to: &outgoing) { outgoing in
            try unsafe withUnsafeMutablePointer(to: &arrived) { arrived in
                let next = unsafe Greenlet.route(outgoing, to: record, from: me, core)
                if next == me {
                    try core.arriveAtOnce()
                    switch unsafe outgoing.pointee.take()! {
                    case .value(let value): unsafe arrived.pointee = value
                    case .error(let error): throw error
                    }
                } else {
                    unsafe me.fields.slot = UnsafeMutableRawPointer(arrived)
                    me.go(to: next, core)
                    if unsafe !core.attention.isEmpty || arrived.pointee == nil {
                        try unsafe me.settle(&arrived.pointee, core)
                    }
                }
            }
        }
        return unsafe arrived.take().unsafelyUnwrapped
    }

    /// Decides who gets the parcel, and delivers it. The chosen one runs on when it is switched to.
    ///
    ///     dead        its parent, and so on up
    ///     unstarted   starts with a value; dies of an error, which goes to its parent
    ///     suspended   gets it
    ///
    /// - Parameters:
    ///   - parcel: what has been delivered is gone from it. It remains where it is when the chosen one has to start, and
    ///     then takes it; or is the origin itself.
    ///   - origin: who runs, or has just ended.
    @inlinable
    static func route(
        _ parcel: UnsafeMutablePointer<Parcel<Value>?>,
        to target: FlowRecord,
        from origin: FlowRecord,
        _ core: SchedulerCore
    ) -> FlowRecord {
        let me = origin
        var origin = origin
        var target = target
        while true {
            switch target.fields.state {
            case .dead:
                if case .error = unsafe parcel.pointee { unsafe turnExitIntoValue(&parcel.pointee) }
                target = unsafe target.fields.parent.unsafelyUnwrapped
            case .unstarted:
                if unsafe start(target, with: parcel, from: origin, core) { return target }
                origin = target
                target = unsafe target.fields.parent.unsafelyUnwrapped
            case .active:
                if core.attention.contains(.greenletTracing) { unsafe note(parcel, from: origin, to: target, core) }
                if let slot = unsafe target.fields.slot {
                    switch unsafe parcel.pointee.take().unsafelyUnwrapped {
                    case .value(let value):
                        unsafe slot.assumingMemoryBound(to: Value?.self).initialize(to: value)
                    case .error(let error):
                        target.fields.fiber.error = error
                    }
                    unsafe target.fields.slot = nil
                } else if target != me {
                    fatalError("A greenlet is to get a value that it does not wait for.")
                }
                return target
            }
        }
    }

    @usableFromInline @inline(never)
    static func note(
        _ parcel: UnsafeMutablePointer<Parcel<Value>?>,
        from origin: FlowRecord,
        to target: FlowRecord,
        _ core: SchedulerCore
    ) {
        let kind: GreenletEvent.Kind = if case .error = unsafe parcel.pointee { .throw } else { .switch }
        core.noteEvent(GreenletEvent(kind: kind, origin: handle(of: origin), target: handle(of: target)))
    }

    /// Who ends by the exit error has no value to give. Where the value type can hold the error the parent gets that, else
    /// a value that says nothing, `nil` or `()`; where there is none, an error.
    @usableFromInline @inline(never)
    static func turnExitIntoValue(_ parcel: inout Parcel<Value>?) {
        guard case .error(let error) = parcel, error is GreenletExit else { return }
        if let value = error as? Value {
            parcel = .value(value)
        } else if let optional = Value.self as? any ExpressibleByNilLiteral.Type, let value = optional.none as? Value {
            parcel = .value(value)
        } else if let value = () as? Value {
            parcel = .value(value)
        } else {
            parcel = .error(GreenletError.exitedWithoutValue)
        }
    }
}

extension ExpressibleByNilLiteral {
    fileprivate static var none: Any { Self(nilLiteral: ()) }
}

extension FlowRecord {
    /// Parks this flow and goes on with `target`.
    @inlinable @inline(__always)
    func go(to target: FlowRecord, _ core: SchedulerCore) {
        let attention = core.attention
        // Nobody refers to it, so nobody could ever resume it: it is ended by the one that runs next.
        if fields.references == 0 { core.discardUnreachable(self) }
        core.visibleCurrent.innermost = target.fiber
        if attention.contains(.sanitizer) {
            core.prepareToLeave(self)
            unsafe stack_sanitizer_leave(fiber.sanitizer, target.fiber.sanitizer, false)
        }
        fiber.switchStack(to: target.fiber)
    }

    /// The rare part of an arrival: what the sanitizer and the tracer are told, what was dropped elsewhere. Throws the
    /// error that has come instead of a value.
    @inlinable @inline(never)
    func settle<Value>(_ arrived: inout Value?, _ core: SchedulerCore) throws {
        // Taken first: what was dropped elsewhere may be ended here, by switches of this flow.
        let error = fiber.takeError()
        do {
            try core.arrive(at: self)
        } catch {
            arrived = nil
            throw error
        }
        if let error { throw error }
    }

    @usableFromInline
    func checkReach(from core: SchedulerCore) throws(GreenletError) {
        guard self.core == core else { throw self.core.insideGate { _ in self.core.isEnded } ? .ended : .otherThread }
    }

    @usableFromInline
    func checkTree(of me: FlowRecord) throws(GreenletError) {
        let root = chainRoot
        if root == me.fields.tree { return }
        throw root.fields.state == .dead ? .ended : .otherTree
    }
}
