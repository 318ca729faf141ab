/// Who has joined the world, in order of joining, and what the world knows of each.
///
/// Nobody ever leaves, so the first n seats are the same actors for good, and a round can name its actors by their number.
struct Register {
    private(set) var addresses: [Address] = []
    private(set) var entries: [Entry] = []
    private var seats: [ObjectIdentifier: Int] = [:]
    private var likelySeat = 0

    /// How many actors have joined.
    var count: Int { entries.count }

    /// Enters an actor, or replaces its entry when it has joined before.
    mutating func join(_ address: Address, as entry: Entry) {
        if let seat = seat(of: address) {
            entries[seat] = entry
            return
        }
        seats[ObjectIdentifier(address)] = entries.count
        addresses.append(address)
        entries.append(entry)
    }

    /// Replaces the vector of an actor; kind and location stay. False when the actor has not joined.
    mutating func update(_ address: Address, vector: Vector) -> Bool {
        guard let seat = seat(of: address) else { return false }
        entries[seat].vector = vector
        return true
    }

    /// Replaces the location of the actor in `seat`.
    mutating func move(seat: Int, to location: Location) {
        entries[seat].location = location
    }

    /// The first `count` actors as they are now.
    ///
    /// The state shares the register's storage until the next change, so a round costs one copy of the entries however
    /// many actors read it.
    func state(ofFirst count: Int) -> WorldState {
        WorldState(addresses: addresses, entries: entries, registered: count)
    }

    /// Actors answer in the order in which they are addressed, so the seat after the last one asked for is nearly always
    /// the right one and needs no hashing.
    private mutating func seat(of address: Address) -> Int? {
        if likelySeat >= entries.count || addresses[likelySeat] !== address {
            guard let seat = seats[ObjectIdentifier(address)] else { return nil }
            likelySeat = seat
        }
        defer { likelySeat += 1 }
        return likelySeat
    }
}
