public import CTasklets
public import Synchronization

/// The gate: who may touch a scheduler's ring and records.
///
/// The owner thread goes in and out at every operation, other threads almost never. So the lock is biased: the owner
/// pays two plain stores and a load, a foreign thread pays a system call.
///
///     owner                                   foreign thread
///     isOccupied := 1                         lock gateLock
///     (compiler fence)                        attention |= gate
///     attention has gate?                     full barrier in every thread of the process
///       no:  inside                           wait until isOccupied = 0: inside
///       yes: isOccupied := 0, wait at         …
///            gateLock, then try again         attention &= ~gate, unlock gateLock
///     …
///     isOccupied := 0
///
/// The barrier makes it sound: either the owner's store came before it, then the foreign thread sees it and waits; or
/// the owner's load comes after it and sees the gate bit.
///
/// Where the system refuses such a barrier, as the filter of a container may, the bit `fence` is always set: every
/// operation takes the long way, where the owner has a barrier of its own between its store and its load.
///
/// While the program's code runs the owner is outside. A switch happens inside: one tasklet enters, the next leaves.
extension SchedulerCore {
    /// The owner goes in. The inbox has been taken when it returns.
    @inlinable @inline(__always)
    package func enter() -> Attention {
        fields.isOccupied.store(1, ordering: .relaxed)
        thread_compiler_fence()
        let attention = self.attention
        guard attention.isDisjoint(with: [.gate, .inbox, .discarded, .fence]) else { return settle(isBeginning: true) }
        return attention
    }

    /// The same in the middle of an operation, where the program's code must not run.
    func enterAgain() {
        fields.isOccupied.store(1, ordering: .relaxed)
        thread_compiler_fence()
        if !attention.isDisjoint(with: [.gate, .inbox, .fence]) { _ = settle(isBeginning: false) }
    }

    /// The owner goes out.
    @inlinable @inline(__always)
    package func leave() {
        fields.isOccupied.store(0, ordering: .releasing)
    }

    @inlinable @inline(__always)
    package var attention: Attention {
        Attention(rawValue: fields.attention.load(ordering: .acquiring))
    }

    package func setAttention(_ bits: Attention, _ isOn: Bool) {
        if isOn {
            fields.attention.bitwiseOr(bits.rawValue, ordering: .sequentiallyConsistent)
        } else {
            fields.attention.bitwiseAnd(~bits.rawValue, ordering: .releasing)
        }
    }

    /// Lets a foreign thread that waits at the gate go first, takes the inbox, releases what was discarded.
    @usableFromInline @inline(never)
    func settle(isBeginning: Bool) -> Attention {
        while true {
            fenceIfNeeded()
            if attention.contains(.gate) {
                leave()
                unsafe SchedulerCore.acquire(fields.gateLock)
                fields.isOccupied.store(1, ordering: .relaxed)
                unsafe lock_release(fields.gateLock)
            }
            if attention.contains(.inbox) { takeInbox() }
            if isBeginning, attention.contains(.discarded) { releaseDiscarded() }
            fenceIfNeeded()
            let attention = self.attention
            if attention.isDisjoint(with: isBeginning ? [.gate, .inbox, .discarded] : [.gate, .inbox]) {
                return attention
            }
        }
    }

    /// Between the owner's store to `isOccupied` and its look at `attention`.
    private func fenceIfNeeded() {
        if attention.contains(.fence) { atomicMemoryFence(ordering: .sequentiallyConsistent) }
    }

    /// Keeps what must not be released inside the gate: its deinit may run the program's code, which may use tasklets.
    package func discard(_ thing: Any) {
        fields.discarded.append(thing)
        setAttention(.discarded, true)
    }

    private func releaseDiscarded() {
        do {
            var discarded: [Any] = []
            swap(&discarded, &fields.discarded)
            setAttention(.discarded, false)
            leave()
            // Released at the end of this block. Without this line the optimizer does it as soon as they are out of the
            // field, inside the gate.
            withExtendedLifetime(discarded) {}
        }
        fields.isOccupied.store(1, ordering: .relaxed)
        thread_compiler_fence()
    }

    /// Runs `body` inside the gate, from whatever thread; `body` must not switch.
    package func insideGate<Result, Failure: Error>(
        _ body: (_ isForeign: Bool) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        if SchedulerCore.currentIfAny == self {
            _ = enter()
            defer { leave() }
            return try body(false)
        }
        unsafe SchedulerCore.acquire(fields.gateLock)
        setAttention(.gate, true)
        thread_barrier_for_all()
        while fields.isOccupied.load(ordering: .acquiring) != 0 { SchedulerCore.yieldThread() }
        defer {
            setAttention(.gate, false)
            unsafe lock_release(fields.gateLock)
        }
        takeInbox()
        return try body(true)
    }
}
