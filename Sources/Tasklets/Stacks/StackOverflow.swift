import CTasklets

/// Says whose stack has overflowed, before the process ends with the usual crash report.
///
/// Runs in a signal handler, in the middle of whatever overflowed: nothing here allocates memory or takes a lock.
enum StackOverflow {
    /// Called once for each thread that gets a scheduler.
    static func watch() {
        unsafe stack_overflow_watch { address, stackPointer in
            unsafe SchedulerCore.currentIfAny?.describeOverflow(at: address, stackPointer: stackPointer)
        }
    }

    fileprivate static func write(_ text: StaticString) {
        unsafe report_bytes(text.utf8Start, text.utf8CodeUnitCount)
    }

    fileprivate static func write(_ text: String) {
        // Native strings lend their storage; a small one is copied to the stack.
        _ = unsafe text.utf8.withContiguousStorageIfAvailable { bytes in
            unsafe report_bytes(bytes.baseAddress!, bytes.count)
        }
    }

    fileprivate static func write(
        kind: StaticString,
        name: String?,
        number: Int,
        fileID: StaticString,
        line: UInt,
        stackSize: Int,
        maker: StaticString
    ) {
        write("Stack overflow: ")
        write(kind)
        write(" '")
        if let name {
            write(name)
        } else {
            write(kind)
            write("-")
            write(number)
        }
        write("' (made at ")
        write(fileID)
        write(":")
        write(Int(line))
        write(") has used up its stack of ")
        write(stackSize)
        write(" bytes. If it needs more: ")
        write(maker)
        write("(stackSize: ")
        write(stackSize * 4)
        write(").\n")
    }

    fileprivate static func write(_ number: Int) {
        if number >= 10 { write(number / 10) }
        var digit = UInt8(truncatingIfNeeded: number % 10) + UInt8(ascii: "0")
        unsafe report_bytes(&digit, 1)
    }
}

extension Stack {
    private func guardContains(_ address: UnsafeMutableRawPointer, size: Int) -> Bool {
        unsafe (1...region.guards.size).contains(bottom(size: size) - address)
    }

    /// Whether the one that runs on this stack has left it at its end. The fault lies in the guard, as a rule. Or the
    /// stack pointer has stepped over it with a frame that is larger, and what did not bear the access is another
    /// stack's guard, or memory that is no stack at all.
    fileprivate func isOverflowed(
        at address: UnsafeMutableRawPointer,
        stackPointer: UnsafeMutableRawPointer?,
        size: Int
    ) -> Bool {
        if unsafe guardContains(address, size: size) { return true }
        guard let stackPointer = unsafe stackPointer else { return false }
        return unsafe stackPointer < bottom(size: size) && stackPointer >= region.memory
    }

    /// The same for a stack that may not be the one the thread stands on.
    fileprivate func isOverflowedFromInside(
        at address: UnsafeMutableRawPointer,
        stackPointer: UnsafeMutableRawPointer?,
        size: Int
    ) -> Bool {
        guard let stackPointer = unsafe stackPointer, unsafe guardContains(address, size: size) else { return false }
        return unsafe (-size...region.guards.size).contains(bottom(size: size) - stackPointer)
    }
}

extension SchedulerCore {
    /// Writes the message if a stack of this scheduler ends there.
    fileprivate func describeOverflow(at address: UnsafeMutableRawPointer, stackPointer: UnsafeMutableRawPointer?) {
        // Whose stack it is, and not who is current: the last bytes may be needed in the middle of a switch.
        var isDescribed = false
        forEachLiving { tasklet in
            isDescribed = describeOverflow(of: tasklet) { stack, size in
                unsafe stack.isOverflowedFromInside(at: address, stackPointer: stackPointer, size: size)
            }
            return !isDescribed
        }
        if isDescribed { return }
        // The fault lies beyond the guard: then it is the stack that the thread should be on.
        guard let running = fields.currentDuringCallback ?? head else { return }
        isDescribed = describeOverflow(of: running) { stack, size in
            unsafe stack.isOverflowed(at: address, stackPointer: stackPointer, size: size)
        }
        if !isDescribed, running == main, running.stack == nil, unsafe running.flowHeader == nil {
            unsafe describeOverflowOfMain(at: address, stackPointer: stackPointer)
        }
    }

    /// Writes the message if the stack that the tasklet stands on is an overflowed one.
    private func describeOverflow(
        of tasklet: TaskletRecord,
        where isOverflowed: (_ stack: Stack, _ size: Int) -> Bool
    ) -> Bool {
        if let flow = unsafe tasklet.flowHeader {
            guard let stack = unsafe flow.pointee.stack, unsafe isOverflowed(stack, flow.pointee.stackSize) else {
                return false
            }
            unsafe StackOverflow.write(
                kind: flow.pointee.kind,
                name: flow.pointee.name,
                number: flow.pointee.number,
                fileID: flow.pointee.fileID,
                line: flow.pointee.line,
                stackSize: flow.pointee.stackSize,
                maker: flow.pointee.maker
            )
            return true
        }
        guard let stack = tasklet.stack, isOverflowed(stack, tasklet.stackSize) else { return false }
        StackOverflow.write(
            kind: "tasklet",
            name: tasklet.name,
            number: tasklet.number,
            fileID: tasklet.fileID,
            line: UInt(tasklet.line),
            stackSize: tasklet.stackSize,
            maker: "Tasklet"
        )
        return true
    }

    private func describeOverflowOfMain(
        at address: UnsafeMutableRawPointer,
        stackPointer: UnsafeMutableRawPointer?
    ) {
        // A scope's main may run on a tasklet's stack; then the limit is not what overflowed.
        guard let limit = unsafe fields.threadStack.lowest else { return }
        // The guard of a thread is a page; the kernel keeps a megabyte free below the first one's stack.
        let reach = 1 << 20
        let isAtLimit = unsafe (-reach..<1 << 16).contains(address - limit)
        let isBelow = unsafe stackPointer.map { unsafe (-reach..<0).contains($0 - limit) } ?? false
        guard isAtLimit || isBelow else { return }
        StackOverflow.write(
            """
            Stack overflow: the main tasklet has used up the stack of its thread. If it needs more: run the work in a \
            Tasklet(stackSize: …), or give the thread a larger stack.

            """
        )
    }
}
