import RobotWorld

/// `size` robots make `count / size` steps; one operation is a step of one robot.
func robots(count: Int, size: Int) throws -> Reading {
    let steps = count / size
    let clock = ContinuousClock()
    var start: ContinuousClock.Instant?
    var end: ContinuousClock.Instant?
    var shown = 0
    var left = steps
    _ = try Simulation(.random(robots: size, seed: 1)).run { step in
        if start == nil {
            start = clock.now
            return .proceed
        }
        shown += step.state.count
        left -= 1
        if left == 0 { end = clock.now }
        return left == 0 ? .stop : .proceed
    }
    try check(shown, is: steps * size)
    return Reading(end! - start!, operations: steps * size)
}
