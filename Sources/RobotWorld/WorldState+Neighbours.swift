import Synchronization

extension WorldState {
    /// Calls `body` with the location of everyone who is not farther from `place` than `distance`, always in the same
    /// order. A robot that asks around its own place is among them.
    ///
    /// The first call sorts the state into a grid, for all the others too. A call then looks at the cells around, and
    /// asks for no memory.
    public func forEachNeighbour(
        of place: Location,
        within distance: Double,
        _ body: (Location) throws -> Void
    ) rethrows {
        guard distance >= 0 else { return }
        let grid = grid.load() ?? grid.storeIfNil(NeighbourGrid(self, distance: distance))
        try grid.forEach(around: place, within: distance, body)
    }

    /// Where the actor at an address is; nil when this state does not have it, or has no place for it.
    func location(of address: Address) -> Location? {
        let entry: Entry
        if let seat = address.seat, seat < registered, addresses[seat] === address {
            entry = entries[seat]
        } else if let seat = addresses[..<registered].firstIndex(where: { $0 === address }) {
            // An old state: seats have changed since.
            entry = entries[seat]
        } else {
            return nil
        }
        return entry.hasPlace ? entry.location : nil
    }
}

extension Robot {
    /// Where this robot really is; nil in a state from before it joined.
    public final func location(in state: WorldState) -> Location? { state.location(of: address) }
}

/// Locations sorted by the square of the world they are in.
///
///         cell 0   1   2   3 …
///     starts [ 0,  2,  2,  3, … ]        cell 0 has locations 0 and 1, cell 1 none, cell 2 has location 2
final class NeighbourGrid: Sendable {
    private let edge: Double
    private let columns: Int
    private let rows: Int
    private let starts: [Int]
    private let locations: [Location]

    /// - Parameter distance: How far most calls look. Any other gives the same results.
    init(_ state: WorldState, distance: Double) {
        let shown = state.entries.filter(\.isShown).map(\.location)
        let size = state.size
        // Not smaller than a call looks, and on average not less than one robot in a cell.
        let edge = max(distance, (size.width * size.height / Double(max(shown.count, 1))).squareRoot(), 1)
        self.edge = edge
        let (columns, rows) = (Int(size.width / edge) + 1, Int(size.height / edge) + 1)
        self.columns = columns
        self.rows = rows
        let cells = shown.map { location in
            NeighbourGrid.line(location.y, edge, rows) * columns + NeighbourGrid.line(location.x, edge, columns)
        }

        // Sorted by counting: how many are in each cell, where each cell ends, then everyone from behind into its place.
        var starts = [Int](repeating: 0, count: columns * rows + 1)
        for cell in cells { starts[cell] += 1 }
        for cell in 1..<starts.count { starts[cell] += starts[cell - 1] }
        var locations = shown
        for index in cells.indices.reversed() {
            starts[cells[index]] -= 1
            locations[starts[cells[index]]] = shown[index]
        }
        self.starts = starts
        self.locations = locations
    }

    func forEach(around place: Location, within distance: Double, _ body: (Location) throws -> Void) rethrows {
        let left = NeighbourGrid.line(place.x - distance, edge, columns)
        let right = NeighbourGrid.line(place.x + distance, edge, columns)
        let upper = NeighbourGrid.line(place.y - distance, edge, rows)
        let lower = NeighbourGrid.line(place.y + distance, edge, rows)
        for row in stride(from: upper, through: lower, by: 1) {
            // Cells of a row lie one behind the other, and so do those who are in them.
            for index in starts[row * columns + left]..<starts[row * columns + right + 1] {
                let (x, y) = (locations[index].x - place.x, locations[index].y - place.y)
                if x * x + y * y <= distance * distance { try body(locations[index]) }
            }
        }
    }

    /// The column or row of a coordinate. Who is outside the walls belongs to the cells along them.
    private static func line(_ coordinate: Double, _ edge: Double, _ count: Int) -> Int {
        Int(max(0, min(Double(count - 1), coordinate / edge)))
    }
}
