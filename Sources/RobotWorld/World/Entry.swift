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
    /// False for an actor without a place in the world: it is neither moved nor shown. Not an optional location, which would
    /// make every entry larger.
    package var hasPlace: Bool
    /// Where it is, if it has a place.
    package var location: Location
    /// Where it is heading; nil for an actor that never moves.
    package var vector: Vector?

    /// Creates the entry of an actor that is somewhere.
    package init(kind: Kind, location: Location, vector: Vector? = nil) {
        self.kind = kind
        hasPlace = true
        self.location = location
        self.vector = vector
    }

    /// Creates the entry of an actor without a place. The event trace writes (-1, -1) for that, as the original world does.
    package init(withoutPlace kind: Kind, vector: Vector? = nil) {
        self.init(kind: kind, location: Location(x: -1, y: -1), vector: vector)
        hasPlace = false
    }

    /// True for what has a place and a heading.
    var isShown: Bool { hasPlace && vector != nil }
}

extension Entry: CustomStringConvertible {
    /// The entry as the event trace writes it, such as `Robot (0.0, 0.0) 135.0 5.0`.
    package var description: String {
        let place = "\(kind.rawValue) (\(location.x), \(location.y))"
        guard let vector else { return place }
        return "\(place) \(vector.angle) \(vector.velocity)"
    }
}
