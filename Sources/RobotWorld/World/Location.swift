#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A point of the world. The y axis points down, as on a screen.
public struct Location: Equatable, Sendable {
    /// Distance from the left wall.
    public var x: Double
    /// Distance from the upper wall.
    public var y: Double

    /// Creates a location from its coordinates.
    public init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }

    /// Where one step along `vector` leads.
    public func moved(along vector: Vector) -> Location {
        let direction = vector.direction
        return Location(x: x + direction.x * vector.velocity, y: y + direction.y * vector.velocity)
    }
}

/// Where an actor is heading, and how fast.
public struct Vector: Equatable, Sendable {
    /// Degrees; 0 is up, 90 is right.
    public var angle: Double
    /// Distance flown in one step; negative flies backwards.
    public var velocity: Double

    /// Creates a vector from its angle in degrees and its velocity per step.
    public init(angle: Double, velocity: Double) {
        self.angle = angle
        self.velocity = velocity
    }

    /// How far a step of length one leads to the right, and how far down.
    public var direction: (x: Double, y: Double) {
        let halves = angle * 2
        if halves >= 0, halves < 720 {
            let index = Int(halves)
            if Double(index) == halves { return Self.directions[index] }
        }
        return Self.direction(of: angle)
    }

    private static func direction(of angle: Double) -> (x: Double, y: Double) {
        // The quotient is rounded before the product: (angle * .pi) / 180 differs for many half degrees.
        let radians = angle * (Double.pi / 180)
        return (sin(radians), -cos(radians))
    }

    /// Those of all half degrees: nearly nothing else occurs, and a sine costs more than a message.
    private static let directions = (0..<720).map { direction(of: Double($0) / 2) }

    /// Turns clockwise by `degrees`; by 350 for 10 the other way.
    ///
    /// A full turn is taken off once, not as often as needed: 400° becomes 40.5° only when it is next turned, and 800° takes
    /// two turns to come below 360°.
    public mutating func turn(by degrees: Double) {
        angle += degrees
        if angle >= 360 { angle -= 360 }
    }

    /// Turns to where a ball would fly on that has hit these walls.
    public mutating func reflect(at walls: Walls) {
        if !walls.isDisjoint(with: [.left, .right]) { angle = 360 - angle }
        if !walls.isDisjoint(with: [.upper, .lower]) { angle = 540 - angle }
        turn(by: 0)
    }
}
