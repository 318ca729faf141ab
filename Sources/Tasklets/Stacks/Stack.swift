import CTasklets
import Synchronization

/// A fiber's stack: one slice of a region. The guard is at the low end.
///
/// Safe because it is held by the fiber that uses it, or by nobody: the addresses are those of a mapping that is not given
/// back while one of its stacks is in use.
@safe
@usableFromInline
package struct Stack {
    /// Where the first frame goes: the highest address, or a little below. Tops are staggered within the last page: the
    /// same offset on every stack would put all of them into the same few sets of the processor's caches.
    @usableFromInline package let top: UnsafeMutableRawPointer
    /// Who gets the stack back. Not retained, since stacks change hands at every end of a tasklet: a region with
    /// stacks in use is never freed.
    @usableFromInline unowned(unsafe) let region: StackRegion

    /// The lowest address above the guard of a stack of that size.
    package func bottom(size: Int) -> UnsafeMutableRawPointer {
        unsafe top.alignedUp(toMultipleOf: StackRegion.pageSize) - size
    }
}

/// One mapping carved into stacks of one size. It keeps itself alive until `freeIfUnused`.
///
///     memory                                                              end
///     | headroom | … not carved yet … | guard | stack 1 | guard | stack 0 |
///
/// Carved from the high end: a frame that is too large for the stack then reaches down into what is not in use yet.
/// Safe because the mapping lives as long as the object, and the object as long as one of its stacks is in use.
@safe
@usableFromInline
final class StackRegion: RingMember {
    let memory: UnsafeMutableRawPointer
    let stackSize: Int
    let count: Int
    let guards: StackGuards
    /// Slices from here on were never used.
    private var firstUncarved = 0
    /// Slices from here on have no guard yet.
    private var firstUnguarded = 0
    /// Slices given back, the last one on top: its pages are the warmest.
    private var free: [UInt32] = []
    /// How many of the free slices, from the bottom, have given their memory back.
    private var trimmedCount = 0
    /// Neighbours among the regions with free stacks.
    @usableFromInline var next: StackRegion?
    @usableFromInline var previous: StackRegion?

    /// Where the region ends, and with it slice 0.
    private let end: UnsafeMutableRawPointer
    /// The size of a slice: guard and stack.
    private let stride: Int

    static let pageSize = stack_page_size()

    /// `nil` when the system has no addresses left.
    init?(stackSize: Int, count: Int, hasGaps: Bool) {
        let guards = StackGuards.choose(forStacks: count, hasGaps: hasGaps)
        let stride = guards.size + stackSize
        let length = guards.headroom + stride * count
        guard let memory = unsafe stack_region_map(length, guards == .markers) else {
            guards.forget(stacks: count)
            return nil
        }
        unsafe self.memory = unsafe memory
        unsafe end = unsafe memory + length
        self.stride = stride
        self.stackSize = stackSize
        self.count = count
        self.guards = guards
        _ = unsafe Unmanaged.passRetained(self)
    }

    /// Gives the mapping back to the system unless one of its stacks is in use.
    func freeIfUnused() {
        if isUnused { unsafe Unmanaged.passUnretained(self).release() }
    }

    deinit {
        unsafe stack_region_unmap(memory, end - memory)
        guards.forget(stacks: count)
    }

    @usableFromInline
    static func == (left: StackRegion, right: StackRegion) -> Bool { left === right }

    var isFull: Bool { firstUncarved == count && free.isEmpty }
    var isUnused: Bool { firstUncarved == free.count }
    var freeCount: Int { free.count }

    /// `nil` when the system refuses the guard.
    func take() -> Stack? {
        if let index = free.popLast() {
            trimmedCount = min(trimmedCount, free.count)
            return stack(at: Int(index))
        }
        guard firstUncarved < firstUnguarded || addGuards() else { return nil }
        firstUncarved += 1
        return stack(at: firstUncarved - 1)
    }

