import RobotWorld

/// Where robots are seen while the world makes fewer steps than the screen shows pictures: between the last two states, in
/// proportion to the time that has passed since the last step.
struct Glide {
    /// From the former state to the present one: of all robots that are in both, which are the first ones of the present.
    var moves: [Move] = []
    /// How much of the way has been made: 0 is the former state, 1 the present one.
    var progress = 1.0

    /// - Parameter index: How many robots the present state has before this one.
    func location(of robot: WorldState.Element, at index: Int) -> Location {
        guard progress < 1, index < moves.count else { return robot.location }
        // A straight line between two places inside the walls is inside: a robot that bounces stays where it is for a step.
        let (start, end) = (moves[index].start, moves[index].end)
        return Location(x: start.x + (end.x - start.x) * progress, y: start.y + (end.y - start.y) * progress)
    }
}
