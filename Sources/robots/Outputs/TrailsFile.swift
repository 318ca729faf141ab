import RobotWorld

/// Every robot's path as a picture: an SVG file with a group for each, from where the robot begins.
final class TrailsFile: StepOutput {
    /// What all lines have together at most. With more, points are left out that make less of a difference.
    private static let mostPoints = 1_000_000
    /// Readers take a million elements, and each robot with a name needs three.
    private static let mostRobotsWithNames = 300_000

    private let file: OutputFile
    private let scenario: Scenario
    private var trails: [Trail] = []
    /// Where the robots of the last step are among the trails. They are nearly always in the same order again.
    private var order: [Int] = []
    private var numbers: [String: Int] = [:]
    /// Grows with the number of points.
    private var tolerance: Double
    private var points = 0
    private var hasLeftOutOldest = false

    init(file: OutputFile, scenario: Scenario) {
        self.file = file
        self.scenario = scenario
        tolerance = 0
        begin()
    }

    /// A pixel of a picture of 1000 pixels: lines are as fine and marks as small as they are there, whatever the size of
    /// the world.
    private var unit: Double { max(scenario.size.width, scenario.size.height) / 1000 }

    /// The difference that cannot be seen, even when the picture is much enlarged.
    private var leastTolerance: Double { max(0.005, unit / 100) }
    /// With much more, the lines are no picture of the paths.
    private var mostTolerance: Double { 2 * unit }

    /// Even a line from the start to the end has two points.
    private var mostPoints: Int { max(TrailsFile.mostPoints, 4 * trails.count) }

    /// The first state that shows a robot shows it a step away from where it has begun.
    private func begin() {
        order = []
        hasLeftOutOldest = false
        tolerance = leastTolerance
        trails = scenario.robots.map { start in
            var trail = Trail(id: start.id, angle: start.vector.angle)
            trail.append(Trail.Point(start.location), tolerance: tolerance)
            return trail
        }
        points = trails.count
        numbers = Dictionary(uniqueKeysWithValues: trails.enumerated().map { ($1.id, $0) })
    }

    /// No robot has a path.
    var optionThatNeedsStep: String? { "--trails" }

    var path: String { file.path }

    func take(_ step: Simulation.Step) {
        for (index, robot) in step.state.enumerated() {
            let number: Int
            if index < order.count, trails[order[index]].id == robot.id {
                number = order[index]
            } else {
                number = numbers[robot.id] ?? trails.count
                if number == trails.count {
                    numbers[robot.id] = number
                    trails.append(Trail(id: robot.id))
                }
                order.replaceSubrange(index..., with: CollectionOfOne(number))
            }
            trails[number].angle = robot.vector.angle
            points -= trails[number].points.count
            trails[number].append(Trail.Point(robot.location), tolerance: tolerance)
            points += trails[number].points.count
        }
        if points > mostPoints { thin() }
    }

    /// Leaves out so many points that there is room for as many again: those that make least difference, and when that is
    /// not enough, the oldest.
    private func thin() {
        while points > mostPoints / 2, tolerance < mostTolerance {
            tolerance *= 2
            for number in trails.indices { trails[number].thin(tolerance: tolerance) }
            points = trails.reduce(0) { $0 + $1.points.count }
        }
        if points > mostPoints / 2 {
            for number in trails.indices { trails[number].dropOlderHalf() }
            points = trails.reduce(0) { $0 + $1.points.count }
            hasLeftOutOldest = true
        }
    }

    func startOver() throws {
        begin()
        try file.startOver()
    }

    func commit() throws {
        try TrailsDrawing(file: file, size: scenario.size, unit: unit).write(
            trails,
            withNames: trails.count <= TrailsFile.mostRobotsWithNames
        )
        try file.commit()
        if tolerance > leastTolerance {
            // Each time a point may have come to lie by the tolerance beside the line, and as much behind its end.
            let distance = "\((3 * tolerance * 100).rounded(.up) / 100)"
            Notice.say(
                "\(path): viewers are slow beyond \(TrailsFile.mostPoints) points, so the paths are simplified; "
                    + "they pass by some places at a distance of up to \(distance)"
                    + (hasLeftOutOldest ? ", and their oldest parts are left out" : "")
            )
        }
        if trails.count > TrailsFile.mostRobotsWithNames {
            Notice.say(
                "\(path): viewers take no more than \(TrailsFile.mostRobotsWithNames) robots with names, so "
                    + "these have none, and share their colours"
            )
        }
    }
}
