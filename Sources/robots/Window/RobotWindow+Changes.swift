import Glibc
import RobotWorld

/// What the user has done to the world and no state shows yet. It is shown at once all the same, also while the world is
/// paused.
struct Changes {
    var added: [Scenario.Start] = []
    var removed: Set<String> = []
    /// Everyone who was removed in this run. In its files a name stands for one robot: no other one gets it.
    var removedBefore: Set<String> = []

    mutating func forget(shownIn state: WorldState) {
        removed = []
        if added.isEmpty { return }
        let ids = Set(state.lazy.map(\.id))
        added.removeAll { ids.contains($0.id) }
    }
}

extension RobotWindow {
    /// A robot that has just been added and whose heading was not drawn flies upwards.
    private static let firstVector = Vector(angle: 0, velocity: 5)

    /// The robot that a drag stands for; nil when it began beside the world.
    func robot(_ drag: Drag, id: String) -> Scenario.Start? {
        guard step != nil else { return nil }
        var location = view.location(withMiddle: drag.start)
        let half = Double(TurnedIcons.side) / 2
        guard -half...size.width + half ~= location.x, -half...size.height + half ~= location.y else { return nil }
        location.x = min(max(location.x, 0), size.width)
        location.y = min(max(location.y, 0), size.height)
        let vector =
            drag.isClick ? RobotWindow.firstVector : Arrow.vector(from: location, to: drag.end, view: view)
        return Scenario.Start(id: id, location: location, vector: vector)
    }

    /// Everyone who is to be seen: who is in the state, and what the user has changed since.
    func forEachRobot(_ body: (Location, Vector) -> Void) {
        guard let scene else { return }
        for (index, robot) in scene.enumerated()
        where changes.removed.isEmpty || !changes.removed.contains(robot.id) {
            body(glide.location(of: robot, at: index), robot.vector)
        }
        for robot in changes.added { body(robot.location, robot.vector) }
    }

    func add(_ drag: Drag, in step: Simulation.Step) {
        guard var robot = robot(drag, id: "") else { return }
        var number = step.state.count + changes.added.count
        repeat {
            number += 1
            robot.id = "R\(number)"
        } while changes.removedBefore.contains(robot.id) || !step.add(robot)
        changes.added.append(robot)
    }

    /// Removes the robot whose middle is nearest to a point, unless that is far.
    func remove(at point: Point, in step: Simulation.Step) {
        let reach = max(view.iconSize / 2, 8 * Double(view.dot))
        var nearest: (id: String, distance: Double)?
        let candidates =
            step.state.enumerated().map { ($1.id, glide.location(of: $1, at: $0)) }
            + changes.added.map { ($0.id, $0.location) }
        for (id, location) in candidates where !changes.removed.contains(id) {
            let middle = view.middle(of: location)
            let distance = hypot(middle.x - point.x, middle.y - point.y)
            // Later ones are drawn over earlier ones.
            if distance <= nearest?.distance ?? reach { nearest = (id, distance) }
        }
        guard let id = nearest?.id, step.remove(id) else { return }
        changes.removedBefore.insert(id)
        if let index = changes.added.firstIndex(where: { $0.id == id }) {
            changes.added.remove(at: index)
        } else {
            changes.removed.insert(id)
        }
    }

    /// Saves what is seen in a file of a new name.
    func savePicture() throws {
        try draw()
        drawOverlay()
        var number = 1
        var status = stat()
        // Also a link that leads nowhere has the name.
        while unsafe lstat("robots-\(number).png", &status) == 0 { number += 1 }
        let path = "robots-\(number).png"
        do {
            let file = try OutputFile(path: path)
            try file.write(canvas.picture.png)
            try file.commit()
            notice = "saved \(path)"
        } catch let failure as Failure {
            problem = failure.message
        }
    }
}
