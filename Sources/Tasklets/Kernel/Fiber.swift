public import CTasklets

/// What can be switched to: a place where it is parked, and a stack.
///
/// A tasklet is one. Others run inside a tasklet, while it is the current one: a module above makes them and switches
/// between them without the scheduler. When the tasklet blocks meanwhile, it is parked on the stack of the innermost one,
/// and the whole tasklet waits.
///
///     tasklet ──innermost──▶ the fiber that runs, nil in a tasklet without any
///                              └─host─▶ … ──▶ one with a stack of its own, or else the tasklet's is meant
///
/// Its memory is the first part of a larger record: of `TaskletRecord`, or of one that the module above has. So the kernel
/// looks at all of them alike: what a stack is, whose it is, that it has overflowed.
///
/// Safe because the record lives as long as anybody refers to it (CONTRIBUTING, "Who frees what"), never moves, and is
/// touched as its kind of record says: inside the gate of `scheduler`, or on the thread of that.
@safe
@usableFromInline
package struct Fiber: Equatable {
    @safe
    @usableFromInline
    package struct Fields: ~Copyable {
        // What a beginning, an end and a report touch.

        /// `nil` in a program without sanitizers. First, since no other thread reads it: ThreadSanitizer takes whatever changes
        /// a field in place for a write to the beginning, and the origin is read by a thread that hands a lock over.
        @usableFromInline package var sanitizer: UnsafeMutablePointer<stack_sanitizer>?
        @usableFromInline package var origin: Origin
        @usableFromInline package var stackSize: UInt32
        @usableFromInline package var stack: Stack?
        /// The fiber on whose stack this one runs; `nil` when it has its own.
        @usableFromInline package var host: Fiber?
        // What a switch touches. It comes last, so that it lies together with what else a switch touches in a record: the
        // order of the fields is measured, and with many tasklets parked each line of the cache more is a miss more.

        /// Where the fiber is parked; all `nil` while it never ran.
        @usableFromInline package var context = unsafe stack_context()
        /// An error that is thrown in the fiber when it goes on.
        @usableFromInline package var error: (any Error)?
        @usableFromInline package var scheduler: SchedulerCore

        package init(kind: LiteralText, scheduler: SchedulerCore) {
            origin = Origin(kind: kind, name: nil, fileID: "", line: 0)
            stackSize = 0
            self.scheduler = scheduler
            if stack_is_sanitized() {
                unsafe sanitizer = .allocate(capacity: 1)
                unsafe sanitizer!.initialize(to: stack_sanitizer())
            }
        }
    }

    @usableFromInline
    package let memory: UnsafeMutablePointer<Fields>

    @inlinable
    package init(memory: UnsafeMutablePointer<Fields>) {
        unsafe self.memory = unsafe memory
    }

    /// Everything that the record has of a fiber. The one way to it: an address, so no access is checked or held open.
    @usableFromInline
    package var fields: Fields {
        @inlinable unsafeAddress { unsafe UnsafePointer(memory) }
        @inlinable nonmutating unsafeMutableAddress { unsafe memory }
    }

    @inlinable
    package static func == (left: Fiber, right: Fiber) -> Bool {
        unsafe left.memory == right.memory
    }
}

// MARK: - Memory

extension Fiber {
    /// A line of the processor's cache, in bytes.
    private static let line = 64
    /// How many bytes of a fiber lie in front of what a switch touches.
    private static let coldSize = 80

    /// Memory for a record that begins with a fiber. What a switch touches begins a line of the processor's cache: a context
    /// that lies in two of them made a ping-pong message 6 % slower (measured).
    package static func allocate<Record: ~Copyable>(_ type: Record.Type) -> UnsafeMutablePointer<Record> {
        let gap = line - coldSize % line
        let memory = UnsafeMutableRawPointer.allocate(byteCount: gap + MemoryLayout<Record>.size, alignment: line)
        return unsafe (memory + gap).bindMemory(to: Record.self, capacity: 1)
    }

