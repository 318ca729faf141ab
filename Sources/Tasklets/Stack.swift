import CStackSwitch

/// A tasklet's stack: one slice of a region. The highest address is its base, the guard is at the low end.
@safe
package struct Stack {
    /// Who gets the stack back. Not retained, since stacks change hands at every end of a tasklet: a region with
    /// stacks in use is never freed.
    unowned(unsafe) let region: StackRegion
    let index: Int

    /// In bytes, without the guard.
    package var size: Int { unsafe region.stackSize }

    /// The lowest address above the guard.
    package var bottom: UnsafeMutableRawPointer {
        unsafe region.memory + index * region.stride + StackRegion.guardSize
    }

    /// Where the first frame goes. Tops are staggered within the last page: the same offset on every stack would put
    /// all of them into the same few sets of the processor's cache.
    package var top: UnsafeMutableRawPointer {
        unsafe region.memory + (index + 1) * region.stride - (index % 8) * 64
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
        if let index = free.popLast() { return Stack(region: self, index: Int(index)) }
        let index = firstUncarved
        guard unsafe stack_guard_install(memory + index * stride, Self.guardSize) else { return nil }
        firstUncarved += 1
        return Stack(region: self, index: index)
    }

    func give(_ stack: Stack) {
        free.append(UInt32(stack.index))
    }
}
