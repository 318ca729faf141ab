/// Flies straight on, and bounces off the walls like a ball.
public final class BouncingRobot: Robot {
    override public func collide(with walls: Walls) { vector.reflect(at: walls) }
}
