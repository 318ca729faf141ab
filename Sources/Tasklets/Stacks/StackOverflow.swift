import CTasklets

#if canImport(Glibc)
import Glibc
#endif

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

    /// Writes whose stack it is.
    fileprivate static func describe(_ fiber: Fiber) {
        let kind = fiber.fields.origin.kind
        write("Stack overflow: ")
        write(kind)
        write(" '")
        if let name = fiber.fields.origin.name {
            write(name)
        } else {
            write(kind)
            write("-")
            write(fiber.fields.origin.number)
        }
        write("' (made at ")
        write(fiber.fields.origin.fileID)
        write(":")
        write(Int(fiber.fields.origin.line))
        write(") has used up its stack of ")
        write(fiber.stackSize)
        write(" bytes. If it needs more: ")
        // The type that makes one has its name, with a capital letter.
        var capital = unsafe kind.start.pointee & ~0x20
        unsafe report_bytes(&capital, 1)
        unsafe report_bytes(kind.start + 1, strlen(kind.start + 1))
        write("(stackSize: ")
        write(fiber.stackSize * 4)
        write(").\n")
    }

    fileprivate static func write(_ text: LiteralText) {
        unsafe report_bytes(text.start, strlen(text.start))
    }

    fileprivate static func write(_ number: Int) {
        if number >= 10 { write(number / 10) }
        var digit = UInt8(truncatingIfNeeded: number % 10) + UInt8(ascii: "0")
        unsafe report_bytes(&digit, 1)
    }
}

extension Fiber {
    private func guardContains(_ address: UnsafeMutableRawPointer, of stack: Stack) -> Bool {
        unsafe (1...stack.region.guards.size).contains(stack.bottom(size: stackSize) - address)
    }

    /// Whether the fiber, which runs, has left its stack at its end. The fault lies in the guard, as a rule. Or the
    /// stack pointer has stepped over it with a frame that is larger, and what did not bear the access is another
    /// stack's guard, or memory that is no stack at all.
    fileprivate func isOverflowed(
        at address: UnsafeMutableRawPointer,
        stackPointer: UnsafeMutableRawPointer?
    ) -> Bool {
        guard let stack = fields.stack else { return false }
        if unsafe guardContains(address, of: stack) { return true }
        guard let stackPointer = unsafe stackPointer else { return false }
        return unsafe stackPointer < stack.bottom(size: stackSize) && stackPointer >= stack.region.memory
    }

    /// The same for one that may not be the one that runs.
    fileprivate func isOverflowedFromInside(
        at address: UnsafeMutableRawPointer,
        stackPointer: UnsafeMutableRawPointer?
    ) -> Bool {
        guard let stack = fields.stack, let stackPointer = unsafe stackPointer, unsafe guardContains(address, of: stack)
        else { return false }
        return unsafe (-stackSize...stack.region.guards.size).contains(stack.bottom(size: stackSize) - stackPointer)
    }
}

extension SchedulerCore {
    /// Writes the message if a stack of this scheduler ends there.
    fileprivate func describeOverflow(at address: UnsafeMutableRawPointer, stackPointer: UnsafeMutableRawPointer?) {
        // Whose stack it is, and not who is current: the last bytes may be needed in the middle of a switch.
        var overflowed: Fiber?
        forEachLiving { tasklet in
            let holder = tasklet.stackHolder
            if unsafe holder.isOverflowedFromInside(at: address, stackPointer: stackPointer) { overflowed = holder }
            return overflowed == nil
        }
        if let overflowed { return StackOverflow.describe(overflowed) }
        // The fault lies beyond the guard: then it is the stack that the thread should be on.
        guard let running = fields.currentDuringCallback ?? head else { return }
        let holder = running.stackHolder
        if unsafe holder.isOverflowed(at: address, stackPointer: stackPointer) { return StackOverflow.describe(holder) }
        if running == main, holder.fields.stack == nil {
            unsafe describeOverflowOfMain(at: address, stackPointer: stackPointer)
        }
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
