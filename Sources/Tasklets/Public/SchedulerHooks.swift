/// What a program has put into its scheduler to be called back.
struct SchedulerHooks {
    var scheduleCallback: ((_ previous: Tasklet, _ next: Tasklet) -> Void)?
    var errorHandler: ((any Error) throws -> Void)?
    var lastUncaught: UncaughtError?
}

extension Scheduler {
    /// Called before every switch to another tasklet, also at a tasklet's end.
    ///
    /// `previous` is still the current one; a dying one too. The callback must not switch: operations that would
    /// throw ``TaskletError/switchTrap``.
    public var scheduleCallback: ((_ previous: Tasklet, _ next: Tasklet) -> Void)? {
        get { core.hooks.scheduleCallback }
        set {
            core.hooks.scheduleCallback = newValue
            core.setAttention(.scheduleCallback, newValue != nil)
        }
    }

    /// Called with an error that leaves a tasklet's body, in the dying tasklet, which is still the current one.
    ///
    /// If it returns, the tasklet ends quietly. If it throws, that error goes on to the innermost caller of run(), or
    /// to main. Not called for ``TaskletExit``, nor for errors that leave main.
    public var errorHandler: ((any Error) throws -> Void)? {
        get { core.hooks.errorHandler }
        set { core.hooks.errorHandler = newValue }
    }

    /// The last error that left a tasklet's body uncaught, with the tasklet: run() throws the bare error.
    public var lastUncaughtError: UncaughtError? {
        core.touchEverything()
        return core.hooks.lastUncaught
    }

    /// Adds `change` to the thread's switch trap and returns the level before.
    ///
    /// While the level is above zero every operation that would switch to another tasklet throws
    /// ``TaskletError/switchTrap`` and changes nothing. What goes on without a switch is allowed.
    @discardableResult
    public func switchTrap(_ change: Int) -> Int {
        let former = core.trapLevel
        core.changeTrapLevel(by: change)
        return former
    }
}

/// An error that left a tasklet's body, and whose it was.
public struct UncaughtError: Error, CustomStringConvertible {
    public let error: any Error
    let origin: Origin
    /// The name of the tasklet that ended with the error.
    public var taskletName: String { origin.displayName }
    /// Where that tasklet was made: `#fileID:#line`.
    public var creationPlace: String { origin.place }

    init(error: any Error, tasklet: TaskletRecord) {
        self.error = error
        origin = tasklet.origin
    }

    public var description: String { "\(origin) ended with an uncaught error: \(error)" }
}
