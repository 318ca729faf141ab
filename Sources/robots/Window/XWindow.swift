import CSDL2
import Glibc
import Synchronization

/// A window as the X server knows it.
@safe struct XWindow {
    private let display: OpaquePointer
    private let number: UInt

    /// Nil for a window that is none of X.
    @unsafe init?(_ window: OpaquePointer) {
        guard let information = unsafe SDL_SysWMinfo(of: window), unsafe information.subsystem == SDL_SYSWM_X11,
            let display = unsafe information.info.x11.display
        else { return nil }
        unsafe self.display = display
        number = unsafe UInt(information.info.x11.window)
    }

    /// How many pixels it has; asks the server. Nil when that gives no answer.
    var size: (width: Int, height: Int)? {
        typealias Getter =
            @convention(c) (
                OpaquePointer, UInt, UnsafeMutablePointer<UInt>, UnsafeMutablePointer<Int32>,
                UnsafeMutablePointer<Int32>, UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<UInt32>,
                UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<UInt32>
            ) -> Int32
        // SDL has loaded the library already; this program is not linked with it.
        guard let library = unsafe dlopen("libX11.so.6", RTLD_NOW | RTLD_NOLOAD) else { return nil }
        defer { unsafe dlclose(library) }
        guard let symbol = unsafe dlsym(library, "XGetGeometry") else { return nil }
        var (root, x, y): (UInt, Int32, Int32) = (0, 0, 0)
        var (width, height, border, depth): (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
        let status = unsafe unsafeBitCast(symbol, to: Getter.self)(
            display,
            number,
            &root,
            &x,
            &y,
            &width,
            &height,
            &border,
            &depth
        )
        return status == 0 ? nil : (Int(width), Int(height))
    }

    // MARK: - Its end

    /// The address of the connection of the window that is watched; SDL has another one, which it hardly uses.
    private static let connection = Atomic<UInt>(0)

    private typealias ErrorHandler =
        @convention(c) (OpaquePointer?, UnsafeMutablePointer<XErrorEvent>?) -> Int32
    private typealias ConnectionHandler = @convention(c) (OpaquePointer?) -> Int32
    private typealias ExitHandler = @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> Void

    /// Makes the X library note the loss of the window, or of the server. Otherwise it would end the process.
    func watch() {
        guard let library = unsafe dlopen("libX11.so.6", RTLD_NOW | RTLD_NOLOAD) else { return }
        defer { unsafe dlclose(library) }
        unsafe handleErrors(library)
        unsafe handleLostConnections(library)
        typealias Getter = @convention(c) (OpaquePointer) -> Int32
        guard let symbol = unsafe dlsym(library, "XConnectionNumber") else { return }
        FrozenDisplay.watch(connection: unsafe unsafeBitCast(symbol, to: Getter.self)(display))
    }

    /// Errors that the server reports, such as that of a window which another program has closed.
    @unsafe private func handleErrors(_ library: UnsafeMutableRawPointer) {
        typealias Setter = @convention(c) (ErrorHandler?) -> UnsafeMutableRawPointer?
        guard let symbol = unsafe dlsym(library, "XSetErrorHandler") else { return }
        let set = unsafe unsafeBitCast(symbol, to: Setter.self)
        _ = unsafe set { _, event in
            if let code = unsafe event?.pointee.error_code {
                DisplayLoss.note("the X server has refused to draw in the window, by error \(code)")
            }
            return 0
        }
    }

    @unsafe private func handleLostConnections(_ library: UnsafeMutableRawPointer) {
        // Says nothing, in place of the library's own words.
        typealias Setter = @convention(c) (ConnectionHandler?) -> UnsafeMutableRawPointer?
        guard let symbol = unsafe dlsym(library, "XSetIOErrorHandler") else { return }
        let set = unsafe unsafeBitCast(symbol, to: Setter.self)
        unsafe XWindow.connection.store(UInt(bitPattern: display), ordering: .relaxed)
        _ = unsafe set { display in
            DisplayLoss.note("the connection to the X server is lost")
            if UInt(bitPattern: display) != XWindow.connection.load(ordering: .relaxed) {
                // That one cannot be told not to exit.
                Notice.say("the display has gone: the connection to the X server is lost; run with --headless")
                _exit(EX_UNAVAILABLE)
            }
            return 0
        }
        // And does not exit. From then on the library's functions do nothing.
        typealias ExitSetter = @convention(c) (OpaquePointer?, ExitHandler?, UnsafeMutableRawPointer?) -> Void
        guard let symbol = unsafe dlsym(library, "XSetIOErrorExitHandler") else { return }
        unsafe unsafeBitCast(symbol, to: ExitSetter.self)(display, { _, _ in }, nil)
    }
}

extension SDL_SysWMinfo {
    /// What the system that shows a window calls it; nil when SDL does not tell.
    @unsafe init?(of window: OpaquePointer) {
        unsafe self.init()
        unsafe version = SDL_version(
            major: UInt8(SDL_MAJOR_VERSION),
            minor: UInt8(SDL_MINOR_VERSION),
            patch: UInt8(SDL_PATCHLEVEL)
        )
        guard unsafe SDL_GetWindowWMInfo(window, &self) == SDL_TRUE else { return nil }
    }
}
