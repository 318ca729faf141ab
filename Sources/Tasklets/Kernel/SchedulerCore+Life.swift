import CTasklets

/// How a tasklet is made, begins to run, and ends; where its stack comes from and goes.
extension SchedulerCore {
    /// Makes a tasklet that is queued, or else paused.
    ///
    /// - Returns: the handle, not retained: the record keeps it, also that of a paused one for now.
    @usableFromInline
    func makeTasklet(
        name: String?,
        stackSize: Int,
        scheduled: Bool,
        fileID: StaticString,
        line: UInt,
        _ body: consuming @escaping () throws -> Void
    ) -> Unmanaged<TaskletHandle> {
        let record = makeRecord(name: name, stackSize: stackSize, fileID: fileID, line: line)
        record.setBody(TaskletBody(function: body))
        _ = enter()
        if let extras = (fields.currentDuringCallback ?? head)?.fields.extras { record.inheritLocals(from: extras) }
        addToLiving(record, scheduled: scheduled)
        leave()
        return unsafe .passUnretained(record.handle.unsafelyUnwrapped)
    }

    /// The same inside the gate, in a job that another thread has left (`SchedulerCore+Inbox`).
    package func addTasklet(
        name: String? = nil,
        stackSize: Int = Tasklet.defaultStackSize,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: @escaping () throws -> Void
    ) {
        let record = makeRecord(name: name, stackSize: stackSize, fileID: fileID, line: line)
        record.setBody(TaskletBody(function: body))
        addToLiving(record, scheduled: true)
    }

    @inline(__always)
    func addToLiving(_ record: TaskletRecord, scheduled: Bool) {
        linkLiving(record)
        if scheduled {
            append(record)
        } else {
            record.state = .paused
        }
    }

    /// The head of the ring, ready to be switched to: one that never ran gets a stack with a first frame. When the
    /// system has none it ends with `TaskletError.outOfMemory`, and the next head is tried.
    ///
    /// - Returns: maybe `me`, to which the error has come.
    @usableFromInline @inline(never)
    func readyHead(leaving me: TaskletRecord) -> TaskletRecord {
        while true {
            passMarker(leaving: me)
            let target = self.me
            if target == me || target.hasFrames { return target }
            if target == fields.marker { continue }
            if giveStack(to: target) { return target }
            endWithoutStack(target)
        }
    }

    /// Makes a tasklet that never ran ready to be switched to; false when the system has no stack for it.
    @inline(__always)
    func giveStack(to tasklet: TaskletRecord, clear: Bool = false) -> Bool {
        guard let stack = takeStack(size: tasklet.fiber.stackSize) else { return false }
        if clear { unsafe stack_clear(stack.bottom(size: tasklet.fiber.stackSize), tasklet.fiber.stackSize) }
        unsafe tasklet.fiber.prepare(on: stack, argument: memory) { unsafe SchedulerCore.runTasklets($0) }
        return true
    }

    /// The error handler is not asked: it would have to run on the stack that is missing.
    private func endWithoutStack(_ tasklet: TaskletRecord) {
        unlinkLiving(tasklet)
        tasklet.state = .dead
        tasklet.fields.hasEnded = true
        let isKept = tasklet.fields.extras?.keep(TaskletError.outOfMemory) ?? false
        // At once: others may wait for its end, and would be in a deadlock without it.
        var leftovers = [tasklet.takeLeftovers()]
        outsideGate(current: tasklet) { leftovers.removeAll() }
        unlink(tasklet)
        if !isKept {
            if let former = hooks.lastUncaught { discard(former) }
            hooks.lastUncaught = UncaughtError(error: TaskletError.outOfMemory, tasklet: tasklet)
            deliverUncaught(TaskletError.outOfMemory)
        } else if head == nil {
            wakeSomebodyAtEnd()
        }
        tasklet.dropHandle()
    }

    /// What runs on every stack: tasklet after tasklet, as long as the next one is new and fits on the same stack.
    private static func runTasklets(_ argument: UnsafeMutableRawPointer) {
        let core = unsafe SchedulerCore(memory: argument.assumingMemoryBound(to: Fields.self))
        if core.attention.contains(.sanitizer) { unsafe core.announceArrival(core.me.fiber.sanitizer) }
        repeat {
            if let target = core.runTasklet() { core.leaveForEver(to: target) }
        } while true
    }

    /// Runs the current tasklet to its end. A call of its own: what its frame holds, an uncaught error above all, is
    /// released when it returns, while the caller's frame is left for ever.
    ///
    /// - Returns: who goes on, on another stack; `nil` when the next tasklet is a new one, which runs on this stack.
    @inline(never)
    private func runTasklet() -> TaskletRecord? {
        let me = self.me
        let error = runBody(of: me)
        endFibers(of: me)
        // Here, where what goes with them may still wait.
        if let extras = me.fields.extras { extras.locals = nil }
        return end(me, with: error)
    }

