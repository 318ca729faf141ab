import Glibc
import RobotWorld

extension RobotWindow {
    /// Waits until something else is to be shown, and shows meanwhile what there is.
    func nextWish() throws -> Wish {
        pace.stepMade(now: clock.now)
        while true {
            let now = clock.now
            // Steps go first when they are late, as long as there is a picture from time to time.
            let drawingTime = pace.isLate(now: now) ? nextFrame.advanced(by: .milliseconds(50)) : nextFrame
            if pace.isDue(now: now) && now < drawingTime && !Interrupt.isRequested { return dueWish }
            if let wish = try turn() { return wish }
            sleep()
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
    private func sleep() {
        var end = clock.now.advanced(by: .milliseconds(8))
        if let due = pace.due { end = min(end, due) }
        if isOutdated { end = min(end, nextFrame) }
        let duration = clock.now.duration(to: end)
        if duration > .zero { window.sleep(for: duration) }
    }
}
