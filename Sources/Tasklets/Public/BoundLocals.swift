/// The values of all locals that a tasklet sees, to be seen on another thread.
///
/// Safe because a binding is never changed, and every value is `Sendable`.
package struct BoundLocals: @unchecked Sendable {
    private let innermost: LocalBinding?

    /// Those that the calling tasklet sees.
    package init() {
        let core = SchedulerCore.current
        innermost = core.insideGate { _ in core.visibleCurrent.fields.extras?.locals }
    }

    /// Has the calling tasklet, and those that it makes, see them from now on, in place of its own.
    package func bind() {
        guard let innermost else { return }
        let core = SchedulerCore.current
        let former = core.insideGate { _ in
            let extras = core.visibleCurrent.madeExtras
            let former = extras.locals
            extras.locals = innermost
            return former
        }
        // Released outside the gate: its deinit is the program's code.
        withExtendedLifetime(former) {}
    }
}
