/// The stacks of one scheduler that have the same size.
///
/// Last in, first out: the stack taken next is the one given back last. Regions with free stacks form a list; the
/// first one serves. A region whose stacks are all free is given back to the system unless it is the first.
///
/// Where one stack of each region stays in use no region becomes free, so the memory of free stacks goes back as well, if
/// there is much of it. Whether there is, nobody counts: now and then a stack that comes back is looked at. The more
/// memory lies in free stacks, the sooner that finds it, and where all are shallow it costs next to nothing.
struct StackPool: ~Copyable {
    let stackSize: Int
    /// The regions with free stacks; the first one serves.
    private var withFree = Ring<StackRegion>()
    private var freeCount = 0
    private var givenBeforeLook: Int
    private var lookInterval: Int
    private var nextRegionCount: Int

    /// So many free stacks are kept as they are, and one of so many is looked at: 64 of the usual size.
    private let warmCount: Int
    private var largestRegionCount: Int { min(max(1, 1 << 30 / stackSize), 1024) }

    /// Regions of 32, 64 and 128: the first 224 stacks. More would cost where a thousand tasklets are made, or take turns.
    private static let largestRegionCountWithGaps = 128

    init(stackSize: Int) {
        self.stackSize = stackSize
        warmCount = max(1, 16 << 20 / stackSize)
        lookInterval = warmCount
        givenBeforeLook = warmCount
        nextRegionCount = min(max(1, 64 << 20 / stackSize), 32)
    }

    deinit {
        var withFree = withFree
        while let region = withFree.first {
            withFree.remove(region)
            region.freeIfUnused()
        }
    }

    /// `nil` when the system has no memory or no mapping left.
    mutating func take() -> Stack? {
        if withFree.first == nil {
            guard let region = makeRegion() else { return nil }
            withFree.append(region)
        }
        guard let region = withFree.first else { return nil }
        if region.freeCount > 0 { freeCount -= 1 }
        guard let stack = region.take() else { return nil }
        if region.isFull { withFree.remove(region) }
        return stack
    }

    /// A larger region each time, a smaller one when the system refuses.
    private mutating func makeRegion() -> StackRegion? {
        while true {
            let hasGaps = nextRegionCount <= Self.largestRegionCountWithGaps
            if let region = StackRegion(stackSize: stackSize, count: nextRegionCount, hasGaps: hasGaps) {
                nextRegionCount = min(nextRegionCount * 2, largestRegionCount)
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
        freeCount += 1
        if wasFull { link(region) }
        if region.isUnused, withFree.first !== region { return free(region) }
        givenBeforeLook -= 1
        if givenBeforeLook <= 0, freeCount > warmCount { look(at: stack, of: region) }
    }

    /// Where all are shallow it looks less often.
    @inline(never)
    private mutating func look(at stack: Stack, of region: StackRegion) {
        if region.isDeep(stack) {
            trim()
            lookInterval = warmCount
        } else {
            lookInterval = min(lookInterval * 2, warmCount * 8)
        }
        givenBeforeLook = lookInterval
    }

    /// Gives the region that is kept for the next ones back to the system.
    ///
    /// - Returns: false if there is none.
    mutating func giveBackUnused() -> Bool {
        guard let region = withFree.first, region.isUnused else { return false }
        free(region)
        return true
    }

    private mutating func free(_ region: StackRegion) {
        withFree.remove(region)
        freeCount -= region.freeCount
        region.freeIfUnused()
    }

    private func trim() {
        let first = withFree.first
        for region in withFree { region.trim(sparing: region === first ? warmCount : 0) }
    }

    /// Puts the region first; the former first one is kept no longer if nothing of it is in use.
    private mutating func link(_ region: StackRegion) {
        if let former = withFree.first, former.isUnused { free(former) }
        withFree.prepend(region)
    }
}
