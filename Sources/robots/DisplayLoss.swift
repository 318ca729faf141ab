import CSDL2
import Glibc
import Synchronization

/// Notices that the X server has gone, or has taken the window away.
///
/// The X library then ends the process, unless it is told otherwise. Here the run ends instead, as by ctrl-C, so that its
/// files are complete.
enum DisplayLoss {
    private static let connectionIsLost = Atomic(false)
    /// The code of the first error that the X server has reported; 0 when there was none.
    private static let error = Atomic<UInt8>(0)

    /// The address of the window's connection; SDL has another one, which it hardly uses.
    private static let connection = Atomic<UInt>(0)

    /// Why nothing can be shown any more; nil as long as it can.
    static var reason: String? {
        if connectionIsLost.load(ordering: .relaxed) { return "the connection to the X server is lost" }
        let code = error.load(ordering: .relaxed)
        return code == 0 ? nil : "the X server has refused to draw in the window, by error \(code)"
    }

    /// Looks after a window, when it is one of X.
    static func watch(_ window: OpaquePointer) {
        guard let xWindow = unsafe XWindow(window) else { return }
        // SDL has loaded the library already; this program is not linked with it.
        guard let library = unsafe dlopen("libX11.so.6", RTLD_NOW | RTLD_NOLOAD) else { return }
        defer { unsafe dlclose(library) }
        unsafe handleErrors(library)
        unsafe handleLostConnections(library, of: xWindow.display)
    }

    private typealias ErrorHandler =
        @convention(c) (OpaquePointer?, UnsafeMutablePointer<XErrorEvent>?) -> Int32
    private typealias ConnectionHandler = @convention(c) (OpaquePointer?) -> Int32
    private typealias ExitHandler = @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> Void

    /// Errors that the server reports, such as that of a window which another program has closed.
    @unsafe private static func handleErrors(_ library: UnsafeMutableRawPointer) {
        typealias Setter = @convention(c) (ErrorHandler?) -> UnsafeMutableRawPointer?
        guard let symbol = unsafe dlsym(library, "XSetErrorHandler") else { return }
        let set = unsafe unsafeBitCast(symbol, to: Setter.self)
        _ = unsafe set { _, event in
            if let code = unsafe event?.pointee.error_code {
                _ = DisplayLoss.error.compareExchange(expected: 0, desired: code, ordering: .relaxed)
            }
            return 0
        }
    }

    @unsafe private static func handleLostConnections(_ library: UnsafeMutableRawPointer, of display: OpaquePointer?) {
        // Says nothing, in place of the library's own words.
        typealias Setter = @convention(c) (ConnectionHandler?) -> UnsafeMutableRawPointer?
        guard let symbol = unsafe dlsym(library, "XSetIOErrorHandler") else { return }
        let set = unsafe unsafeBitCast(symbol, to: Setter.self)
        connection.store(UInt(bitPattern: display), ordering: .relaxed)
        _ = unsafe set { display in
            DisplayLoss.connectionIsLost.store(true, ordering: .relaxed)
            if UInt(bitPattern: display) != DisplayLoss.connection.load(ordering: .relaxed) {
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