    package static func deallocate<Record: ~Copyable>(_ memory: UnsafeMutablePointer<Record>) {
        unsafe (UnsafeMutableRawPointer(memory) - (line - coldSize % line)).deallocate()
    }

    /// Whether the fields lie where `allocate` believes.
    package var isAligned: Bool {
        unsafe withUnsafeMutablePointer(to: &memory.pointee.context) { context in
            unsafe UnsafeRawPointer(context) - UnsafeRawPointer(memory) == Fiber.coldSize
                && UInt(bitPattern: context) % UInt(Fiber.line) == 0
        }
    }
}

// MARK: - Life

extension Fiber {
    /// What a new one says of itself.
    @inlinable
    package func describe(name: String?, number: Int, stackSize: Int, fileID: StaticString, line: UInt) {
        if name != nil { fields.origin.name = name }
        fields.origin.number = number
        fields.origin.fileID = LiteralText(fileID)
        fields.origin.line = UInt32(truncatingIfNeeded: line)
        fields.stackSize = UInt32(stackSize)
    }

    /// Makes the next switch to the fiber call `entry(argument)` on the stack.
    ///
    /// - Parameter roof: where the first frame goes, when something else lies above it.
    @inlinable
    package func prepare(
        on stack: Stack,
        below roof: UnsafeMutableRawPointer? = nil,
        argument: UnsafeMutableRawPointer,
        entry: @convention(c) (UnsafeMutableRawPointer) -> Void
    ) {
        fields.stack = stack
        if unsafe fields.sanitizer != nil { prepareSanitizer(for: stack) }
        unsafe fields.context = unsafe stack_prepare(roof ?? stack.top, entry, argument)
    }

    @usableFromInline
    func prepareSanitizer(for stack: Stack) {
        unsafe stack_sanitizer_prepare(sanitizer, stack.bottom(size: stackSize), stackSize)
    }

    /// Has ended: it has no stack and no frames any more.
    @inlinable
    package func takeStack() -> Stack {
        unsafe fields.context = unsafe stack_context()
        return fields.stack.take()!
    }

    /// Takes out the error that is to be thrown.
    @inlinable
    package func takeError() -> (any Error)? {
        fields.error.take()
    }

    /// To be called before the record is freed.
    package func freeSanitizer() {
        unsafe fields.sanitizer?.deallocate()
    }
}

// MARK: - Switches

extension Fiber {
    /// Whether it has run: there is something to switch to.
    @inlinable
    package var hasFrames: Bool {
        unsafe fields.context.instruction != nil
    }

    /// Parks this fiber, which runs, and goes on with `target`. Returns when somebody switches back.
    @inlinable @inline(__always)
    package func switchStack(to target: Fiber) {
        unsafe stack_switch(&fields.context, &target.fields.context)
    }

    /// Goes on with this fiber, from one that has ended.
    ///
    /// A function like the one above: ThreadSanitizer counts calls and returns for each stack, so all that switch have to
    /// make the same number.
    @inlinable @inline(__always)
    package func switchStackForEver() {
        // Where this one is parked is never used.
        var unused = unsafe stack_context()
        unsafe stack_switch(&unused, &fields.context)
    }

    /// - Precondition: the program is built with a sanitizer.
    @inlinable
    package var sanitizer: UnsafeMutablePointer<stack_sanitizer> {
        unsafe fields.sanitizer.unsafelyUnwrapped
    }
}

// MARK: - The stack

extension Fiber {
    @inlinable
    package var stackSize: Int { Int(fields.stackSize) }

    /// From the lowest address of its own stack to the first one behind it; `nil` when it has none.
    package var stackBounds: stack_bounds? {
        guard let stack = fields.stack else { return nil }
        return unsafe stack_bounds(lowest: stack.bottom(size: stackSize), highest: stack.top)
    }
}

extension TaskletRecord {
    /// The fiber whose stack the tasklet runs on: its own, or the innermost one inside that has a stack. Allocates nothing,
    /// since a signal handler asks.
    var stackHolder: Fiber {
        var inside = fields.innermost
        while let current = inside {
            if current.fields.stack != nil { return current }
            inside = current.fields.host
        }
        return fiber
    }
}
