import Channels
import Glibc
import RobotWorld
import Tasklets

/// The window lives in a tasklet of its own. While nothing has to be done it sleeps in the scheduler, and others run.
extension RobotWindow {
    /// What draws may need far more stack than other tasklets; pages that are not touched cost nothing.
    private static let stackSize = 8 << 20

    /// Begins to show what there is, and to do what the user wants.
    func open() {
        tasklet = Tasklet(name: "window", stackSize: RobotWindow.stackSize) { [unowned self] in try live() }
    }

    /// Shows no more than there is.
    func close() {
        // It is parked at its channel or asleep: nothing keeps it from ending.
        try? tasklet?.kill()
    }

    /// Waits until something else is to be shown; the window shows meanwhile what there is.
    func nextWish() throws -> Wish {
        let now = clock.now
        pace.stepMade(now: now)
        // Steps go first when they are late, as long as there is a picture from time to time.
        let drawingTime = pace.isLate(now: now) ? nextFrame.advanced(by: .milliseconds(50)) : nextFrame
        if pace.isDue(now: now) && now < drawingTime && !Interrupt.isRequested { return dueWish }
        return try wishes.receive()
    }

    private func live() throws {
        while true {
            do {
                if let wish = try turn() { try wishes.send(wish) }
            } catch let error as SDLError {
                DisplayLoss.note("SDL refuses to draw: \(error)")
                try wishes.send(.end)
            }
            try sleep()
        }
    }

    /// Does what the user has wanted, and draws a frame when it is time.
    ///
    /// - Returns: What is to be shown next, once it is due.
    private func turn() throws -> Wish? {
        var wish: Wish?
        for command in window.takeCommands() {
            // The last place that a drag of the bar has led to counts.
            if let wanted = try perform(command) { wish = wanted }
            switch wish {
            case .end, .restart: return wish
            default: isOutdated = true
            }
        }
        if Interrupt.isRequested { return .end }
        if let wish { return wish }
        let now = clock.now
        if gauge.update(messages: step?.messages ?? 0, now: now) { isOutdated = true }
        if pace.isSlower(than: frame) { isOutdated = true }
        if isOutdated && now >= nextFrame {
            glide.progress = pace.isSlower(than: frame) ? pace.progress(now: now) : 1
            try drawFrame()
            nextFrame = max(nextFrame.advanced(by: frame), clock.now)
        }
        return pace.isDue(now: now) ? dueWish : nil
    }

    private var dueWish: Wish { pace.isBackwards ? .previous : .next }

    private func drawFrame() throws {
        let start = clock.now
        try draw()
        drawOverlay()
        window.show(canvas)
        gauge.frameDrawn(in: start.duration(to: clock.now))
        isOutdated = false
    }

    /// Until something is due, or what the user has done meanwhile has to be looked at.
    private func sleep() throws {
        // Not `SDL_WaitEventTimeout`, which would hold up all tasklets. It would wake up with the first event, too: SDL then
        // sends one to its own window through another connection, and when the window is closed by then, the X library ends
        // the process.
        var end = clock.now.advanced(by: .milliseconds(8))
        if let due = pace.due { end = min(end, due) }
        if isOutdated { end = min(end, nextFrame) }
        try Tasklet.sleep(for: clock.now.duration(to: end))
    }
}
