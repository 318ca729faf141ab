import CStackSwitch

/// Says whose stack has overflowed, before the process ends with the usual crash report.
///
/// Runs in a signal handler, in the middle of whatever overflowed: nothing here allocates memory or takes a lock.
enum StackOverflow {
    /// Called once for each thread that gets a scheduler.
    static func watch() {
        unsafe stack_overflow_watch { address in
            guard let core = SchedulerCore.currentIfAny else { return false }
            return unsafe core.describeOverflow(at: address)
        }
    }

    fileprivate static func write(_ text: StaticString) {
        unsafe stack_write_error(text.utf8Start, text.utf8CodeUnitCount)
    }

    fileprivate static func write(_ text: String) {
        // Native strings lend their storage; a small one is copied to the stack.
        _ = unsafe text.utf8.withContiguousStorageIfAvailable { bytes in
            unsafe stack_write_error(bytes.baseAddress!, bytes.count)
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
        unsafe stack_write_error(&digit, 1)
    }
}

extension Stack {
    /// Whether the address lies in the guard.
    fileprivate func isOverflowed(at address: UnsafeMutableRawPointer, size: Int) -> Bool {
        let distance = unsafe bottom(size: size) - address
        return distance > 0 && distance <= StackRegion.guardSize
    }
}

extension SchedulerCore {
    /// Writes the message if `address` is where the running tasklet's stack ends.
    fileprivate func describeOverflow(at address: UnsafeMutableRawPointer) -> Bool {
        guard let tasklet = head else { return false }
        if let flow = unsafe tasklet.flowHeader {
            guard let stack = unsafe flow.pointee.stack,
                unsafe stack.isOverflowed(at: address, size: flow.pointee.stackSize)
            else { return false }
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
        if tasklet == main { return unsafe describeOverflowOfMain(at: address) }
        guard let stack = tasklet.stack, unsafe stack.isOverflowed(at: address, size: tasklet.stackSize) else {
            return false
        }
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

    private func describeOverflowOfMain(at address: UnsafeMutableRawPointer) -> Bool {
        // A scope's main may run on a tasklet's stack; then the limit is not what overflowed.
        guard let limit = unsafe fields.threadStack.lowest else { return false }
        let distance = unsafe address - limit
        guard (-1 << 20)..<(1 << 16) ~= distance else { return false }
        StackOverflow.write(
            """
            Stack overflow: the main tasklet has used up the stack of its thread. If it needs more: run the work in a \
            Tasklet(stackSize: …), or give the thread a larger stack.

            """
        )
        return true
    }
}
