import RobotWorld

/// A robot's way as a line, without the points that the line passes by anyway.
struct Trail {
    let id: String
    var angle = 0.0
    private(set) var points: [Point] = []
    /// The way between the last point but one and the last; nil when there are not two.
    private var straight: Straight?

    /// Single precision is a hundredth of a unit where it matters, in half of the memory.
    struct Point: Equatable {
        let x: Float
        let y: Float

        init(_ location: Location) {
            x = Float(location.x)
            y = Float(location.y)
        }
    }

    init(id: String, angle: Double = 0) {
        self.id = id
        self.angle = angle
    }

    /// Goes on to a point. A robot that stands still adds none, and one that flies straight on moves the last one.
    ///
    /// - Parameter tolerance: How far the line may be from a point that is left out.
    mutating func append(_ point: Point, tolerance: Double) {
        guard let last = points.last else {
            points.append(point)
            return
        }
        if point == last { return }
        if var straight, straight.goOn(to: point, tolerance: tolerance) {
            self.straight = straight
            points[points.count - 1] = point
        } else {
            straight = Straight(from: last, to: point, tolerance: tolerance)
            points.append(point)
        }
    }

    /// Leaves out the half of the points that is older; the last two stay.
    mutating func dropOlderHalf() {
        points.removeFirst(min(points.count / 2, max(points.count - 2, 0)))
    }

    /// Leaves out more points.
    mutating func thin(tolerance: Double) {
        let former = points
        points = []
        straight = nil
        for point in former { append(point, tolerance: tolerance) }
    }
}

/// One line from a point that passes all points since by less than a tolerance.
private struct Straight {
    private let start: Trail.Point
    /// The directions of such lines: between these two, the second one to the left of the first; nil as long as all are.
    private var bounds: (right: Vector, left: Vector)?
    /// How far from the start the farthest of the points is.
    private var length: Double

    private struct Vector {
        let x: Double
        let y: Double

        var length: Double { (x * x + y * y).squareRoot() }

        /// Greater than 0 when the other vector points to the left of this one.
        func cross(_ other: Vector) -> Double { x * other.y - y * other.x }
    }

    init(from start: Trail.Point, to point: Trail.Point, tolerance: Double) {
        self.start = start
        length = 0
        _ = goOn(to: point, tolerance: tolerance)
    }

    /// False when no line is near all points; then nothing has changed. Also for what is not finite.
    mutating func goOn(to point: Trail.Point, tolerance: Double) -> Bool {
        let way = Vector(x: Double(point.x) - Double(start.x), y: Double(point.y) - Double(start.y))
        let distance = way.length
        // A robot that goes back has to be near the end that the line had.
        guard distance >= length - tolerance, distance.isFinite else { return false }
        if let bounds, bounds.right.cross(way) < 0 || way.cross(bounds.left) < 0 { return false }
        length = max(length, distance)
        // Around the start all directions are near.
        guard distance > tolerance else { return true }
        // Tangents to the circle around the point.
        let along = (distance * distance - tolerance * tolerance).squareRoot()
        func turned(by side: Double) -> Vector {
            Vector(x: way.x * along - way.y * side, y: way.y * along + way.x * side)
        }
        let (right, left) = (turned(by: -tolerance), turned(by: tolerance))
        guard let bounds else {
            self.bounds = (right, left)
            return true
        }
        self.bounds = (
            bounds.right.cross(right) > 0 ? right : bounds.right, left.cross(bounds.left) > 0 ? left : bounds.left
        )
        return true
    }
}
