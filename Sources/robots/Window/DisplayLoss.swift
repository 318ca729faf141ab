import Synchronization

/// Why nothing can be shown any more: the X server or the Wayland compositor has gone, or another program has taken the
/// window away. The run ends then, as by ctrl-C, so that its files are complete.
///
/// ``XWindow`` and ``WaylandWindow`` notice it. From then on SDL is asked for nothing more, not even to end: it would wait
/// for answers, or use what is no longer there.
enum DisplayLoss {
    private static let first = Mutex<String?>(nil)

    /// Nil as long as there is a display.
    static var reason: String? { first.withLock { $0 } }

    /// Only the first reason counts; what follows comes of it.
    static func note(_ reason: String) { first.withLock { $0 = $0 ?? reason } }
}
