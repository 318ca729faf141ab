public import Channels
import Synchronization
import Tasklets

/// A channel for async functions. A tasklet stands in line for them: one of their own scheduler when they run on one, else of a
/// thread that the library has for that. So these cost a tasklet each, and a hop when the partner is on another thread.
extension Channel where Element: Sendable {
    /// Gives `value` to a receiver, from an async function on whatever thread; waits for one and blocks no thread.
    ///
    /// - Throws: `ChannelError.closed`; `CancellationError` when the task is cancelled. The value is lost then.
    nonisolated(nonsending) public func send(_ value: Element) async throws {
        try await StandIn.executor().run(name: "async send") { try self.send(value) }
    }

    /// What is sent, as a sequence for async functions on whatever thread.
    ///
    /// ```swift
    /// for try await line in lines.values { print(line) }
    /// ```
    ///
    /// The sequence ends when the channel is closed and no sender waits any more. It throws when somebody sends an error. A task
    /// that is cancelled while it waits gets a `CancellationError`; no value is lost.
    public var values: ChannelValues<Element> { ChannelValues(channel: self) }
}

/// The values of a channel, for async functions. Several may take them: each value goes to one.
public struct ChannelValues<Element: Sendable>: AsyncSequence, Sendable {
    fileprivate let channel: Channel<Element>

    /// Takes the values one after the other.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let channel: Channel<Element>

        /// The next value that is sent; `nil` when the channel is closed and nobody waits to send. Waits for one, and blocks no
        /// thread.
        ///
        /// - Throws: an error that is sent; `CancellationError` when the task is cancelled: no value is lost then.
        public func next(isolation actor: isolated (any Actor)? = #isolation) async throws -> Element? {
            let channel = self.channel
            return try await StandIn.executor().run(name: "async receive") { try channel.next() }
        }
    }

    /// One that takes the values: each value goes to one of those that there are.
    public func makeAsyncIterator() -> Iterator { Iterator(channel: channel) }
}

/// Who stands in line for async functions.
private enum StandIn {
    /// The scheduler that the caller runs on, else that of the library's own thread.
    static nonisolated(nonsending) func executor() async throws -> SchedulerExecutor {
        if let executor = ownExecutor { return executor }
        if let executor = executorOfThread.load() { return executor }
        try await Beginning.shared.wait()
        return executorOfThread.load()!
    }

    /// That of the scheduler that a job is run on. Never inlined: see `JobQueue.isOwnThread`.
    private static var ownExecutor: SchedulerExecutor? {
        @inline(never) get {
            guard let core = SchedulerCore.currentIfAny, core.attention.contains(.callback) else { return nil }
            return .current
        }
    }

    private static let executorOfThread = AtomicLazyReference<SchedulerExecutor>()

    /// Starts the thread once, and again when the system had none.
    private actor Beginning {
        static let shared = Beginning()
        private var start: Task<Void, any Error>?

        /// Until the thread is there; blocks none.
        func wait() async throws {
            let start = self.start ?? Task.detached { try await StandIn.startThread() }
            self.start = start
            do {
                try await start.value
            } catch {
                // Not another one that was started meanwhile.
                if self.start == start { self.start = nil }
                throw error
            }
        }
    }

    private static func startThread() async throws {
        try await unsafe withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
            unsafe arrival = unsafe continuation
            do {
                try SystemPorts.startThread { StandIn.live() }
            } catch {
                unsafe continuation.resume(throwing: error)
            }
        }
    }

    /// Written before the thread is started, and read by it.
    private nonisolated(unsafe) static var arrival: UnsafeContinuation<Void, any Error>?

    private static func live() {
        let core = SchedulerCore.current
        _ = executorOfThread.storeIfNil(.current)
        unsafe arrival!.resume()
        let place = LifeOfTheProgram()
        // What a tasklet there throws has no other place to go to.
        while true { try? unsafe core.waitOutside(at: place, argument: nil) { _ in true } }
    }
}

private final class LifeOfTheProgram: WaitPlace {
    func withdraw(_ entry: WaitEntry) -> Withdrawal { .done }

    func describe(_ entry: WaitEntry) -> String { "the end of the program" }
}
