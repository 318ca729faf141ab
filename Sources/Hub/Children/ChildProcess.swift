import Sync
public import Tasklets

/// Another program that this one has started.
///
/// ```swift
/// let sort = try ChildProcess("sort", "-n", input: .pipe, output: .pipe)
/// try sort.input!.write("10\n9\n")
/// sort.input!.close()
/// print(try sort.output!.readLine() ?? "nothing")  // 9
/// print(try sort.wait())  // status 0
/// ```
///
/// `run("program", "argument")` does the usual things at once.
///
/// A child has the descriptors 0, 1 and 2 and no others, blocks no signal and does with each what is usual, also with those that
/// this program ignores.
///
/// **Its life.** Nobody need wait for a child: the hub hears of its end, so no zombie stays. One that is forgotten goes on, as a
/// tasklet does. When the scheduler ends (its scope, its thread, the program) the children that still run are asked to end
/// (SIGTERM), killed half a second later, and named on standard error. When the program dies from a signal its children go on:
/// the system does not tell them.
///
/// A deadlock is found only when no child runs any more, since the end of one may let somebody go on.
///
/// It belongs to the scheduler that made it.
public final class ChildProcess {
    package let core: ChildCore
    /// Where its standard input is written, if that is a pipe.
    public let input: PipeWriter?
    /// Where its standard output is read, if that is a pipe. What is not read stops it once the pipe is full.
    public let output: PipeReader?
    /// Where its standard error is read, if that is a pipe. What is not read stops it once the pipe is full.
    public let errors: PipeReader?

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - program: with a slash in it a path, seen from the child's folder; else looked for in this program's `PATH`.
    ///   - arguments: as they are: no shell looks at them.
    ///   - environment: what environment it has.
    ///   - folder: where it works; `nil` for this program's folder.
    ///   - input: its standard input.
    ///   - output: its standard output.
    ///   - errors: its standard error.
    ///   - hasGroup: whether it leads a group of processes of its own. ``terminate(grace:)`` and signals reach what it has
    ///     started, too, then; Ctrl-C on the terminal does not reach it, and it must not read from the terminal.
    /// - Throws: `SystemError` that names the program: `.noSuchFile` when there is none of that name, or no such folder.
    public convenience init(
        _ program: String,
        _ arguments: String...,
        environment: ChildEnvironment = .inherited,
        folder: String? = nil,
        input: ChildStream = .inherited,
        output: ChildStream = .inherited,
        errors: ChildStream = .inherited,
        hasGroup: Bool = false
    ) throws {
        try self.init(
            [program] + arguments,
            environment: environment,
            folder: folder,
            input: input,
            output: output,
            errors: errors,
            hasGroup: hasGroup
        )
    }

    /// The same for arguments in an array.
    ///
    /// - Precondition: the command is not empty: the program comes first.
    public init(
        _ command: [String],
        environment: ChildEnvironment = .inherited,
        folder: String? = nil,
        input: ChildStream = .inherited,
        output: ChildStream = .inherited,
        errors: ChildStream = .inherited,
        hasGroup: Bool = false
    ) throws {
        guard !command.isEmpty else { fatalError("A command begins with the program: this one is empty.") }
        let call = ChildCall(
            arguments: command,
            environment: environment,
            folder: folder,
            streams: [input, output, errors],
            hasGroup: hasGroup
        )
        core = try ChildCore(try HubCore.current(), call)
        self.input = core.takeEnd(0).map(PipeWriter.init)
        self.output = core.takeEnd(1).map(PipeReader.init)
        self.errors = core.takeEnd(2).map(PipeReader.init)
    }

    /// The number of the process.
    public var number: Int32 { core.number }

    /// How it has ended; `nil` as long as that is not known.
    public var exitStatus: ChildStatus? { try? core.outcome?.get() }

    /// Waits until it has ended. Several tasklets may wait, and it may be asked again later.
    ///
    /// - Throws: `SystemError` when another part of the program has asked the system first: one that waits for all children, or
    ///   ignores SIGCHLD. What ends the wait; the child goes on then.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func wait() throws -> ChildStatus {
        try core.waitForEnd()
        return try core.outcome!.get()
    }

    /// A clause of a `select` that is ready when the child has ended.
    ///
    /// ```swift
    /// try select {
    ///     child.onExit { status in print("ended by itself: \(status)") }
    ///     signals.onReceive { _ in try child.send(.terminate) }
    /// }
    /// ```
    public func onExit<Result>(_ body: @escaping (ChildStatus) throws -> Result) -> PlaceClause<Result> {
        core.ended.onSet { [core] in try body(core.outcome!.get()) }
    }

    /// Sends it a signal; to its whole group if it leads one. Has no effect once it has ended.
    ///
    /// - Throws: `SystemError` when this program may not, since the child runs as another user.
    public func send(_ signal: SystemSignal) throws {
        try core.signal(signal, toGroup: true)
    }

    /// Ends it: asks it to (SIGTERM), and kills it when it still runs after that time (SIGKILL). One that is stopped goes on for
    /// that. If it leads a group, all of the group is asked, and what is left of it when the child itself has ended is killed.
    ///
    /// - Parameter grace: how long it has to end by itself.
    /// - Returns: how it has ended.
    /// - Throws: as ``wait()``. When the wait is ended from outside, by a cancellation say, the child is killed at once: call it
    ///   inside `withCancellationShield` to give it the whole time.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @discardableResult
    public func terminate(grace: Duration = .seconds(5)) throws -> ChildStatus {
        core.endsGroup = true
        try send(.terminate)
        try send(.continue)
        do {
            if let status = try withTimeout(grace, orElse: ChildStatus?.none, { try wait() }) { return status }
        } catch {
            // What has ended the wait is what counts.
            try? send(.kill)
            throw error
        }
        try send(.kill)
        return try wait()
    }
}