    func give(_ stack: Stack) {
        unsafe free.append(UInt32((end - stack.top) / stride))
    }

    /// Makes one more slice usable, or more where that is cheaper.
    private func addGuards() -> Bool {
        switch guards {
        case .gaps:
            let end = unsafe end(ofSlice: firstUnguarded)
            guard unsafe stack_open(end - stackSize, stackSize) else { return false }
            firstUnguarded += 1
        case .markers:
            let wanted = min(max(firstUnguarded, 1), 64, count - firstUnguarded)
            let lowest = unsafe end(ofSlice: firstUnguarded + wanted - 1) - stride
            // From the lowest one, while slices count from the highest: some are of no use.
            guard unsafe stack_markers_install(lowest, stride, guards.size, wanted) == wanted else { return false }
            firstUnguarded += wanted
        }
        return true
    }

    private func end(ofSlice index: Int) -> UnsafeMutableRawPointer {
        unsafe end - index * stride
    }

    private func stack(at index: Int) -> Stack {
        unsafe Stack(top: end(ofSlice: index) - index % Self.staggerCount * Self.stagger, region: self)
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

// MARK: - Memory of free stacks

extension StackRegion {
    /// How much of a stack, from its high end, is not looked at: what a tasklet touches that calls little.
    private static let shallow = 4 * pageSize

    /// Whether the stack was used deep down, by whoever: its memory is there.
    func isDeep(_ stack: Stack) -> Bool {
        let bottom = unsafe stack.bottom(size: stackSize)
        // What is deep begins right below what is shallow.
        let length = min(stackSize - Self.shallow, 256 * Self.pageSize)
        return unsafe stack_is_touched(bottom + (stackSize - Self.shallow - length), length)
    }

    /// Gives the memory of free stacks back to the system, but for the page at the high end of each, and for those that
    /// are taken next.
    func trim(sparing warmCount: Int) {
        while trimmedCount < free.count - warmCount {
            let end = unsafe end(ofSlice: Int(free[trimmedCount]))
            unsafe stack_discard(end - stackSize, stackSize - Self.pageSize)
            trimmedCount += 1
        }
    }
}

// MARK: - Guards

/// What separates the stacks of a region: bytes at the low end of each that end the process when touched.
///
/// A guard has to be larger than the frame that runs into it, or it is jumped over. It costs either two mappings, of which
/// a process has 65,530, or page tables and time for each page in it; and stacks that lie further apart cost page tables
/// themselves. So the stacks that most programs have get large ones, and those of a crowd small ones.
enum StackGuards {
    /// What is not accessible in the mapping. 4 pages more than a megabyte: stacks that lie a large power of two apart
    /// share the sets of the processor's caches.
    case gaps
    /// Pages marked as guards inside the mapping.
    case markers

    /// How many stacks of the process have gaps if there are markers as well: a quarter of the mappings.
    private static let mostGaps = 8192
    private static let gapCount = Atomic<Int>(0)

    var size: Int {
        switch self {
        case .gaps: 1 << 20 + 4 * StackRegion.pageSize
        case .markers: 4 * StackRegion.pageSize
        }
    }

    /// What is left free below the last stack of a region.
    var headroom: Int {
        switch self {
        case .gaps: 0
        case .markers: 1 << 20
        }
    }

    /// The guards of a new region; gaps also where there is nothing else.
    static func choose(forStacks count: Int, hasGaps: Bool) -> StackGuards {
        let needsGaps = !stack_markers_exist()
        guard hasGaps || needsGaps else { return .markers }
        if gapCount.wrappingAdd(count, ordering: .relaxed).newValue <= mostGaps || needsGaps { return .gaps }
        StackGuards.gaps.forget(stacks: count)
        return .markers
    }

    /// The region is gone.
    func forget(stacks count: Int) {
        if self == .gaps { Self.gapCount.wrappingSubtract(count, ordering: .relaxed) }
    }
}
