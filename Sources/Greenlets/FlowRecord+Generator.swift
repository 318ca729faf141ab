public import CTasklets
public import Tasklets

/// The switches of a generator: from the consumer into it, and back.
extension FlowRecord {
    @inlinable @inline(__always)
    func switchFromConsumer() {
        unsafe stack_switch(&fields.consumer, &fields.fiber.context)
    }

    @inlinable @inline(__always)
    func switchToConsumer() {
        unsafe stack_switch(&fields.fiber.context, &fields.consumer)
    }

    @inline(__always)
    func switchToConsumerForEver() {
        // Where this one is parked is never used.
        var unused = unsafe stack_context()
        unsafe stack_switch(&unused, &fields.consumer)
    }

    // MARK: The consumer's side

    /// False when the generator has ended.
    @usableFromInline
    func isResumable(in core: SchedulerCore) throws(GreenletError) -> Bool {
        guard self.core == core else { throw .otherThread }
        if fields.state == .dead { return false }
        if fields.runner != nil { throw .generatorIsRunning }
        return true
    }

    /// Runs the generator until it yields or ends.
    @usableFromInline @inline(never)
    func enterGenerator(_ core: SchedulerCore) throws {
        let tasklet = core.visibleCurrent
        // Another tasklet may be the next to resume it.
        core.touchEverything()
        if fields.innermost == nil { fields.innermost = self }
        // Those inside it run in this tasklet now, too.
        var inside = fields.innermost
        while let flow = inside, flow != self {
            if flow.fields.runner != nil { flow.fields.runner = tasklet }
            inside = flow.outer
        }
        fields.runner = tasklet
        fields.consumerFlow = FlowRecord(tasklet.innermost)
        tasklet.innermost = fields.innermost?.fiber
        var here = unsafe stack_sanitizer()
        if core.attention.contains(.sanitizer) { unsafe here = unsafe tasklet.fiber.sanitizer.pointee }
        unsafe withUnsafeMutablePointer(to: &here) { here in
            if core.attention.contains(.sanitizer) {
                unsafe fields.consumerSanitizer = unsafe here
                unsafe core.prepareToLeave(here)
                unsafe stack_sanitizer_leave(here, fiber.sanitizer, false)
            }
            switchFromConsumer()
            if core.attention.contains(.sanitizer) { unsafe core.arrive(on: here) }
        }
        try settleAtConsumer(core)
    }

    /// After the switch back: what was dropped elsewhere, the error that left the body.
    @usableFromInline @inline(never)
    func settleAtConsumer(_ core: SchedulerCore) throws {
        core.settleDiscarded()
        if fields.state == .dead, let error = fiber.takeError() { throw error }
    }

    // MARK: The generator's side

    @usableFromInline
    func checkYield(_ core: SchedulerCore) throws {
        guard fields.runner == core.visibleCurrent else { throw GreenletError.yieldOutside }
        if fields.isBeingEnded {
            fields.refusedYields += 1
            if fields.refusedYields > Self.mostRefusedYields { leaveAbandoned(core) }
            throw GreenletExit()
        }
    }

    /// So many that a loop over a collection comes to its end before, and one without end soon comes to this.
    private static var mostRefusedYields: Int { 100_000 }

    /// Gives up a generator whose body catches `GreenletExit` every time, from its stack: the consumer goes on, and nobody comes back.
    /// The greenlets that wait in the body are ended before. One of them may do the same: it comes here, too.
    private func leaveAbandoned(_ core: SchedulerCore) -> Never {
        if fields.firstRoot != nil { endTrees() }
        abandon()
        leaveGenerator(core)
        fatalError("A generator that was given up was resumed.")
    }

    /// Parks the generator, with all that is inside it.
    @usableFromInline @inline(__always)
    func leaveGenerator(_ core: SchedulerCore) {
        let tasklet = core.visibleCurrent
        fields.runner = nil
        fields.innermost = FlowRecord(tasklet.innermost)
        tasklet.innermost = fields.consumerFlow?.fiber
        if core.attention.contains(.sanitizer) {
            core.prepareToLeave(self)
            unsafe stack_sanitizer_leave(fiber.sanitizer, fields.consumerSanitizer!, false)
        }
        switchToConsumer()
        if core.attention.contains(.sanitizer) { unsafe core.arrive(on: fiber.sanitizer) }
    }

    @usableFromInline @inline(never)
    func settleAtYield(_ core: SchedulerCore, isExit: Bool) throws {
        core.settleDiscarded()
        if isExit { throw GreenletExit() }
    }

    /// After the end of the body, from its stack.
    @usableFromInline
    func leaveGeneratorForEver(_ core: SchedulerCore) {
        fields.state = .dead
        fields.runner = nil
        core.visibleCurrent.innermost = fields.consumerFlow?.fiber
        finish(core)
        if core.attention.contains(.sanitizer) {
            unsafe core.prepareToLeave(nil)
            unsafe stack_sanitizer_leave(core.endedSanitizer, fields.consumerSanitizer!, true)
        }
        switchToConsumerForEver()
        fatalError("A generator that has ended was resumed.")
    }

    // MARK: The end from outside

    /// The last reference goes, on whatever thread.
    @usableFromInline
    func dropGenerator(ownedBy owner: AnyObject) {
        if SchedulerCore.currentIfAny == core {
            if unsafe fields.state == .active && fields.slot != nil { end() }
        } else {
            core.insideGate { _ in
                if fields.state == .active, !core.isEnded { core.discard(Reference(record: self, owner: owner)) }
            }
        }
    }

    /// The first one in a ring that waits to be resumed.
    var firstParked: FlowRecord? {
        var member = next!
        while member != self {
            if unsafe member.fields.slot != nil { return member }
            member = member.next!
        }
        return nil
    }
}

extension Coroutine {
    /// Nobody can ask for more: runs the cleanup.
    @usableFromInline
    static func end(_ record: FlowRecord) {
        record.fields.isBeingEnded = true
        unsafe record.fields.slot = nil
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

    /// After a switch inside a tasklet, on the stack that `here` describes.
    func arrive(on here: UnsafeMutablePointer<stack_sanitizer>) {
        unsafe announceArrival(here)
        unsafe visibleCurrent.fiber.sanitizer.pointee = unsafe here.pointee
    }
}
