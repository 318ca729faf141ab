import Tasklets

/// Runs a program and waits for its end: what it printed, and how it ended.
///
/// ```swift
/// print(try run("echo", "hello").output)  // hello
/// let sorted = try run("sort", input: "b\na\n").output
/// let found = try run("grep", "-c", "x", "notes", checked: false)
/// if found.status == .exited(1) { print("nothing found") }
/// ```
///
/// No shell looks at the arguments; `run("sh", "-c", "ls | wc -l")` has one. The other tasklets run meanwhile.
///
/// The program leads a group of processes of its own, so Ctrl-C on the terminal does not reach it: when that ends this program, the
/// child goes on unless you listen (``Hub/signals(_:)``) and cancel. When the wait for it is ended, by the time limit, a
/// cancellation or a kill, the group is ended as by ``ChildProcess/terminate(grace:)`` before this throws. It is over when the
/// program has ended and its outputs are closed, also by those that it has started and that have them still.
///
/// Inside a type that has a method `run` of its own, call it from a function outside of that type.
///
/// - Parameters:
///   - command: the program, looked for in the `PATH`, and its arguments.
///   - environment: what environment it has.
///   - folder: where it works; `nil` for this program's folder.
///   - input: what it reads from standard input; `nil` for nothing.
///   - time: how long it may take; `nil` for as long as it wants.
///   - grace: how long it has to end when it is asked to.
///   - limit: how many bytes each output may have.
///   - checked: whether it is an error when the program ends with a status other than 0.
///   - fileID: where the call is, for the error of the time limit.
///   - line: where the call is, for the error of the time limit.
/// - Throws: `CommandError` when the program has failed; `SystemError` when it cannot be started; `TimeoutError` when the time is
///   up; `HubError.tooLong` when it prints too much; what ends the wait.
@available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
@discardableResult
public func run(
    _ command: String...,
    environment: ChildEnvironment = .inherited,
    folder: String? = nil,
    input: String? = nil,
    within time: Duration? = nil,
    grace: Duration = .seconds(2),
    limit: Int = 64 << 20,
    checked: Bool = true,
    fileID: StaticString = #fileID,
    line: UInt = #line
) throws -> CommandResult {
    try run(
        command,
        environment: environment,
        folder: folder,
        input: input,
        within: time,
        grace: grace,
        limit: limit,
        checked: checked,
        fileID: fileID,
        line: line
    )
}

/// The same for a command in an array.
///
/// - Precondition: the command is not empty: the program comes first.
@available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
@discardableResult
public func run(
    _ command: [String],
    environment: ChildEnvironment = .inherited,
    folder: String? = nil,
    input: String? = nil,
    within time: Duration? = nil,
    grace: Duration = .seconds(2),
    limit: Int = 64 << 20,
    checked: Bool = true,
    fileID: StaticString = #fileID,
    line: UInt = #line
) throws -> CommandResult {
    let child = try ChildProcess(
        command,
        environment: environment,
        folder: folder,
        input: input == nil ? .null : .pipe,
        output: .pipe,
        errors: .pipe,
        hasGroup: true
    )
    let result: CommandResult
    do {
        if let time {
            result = try withTimeout(time, fileID: fileID, line: line) { try child.communicate(input, limit: limit) }
        } else {
            result = try child.communicate(input, limit: limit)
        }
    } catch {
        child.closeStreams()
        // What ended the wait is what counts, not how the child took it.
        withCancellationShield { _ = try? child.terminate(grace: grace) }
        throw error
    }
    if checked, !result.status.isSuccess { throw CommandError(command: command, result: result) }
    return result
}

/// What a program printed, and how it ended.
public struct CommandResult: Hashable, Sendable {
    public let status: ChildStatus
    public let outputBytes: [UInt8]
    public let errorBytes: [UInt8]

    /// Standard output as text; what is not UTF-8 in it is replaced.
    public var output: String { String(decoding: outputBytes, as: UTF8.self) }
    /// Standard error as text; what is not UTF-8 in it is replaced.
    public var errors: String { String(decoding: errorBytes, as: UTF8.self) }
}

/// A program ended with a status other than 0, or by a signal.
public struct CommandError: Error, Hashable, Sendable, CustomStringConvertible {
    public let command: [String]
    public let result: CommandResult

    /// The command, its status, and the end of what it wrote to standard error.
    public var description: String {
        let command = self.command.joined(separator: " ")
        var errors = result.errors
        while errors.last?.isNewline == true { errors.removeLast() }
        let most = 2000
        if errors.count > most { errors = "…" + errors.suffix(most) }
        return "\(command): \(result.status)" + (errors.isEmpty ? "" : ": \(errors)")
    }
}

extension ChildProcess {
    /// Writes the input while both outputs are read, so that nobody waits for the other, and waits for the end.
    fileprivate func communicate(_ text: String?, limit: Int) throws -> CommandResult {
        var errorBytes: [UInt8] = []
        let outputBytes = try withTaskletGroup(of: Void.self) { group in
            if let text {
                try group.add(name: "input of \(core.program)") { try self.writeAll(text) }
            }
            try group.add(name: "errors of \(core.program)") { errorBytes = try self.errors!.readAll(limit: limit) }
            return try output!.readAll(limit: limit)
        }
        return CommandResult(status: try wait(), outputBytes: outputBytes, errorBytes: errorBytes)
    }

    private func writeAll(_ text: String) throws {
        do {
            try input!.write(text)
        } catch let error as SystemError where error.code == .brokenPipe {
            // It need not read all of it.
        }
        input!.close()
    }

    fileprivate func closeStreams() {
        input?.close()
        output?.close()
        errors?.close()
    }
}
