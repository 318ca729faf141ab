import CSDL2
import Glibc

/// Turns what SDL tells of keyboard, mouse and window into commands.
struct Input {
    /// What is drawn with the left button at the moment: the heading of a robot that will be added.
    private(set) var drag: Drag?
    private var panStart: Point?
    /// The bar of a recorded run is dragged.
    private var isJumping = false
    /// Where the bar of a recorded run is; nil in a run that goes on, where robots can be added in its place.
    var bar: SeekBar?

    /// What an event means, if anything.
    ///
    /// - Parameter density: Pixels of a unit in which SDL tells the pointer's place.
    mutating func command(_ event: SDL_Event, density: Double) -> Command? {
        switch unsafe SDL_EventType(event.type) {
        case SDL_QUIT:
            return .end
        case SDL_KEYDOWN:
            return unsafe Input.command(key: event.key)
        case SDL_MOUSEBUTTONDOWN:
            let button = unsafe event.button
            return press(button, at: Point(x: Double(button.x) * density, y: Double(button.y) * density))
        case SDL_MOUSEMOTION:
            let motion = unsafe event.motion
            return move(to: Point(x: Double(motion.x) * density, y: Double(motion.y) * density))
        case SDL_MOUSEBUTTONUP:
            return unsafe release(event.button)
        case SDL_MOUSEWHEEL:
            var (x, y): (Int32, Int32) = (0, 0)
            unsafe SDL_GetMouseState(&x, &y)
            let turns = unsafe Double(event.wheel.preciseY)
            return .zoom(factor: pow(1.25, turns), at: Point(x: Double(x) * density, y: Double(y) * density))
        case SDL_WINDOWEVENT:
            let kind = unsafe UInt32(event.window.event)
            return [SDL_WINDOWEVENT_EXPOSED.rawValue, SDL_WINDOWEVENT_SIZE_CHANGED.rawValue].contains(kind)
                ? .show : nil
        default:
            return nil
        }
    }

    private static func command(key: SDL_KeyboardEvent) -> Command? {
        // With these a key means something to the desktop or in other programs, such as ctrl-S, and nothing here.
        let others = KMOD_CTRL.rawValue | KMOD_ALT.rawValue | KMOD_GUI.rawValue
        if UInt32(key.keysym.mod) & others != 0 { return nil }
        let symbol = SDL_KeyCode(UInt32(bitPattern: key.keysym.sym))
        switch symbol {
        // These may be held down.
        case SDLK_RIGHT: return .stepOnce(isHeld: key.repeat != 0)
        case SDLK_LEFT: return .stepBack(isHeld: key.repeat != 0)
        case SDLK_PLUS, SDLK_EQUALS, SDLK_KP_PLUS: return .faster
        case SDLK_MINUS, SDLK_KP_MINUS: return .slower
        case _ where key.repeat != 0: return nil
        case SDLK_SPACE: return .pauseOrGoOn
        case SDLK_t: return .trails
        case SDLK_v: return .arrows
        case SDLK_c: return .flashes
        case SDLK_g: return .charts
        case SDLK_r: return .restart
        case SDLK_s: return .savePicture
        case SDLK_f: return .fullScreen
        case SDLK_h: return .help
        case SDLK_ESCAPE: return .end
        default: return nil
        }
    }

    private mutating func press(_ button: SDL_MouseButtonEvent, at point: Point) -> Command? {
        let isShifted = SDL_GetModState().rawValue & KMOD_SHIFT.rawValue != 0
        switch Int32(button.button) {
        case SDL_BUTTON_LEFT where bar?.contains(point) ?? false:
            isJumping = true
            return .jump(point)
        case SDL_BUTTON_LEFT where !isShifted && bar == nil: drag = Drag(start: point, end: point)
        case SDL_BUTTON_LEFT, SDL_BUTTON_MIDDLE: panStart = point
        case SDL_BUTTON_RIGHT: return .remove(point)
        default: break
        }
        return nil
    }

    private mutating func move(to point: Point) -> Command? {
        if drag != nil {
            drag?.end = point
            return .show
        }
        if isJumping { return .jump(point) }
        guard let start = panStart else { return nil }
        panStart = point
        return .pan(x: point.x - start.x, y: point.y - start.y)
    }

    private mutating func release(_ button: SDL_MouseButtonEvent) -> Command? {
        switch Int32(button.button) {
        case SDL_BUTTON_LEFT where drag != nil:
            defer { drag = nil }
            return drag.map(Command.add)
        case SDL_BUTTON_LEFT where isJumping:
            isJumping = false
            return nil
        case SDL_BUTTON_LEFT, SDL_BUTTON_MIDDLE:
            panStart = nil
            return nil
        default:
            return nil
        }
    }
}
