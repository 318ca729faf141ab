/// An error that runs a closure when it goes away: the program's code at a moment that the kernel chooses.
final class AtDeinit: Error, @unchecked Sendable {
    private let action: () -> Void

    init(_ action: @escaping () -> Void) {
        self.action = action
    }

    deinit {
        action()
    }
}
