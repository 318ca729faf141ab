import CSDL2

/// A window in the middle of the screen that can be resized.
@safe final class Window {
    private let window: OpaquePointer
    private let video: Video
    private var input = Input()

    init(title: String, width: Int32, height: Int32) throws(SDLError) {
        video = try Video()
        let centered = Int32(bitPattern: SDL_WINDOWPOS_CENTERED_MASK)
        let flags = SDL_WINDOW_RESIZABLE.rawValue | SDL_WINDOW_ALLOW_HIGHDPI.rawValue
        guard let window = unsafe SDL_CreateWindow(title, centered, centered, width, height, flags) else {
            throw SDLError()
        }
        unsafe self.window = window
        // The picture is drawn in memory, and the copy that costs least is the one into the window's own memory. Wayland and
        // KMSDRM have no such memory, and X has none that SDL knows on screens of 30 bits a pixel. There SDL makes a
        // texture of the picture. It decides that when it is first asked for the surface.
        let isOfUnknownFormat = unsafe SDL_GetWindowPixelFormat(window) == SDL_PIXELFORMAT_UNKNOWN.rawValue
        unsafe SDL_SetHint(
            SDL_HINT_FRAMEBUFFER_ACCELERATION,
            video.hasWindowMemory && !isOfUnknownFormat ? "0" : "1"
        )
        SDL_ClearError()
        guard unsafe SDL_GetWindowSurface(window) != nil else {
            let error = SDLError()
            unsafe SDL_DestroyWindow(window)
            throw error
        }
        unsafe XWindow(window)?.watch()
        unsafe WaylandWindow(window)?.watch()
    }

    deinit {
        // Where there is no X server any more, SDL would wait for its answer for good. So it is asked something first: only
        // an answer tells that it is there.
        _ = size
        unsafe WaylandWindow(window)?.lookForLoss()
        if DisplayLoss.reason == nil { FrozenDisplay.during { unsafe SDL_DestroyWindow(window) } }
    }

    /// How many pixels the window has at present.
    var size: (width: Int, height: Int) {
        // The server is asked, since SDL believes that it got each size that it has asked for. Without a window manager, or
        // with an old one, the window stays as it was, and SDL errs both in full screen and after it.
        FrozenDisplay.during {
            if DisplayLoss.reason == nil, let size = unsafe XWindow(window)?.size { return size }
            return surfaceSize
        }
    }

    private var surfaceSize: (width: Int, height: Int) {
        guard let surface = unsafe SDL_GetWindowSurface(window) else { return (1, 1) }
        return unsafe (Int(max(surface.pointee.w, 1)), Int(max(surface.pointee.h, 1)))
    }

    /// How often a second the screen shows something new.
    var refreshRate: Int {
        var mode = unsafe SDL_DisplayMode()
        let display = unsafe SDL_GetWindowDisplayIndex(window)
        guard unsafe SDL_GetCurrentDisplayMode(display, &mode) == 0 else { return 60 }
        // A screen that does not know says 0.
        return unsafe mode.refresh_rate > 0 ? Int(mode.refresh_rate) : 60
    }

    /// What is drawn with the left button at the moment.
    var drag: Drag? { input.drag }

    /// Where the bar of a recorded run is, if there is one.
    var bar: SeekBar? {
        get { input.bar }
        set { input.bar = newValue }
    }

    /// Puts a canvas on the screen. When the window has another size by now, the next frame will fit.
    func show(_ canvas: Canvas) {
        if DisplayLoss.reason != nil { return }
        FrozenDisplay.during {
            // SDL has a new surface after every change of size.
            guard let surface = unsafe SDL_GetWindowSurface(window) else {
                return DisplayLoss.note("SDL refuses to draw in the window: \(SDLError())")
            }
            unsafe SDL_UpperBlit(canvas.surface, nil, surface, nil)
            unsafe SDL_UpdateWindowSurface(window)
        }
    }

    /// Takes what the user and the window manager have wanted since the last call.
    func takeCommands() -> [Command] {
        if DisplayLoss.reason != nil { return [.end] }
        return FrozenDisplay.during { pollCommands() }
    }

    private func pollCommands() -> [Command] {
        // Drawing may have found that out. The library that draws the window's frame would ask for ever then.
        unsafe WaylandWindow(window)?.lookForLoss()
        if DisplayLoss.reason != nil { return [.end] }
        var commands: [Command] = []
        var event = unsafe SDL_Event()
        let density = density
        while unsafe SDL_PollEvent(&event) != 0 {
            guard let command = unsafe input.command(event, density: density) else { continue }
            if case .end = command { unsafe WaylandWindow(window)?.lookForLoss() }
            commands.append(command)
        }
        return commands
    }

    /// Fills the screen, or takes the former size again.
    func toggleFullScreen() {
        let isFull = unsafe SDL_GetWindowFlags(window) & SDL_WINDOW_FULLSCREEN.rawValue != 0
        FrozenDisplay.during {
            _ = unsafe SDL_SetWindowFullscreen(window, isFull ? 0 : SDL_WINDOW_FULLSCREEN_DESKTOP.rawValue)
        }
    }

    /// Pixels of a unit in which SDL tells sizes and places: more than 1 on some screens of high density.
    private var density: Double {
        var width: Int32 = 0
        unsafe SDL_GetWindowSize(window, &width, nil)
        return Double(surfaceSize.width) / Double(max(width, 1))
    }
}
