/// Who has joined the world, in order of joining, and what the world knows of each.
///
/// An actor's seat is its place in that order. A seat keeps its number for as long as a round lasts: who leaves meanwhile
/// leaves an empty one behind, and between two rounds the others move up.
@safe
struct Register: ~Copyable {
    private(set) var addresses: [Address] = []
    /// The number that the first seat has in the whole world, of which this may be a part.
    let firstSeat: Int
    /// As many as addresses. Not an array: each robot's step changes two entries, and would ask as often whether a state
    /// shares them.
    private var entries = UnsafeMutablePointer<Entry>.allocate(capacity: 16)
    private var capacity = 16
    private var emptySeats = 0

    init(firstSeat: Int) {
        self.firstSeat = firstSeat
    }

    deinit {
        unsafe entries.deallocate()
    }

    /// How many seats there are.
    var count: Int { addresses.count }

    /// What is known of the actor in a seat.
    func entry(seat: Int) -> Entry {
        guard addresses.indices.contains(seat) else { fatalError("There is no seat \(seat) in the register") }
        return unsafe entries[seat]
    }

    /// Enters an actor, or replaces its entry when it has joined before.
    mutating func join(_ address: Address, as entry: Entry) {
        if let seat = seat(of: address) {
            unsafe entries[seat] = entry
            return
        }
        if count == capacity { grow() }
        address.seat = firstSeat + count
        unsafe (entries + count).initialize(to: entry)
        addresses.append(address)
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<Entry>.allocate(capacity: capacity * 2)
        unsafe larger.moveInitialize(from: entries, count: count)
        unsafe entries.deallocate()
        unsafe entries = unsafe larger
        capacity *= 2
    }

    /// Takes an actor out. False when it has not joined.
    mutating func leave(_ address: Address) -> Bool {
        guard let seat = seat(of: address) else { return false }
        address.seat = nil
        // Neither moved nor shown in the round that has begun.
        unsafe entries[seat].hasPlace = false
        unsafe entries[seat].vector = nil
        emptySeats += 1
        return true
    }

    /// Lets those behind empty seats move up. Only between two rounds.
    mutating func closeGaps() {
        if emptySeats == 0 { return }
        var taken: [Address] = []
        for (seat, address) in addresses.enumerated() where address.seat == firstSeat + seat {
            unsafe entries[taken.count] = unsafe entries[seat]
            address.seat = firstSeat + taken.count
            taken.append(address)
        }
        addresses = taken
        emptySeats = 0
    }

    /// Replaces the vector of an actor; kind and location stay. False when the actor has not joined.
    func update(_ address: Address, vector: Vector) -> Bool {
        guard let seat = seat(of: address) else { return false }
        unsafe entries[seat].vector = vector
        return true
    }

    /// Moves the actor in `seat` a step, if it has a place and is heading anywhere.
    ///
    /// - Returns: The walls that bar its way; then it stays where it is.
    func move(seat: Int, in size: WorldSize) -> Walls {
        let entry = self.entry(seat: seat)
        guard entry.hasPlace, let vector = entry.vector else { return [] }
        let target = entry.location.moved(along: vector)
        guard size.contains(target) else { return size.walls(before: target) }
        unsafe entries[seat].location = target
        return []
    }

    /// The first `count` actors as they are now, in a world of this size.
    func state(ofFirst count: Int, in size: WorldSize) -> WorldState {
        let entries = unsafe Array(UnsafeBufferPointer(start: self.entries, count: count))
        return WorldState(addresses: addresses, entries: entries, size: size)
    }

    /// Writes what is known of everyone to memory that holds nothing yet.
    func writeEntries(to memory: UnsafeMutablePointer<Entry>) {
        unsafe memory.initialize(from: entries, count: count)
    }

    private func seat(of address: Address) -> Int? {
        // The seat may be one in another world.
        guard let number = address.seat else { return nil }
        let seat = number - firstSeat
        guard addresses.indices.contains(seat), addresses[seat] === address else { return nil }
        return seat
    }
}
