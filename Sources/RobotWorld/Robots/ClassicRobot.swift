/// Turns by half a degree at every step, and by 73 when a wall bars its way.
public final class ClassicRobot: Robot {
    override public func see(_ state: WorldState) { vector.turn(by: 0.5) }

    override public func collide(with walls: Walls) { vector.turn(by: 73) }
}
