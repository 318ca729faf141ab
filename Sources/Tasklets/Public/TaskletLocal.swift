/// A value of a tasklet: each tasklet sees its own, and the tasklets that it makes see the one of their maker.
///
/// ```swift
/// enum Locals {
///     static let request = TaskletLocal<Int?>(nil)
/// }
///
/// try Locals.request.withValue(7) {
///     Tasklet { print(Locals.request.value ?? 0) }    // 7
///     try Tasklet.runUntilDone()
/// }
/// print(Locals.request.value ?? 0)                    // 0
/// ```
///
/// A task-local of the language belongs to the thread while it is bound, so the other tasklets see it too. This one does not:
/// the tasklet that binds it may give way and wait.
///
/// A tasklet sees what was bound when it was made, by its maker: ``Tasklet/init(name:stackSize:scheduled:fileID:line:_:)``,
/// ``Tasklet/spawn(name:stackSize:fileID:line:_:)``, a group, and the main tasklet of a ``Scheduler/scope(clock:_:)``. What the maker
/// binds later it does not see. It lets go of the values when its body has ended. Greenlets and generators see the values of
/// the tasklet that they run in.
public final class TaskletLocal<Value: Sendable>: Sendable {
    private let initial: Value

    /// Makes a local whose value is `initial` where nothing is bound.
    public init(_ initial: Value) {
        self.initial = initial
    }

    /// The value that the calling tasklet sees.
    public var value: Value {
        let core = SchedulerCore.current
        let found = core.insideGate { _ -> BoundValue<Value>? in
            var binding = core.visibleCurrent.fields.extras?.locals
            while let current = binding {
                if current.local === self { return current as? BoundValue<Value> }
                binding = current.outer
            }
            return nil
        }
        return found?.value ?? initial
    }

    /// Runs `body`, in which the calling tasklet, and those that it makes, see `value`.
    ///
    /// - Throws: what `body` throws.
    public func withValue<Result>(_ value: Value, _ body: () throws -> Result) rethrows -> Result {
        let core = SchedulerCore.current
        let me = core.insideGate { _ in core.visibleCurrent }
        let outer = core.insideGate { _ in
            let extras = me.madeExtras
            let outer = extras.locals
            extras.locals = BoundValue(value, of: self, outer: outer)
            return outer
        }
        defer {
            let ended = core.insideGate { _ in
                let extras = me.madeExtras
                let ended = extras.locals
                extras.locals = outer
                return ended
            }
            // Released outside the gate: its deinit is the program's code.
            withExtendedLifetime(ended) {}
        }
        return try body()
    }
}

/// One value that is bound, and the bindings around it. Never changed: tasklets share them.
class LocalBinding {
    final let local: AnyObject
    final let outer: LocalBinding?

    init(local: AnyObject, outer: LocalBinding?) {
        self.local = local
        self.outer = outer
    }
}

private final class BoundValue<Value>: LocalBinding {
    let value: Value

    init(_ value: Value, of local: AnyObject, outer: LocalBinding?) {
        self.value = value
        super.init(local: local, outer: outer)
    }
}
