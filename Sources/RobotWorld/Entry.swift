/// What the world knows of one actor.
package struct Entry: Equatable, Sendable {
    /// What sort of actor it is, by the name the event trace has for it.
    package enum Kind: String, Sendable {
        /// Something that shows the world.
        case display = "Display"
        /// Something that flies in the world.
        case robot = "Robot"
    }

    /// What sort of actor it is.
    package let kind: Kind
    /// Where it is; ``Location/nowhere`` for an actor without a place.
    package var location: Location
    /// Where it is heading; nil for an actor that never moves.
    package var vector: Vector?

    /// Creates an entry.
    package init(kind: Kind, location: Location, vector: Vector? = nil) {
        self.kind = kind
        self.location = location
        self.vector = vector
    }
}

extension Entry: CustomStringConvertible {
    /// The entry as the event trace writes it, such as `Robot (0.0, 0.0) 135.0 5.0`.
    package var description: String {
        let place = "\(kind.rawValue) (\(location.x), \(location.y))"
        guard let vector else { return place }
        return "\(place) \(vector.angle) \(vector.velocity)"
    }
}
