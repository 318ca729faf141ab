import CSDL2
import Glibc

/// A window as the X server knows it.
@safe struct XWindow {
    let display: OpaquePointer
    private let number: UInt

    /// Nil for a window that is none of X.
    @unsafe init?(_ window: OpaquePointer) {
        var information = unsafe SDL_SysWMinfo()
        unsafe information.version = SDL_version(
            major: UInt8(SDL_MAJOR_VERSION),
            minor: UInt8(SDL_MINOR_VERSION),
            patch: UInt8(SDL_PATCHLEVEL)
        )
        guard unsafe SDL_GetWindowWMInfo(window, &information) == SDL_TRUE,
            unsafe information.subsystem == SDL_SYSWM_X11, let display = unsafe information.info.x11.display
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
}
