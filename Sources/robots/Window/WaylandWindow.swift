import CSDL2
import Glibc

/// A window on a Wayland compositor.
@safe struct WaylandWindow {
    private let display: OpaquePointer

    /// Nil for a window that is none of Wayland.
    @unsafe init?(_ window: OpaquePointer) {
        guard let information = unsafe SDL_SysWMinfo(of: window), unsafe information.subsystem == SDL_SYSWM_WAYLAND,
            let display = unsafe information.info.wl.display
        else { return nil }
        unsafe self.display = display
    }

    /// Lets a call that waits for the compositor end when the user wants to.
    func watch() {
        typealias Getter = @convention(c) (OpaquePointer) -> Int32
        guard let library = unsafe dlopen("libwayland-client.so.0", RTLD_NOW | RTLD_NOLOAD) else { return }
        defer { unsafe dlclose(library) }
        guard let symbol = unsafe dlsym(library, "wl_display_get_fd") else { return }
        FrozenDisplay.watch(connection: unsafe unsafeBitCast(symbol, to: Getter.self)(display))
    }

    /// Notes the loss of the compositor. SDL tells of that in no other way than of a window that the user closes.
    func lookForLoss() {
        typealias Getter = @convention(c) (OpaquePointer) -> Int32
        // SDL has loaded the library already; this program is not linked with it.
        guard let library = unsafe dlopen("libwayland-client.so.0", RTLD_NOW | RTLD_NOLOAD) else { return }
        defer { unsafe dlclose(library) }
        guard let symbol = unsafe dlsym(library, "wl_display_get_error") else { return }
        if unsafe unsafeBitCast(symbol, to: Getter.self)(display) != 0 {
            DisplayLoss.note("the connection to the Wayland compositor is lost")
        }
    }
}
