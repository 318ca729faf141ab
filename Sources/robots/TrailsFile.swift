import RobotWorld

/// Every robot's path as a picture: an SVG file with a `path` element for each, from where the robot begins.
final class TrailsFile: StepOutput {
    private let file: OutputFile
    private let scenario: Scenario
    private var trails: [Trail] = []
    /// Where the robots of the last step are among the trails. They are nearly always in the same order again.
    private var order: [Int] = []
    private var numbers: [String: Int] = [:]

    private struct Trail {
        let id: String
        var angle = 0.0
        /// A robot that stands still adds none.
        var points: [Point] = []

        /// Single precision is a hundredth of a unit where it matters, in half of the memory.
        struct Point: Equatable {
            let x: Float
            let y: Float

            init(_ location: Location) {
                x = Float(location.x)
                y = Float(location.y)
            }
        }
    }

    init(file: OutputFile, scenario: Scenario) {
        self.file = file
        self.scenario = scenario
        begin()
    }

    /// The first state that shows a robot shows it a step away from where it has begun.
    private func begin() {
        order = []
        trails = scenario.robots.map { start in
            Trail(id: start.id, angle: start.vector.angle, points: [Trail.Point(start.location)])
        }
        numbers = Dictionary(uniqueKeysWithValues: trails.enumerated().map { ($1.id, $0) })
    }

    /// Nobody has a path.
    var missingWithoutStep: String? { "--trails: \(file.path)" }

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
            let point = Trail.Point(robot.location)
            if trails[number].points.last != point { trails[number].points.append(point) }
        }
    }

    func startOver() throws {
        begin()
        try file.startOver()
    }

    func commit() throws {
        let (width, height) = (scenario.size.width, scenario.size.height)
        // Whatever the size of the world, lines are as fine and marks as small as they are in a picture of 1000 pixels.
        let unit = max(width, height) / 1000
        let margin = 10 * unit
        let box = "\(-margin) \(-margin) \(width + 2 * margin) \(height + 2 * margin)"
        let pixels = 1000 / max(width, height)
        try file.writeLine("<?xml version=\"1.0\" encoding=\"UTF-8\"?>")
        try file.writeLine(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\((width * pixels).rounded(.up) + 20)\" "
                + "height=\"\((height * pixels).rounded(.up) + 20)\" viewBox=\"\(box)\">"
        )
        try file.writeLine("<rect x=\"\(-margin)\" y=\"\(-margin)\" width=\"100%\" height=\"100%\" fill=\"#fff\"/>")
        try file.writeLine(
            "<rect width=\"\(width)\" height=\"\(height)\" fill=\"#f6f6f2\" stroke=\"#444\" stroke-width=\"\(2 * unit)\"/>"
        )
        try file.writeLine(
            "<g fill=\"none\" stroke-width=\"\(1.2 * unit)\" stroke-linejoin=\"round\" stroke-linecap=\"round\" "
                + "stroke-opacity=\"0.75\">"
        )
        for (number, trail) in trails.enumerated() { try write(trail, number, unit) }
        try file.writeLine("</g>")
        try file.writeLine("</svg>")
        try file.commit()
    }

    /// The path, then a mark where the robot is in the end, which points to where it is heading.
    private func write(_ trail: Trail, _ number: Int, _ unit: Double) throws {
        // Hues a golden angle apart: however many there are, neighbours differ.
        let hue = (Double(number) * 137.5).truncatingRemainder(dividingBy: 360)
        try file.writeLine("<g stroke=\"hsl(\(hue), 70%, 40%)\"><title>\(trail.id.xmlEscaped)</title>")
        // Far outside is not worth drawing, and beyond the numbers that a viewer can handle.
        let points = trail.points.filter { abs($0.x) <= 10_000_000 && abs($0.y) <= 10_000_000 }
        let path = points.enumerated().map { "\($0 == 0 ? "M" : $0 == 1 ? "L" : "")\(text($1.x)) \(text($1.y))" }
        try file.writeLine("<path d=\"\(path.joined(separator: " "))\"/>")
        if let end = points.last {
            let place = "translate(\(text(end.x)) \(text(end.y))) rotate(\(trail.angle)) scale(\(unit))"
            try file.writeLine("<polygon points=\"0,-9 5,6 0,3 -5,6\" fill=\"#fff\" transform=\"\(place)\"/>")
        }
        try file.writeLine("</g>")
    }

    /// Two digits after the point.
    private func text(_ coordinate: Float) -> String {
        let hundredths = Int((Double(coordinate) * 100).rounded())
        let digits = String(abs(hundredths) % 100)
        let sign = hundredths < 0 ? "-" : ""
        return "\(sign)\(abs(hundredths) / 100).\(digits.utf8.count == 1 ? "0" : "")\(digits)"
    }
}

extension String {
    /// The string as text of an XML file.
    fileprivate var xmlEscaped: String {
        var escaped = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            // XML has no way to write these at all.
            case "\u{0}"..."\u{8}", "\u{b}", "\u{c}", "\u{e}"..."\u{1f}", "\u{fffe}", "\u{ffff}": escaped += "\u{fffd}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
