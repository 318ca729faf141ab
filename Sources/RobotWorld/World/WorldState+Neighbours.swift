import Synchronization

extension WorldState {
    /// Calls `body` with everyone who is not farther from `place` than `distance`, always in the same order. Who asks around
    /// its own place is among them; a robot asks by ``Robot/forEachNeighbour(in:within:_:)`` instead.
    ///
    /// The first call sorts the state into a grid, for all the others too. A call then looks at the cells around, and
    /// asks for no memory.
    ///
    /// - Parameters:
    ///   - place: Where to look; it may lie outside the walls.
    ///   - distance: How far. Nobody is found when it is negative.
    ///   - body: Called with each of them.
    /// - Throws: What `body` throws.
    public func forEachNeighbour(
        of place: Location,
        within distance: Double,
        _ body: (Element) throws -> Void
    ) rethrows {
        try forEachSeat(around: place, within: distance) { seat, _ in
            if let neighbour = element(seat: seat) { try body(neighbour) }
        }
    }

    func forEachSeat(
        around place: Location,
        within distance: Double,
        _ body: (_ seat: Int, Location) throws -> Void
    ) rethrows {
        guard distance >= 0 else { return }
        try grid.forEach(around: place, within: distance, body)
    }

    /// Where the actor at an address is; nil when this state does not have it, or has no place for it.
    func location(of address: Address) -> Location? {
        guard let seat = seat(of: address), entries[seat].hasPlace else { return nil }
        return entries[seat].location
    }

    /// Where the list has the actor at an address; nil when this state does not have it.
    fileprivate func seat(of address: Address) -> Int? {
        if let seat = address.seat, seat < registered, addresses[seat] === address { return seat }
        // An old state: seats have changed since.
        return addresses[..<registered].firstIndex { $0 === address }
    }
}

extension Robot {
    /// Where this robot really is; nil in a state from before it joined.
    public final func location(in state: WorldState) -> Location? { state.location(of: address) }

    /// Calls `body` with each of the others who are not farther from where this robot really is than `distance`, always in
    /// the same order. Nobody is found in a state from before it joined.
    ///
    ///     override func see(_ state: WorldState) {
    ///         var mostSpeed = 0.0
    ///         forEachNeighbour(in: state, within: 30) { mostSpeed = max(mostSpeed, $0.vector.velocity) }
    ///         vector.velocity = mostSpeed
    ///     }
    ///
    /// The first call of a step sorts the state, for all the others too.
    ///
    /// - Parameters:
    ///   - state: Where everyone is.
    ///   - distance: How far to look.
    ///   - body: Called with each of them.
    /// - Throws: What `body` throws.
    public final func forEachNeighbour(
        in state: WorldState,
        within distance: Double,
        _ body: (WorldState.Element) throws -> Void
    ) rethrows {
        try forEachOther(in: state, within: distance) { seat, _ in
            if let neighbour = state.element(seat: seat) { try body(neighbour) }
        }
    }

    /// The same for whoever needs no more than the places: names lie elsewhere in memory.
    final func forEachOther(
        in state: WorldState,
        within distance: Double,
        _ body: (_ seat: Int, Location) throws -> Void
    ) rethrows {
        guard let own = state.seat(of: address), state.entries[own].hasPlace else { return }
        try state.forEachSeat(around: state.entries[own].location, within: distance) { seat, location in
            if seat != own { try body(seat, location) }
        }
    }
}

/// Locations sorted by the square of the world they are in.
///
///         cell 0   1   2   3 …
///     starts [ 0,  2,  2,  3, … ]        cell 0 has the first two, cell 1 nobody, cell 2 the third one
///
/// In which order neighbours are found depends on the cells, and on nothing that is asked for.
final class NeighbourGrid: Sendable {
    private let edge: Double
    private let columns: Int
    private let rows: Int
    private let starts: [Int]
    private let seats: [Int32]
    private let locations: [Location]

    /// Cells are not smaller than this: about as far as a robot looks.
    private static let leastEdge = 40.0

    init(_ state: WorldState) {
        let shown = state.entries.indices.filter { state.entries[$0].isShown }
        let size = state.size
        // On average not less than one robot in a cell.
        let edge = max(NeighbourGrid.leastEdge, (size.width * size.height / Double(max(shown.count, 1))).squareRoot())
        self.edge = edge
        let (columns, rows) = (Int(size.width / edge) + 1, Int(size.height / edge) + 1)
        self.columns = columns
        self.rows = rows
        let cells = shown.map { seat in
            let location = state.entries[seat].location
            return NeighbourGrid.line(location.y, edge, rows) * columns + NeighbourGrid.line(location.x, edge, columns)
        }

        // Sorted by counting: how many are in each cell, where each cell ends, then everyone from behind into its place.
        var starts = [Int](repeating: 0, count: columns * rows + 1)
        for cell in cells { starts[cell] += 1 }
        for cell in 1..<starts.count { starts[cell] += starts[cell - 1] }
        var seats = [Int32](repeating: 0, count: shown.count)
        for index in cells.indices.reversed() {
            starts[cells[index]] -= 1
            seats[starts[cells[index]]] = Int32(shown[index])
        }
        self.starts = starts
        self.seats = seats
        locations = seats.map { state.entries[Int($0)].location }
    }

    func forEach(around place: Location, within distance: Double, _ body: (_ seat: Int, Location) throws -> Void)
        rethrows
    {
        let left = NeighbourGrid.line(place.x - distance, edge, columns)
        let right = NeighbourGrid.line(place.x + distance, edge, columns)
        let upper = NeighbourGrid.line(place.y - distance, edge, rows)
        let lower = NeighbourGrid.line(place.y + distance, edge, rows)
        for row in stride(from: upper, through: lower, by: 1) {
            // Cells of a row lie one behind the other, and so do those who are in them.
            for index in starts[row * columns + left]..<starts[row * columns + right + 1] {
                let (x, y) = (locations[index].x - place.x, locations[index].y - place.y)
                if x * x + y * y <= distance * distance { try body(Int(seats[index]), locations[index]) }
            }
        }
    }

    /// The column or row of a coordinate. Who is outside the walls belongs to the cells along them.
    private static func line(_ coordinate: Double, _ edge: Double, _ count: Int) -> Int {
        Int(max(0, min(Double(count - 1), coordinate / edge)))
    }
}
