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
}