    /// Runs the body and returns the error that is to be passed on, if any. What the body held is released when this
    /// returns: the tasklet is still the current one then.
    @inline(never)
    private func runBody(of me: TaskletRecord) -> (any Error)? {
        let error = me.takeError()
        let body = me.takeBody()
        leave()
        do {
            // Who was sent an error before it ever ran does not run.
            if let error { throw error }
            try body.call()
            return nil
        } catch {
            if isQuiet(error, in: me) { return nil }
            if let extras = me.fields.extras, extras.keep(error) { return nil }
            return askErrorHandler(about: error, of: me)
        }
    }

    /// Whether the tasklet ends without a word: it was killed, or was asked to end and did so.
    private func isQuiet(_ error: any Error, in me: TaskletRecord) -> Bool {
        if error is TaskletExit { return true }
        guard error is CancellationError else { return false }
        return insideGate { _ in me.fields.refusals.contains(.cancelled) }
    }

    private func askErrorHandler(about error: any Error, of me: TaskletRecord) -> (any Error)? {
        guard let handler = hooks.errorHandler else {
            hooks.lastUncaught = UncaughtError(error: error, tasklet: me)
            return error
        }
        do {
            try handler(error)
            return nil
        } catch is TaskletExit {
            return nil
        } catch {
            hooks.lastUncaught = UncaughtError(error: error, tasklet: me)
            return error
        }
    }

    /// Leaves the ring for good.
    ///
    /// - Returns: as `runTasklet`.
    @inline(never)
    private func end(_ me: TaskletRecord, with error: (any Error)?) -> TaskletRecord? {
        let attention = enter()
        unlinkLiving(me)
        me.state = .dead
        me.fields.hasEnded = true
        if me.fields.extras != nil { endExtras(of: me) }
        if me.fields.limit != nil { dropLimits(of: me) }
        unlink(me)
        // Sent by another thread after the last switch: too late.
        if me.error != nil { discard(me.takeError()!) }
        if let error {
            deliverUncaught(error)
        } else if head == nil {
            wakeSomebodyAtEnd()
        }
        // After an error the program has said who goes on.
        if !attention.isEmpty { beforeSwitch(from: me, at: error == nil ? .end : .fixed) }
        // A callback may have left fibers in the tasklet that ends.
        if me.innermost != nil { outsideGate(current: me) { endFibers(of: me) } }
        // Looks at the tasklet when nobody else is in the ring.
        passMarker(leaving: me)
        let sanitizer = attention.contains(.sanitizer) ? unsafe me.fiber.sanitizer.pointee : unsafe stack_sanitizer()
        let stackSize = me.fiber.stackSize
        let stack = me.fiber.takeStack()
        me.fields.dropCount = 0
        me.fields.refusals.formIntersection(.blockTrap)
        me.fields.refusalCount = 0
        // May free the record: nothing of it is used below.
        letGo(of: me)

        var target = self.me
        if !target.hasFrames {
            if target.fiber.stackSize == stackSize {
                target.fields.fiber.stack = stack
                if attention.contains(.sanitizer) { unsafe target.fiber.sanitizer.pointee = unsafe sanitizer }
                return nil
            }
            target = readyHead(leaving: me)
        }
        retire(stack)
        if attention.contains(.sanitizer) { unsafe endedSanitizer.pointee = unsafe sanitizer }
        return target
    }

    private func leaveForEver(to target: TaskletRecord) {
        if attention.contains(.sanitizer) {
            unsafe prepareToLeave(nil)
            unsafe stack_sanitizer_leave(endedSanitizer, target.fiber.sanitizer, true)
        }
        target.fiber.switchStackForEver()
        fatalError("An ended tasklet was resumed.")
    }

    // MARK: Stacks

    /// We still stand on the stack, so it is kept aside; the one before it is free by now.
    package func retire(_ stack: Stack) {
        if let former = fields.retiredStack { giveBack(former) }
        fields.retiredStack = stack
    }

    func giveBack(_ stack: Stack) {
        unsafe fields.stackPools.pointee.give(stack)
    }

    /// `nil` when the system has no memory or no mapping left, also after all schedulers of the thread have given back
    /// what they keep for later.
    package func takeStack(size: Int) -> Stack? {
        if let stack = fields.retiredStack, unsafe stack.region.stackSize == size {
            fields.retiredStack = nil
            return stack
        }
        if let stack = unsafe fields.stackPools.pointee.take(size: size) { return stack }
        var hasRoom = false
        var owner: SchedulerCore? = self
        while let core = owner {
            if unsafe core.fields.stackPools.pointee.giveBackUnused() { hasRoom = true }
            owner = core.outer
        }
        return hasRoom ? unsafe fields.stackPools.pointee.take(size: size) : nil
    }
}
