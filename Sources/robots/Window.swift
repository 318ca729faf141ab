import CSDL2

/// A window of fixed size in the middle of the screen, and what is drawn in it.
@safe final class Window {
    let width: Int32
    let height: Int32
    private let window: OpaquePointer
    private let renderer: OpaquePointer
    private let video: Video

    init(title: String, width: Int32, height: Int32) throws(SDLError) {
        self.width = width
        self.height = height
        video = try Video()
        let centered = Int32(bitPattern: SDL_WINDOWPOS_CENTERED_MASK)
        guard let window = unsafe SDL_CreateWindow(title, centered, centered, width, height, 0) else {
            throw SDLError()
        }
        // Drawn by the processor: the same picture everywhere.
        guard let renderer = unsafe SDL_CreateRenderer(window, -1, SDL_RENDERER_SOFTWARE.rawValue) else {
            let error = SDLError()
            unsafe SDL_DestroyWindow(window)
            throw error
        }
        unsafe self.window = window
        unsafe self.renderer = renderer
    }

    deinit {
        unsafe SDL_DestroyRenderer(renderer)
        unsafe SDL_DestroyWindow(window)
    }

    /// An image that can be drawn in this window, from the contents of a BMP file. Pixels of colour `key` are not drawn.
    func texture(bmp: [UInt8], key: (red: UInt8, green: UInt8, blue: UInt8)) throws(SDLError) -> Texture {
        guard
            let surface = unsafe bmp.withUnsafeBytes({
                unsafe SDL_LoadBMP_RW(SDL_RWFromConstMem($0.baseAddress, Int32($0.count)), 1)
            })
        else { throw SDLError() }
        defer { unsafe SDL_FreeSurface(surface) }
        unsafe try SDLError.check(
            SDL_SetColorKey(surface, 1, SDL_MapRGB(surface.pointee.format, key.red, key.green, key.blue))
        )
        guard let texture = unsafe SDL_CreateTextureFromSurface(renderer, surface) else { throw SDLError() }
        return unsafe Texture(texture, width: surface.pointee.w, height: surface.pointee.h, window: self)
    }

    /// Fills the window with one colour.
    func fill(red: UInt8, green: UInt8, blue: UInt8) throws(SDLError) {
        unsafe try SDLError.check(SDL_SetRenderDrawColor(renderer, red, green, blue, 255))
        unsafe try SDLError.check(SDL_RenderClear(renderer))
    }

    /// Draws a texture with its upper left corner at a place, turned clockwise about its centre by an angle in degrees.
    func draw(_ texture: Texture, x: Int32, y: Int32, turnedBy angle: Double) throws(SDLError) {
        var place = SDL_Rect(x: x, y: y, w: texture.width, h: texture.height)
        unsafe try SDLError.check(SDL_RenderCopyEx(renderer, texture.handle, nil, &place, angle, nil, SDL_FLIP_NONE))
    }

    /// Puts on the screen what has been drawn.
    func present() {
        unsafe SDL_RenderPresent(renderer)
    }

    /// What has been drawn.
    func picture() throws(SDLError) -> Picture {
        var pixels = [UInt8](repeating: 0, count: Int(width * height) * 3)
        let status = unsafe pixels.withUnsafeMutableBytes { buffer in
            unsafe SDL_RenderReadPixels(renderer, nil, SDL_PIXELFORMAT_RGB24.rawValue, buffer.baseAddress, width * 3)
        }
        try SDLError.check(status)
        return Picture(width: Int(width), height: Int(height), pixels: pixels)
    }

    /// Takes what the user and the window manager have done since the last call.
    func takeEvents() -> Events {
        var events = Events()
        var event = unsafe SDL_Event()
        while unsafe SDL_PollEvent(&event) != 0 {
            switch unsafe SDL_EventType(event.type) {
            case SDL_QUIT: events.isClosed = true
            case SDL_WINDOWEVENT where unsafe event.window.event == SDL_WINDOWEVENT_EXPOSED.rawValue:
                events.isExposed = true
            default: break
            }
        }
        return events
    }

    /// Sleeps until there is an event to take, `duration` at the longest.
    func sleep(for duration: Duration) {
        let milliseconds = duration / .milliseconds(1)
        SDL_WaitEventTimeout(nil, Int32(milliseconds.rounded(.up)))
    }

    struct Events {
        /// The window shall be closed.
        var isClosed = false
        /// The window has to be shown anew.
        var isExposed = false
    }
}

/// An image that is ready to be drawn.
@safe final class Texture {
    let width: Int32
    let height: Int32
    fileprivate let handle: OpaquePointer
    /// A texture must not outlive the renderer it was made for.
    private let window: Window

    fileprivate init(_ handle: OpaquePointer, width: Int32, height: Int32, window: Window) {
        unsafe self.handle = handle
        self.width = width
        self.height = height
        self.window = window
    }

    deinit {
        unsafe SDL_DestroyTexture(handle)
    }
}
