public import CTasklets
public import Tasklets

/// The switches of a generator: from the consumer into it, and back.
extension FlowRecord {
    @inlinable @inline(__always)
    func switchFromConsumer() {
        unsafe stack_switch(&fields.pointee.consumer, &fields.pointee.context)
    }

    @inlinable @inline(__always)
    func switchToConsumer() {
        unsafe stack_switch(&fields.pointee.context, &fields.pointee.consumer)
    }

    @inline(__always)
    func switchToConsumerForEver() {
        var nobody = unsafe stack_context()
        unsafe stack_switch(&nobody, &fields.pointee.consumer)
    }

    // MARK: The consumer's side

    /// False when the generator has ended.
    @usableFromInline
    func isResumable(in core: SchedulerCore) throws(GreenletError) -> Bool {
        guard self.core == core else { throw .otherThread }
        if state == .dead { return false }
        if runner != nil { throw .generatorIsRunning }
        return true
    }

    /// Runs the generator until it yields or ends.
    @usableFromInline @inline(never)
    func enterGenerator(_ core: SchedulerCore) throws {
        let tasklet = core.visibleCurrent
        if unsafe innermost == nil { unsafe innermost = unsafe pointer }
        // Those inside it run in this tasklet now, too.
        var inside = unsafe FlowRecord(innermost)
        while let flow = inside, flow != self {
            if flow.runner != nil { flow.runner = tasklet }
            inside = flow.outer
        }
        runner = tasklet
        unsafe consumerFlow = tasklet.flow
        unsafe tasklet.flow = unsafe innermost
        var here = unsafe stack_sanitizer()
        if core.attention.contains(.sanitizer) { unsafe here = unsafe tasklet.sanitizer.pointee }
        unsafe withUnsafeMutablePointer(to: &here) { here in
            if core.attention.contains(.sanitizer) {
                unsafe fields.pointee.consumerSanitizer = unsafe here
                unsafe Flows.of(core).fields.pointee.departed = unsafe here
                unsafe stack_sanitizer_leave(here, sanitizer, false)
            }
            switchFromConsumer()
            if core.attention.contains(.sanitizer) { unsafe core.announceArrival(here) }
        }
        try settleAtConsumer(core)
    }

    /// After the switch back: what was dropped elsewhere, the error that left the body.
    @usableFromInline @inline(never)
    func settleAtConsumer(_ core: SchedulerCore) throws {
        core.settleDiscarded()
        if state == .dead, let error = takeError() { throw error }
    }

    // MARK: The generator's side

    @usableFromInline
    func checkYield(_ core: SchedulerCore) throws {
        guard runner == core.visibleCurrent else { throw GreenletError.yieldOutside }
        if isBeingEnded { throw GreenletExit() }
    }

    /// Parks the generator, with all that is inside it.
    @usableFromInline @inline(__always)
    func leaveGenerator(_ core: SchedulerCore) {
        let tasklet = core.visibleCurrent
        runner = nil
        unsafe innermost = tasklet.flow
        unsafe tasklet.flow = unsafe consumerFlow
        if core.attention.contains(.sanitizer) {
            unsafe sanitizer.pointee = unsafe tasklet.sanitizer.pointee
            unsafe Flows.of(core).fields.pointee.departed = unsafe sanitizer
            unsafe stack_sanitizer_leave(sanitizer, fields.pointee.consumerSanitizer!, false)
        }
        switchToConsumer()
        if core.attention.contains(.sanitizer) { unsafe core.announceArrival(sanitizer) }
    }

    @usableFromInline @inline(never)
    func settleAtYield(_ core: SchedulerCore, isExit: Bool) throws {
        core.settleDiscarded()
        if isExit { throw GreenletExit() }
    }

    /// After the end of the body, from its stack.
    @usableFromInline
    func leaveGeneratorForEver(_ core: SchedulerCore) {
        state = .dead
        runner = nil
        unsafe core.visibleCurrent.flow = unsafe consumerFlow
        finish(core)
        if core.attention.contains(.sanitizer) {
            let flows = unsafe Flows.of(core).fields
            unsafe flows.pointee.departed = nil
            unsafe stack_sanitizer_leave(&flows.pointee.ended, fields.pointee.consumerSanitizer!, true)
        }
        switchToConsumerForEver()
        fatalError("A generator that has ended was resumed.")
    }

    // MARK: The end from outside

    /// The last reference goes, on whatever thread.
    @usableFromInline
    func dropGenerator(ownedBy owner: AnyObject) {
        if SchedulerCore.currentIfAny == core {
            if unsafe state == .active && slot != nil { end() }
        } else {
            core.insideGate { _ in
                if state == .active, !core.isEnded { core.discard(Reference(record: self, owner: owner)) }
            }
        }
    }

    /// The first one in a ring that waits to be resumed.
    var firstParked: FlowRecord? {
        var generator = next!
        while generator != self {
            if unsafe generator.slot != nil { return generator }
            generator = generator.next!
        }
        return nil
    }
}

extension Coroutine {
    /// Nobody can ask for more: runs the cleanup.
    @usableFromInline
    static func end(_ record: FlowRecord) {
        record.isBeingEnded = true
        unsafe record.slot = nil
        do {
            try record.enterGenerator(record.core)
        } catch {
            record.core.loseError(error, of: record)
        }
    }
}

extension SchedulerCore {
    func settleDiscarded() {
        guard attention.contains(.discarded) else { return }
        _ = enter()
        leave()
    }

    /// After a switch, on the stack that `here` describes.
    func announceArrival(_ here: UnsafeMutablePointer<stack_sanitizer>) {
        let flows = unsafe Flows.of(self).fields
        unsafe stack_sanitizer_arrive(here, flows.pointee.departed)
        unsafe flows.pointee.departed = nil
        unsafe stack_sanitizer_end(&flows.pointee.ended)
        unsafe visibleCurrent.sanitizer.pointee = unsafe here.pointee
    }
}
