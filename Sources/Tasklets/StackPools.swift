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
