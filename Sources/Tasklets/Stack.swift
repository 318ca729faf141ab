import CStackSwitch

/// A tasklet's stack: one slice of a region. The guard is at the low end.
@safe
package struct Stack {
    /// Where the first frame goes: the highest address, or a little below. Tops are staggered within the last page: the
    /// same offset on every stack would put all of them into the same few sets of the processor's caches.
    package let top: UnsafeMutableRawPointer
    /// Who gets the stack back. Not retained, since stacks change hands at every end of a tasklet: a region with
    /// stacks in use is never freed.
    unowned(unsafe) let region: StackRegion

    /// The lowest address above the guard of a stack of that size.
    package func bottom(size: Int) -> UnsafeMutableRawPointer {
        unsafe top.alignedUp(toMultipleOf: StackRegion.pageSize) - size
    }
}

/// One mapping carved into stacks of one size. It keeps itself alive until `freeIfUnused`.
@safe
final class StackRegion {
    let memory: UnsafeMutableRawPointer
    let stackSize: Int
    let count: Int
    /// Slices from here on were never used: they have no guard yet.
    private var firstUncarved = 0
    /// Slices given back, the last one on top: its pages are the warmest.
    private var free: [UInt32] = []
    /// Neighbours in the list of regions with free stacks.
    var next: StackRegion?
    unowned var previous: StackRegion?

    /// Bytes at the low end of each stack that end the process when touched.
    static let guardSize = 4 * pageSize
    static let pageSize = stack_page_size()

    /// A slice: guard and stack.
    var stride: Int { Self.guardSize + stackSize }

    init?(stackSize: Int, count: Int) {
        guard let memory = unsafe stack_region_map((Self.guardSize + stackSize) * count) else { return nil }
        unsafe self.memory = unsafe memory
        self.stackSize = stackSize
        self.count = count
        _ = unsafe Unmanaged.passRetained(self)
    }

    /// Gives the mapping back to the system unless one of its stacks is in use.
    func freeIfUnused() {
        if isUnused { unsafe Unmanaged.passUnretained(self).release() }
    }

    deinit {
        unsafe stack_region_unmap(memory, stride * count)
    }

    var isFull: Bool { firstUncarved == count && free.isEmpty }
    var isUnused: Bool { firstUncarved == free.count }

    /// `nil` when the system refuses the guard.
    func take() -> Stack? {
        if let index = free.popLast() { return stack(at: Int(index)) }
        let index = firstUncarved
        guard unsafe stack_guard_install(memory + index * stride, Self.guardSize) else { return nil }
        firstUncarved += 1
        return stack(at: index)
    }

    func give(_ stack: Stack) {
        unsafe free.append(UInt32((stack.top - 1 - memory) / stride))
    }

    private func stack(at index: Int) -> Stack {
        let end = unsafe memory + (index + 1) * stride
        return unsafe Stack(top: end - index % Self.staggerCount * Self.stagger, region: self)
    }

    /// How far a top is from the next one's, in bytes: a line of the cache.
    private static let stagger = 64
    /// How many different tops there are. More would be better for the caches, but then the frames of a shallow tasklet
    /// do not fit into one page any more; those of a debug build are larger.
    #if DEBUG
    private static let staggerCount = 8
    #else
    private static let staggerCount = 32
    #endif
}
