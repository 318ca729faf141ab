/// What a module above the kernel keeps in a scheduler, and does when something ends.
///
/// The kernel knows nothing of it but this. A module adds its memory when it is first used on a thread, finds it again by
/// its type, and is told what ends. Where it wants to be asked in the middle of an operation, it has a bit of `Attention`.
package enum SchedulerEnd {
    /// The scheduler begins to end: what the program has put in to be called must not stand in the way.
    case begins
    /// A tasklet is at its end, and has fibers inside: their cleanup runs now.
    case fibers(of: TaskletRecord)
    /// Every tasklet has ended: what is left of the module's fibers is ended.
    case completes
    /// The memory is not found any more, and to be freed.
    case isOver
}

/// Safe because only its scheduler's thread touches it, and the memory stays until `isOver`.
@safe
@usableFromInline
struct SchedulerModule {
    @usableFromInline let type: ObjectIdentifier
    @usableFromInline let memory: UnsafeMutableRawPointer
    let heed: (SchedulerEnd) -> Void
    @usableFromInline let next: UnsafeMutablePointer<SchedulerModule>?
}

extension SchedulerCore {
    /// The memory of that type that a module has added; on the scheduler's own thread.
    @inlinable
    package func memory<Memory: ~Copyable>(of type: Memory.Type) -> UnsafeMutablePointer<Memory>? {
        var module = unsafe fields.modules
        while let found = unsafe module {
            if unsafe found.pointee.type == ObjectIdentifier(type) {
                return unsafe found.pointee.memory.assumingMemoryBound(to: Memory.self)
            }
            unsafe module = unsafe found.pointee.next
        }
        return nil
    }

    /// - Precondition: there is no memory of that type yet, and the scheduler has not ended.
    package func add<Memory: ~Copyable>(
        _ memory: UnsafeMutablePointer<Memory>,
        heeding heed: @escaping (SchedulerEnd) -> Void
    ) {
        let module = UnsafeMutablePointer<SchedulerModule>.allocate(capacity: 1)
        unsafe module.initialize(
            to: SchedulerModule(
                type: ObjectIdentifier(Memory.self),
                memory: UnsafeMutableRawPointer(memory),
                heed: heed,
                next: fields.modules
            )
        )
        unsafe fields.modules = unsafe module
    }

    /// Tells all modules what ends.
    func tellModules(_ end: SchedulerEnd) {
        var module = unsafe fields.modules
        while let told = unsafe module {
            unsafe module = unsafe told.pointee.next
            unsafe told.pointee.heed(end)
        }
    }

    /// Runs the cleanup of what a tasklet has left suspended inside.
    func endFibers(of tasklet: TaskletRecord) {
        if tasklet.innermost != nil { tellModules(.fibers(of: tasklet)) }
    }

    /// The last step of the scheduler's end. What a module does here may make another one add its memory.
    func endModules() {
        tellModules(.completes)
        while let ended = unsafe fields.modules {
            unsafe fields.modules = unsafe ended.pointee.next
            unsafe ended.pointee.heed(.isOver)
            unsafe ended.deinitialize(count: 1)
            unsafe ended.deallocate()
        }
    }
}
