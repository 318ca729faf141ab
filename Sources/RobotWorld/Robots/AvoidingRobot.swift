/// Turns away from the robots around it, the more the nearer they are, and bounces off the walls.
public final class AvoidingRobot: Robot {
    /// Who is farther away than this is no neighbour.
    private static let sight = 40.0

    override public func see(_ state: WorldState) throws {
        guard let here = location(in: state) else { return }
        var away = (x: 0.0, y: 0.0)
        forEachOther(in: state, within: AvoidingRobot.sight) { _, neighbour in
            let (x, y) = (here.x - neighbour.x, here.y - neighbour.y)
            let square = x * x + y * y
            // Who is at the same place is in no direction.
            guard square > 0 else { return }
            away.x += x / square
            away.y += y / square
        }
        if away == (0, 0) { return }
        let ahead = vector.direction
        // Above zero when the way out is to the right of where it is heading.
        let side = ahead.x * away.y - ahead.y * away.x
        var turned = vector
        turned.turn(by: side >= 0 ? 20 : 340)
        // Else it might turn back to the wall that it has just bounced off, again and again.
        if state.size.contains(here.moved(along: turned)) { vector = turned }
    }

    override public func collide(with walls: Walls) { vector.reflect(at: walls) }
}
