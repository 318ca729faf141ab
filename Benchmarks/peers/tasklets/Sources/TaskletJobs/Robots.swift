import RobotWorld

/// `size` robots make `count / size` steps; one operation is a step of one robot.
func robots(count: Int, size: Int) throws -> Reading {
    let steps = count / size
    let clock = ContinuousClock()
    var start = clock.now
    var end = start
    let outcome = try Simulation(.random(robots: size, seed: 1)).run { step in
        // The first step is that of the joining.
        if step.number == 1 { start = clock.now }
        if step.number <= steps { return .proceed }
        end = clock.now
        return .stop
    }
    try check(outcome.steps, is: steps + 1)
    try check(outcome.robots.count, is: size)
    return Reading(end - start, operations: steps * size)
}
