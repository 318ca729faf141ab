import Glibc
import RobotWorld

/// Rays around the places where robots have met a wall a moment ago.
struct Flashes {
    private static let steps = 12
    private static let rays = 12
    private static let color = Color(red: 255, green: 90, blue: 0)

    private var places: [(location: Location, age: Int)] = []

    mutating func add(_ moves: [Move]) {
        for index in places.indices { places[index].age += 1 }
        places.removeAll { $0.age == Flashes.steps }
        for move in moves where move.isBarred { places.append((move.end, 0)) }
    }

    func draw(on canvas: Canvas, view: View) {
        for (location, age) in places {
            let middle = view.middle(of: location)
            let near = view.iconSize * (0.6 + 0.03 * Double(age))
            let far = near + view.iconSize * 0.25 + 2
            for ray in 0..<Flashes.rays {
                let angle = Double(ray) / Double(Flashes.rays) * 2 * .pi
                let (x, y) = (sin(angle), cos(angle))
                canvas.line(
                    from: Point(x: middle.x + x * near, y: middle.y + y * near),
                    to: Point(x: middle.x + x * far, y: middle.y + y * far),
                    width: view.dot,
                    color: Flashes.color,
                    opacity: 256 - 20 * age
                )
            }
        }
    }
}
