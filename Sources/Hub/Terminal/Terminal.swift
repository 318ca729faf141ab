import Tasklets

/// A terminal: its keys or its lines, and its size.
///
/// ```swift
/// let terminal = try Terminal()
/// while let key = try terminal.nextKey() {
///     switch key {
///     case .up: try terminal.output.write("up\n")
///     case .character("q"): return
///     default: break
///     }
/// }
/// ```
///
/// ``nextKey()`` makes the terminal give each key at once, without showing it; ``nextLine()`` makes it as it was. Ctrl-C, Ctrl-Z
/// and Ctrl-\ remain signals: `Hub.signals(.interrupt)` hears the first.
///
/// The terminal is put back into its former state when the last reference goes, when the scheduler ends, when the program exits,
/// traps, or dies from a signal; only SIGKILL is too fast for that.
///
/// It belongs to the scheduler that made it. One per process, or keys go to the one or to the other.
public final class Terminal {
    /// Where is written what is to be seen.
    public let output: PipeWriter
    private let input: PipeReader
    private var readsKeys = false

    /// The terminal that is standard input and output, or another one.
    ///
    /// - Throws: `SystemError` when that is no terminal.
    public init(input: Int32 = 0, output: Int32 = 1) throws {
        self.input = try PipeReader(descriptor: input)
        self.output = try PipeWriter(descriptor: output)
        _ = try size
    }

    /// How many characters there is room for. A change is a signal: `Hub.signals(.windowChange)`.
    ///
    /// - Throws: `SystemError`, `.closed` after ``close()``.
    public var size: Size {
        get throws { try input.socket.ports.terminalSize(of: input.socket.handle) }
    }

    /// Waits for a key. `nil` when there will be none any more.
    ///
    /// The key Escape is known as such when nothing follows it for a 20th of a second: other keys begin with the same byte.
    ///
    /// - Throws: `SystemError`, `.closed` after ``close()``; `HubError.busy` when another tasklet reads; what ends the wait. No key
    ///   is lost by that.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func nextKey() throws -> Key? {
        try setReadsKeys(true)
        while true {
            if let key = takeKey(isOver: false) { return key }
            if input.readAhead.count == 0 {
                guard try readMore() else { return nil }
                continue
            }
            // The beginning of something longer, or Escape.
            let isMore = try withTimeout(.milliseconds(50), orElse: false) { try readMore() }
            if !isMore, let key = takeKey(isOver: true) { return key }
        }
    }

    /// A clause of a `select` that gets a key, or `nil` when there will be none any more.
    ///
    /// ```swift
    /// try select {
    ///     terminal.onKey { key in if key == .escape { isRunning = false } }
    ///     after(.seconds(1)) { try terminal.output.write(".") }
    /// }
    /// ```
    public func onKey<Result>(_ body: @escaping (Key?) throws -> Result) -> ReadyClause<Result> {
        // Also while the select waits: else the key would come with the next Enter. An error comes again in the body.
        try? setReadsKeys(true)
        return ReadyClause(input.socket, .read, isReady: input.readAhead.count > 0) { [self] in try body(nextKey()) }
    }

    /// Waits for a line; returns it without the end of the line. `nil` when there will be none any more.
    ///
    /// - Throws: as ``nextKey()``, and as `ByteReader.readLine(limit:)`.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func nextLine() throws -> String? {
        try setReadsKeys(false)
        do {
            return try input.readLine()
        } catch let error as SystemError where error.code == .isGone {
            return nil
        }
    }

    /// Puts the terminal into its former state, and reads no more. A tasklet that waits here gets an error. Has no effect the
    /// second time.
    public func close() {
        input.close()
        output.close()
    }

    private func setReadsKeys(_ isOn: Bool) throws {
        if readsKeys == isOn { return }
        try input.socket.ports.setReadsKeys(isOn, at: input.socket.handle)
        readsKeys = isOn
    }

    private func takeKey(isOver: Bool) -> Key? {
        let ahead = input.readAhead
        guard let (key, length) = KeyDecoder(ahead.bytes[ahead.start...].prefix(64), isOver: isOver).first() else {
            return nil
        }
        ahead.drop(length)
        return key
    }

    /// False at the end.
    private func readMore() throws -> Bool {
        var bytes = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        do {
            return try unsafe withUnsafeMutableBytes(of: &bytes) { bytes in
                let count = unsafe try input.readDirectly(into: bytes)
                unsafe input.readAhead.bytes += bytes[..<count]
                return count > 0
            }
        } catch let error as SystemError where error.code == .isGone {
            return false
        }
    }
}

extension Terminal {
    /// How many characters a terminal has room for.
    public struct Size: Hashable, Sendable {
        public let columns: Int
        public let rows: Int
    }
}

extension SystemError.Code {
    /// What a read says when the window of the terminal was closed.
    fileprivate static let isGone = SystemError.Code(rawValue: 5)
}
