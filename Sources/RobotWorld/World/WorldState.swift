import Synchronization

/// Where everyone was at one moment: what the world sends to every actor once a round.
///
/// Iterating gives the actors that have a place, in the order in which they joined:
///
///     for robot in state {
///         print(robot.id, robot.location.x, robot.location.y)
///     }
///
/// A state never changes; it can be kept for as long as it is wanted.
public final class WorldState: Sendable {
    let addresses: [Address]
    let entries: [Entry]
    /// How many of the actors take part in the round that made this state.
    var registered: Int { entries.count }
    /// The one that this shares everything with.
    private let original: WorldState?
    /// Made by a robot that asks for neighbours when there is none. Robots of several threads may ask at the same time: each
    /// makes one then, and the first one stays.
    private let ownGrid = AtomicLazyReference<NeighbourGrid>()

    /// Of the states up to this one, once it has been computed. Atomic for the compiler's sake only: the thread that leads
    /// the world computes it, and reads it.
    private let digest = Atomic<UInt64>(0)

    /// Where the walls are.
    public let size: WorldSize
    /// How many actors have a place.
    public let count: Int

    init(addresses: [Address], entries: [Entry], size: WorldSize) {
        original = nil
        self.addresses = addresses
        self.entries = entries
        self.size = size
        var count = 0
        for entry in entries where entry.isShown { count += 1 }
        self.count = count
    }

    /// The same state for another thread, so that the two do not count the same object's uses.
    init(sharing state: WorldState) {
        original = state
        addresses = state.addresses
        entries = state.entries
        size = state.size
        count = state.count
    }

    func noteDigest(_ digest: Digest) { self.digest.store(digest.value, ordering: .relaxed) }

    var notedDigest: Digest { Digest(continuing: digest.load(ordering: .relaxed)) }

    /// Everyone sorted by place; made at the first use, once for all threads.
    var grid: NeighbourGrid { original?.grid ?? ownGrid.load() ?? ownGrid.storeIfNil(NeighbourGrid(self)) }

    /// FNV-1a over the number of actors, then x, y, angle and velocity of each.
    func add(to total: inout Digest) {
        // Not in memory from number to number: each step of the hash waits for the one before.
        var digest = total
        defer { total = digest }
        digest.add(UInt64(count))
        for entry in entries {
            guard entry.isShown, let vector = entry.vector else { continue }
            digest.add(entry.location.x)
            digest.add(entry.location.y)
            digest.add(vector.angle)
            digest.add(vector.velocity)
        }
    }
}

extension WorldState: Sequence {
    /// An actor that has a place.
    public struct Element: Sendable {
        /// The actor's name.
        public let id: String
        /// What sort of actor it is: `Robot`.
        public let kind: String
        /// Where it is.
        public let location: Location
        /// Where it is heading.
        public let vector: Vector

        package init(id: String, kind: String, location: Location, vector: Vector) {
            self.id = id
            self.kind = kind
            self.location = location
            self.vector = vector
        }
    }

    /// Walks over the actors that have a place.
    public struct Iterator: IteratorProtocol {
        let state: WorldState
        var seat = 0

        /// The next actor that has a place.
        public mutating func next() -> Element? {
            while seat < state.registered {
                defer { seat += 1 }
                if let element = state.element(seat: seat) { return element }
            }
            return nil
        }
    }

    /// The actor in a seat; nil when it has no place.
    func element(seat: Int) -> Element? {
        let entry = entries[seat]
        guard entry.isShown, let vector = entry.vector else { return nil }
        return Element(
            id: addresses[seat].name,
            kind: entry.kind.rawValue,
            location: entry.location,
            vector: vector
        )
    }

    /// The actors that have a place, in the order in which they joined.
    public func makeIterator() -> Iterator { Iterator(state: self) }

    /// Exactly ``count``.
    public var underestimatedCount: Int { count }
}
