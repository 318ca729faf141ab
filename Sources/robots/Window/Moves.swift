import RobotWorld

/// What happened to a robot between two states that follow one another.
struct Move {
    let start: Location
    let end: Location
    let vector: Vector

    /// A robot that is heading somewhere and has not moved met a wall.
    var isBarred: Bool { start == end && vector.velocity != 0 }

    /// The moves of all robots that are in both states.
    static func all(from older: Scene, to newer: Scene) -> [Move] {
        var moves: [Move] = []
        moves.reserveCapacity(newer.count)
        // Both have the order of joining, so a robot that is missing in the newer one has left.
        var rest = older.makeIterator()
        var former = rest.next()
        for robot in newer {
            while let candidate = former, candidate.id != robot.id { former = rest.next() }
            guard let start = former?.location else { break }
            moves.append(Move(start: start, end: robot.location, vector: robot.vector))
            former = rest.next()
        }
        return moves
    }
}
