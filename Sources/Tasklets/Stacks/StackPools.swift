/// The stacks of one scheduler: a pool for the default size and one for each other size that was asked for.
struct StackPools: ~Copyable {
    private var usual = StackPool(stackSize: Tasklet.defaultStackSize)
    private var next: Other?

    private final class Other {
        var pool: StackPool
        let next: Other?

        init(pool: consuming StackPool, next: Other?) {
            self.pool = pool
            self.next = next
        }
    }

    /// The size of the stack that somebody gets who asks for `bytes`: a quarter more at most, so that there are few
    /// sizes, whatever is asked for.
    static func size(for bytes: Int) -> Int {
        let quarter = max(StackRegion.pageSize, 1 << (bytes.bitWidth - bytes.leadingZeroBitCount - 1) / 4)
        return (bytes + quarter - 1) / quarter * quarter
    }

    /// `nil` when the system has no memory or no mapping left.
    mutating func take(size: Int) -> Stack? {
        size == Tasklet.defaultStackSize ? usual.take() : other(size).pool.take()
    }

    /// - Precondition: nobody stands on the stack.
    mutating func give(_ stack: Stack) {
        let size = unsafe stack.region.stackSize
        if size == Tasklet.defaultStackSize {
            usual.give(stack)
        } else {
            other(size).pool.give(stack)
        }
    }

    /// Gives the regions that are kept for later, one for each size, back to the system.
    ///
    /// - Returns: false if there is none.
    mutating func giveBackUnused() -> Bool {
        var hasGiven = usual.giveBackUnused()
        var candidate = next
        while let found = candidate {
            if found.pool.giveBackUnused() { hasGiven = true }
            candidate = found.next
        }
        return hasGiven
    }

    private mutating func other(_ size: Int) -> Other {
        var candidate = next
        while let found = candidate {
            if found.pool.stackSize == size { return found }
            candidate = found.next
        }
        let made = Other(pool: StackPool(stackSize: size), next: next)
        next = made
        return made
    }
}
