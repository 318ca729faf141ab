import RobotWorld

/// Shows the world in a window and does what the user wants of it.
///
/// The world makes its steps at a pace of its own, and the picture follows the screen: it is drawn once for each time
/// that the screen shows something new, however many steps there are between two of them.
final class RobotWindow {
    /// The user wants the run to begin anew.
    private(set) var isRestartWanted = false

    let window: Window
    let overlay: Overlay
    let seed: UInt64?
    var canvas: Canvas
    var icons: TurnedIcons
    var view: View
    var pace: Pace
    var gauge: Gauge
    /// Nil while they are not wanted.
    var trails: Trails?
    var flashes: Flashes?
    var showsArrows = false
    var showsHelp = false
    /// Something that the user ought to know, shown until the next command.
    var notice: String?
    /// The same of something that has gone wrong, which takes more words.
    var problem: String?
    var changes = Changes()
    var state: WorldState?
    var glide = Glide()
    var stepNumber = 0

    private let clock = ContinuousClock()
    private let frame: Duration
    private var nextFrame: ContinuousClock.Instant
    /// The screen does not show what it should.
    private var isOutdated = true

    /// - Throws: `Failure`, when there is no display.
    init(framesPerSecond: Int, size: WorldSize, seed: UInt64?) throws {
        do throws(SDLError) {
            window = try Window(title: "Demo", width: 660, height: 648)
            let (width, height) = window.size
            canvas = try Canvas(width: width, height: height)
            icons = try TurnedIcons(bmp: PackageResources.robot_bmp, key: .iconKey)
            overlay = Overlay(font: try BitmapFont(bmp: PackageResources.font_bmp))
            view = View(width: width, height: height, world: size)
        } catch {
            let reason = "there is no display that a window can be opened on (\(error))"
            throw Failure.unavailable("\(reason); run with --headless")
        }
        self.seed = seed
        frame = .seconds(1) / window.refreshRate
        let now = clock.now
        nextFrame = now
        pace = Pace(stepsPerSecond: framesPerSecond, now: now)
        gauge = Gauge(now: now)
    }

    /// Shows how many robots have joined a world that has made no step yet. Whatever the user wants, except to end, has to
    /// wait for the first one.
    func show(joined: Int, of robots: Int) throws -> Simulation.Verdict {
        for case .end in window.takeCommands() { return .stop }
        try draw()
        drawOverlay(["joining: \(joined) of \(robots)"], ["Esc ends"])
        window.show(canvas)
        return .proceed
    }

    /// Shows a step that has been taken, and waits until the next one is due.
    func show(_ step: Simulation.Step) throws -> Simulation.Verdict {
        pace.stepMade(now: clock.now)
        while true {
            let now = clock.now
            // Steps go first when they are late, as long as there is a picture from time to time.
            let drawingTime = pace.isLate(now: now) ? nextFrame.advanced(by: .milliseconds(50)) : nextFrame
            if pace.isDue(now: now) && now < drawingTime && !Interrupt.isRequested { return .proceed }

            for command in window.takeCommands() {
                if try perform(command, in: step) == .stop { return .stop }
                isOutdated = true
            }
            if Interrupt.isRequested { return .stop }
            if gauge.update(messages: step.messages, now: now) { isOutdated = true }
            if pace.isSlower(than: frame) { isOutdated = true }
            if isOutdated && now >= nextFrame {
                glide.progress = pace.isSlower(than: frame) ? pace.progress(now: now) : 1
                try drawFrame()
                nextFrame = max(nextFrame.advanced(by: frame), clock.now)
            }
            if pace.isDue(now: now) { return .proceed }
            sleep()
        }
    }

    /// Whether the user wants the program to end; asked while it waits for something outside.
    var isEndWanted: Bool {
        for case .end in window.takeCommands() { return true }
        return false
    }

    /// Begins anew with the first step of another run.
    func restart() {
        isRestartWanted = false
        state = nil
        glide = Glide()
        changes = Changes()
        if trails != nil { trails = Trails() }
        if flashes != nil { flashes = Flashes() }
    }

    /// The last state that was shown, as a picture without the overlay: the same run gives the same picture.
    func picture() throws -> Picture {
        glide.progress = 1
        try draw()
        return canvas.picture
    }

    /// From here on this is what the window shows.
    func take(_ step: Simulation.Step) {
        glide.moves = []
        if trails != nil || flashes != nil || pace.isSlower(than: frame), let state {
            glide.moves = Move.all(from: state, to: step.state)
            trails?.add(glide.moves)
            flashes?.add(glide.moves)
        }
        state = step.state
        stepNumber = step.number
        changes.forget(shownIn: step.state)
        isOutdated = true
    }

    private func perform(_ command: Command, in step: Simulation.Step) throws -> Simulation.Verdict {
        if case .show = command { return .proceed }
        notice = nil
        problem = nil
        switch command {
        case .end: return .stop
        case .restart:
            isRestartWanted = true
            return .stop
        case .pauseOrGoOn: pace.pauseOrGoOn(now: clock.now)
        case .stepOnce(let isHeld): pace.stepOnce(isHeld: isHeld, now: clock.now)
        case .faster: pace.change(faster: true, now: clock.now)
        case .slower: pace.change(faster: false, now: clock.now)
        case .trails: trails = trails == nil ? Trails() : nil
        case .arrows: showsArrows.toggle()
        case .flashes: flashes = flashes == nil ? Flashes() : nil
        case .help: showsHelp.toggle()
        case .fullScreen: window.toggleFullScreen()
        case .savePicture: try savePicture()
        case .add(let drag): add(drag, in: step)
        case .remove(let point): remove(at: point, in: step)
        case .zoom(let factor, let point): view.zoom(by: factor, at: point)
        case .pan(let x, let y): view.pan(x: x, y: y)
        case .show: break
        }
        return .proceed
    }

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
