import CSDL2
import Glibc

/// SDL's video, switched on as long as this object lives.
final class Video {
    /// - Throws: `SDLError`, when there is no display.
    init() throws(SDLError) {
        // Drivers whose picture is seen. SDL's own list ends with one that shows nothing and is always there.
        // Wayland's library writes to standard error by itself where there is no folder for its socket.
        let wayland = unsafe getenv("XDG_RUNTIME_DIR") == nil ? "" : "wayland,"
        // What the user has set in the environment comes first.
        unsafe SDL_SetHint(SDL_HINT_VIDEODRIVER, "x11,\(wayland)KMSDRM")
        // The program listens for signals itself, with a window and without.
        unsafe SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1")
        try SDLError.check(SDL_Init(SDL_INIT_VIDEO))
    }

    /// Whether SDL's driver gives windows a memory of their own, which pictures can be copied to.
    var hasWindowMemory: Bool {
        guard let driver = unsafe SDL_GetCurrentVideoDriver() else { return false }
        return !["wayland", "KMSDRM"].contains(unsafe String(cString: driver))
    }

    deinit {
        if DisplayLoss.reason == nil { SDL_Quit() }
    }
}

/// What SDL said when it refused.
struct SDLError: Error, CustomStringConvertible {
    let description: String

    init() {
        let reason = unsafe String(cString: SDL_GetError())
        description = reason.isEmpty ? "SDL gives no reason" : reason
    }

    /// Throws when an SDL function has returned a negative status.
    static func check(_ status: Int32) throws(SDLError) {
        if status < 0 { throw SDLError() }
    }
}
