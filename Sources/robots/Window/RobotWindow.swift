import Channels
import RobotWorld
import Tasklets

/// Shows the world in a window and does what the user wants of it.
///
/// The world makes its steps at a pace of its own, and the picture follows the screen: it is drawn once for each time
/// that the screen shows something new, however many steps there are between two of them.
final class RobotWindow {
    let window: Window
    let overlay: Overlay
    let size: WorldSize
    let seed: UInt64?
    let clock = ContinuousClock()
    let frame: Duration
    var canvas: Canvas
    var icons: TurnedIcons
    var view: View
    var pace: Pace
    var gauge: Gauge
    /// Nil while they are not wanted.
    var trails: Trails?
    var flashes: Flashes?
    /// Nil in a recorded run, which does not tell what there is to count.
    var charts: Charts?
    var showsArrows = false
    var showsHelp = false
    /// Something that the user ought to know, shown until the next command.
    var notice: String?
    /// The same of something that has gone wrong, which takes more words.
    var problem: String?
    var changes = Changes()
    /// The step that is shown; nil in a recorded run, which nobody can change.
    private(set) var step: Simulation.Step?
    /// Which of the states of a recorded run is shown, and how many there are; nil in a run that goes on.
    private(set) var place: (index: Int, count: Int)?
    private(set) var scene: Scene?
    private(set) var stepNumber = 0
    var glide = Glide()
    var nextFrame: ContinuousClock.Instant
    /// What the window's tasklet tells whoever shows the steps.
    let wishes = Channel<Wish>(name: "wishes")
    var tasklet: Tasklet?
    /// The screen does not show what it should.
    var isOutdated = true

    /// - Parameter remedy: what to do without a display.
    /// - Throws: `Failure`, when there is no display.
    init(
        framesPerSecond: Int,
        size: WorldSize,
        seed: UInt64? = nil,
        charts: Charts? = nil,
        remedy: String = "run with --headless"
    ) throws {
        do throws(SDLError) {
            window = try Window(title: "Demo", width: 660, height: 648)
            let (width, height) = window.size
            canvas = try Canvas(width: width, height: height)
            icons = try TurnedIcons(bmp: PackageResources.robot_bmp, key: .iconKey)
            overlay = Overlay(font: try BitmapFont(bmp: PackageResources.font_bmp))
            view = View(width: width, height: height, world: size)
        } catch {
            let reason = "there is no display that a window can be opened on (\(error))"
            throw Failure.unavailable("\(reason); \(remedy)")
        }
        self.size = size
        self.seed = seed
        self.charts = charts
        frame = .seconds(1) / window.refreshRate
        let now = clock.now
        nextFrame = now
        pace = Pace(stepsPerSecond: framesPerSecond, now: now)
        gauge = Gauge(now: now)
    }

    /// Shows how far something has come that takes time before the first step. Whatever the user wants, except to end, has
    /// to wait for that step.
    ///
    /// - Returns: False when the user wants the program to end.
    func show(waiting: String) throws -> Bool {
        if isEndWanted { return false }
        do {
            try draw()
        } catch let error as SDLError {
            DisplayLoss.note("SDL refuses to draw: \(error)")
            return false
        }
        drawOverlay([waiting], ["Esc ends"])
        window.show(canvas)
        return true
    }

    /// Whether the user wants the program to end; asked while it waits for something outside.
    var isEndWanted: Bool {
        for case .end in window.takeCommands() { return true }
        return false
    }

    /// Begins anew with the first step of another run.
    func startOver() {
        scene = nil
        changes = Changes()
        charts?.startOver()
        forgetMoves()
    }

    /// The last state that was shown, as a picture without the overlay: the same run gives the same picture.
    func picture() throws -> Picture {
        glide.progress = 1
        try draw()
        return canvas.picture
    }

    /// From here on this is what the window shows.
    func take(_ step: Simulation.Step) {
        self.step = step
        take(.state(step.state), number: step.number)
        changes.forget(shownIn: step.state)
        charts?.take(step)
    }

    /// From here on the window shows one of the states of a recorded run.
    ///
    /// - Parameter index: Which one of `count`.
    func take(_ state: RecordedState, at index: Int, of count: Int) {
        // A way back, or over states that were left out, is no way that a robot has flown.
        if index != (place?.index ?? -1) + 1 {
            scene = nil
            forgetMoves()
        }
        place = (index, count)
        take(.recorded(state), number: state.number)
    }

    /// A recorded run has no further state.
    func pauseAtEnd(_ notice: String) {
        pace.pause()
        self.notice = notice
        isOutdated = true
    }

    private func take(_ newScene: Scene, number: Int) {
        glide.moves = []
        if trails != nil || flashes != nil || pace.isSlower(than: frame), let scene {
            glide.moves = Move.all(from: scene, to: newScene)
            trails?.add(glide.moves)
            flashes?.add(glide.moves)
        }
        scene = newScene
        stepNumber = number
        isOutdated = true
    }

    private func forgetMoves() {
        glide = Glide()
        if trails != nil { trails = Trails() }
        if flashes != nil { flashes = Flashes() }
    }
}
