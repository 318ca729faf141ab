import RobotWorld

/// Shows the world in a window, one state a frame.
final class RobotWindow {
    private let window: Window
    private let icon: Texture
    private let frame: Duration
    private let clock = ContinuousClock()
    private var nextFrame: ContinuousClock.Instant
    private var state: WorldState?

    /// - Throws: `Failure`, when there is no display.
    init(framesPerSecond: Int) throws {
        do {
            window = try Window(title: "Demo", width: 660, height: 648)
            icon = try window.texture(bmp: PackageResources.robot_bmp, key: (0xf3, 0x0a, 0x0a))
        } catch {
            throw Failure.noDisplay("there is no display to open a window on (\(error)); run with --headless")
        }
        frame = .seconds(1) / framesPerSecond
        nextFrame = clock.now
    }

    /// Shows a state and waits until the next one is due. False when the user wants the program to end.
    func show(_ state: WorldState) throws -> Bool {
        self.state = state
        try draw()
        window.present()
        // Time that was lost stays lost: a slow machine runs slower, it does not catch up in a rush.
        nextFrame = max(nextFrame.advanced(by: frame), clock.now)
        while true {
            let events = window.takeEvents()
            if events.isClosed || Interrupt.isRequested { return false }
            if events.isExposed { window.present() }
            let rest = clock.now.duration(to: nextFrame)
            if rest <= .zero { return true }
            // Signals do not end the sleep, so it must be short enough for a user who waits.
            window.sleep(for: min(rest, .milliseconds(50)))
        }
    }

    /// The last state that was shown, as a picture.
    func picture() throws -> Picture {
        try draw()
        return try window.picture()
    }

    private func draw() throws {
        try window.fill(red: 200, green: 200, blue: 200)
        guard let state else { return }
        for robot in state {
            // Robots may begin anywhere. Far outside is not worth drawing, and beyond what a pixel's number can hold.
            guard abs(robot.location.x) < 10_000, abs(robot.location.y) < 10_000 else { continue }
            try window.draw(
                icon,
                x: Int32(robot.location.x.rounded()),
                y: Int32(robot.location.y.rounded()),
                turnedBy: robot.vector.angle
            )
        }
    }
}
