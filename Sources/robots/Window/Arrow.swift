import Glibc
import RobotWorld

/// A line from a robot to where it is heading; longer when it is faster. What the user draws with the pointer is one too.
struct Arrow {
    /// How many steps of flight the arrow is long, from the edge of the icon.
    private static let steps = 4.0
    private static let color = Color(red: 180, green: 0, blue: 90)

    private let location: Location
    private let vector: Vector

    init(at location: Location, along vector: Vector) {
        self.location = location
        self.vector = vector
    }

    /// The vector whose arrow, from a robot at a location, has its tip at a point: in half degrees, as all angles in the
    /// world, and with a whole velocity of at least 1.
    static func vector(from location: Location, to tip: Point, view: View) -> Vector {
        let middle = view.middle(of: location)
        let (x, y) = (tip.x - middle.x, tip.y - middle.y)
        var angle = (atan2(x, -y) * (360 / .pi)).rounded() / 2
        if angle < 0 { angle += 360 }
        let length = ((x * x + y * y).squareRoot() - view.iconSize / 2) / view.scale
        return Vector(angle: angle, velocity: max(1, (length / steps).rounded()))
    }

    func draw(on canvas: Canvas, view: View) {
        guard vector.velocity != 0 else { return }
        let middle = view.middle(of: location)
        let radians = vector.angle * (.pi / 180)
        // Negative velocities fly backwards.
        let sign: Double = vector.velocity < 0 ? -1 : 1
        let (x, y) = (sin(radians) * sign, -cos(radians) * sign)
        func point(ahead: Double, aside: Double = 0) -> Point {
            Point(x: middle.x + x * ahead - y * aside, y: middle.y + y * ahead + x * aside)
        }
        let length = view.iconSize / 2 + abs(vector.velocity) * Arrow.steps * view.scale
        let head = min(view.iconSize / 4, 12 * Double(view.dot))
        let tip = point(ahead: length)
        let lines = [
            (point(ahead: view.iconSize / 2), tip), (point(ahead: length - head, aside: head / 2), tip),
            (point(ahead: length - head, aside: -head / 2), tip),
        ]
        for (start, end) in lines {
            canvas.line(from: start, to: end, width: view.dot, color: Arrow.color)
        }
    }
}
