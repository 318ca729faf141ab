import CTasklets

/// How much of its stack a tasklet uses, in bytes.
public struct StackUse: Equatable, Sendable {
    /// From the stack's base to where the tasklet is now.
    public let inUse: Int
    /// How far the tasklet has ever gone down, itself and everything it called. `nil` unless
    /// ``Scheduler/marksStacks`` was set when the tasklet began.
    ///
    /// Found by looking for the lowest word that is not zero: zeros that were written at the very end are not seen.
    public let highest: Int?
    /// What there is.
    public let size: Int
}

extension Tasklet {
    /// How much of its stack the tasklet uses; `nil` before it has begun, after its end, and for one that runs on another
    /// thread right now.
    ///
    /// Costs some ten nanoseconds, and where there is a mark about ten microseconds for each 256 KiB of the stack.
    public var stackUse: StackUse? {
        var here = unsafe stack_context()
        unsafe stack_here(&here)
        return record.scheduler.insideGate { isForeign in
            unsafe record.scheduler.stackUse(of: record, here: isForeign ? nil : here)
        }
    }
}

extension Scheduler {
    /// Whether tasklets that begin from now on get a clear stack, so that ``StackUse/highest`` and ``dump(frames:)`` tell
    /// how much of it they have touched. To find out which `stackSize` is enough.
    ///
    /// Costs nothing while it is off. On, each beginning takes some microseconds more, and each switch some nanoseconds.
    /// Switched off, all marks are forgotten.
    public var marksStacks: Bool {
        get { core.attention.contains(.stackMarks) }
        set {
            core.insideGate { _ in
                core.setAttention(.stackMarks, newValue)
                if newValue { return }
                core.forEachLiving { tasklet in
                    tasklet.fields.hasStackMark = false
                    return true
                }
            }
        }
    }
}

/// Looking at the stacks of a scheduler. All inside its gate, from whatever thread: who is parked stays so meanwhile.
extension SchedulerCore {
    /// The stack that the tasklet stands on; `nil` when it has none.
    func stackBounds(of tasklet: TaskletRecord) -> stack_bounds? {
        if let bounds = unsafe tasklet.stackHolder.stackBounds { return unsafe bounds }
        guard tasklet == main, main.state != .dead else { return nil }
        // The main tasklet of a scope stands on the stack of whoever began the scope.
        if let outer {
            guard let beginner = outer.fields.currentDuringCallback ?? outer.head else { return nil }
            return unsafe outer.stackBounds(of: beginner)
        }
        let bounds = unsafe fields.threadStack
        return unsafe bounds.lowest == nil ? nil : bounds
    }

    /// Where the tasklet is; `nil` when it has no frames, or runs and `here` is not given.
    ///
    /// - Parameter here: where the calling thread is, if it is the scheduler's own.
    func position(of tasklet: TaskletRecord, here: stack_context?) -> stack_context? {
        if let sleep = unsafe fields.sleepContext {
            // The thread sleeps on somebody's stack, without having parked that one.
            if let bounds = unsafe stackBounds(of: tasklet), unsafe bounds.contains(sleep.stack_pointer) {
                return unsafe sleep
            }
        } else if isRunning(tasklet) {
            return unsafe here
        }
        return unsafe tasklet.hasFrames ? tasklet.fields.fiber.context : nil
    }

    func stackUse(of tasklet: TaskletRecord, here: stack_context?) -> StackUse? {
        guard let bounds = unsafe stackBounds(of: tasklet), let position = unsafe position(of: tasklet, here: here),
            unsafe bounds.contains(position.stack_pointer)
        else { return nil }
        let inUse = unsafe bounds.highest! - position.stack_pointer!
        let holder = tasklet.stackHolder
        // Only a tasklet's own stack is marked.
        let isMarked = tasklet.fields.hasStackMark && holder == tasklet.fiber
        return unsafe StackUse(
            inUse: inUse,
            highest: isMarked ? max(inUse, bounds.highest! - stack_lowest_used(bounds)) : nil,
            size: holder.fields.stack == nil ? bounds.highest! - bounds.lowest! : holder.stackSize
        )
    }

    /// Before a switch while stacks are marked: the tasklet that begins next gets its stack here, cleared.
    func beginStackMark(after me: TaskletRecord) {
        if me.state == .dead { me.fields.hasStackMark = false }
        let target = self.me
        if !target.hasFrames { target.fields.hasStackMark = target != main && giveStack(to: target, clear: true) }
    }
}

extension stack_bounds {
    fileprivate func contains(_ address: UnsafeMutableRawPointer?) -> Bool {
        guard let address = unsafe address, let lowest = unsafe lowest, let highest = unsafe highest else {
            return false
        }
        return unsafe address >= lowest && address < highest
    }
}
