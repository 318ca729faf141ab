/// Who has joined the world, in order of joining, and what the world knows of each.
///
/// An actor's seat is its place in that order. A seat keeps its number for as long as a round lasts: who leaves meanwhile
/// leaves an empty one behind, and between two rounds the others move up.
struct Register {
    private(set) var addresses: [Address] = []
    private(set) var entries: [Entry] = []
    private var emptySeats = 0

    /// How many seats there are.
    var count: Int { entries.count }

    /// Enters an actor, or replaces its entry when it has joined before.
    mutating func join(_ address: Address, as entry: Entry) {
        if let seat = seat(of: address) {
            entries[seat] = entry
            return
        }
        address.seat = entries.count
        addresses.append(address)
        entries.append(entry)
    }

    /// Takes an actor out. False when it has not joined.
    mutating func leave(_ address: Address) -> Bool {
        guard let seat = seat(of: address) else { return false }
        address.seat = nil
        // Neither moved nor shown in the round that has begun.
        entries[seat].location = .nowhere
        entries[seat].vector = nil
        emptySeats += 1
        return true
    }

    /// False when the actor that had this seat has left.
    func isTaken(seat: Int) -> Bool { addresses[seat].seat == seat }

    /// Lets those behind empty seats move up. Only between two rounds.
    mutating func closeGaps() {
        if emptySeats == 0 { return }
        let taken = addresses.indices.filter(isTaken)
        addresses = taken.map { addresses[$0] }
        entries = taken.map { entries[$0] }
        for (seat, address) in addresses.enumerated() { address.seat = seat }
        emptySeats = 0
    }

    /// Replaces the vector of an actor; kind and location stay. False when the actor has not joined.
    mutating func update(_ address: Address, vector: Vector) -> Bool {
        guard let seat = seat(of: address) else { return false }
        entries[seat].vector = vector
        return true
    }

    /// Moves the actor in `seat` a step, if it has a place and is heading anywhere.
    ///
    /// - Returns: The walls that bar its way; then it stays where it is.
    mutating func move(seat: Int, in size: WorldSize) -> Walls {
        let location = entries[seat].location
        guard location != .nowhere, let vector = entries[seat].vector else { return [] }
        let target = location.moved(along: vector)
        guard size.contains(target) else { return size.walls(before: target) }
        entries[seat].location = target
        return []
    }

    /// The first `count` actors as they are now, in a world of this size.
    ///
    /// The state shares the register's storage until the next change, so a round costs one copy of the entries however
    /// many actors read it.
    func state(ofFirst count: Int, in size: WorldSize) -> WorldState {
        WorldState(addresses: addresses, entries: entries, registered: count, size: size)
    }

    private func seat(of address: Address) -> Int? {
        // The seat may be one in another world.
        guard let seat = address.seat, seat < addresses.count, addresses[seat] === address else { return nil }
        return seat
    }
}
