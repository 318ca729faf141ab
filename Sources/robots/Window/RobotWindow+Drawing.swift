import RobotWorld

extension RobotWindow {
    /// Draws the world as the user wants to see it, without the overlay.
    func draw() throws {
        try fitCanvas()
        try trails?.fill(canvas, view: view) ?? canvas.fill(.ground)
        icons.resize(to: view.iconSize)
        forEachRobot { draw($0, $1) }
        if showsArrows { forEachRobot { Arrow(at: $0, along: $1).draw(on: canvas, view: view) } }
        flashes?.draw(on: canvas, view: view)
        if let drag = window.drag, let robot = robot(drag, id: "") {
            draw(robot.location, robot.vector)
            Arrow(at: robot.location, along: robot.vector).draw(on: canvas, view: view)
        }
    }

    /// Writes over the world how the run is going.
    func drawOverlay() {
        let tenths = Int((gauge.frameTime / .microseconds(100)).rounded())
        let middle = place.map { "\($0.index + 1) of \($0.count)" } ?? "\(gauge.messagesPerSecond) messages/s"
        let fields = [
            "step \(stepNumber)", "robots \((scene?.count ?? 0) - changes.removed.count + changes.added.count)", middle,
            "frame \(tenths / 10).\(tenths % 10) ms",
        ]
        let speed = pace.isPaused ? "paused" : "\(pace)"
        if let drag = window.drag, let robot = robot(drag, id: "") {
            drawOverlay(fields, [speed, "heading \(robot.vector.angle) velocity \(robot.vector.velocity)"])
        } else {
            drawOverlay(fields, [speed, notice ?? "H help"])
        }
        if let place { window.bar?.draw(place.index, of: place.count, on: canvas) }
        let height = canvas.height - Overlay.height(dot: view.dot)
        charts?.draw(on: canvas, height: height, dot: view.dot, font: overlay.font)
        if let problem { overlay.drawSheet(problem, on: canvas, dot: view.dot) }
        if showsHelp { overlay.drawSheet(Help.lines(ofRecordedRun: place != nil), on: canvas, dot: view.dot) }
    }

    /// Writes fields over the world, with the seed of its robots among them.
    func drawOverlay(_ first: [String], _ last: [String]) {
        overlay.draw(first + (seed.map { ["seed \($0)"] } ?? []) + last, on: canvas, dot: view.dot)
    }

    private func draw(_ location: Location, _ vector: Vector) {
        canvas.draw(robotAt: location, along: vector, with: &icons, view: view)
    }

    private func fitCanvas() throws {
        let (width, height) = window.size
        if width != canvas.width || height != canvas.height {
            canvas = try Canvas(width: width, height: height)
            view.resize(width: width, height: height)
        }
        // Where it is drawn it can be clicked on.
        if place != nil {
            window.bar = SeekBar(width: width, bottom: height - Overlay.height(dot: view.dot), dot: view.dot)
        }
    }
}
