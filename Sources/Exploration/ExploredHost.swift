public import Tasklets

/// A scheduler of its own inside ``explore(_:budget:where:time:fileID:filePath:line:column:_:)``, as a thread has one: for programs
/// in which several threads share channels, locks and queues.
///
/// ```swift
/// try explore {
///     let numbers = Channel<Int>()
///     ExploredHost(name: "sender") { try numbers.send(1) }
///     ExploredHost(name: "receiver") { #expect(try numbers.receive() == 1) }
/// }
/// ```
///
/// Its body runs under a scheduler of its own, as the main tasklet, and may make tasklets there; the end of the body ends them.
/// All hosts run on the thread of the exploration, in turn, and all have its virtual clock. The search decides which of them goes
/// on: at each operation that may switch, and inside the operations on what they share, wherever another thread could come in
/// between. Without departures a host runs until it sleeps or gives way.
///
/// The body of `explore` makes hosts, and leaves what they share to them until they have ended. An error that leaves a host fails
/// the schedule. When no tasklet of any host can go on, the schedule fails too, and the report says what each of them waits for.
///
/// Not with ``Search/independent``, which does not see what hosts share.
public struct ExploredHost {
    /// Makes a host. It begins when its turn comes.
    ///
    /// - Parameters:
    ///   - name: what reports call it.
    ///   - stackSize: bytes reserved for the stack of its main tasklet.
    ///   - fileID: where it is made, for reports.
    ///   - line: the line in that.
    ///   - body: what its main tasklet does. An error that leaves it fails the schedule.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @discardableResult
    public init(
        name: String,
        stackSize: Int = Tasklet.defaultStackSize,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: @escaping () throws -> Void
    ) {
        guard let runner = Runner.current else {
            fatalError(
                "The host '\(name)' is made outside of explore { … }: elsewhere a thread has a scheduler of its own."
            )
        }
        let hosts = runner.hosts
        SchedulerCore.withCurrent(hosts.root) {
            _ = Tasklet(name: name, stackSize: stackSize, fileID: fileID, line: line) { try hosts.run(body) }
        }
    }
}
