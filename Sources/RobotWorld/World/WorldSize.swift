/// How far the right and the lower wall are from the left and the upper one, which stand at 0.
public struct WorldSize: Equatable, Sendable {
    /// Distance of the right wall from the left one.
    public var width: Double
    /// Distance of the lower wall from the upper one.
    public var height: Double

    /// Walls at 0 and 496.
    public static let classic = WorldSize(width: 496, height: 496)

    /// Creates a size from the distances of the walls.
    public init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    /// True between the walls, which belong to the inside.
    public func contains(_ location: Location) -> Bool {
        !(location.x < 0 || location.x > width || location.y < 0 || location.y > height)
    }

    /// The walls beyond which a location lies.
    func walls(before location: Location) -> Walls {
        var walls: Walls = []
        if location.x < 0 { walls.insert(.left) }
        if location.x > width { walls.insert(.right) }
        if location.y < 0 { walls.insert(.upper) }
        if location.y > height { walls.insert(.lower) }
        return walls
    }
}

/// Some of the four walls around the world.
public struct Walls: OptionSet, Sendable {
    /// One bit for each wall.
    public let rawValue: UInt8

    /// The wall at x = 0.
    public static let left = Walls(rawValue: 1)
    /// The wall at the world's width.
    public static let right = Walls(rawValue: 2)
    /// The wall at y = 0.
    public static let upper = Walls(rawValue: 4)
    /// The wall at the world's height.
    public static let lower = Walls(rawValue: 8)

    /// Creates walls from their bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }
}
