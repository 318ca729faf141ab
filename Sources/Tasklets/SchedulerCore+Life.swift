import CStackSwitch

/// A tasklet's first breath and its end.
extension SchedulerCore {
    /// Gives a tasklet that is about to run for the first time a stack with a first frame.
    @usableFromInline @inline(never)
    func giveStack(to tasklet: TaskletRecord) {
        guard let stack = takeStack(size: tasklet.stackSize) else {
            fatalError("The system has no memory left for a stack of \(tasklet.stackSize) bytes.")
        }
        unsafe tasklet.prepare(on: stack, argument: fields) { unsafe SchedulerCore.liveAndDie($0) }
    }

    /// What runs on every stack: tasklet after tasklet, as long as the next one is new and fits on the same stack.
    private static func liveAndDie(_ argument: UnsafeMutableRawPointer) {
        let core = unsafe SchedulerCore(fields: argument.assumingMemoryBound(to: Fields.self))
        repeat {
            if let target = core.liveOnce() { core.leaveForEver(to: target) }
        } while true
    }

    /// Runs the current tasklet to its end. A call of its own: what its frame holds, an uncaught error above all, is
    /// released when it returns, while the caller's frame is left for ever.
    ///
    /// - Returns: who goes on, on another stack; `nil` when the next tasklet is a new one, which runs on this stack.
    @inline(never)
    private func liveOnce() -> TaskletRecord? {
        let me = self.me
        let body = me.takeLeftovers()
        leave()
        return end(me, with: run(body.0, of: me, afterThrowing: body.1))
    }

    /// Runs the body and returns the error that is to be passed on, if any.
    ///
    /// - Parameter error: sent before the tasklet ever ran: then it does not run.
    @inline(never)
    private func run(_ body: TaskletBody?, of me: TaskletRecord, afterThrowing error: (any Error)?) -> (any Error)? {
        do {
            if let error { throw error }
            try body?.call()
            return nil
        } catch is TaskletExit {
            return nil
        } catch {
            return askErrorHandler(about: error, of: me)
        }
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
    /// - Returns: as `liveOnce`.
    @inline(never)
    private func end(_ me: TaskletRecord, with error: (any Error)?) -> TaskletRecord? {
        let attention = enter()
        unlinkLiving(me)
        unlink(me)
        me.place = .dead
        // Sent by another thread after the last switch: too late.
        if me.error != nil { discard(me.takeError()!) }
        if let error {
            deliverUncaught(error)
        } else if head == nil {
            wakeSomebodyAtEnd()
        }
        if !attention.isEmpty { beforeSwitch(from: me) }
        let stack = me.stack!
        let stackSize = me.stackSize
        me.stack = nil
        me.forgetContext()
        me.dropCount = 0
        // May free the record: nothing of it is used below.
        me.dropHandle()

        let target = self.me
        if !target.hasFrames {
            if target.stackSize == stackSize {
                target.stack = stack
                return nil
            }
            giveStack(to: target)
        }
        retire(stack)
        return target
    }

    private func leaveForEver(to target: TaskletRecord) {
        target.switchStackForEver()
        fatalError("An ended tasklet was resumed.")
    }

    // MARK: Stacks

    /// We still stand on the stack, so it is kept aside; the one before it is free by now.
    private func retire(_ stack: Stack) {
        if let former = unsafe fields.pointee.retiredStack { giveBack(former) }
        unsafe fields.pointee.retiredStack = stack
    }

    func giveBack(_ stack: Stack) {
        unsafe fields.pointee.stackPools.give(stack)
    }

    private func takeStack(size: Int) -> Stack? {
        if let stack = unsafe fields.pointee.retiredStack, unsafe stack.region.stackSize == size {
            unsafe fields.pointee.retiredStack = nil
            return stack
        }
        return unsafe fields.pointee.stackPools.take(size: size)
    }
}
