/// The stacks of one scheduler that have the same size.
///
/// Last in, first out: the stack taken next is the one given back last. Regions with free stacks form a list; the
/// first one serves. A region whose stacks are all free is given back to the system unless it is the first.
struct StackPool: ~Copyable {
    let stackSize: Int
    private var firstWithFree: StackRegion?
    private var nextRegionCount = 32
    private static let largestRegionCount = 1024

    init(stackSize: Int) {
        self.stackSize = stackSize
    }

    deinit {
        var next = firstWithFree
        while let region = next {
            next = region.next
            region.next = nil
            region.freeIfUnused()
        }
    }

    /// `nil` when the system has no memory or no mapping left.
    mutating func take() -> Stack? {
        if firstWithFree == nil {
            guard let region = makeRegion() else { return nil }
            firstWithFree = region
        }
        guard let region = firstWithFree, let stack = region.take() else { return nil }
        if region.isFull { unlink(region) }
        return stack
    }

    /// A larger region each time, a smaller one when the system refuses.
    private mutating func makeRegion() -> StackRegion? {
        while true {
            if let region = StackRegion(stackSize: stackSize, count: nextRegionCount) {
                nextRegionCount = min(nextRegionCount * 2, Self.largestRegionCount)
                return region
            }
            if nextRegionCount == 1 { return nil }
            nextRegionCount /= 2
        }
    }

    /// - Precondition: nobody stands on the stack.
    mutating func give(_ stack: Stack) {
        let region = unsafe stack.region
        let wasFull = region.isFull
        region.give(stack)
        if wasFull { link(region) }
        if region.isUnused, firstWithFree !== region {
            unlink(region)
            region.freeIfUnused()
        }
    }

    /// Puts the region first; the former first one is kept no longer if nothing of it is in use.
    private mutating func link(_ region: StackRegion) {
        if let former = firstWithFree, former.isUnused {
            unlink(former)
            former.freeIfUnused()
        }
        region.next = firstWithFree
        firstWithFree?.previous = region
        firstWithFree = region
    }

    private mutating func unlink(_ region: StackRegion) {
        if let previous = region.previous {
            previous.next = region.next
        } else {
            firstWithFree = region.next
        }
        region.next?.previous = region.previous
        region.next = nil
        region.previous = nil
    }
}
