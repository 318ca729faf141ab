package import Tasklets

/// All that the hub's types can do to the world outside their scheduler. ``SystemPorts`` is the system; a simulated network can
/// be another one. So a program that is written with the hub's types can run in either.
///
/// What is told here is readiness: an operation is tried, and says that it would block; then its caller waits until it is worth
/// another try. Buffers stay the caller's. Time is the scheduler's (`SchedulerCore.now`), and sleeping is the kernel's: ports
/// are the scheduler's event source, and the place at which those wait that wait for the outside.
///
/// Nothing else in the hub calls the system: a test sees to it.
package protocol Ports: EventSource, WaitPlace {
    // MARK: Waiting

    /// Whether a tasklet may begin to wait.
    ///
    /// - Throws: `HubError.closed`, or `HubError.busy` when another tasklet waits for the same.
    func checkMayWait(for direction: Direction, at handle: Handle) throws

    /// Whether somebody waits for that already.
    func isAwaited(_ direction: Direction, at handle: Handle) -> Bool

    /// Wakes the entry when the handle is ready in that direction, or closed. Inside the gate. The entry's argument is an
    /// ``Interest``. False when it is so already.
    func add(_ entry: WaitEntry) -> Bool

    // MARK: Sockets

    func openSocket(_ family: SocketAddress.Family, isStream: Bool) throws(SystemError) -> Handle
    func openPair(isStream: Bool) throws(SystemError) -> (Handle, Handle)
    func bind(_ handle: Handle, to address: SocketAddress) throws(SystemError)
    func listen(_ handle: Handle, backlog: Int) throws(SystemError)
    /// A connection that has come, and from where; `nil` when none has.
    func accept(_ handle: Handle) throws(SystemError) -> (Handle, SocketAddress?)?
    /// True when it is connected. Else it is to be waited for until the handle is writable, and `takeError` says how it ended.
    func connect(_ handle: Handle, to address: SocketAddress) throws(SystemError) -> Bool
    func takeError(of handle: Handle, _ operation: @autoclosure () -> String) throws(SystemError)
    func address(of handle: Handle, isOtherSide: Bool) throws(SystemError) -> SocketAddress?
    func shutdown(_ handle: Handle, reads: Bool, writes: Bool) throws(SystemError)
    func setOption(_ option: SocketOption, of handle: Handle, to value: Int) throws(SystemError)
    func option(_ option: SocketOption, of handle: Handle) throws(SystemError) -> Int
    func resetAtClose(_ handle: Handle) throws(SystemError)

    // MARK: Bytes

    /// How many bytes were read: 0 at the end, `nil` when nothing is there yet.
    func read(_ handle: Handle, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int?
    /// How many bytes were written; `nil` when there is no room.
    func write(_ handle: Handle, _ pieces: UnsafeBufferPointer<UnsafeRawBufferPointer>) throws(SystemError) -> Int?
    /// The whole length of a datagram, of which what fits is in the buffer; `nil` when none is there.
    func receive(_ handle: Handle, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> (
        Int, SocketAddress?
    )?
    /// False when there is no room.
    func send(_ handle: Handle, _ bytes: UnsafeRawBufferPointer, to address: SocketAddress?) throws(SystemError) -> Bool
    /// How many of the bytes were sent, the descriptors with them; `nil` when there is no room.
    func send(_ handle: Handle, _ bytes: UnsafeRawBufferPointer, descriptors: [Int32]) throws(SystemError) -> Int?
    func receiveDescriptors(
        _ handle: Handle,
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> (Int, [Int32])?

    /// Removes the file of a socket that is about to be closed; no error if it has gone.
    func removeSocketFile(_ path: String)

    // MARK: Pipes

    func openPipe() throws(SystemError) -> (reading: Handle, writing: Handle)
    /// A handle for what the program has open already, which stays open when the handle is closed.
    func borrow(_ descriptor: Int32, for direction: Direction) throws(SystemError) -> Handle
    /// Whether an operation would not block. It may do so nevertheless when others use the same thing.
    func isReady(for direction: Direction, at handle: Handle) throws(SystemError) -> Bool

    // MARK: Children

    func start(_ call: ChildCall) throws(SystemError) -> StartedChild
    /// How the child has ended; `nil` while it has not: then it is to be waited for until the handle is readable. Its number may
    /// be used again from then on.
    ///
    /// - Parameter group: the number of a group of processes whose rest is killed before that.
    func takeEnd(of process: Handle, killing group: Int32?) throws(SystemError) -> ChildStatus?
    /// Sends a signal to a child, or to its whole group. Without effect when it has ended.
    func signal(_ process: Handle, group: Int32?, _ signal: SystemSignal) throws(SystemError)
    /// Whether a child ends within some nanoseconds. The thread waits: for the end of the scheduler only.
    func blockUntilEnd(of process: Handle, atMost nanoseconds: Int64) -> Bool

    // MARK: Signals

    /// From now on each of these signals that comes to the process is a byte that is read at the handle: its number.
    func listen(to signals: [SystemSignal]) throws(SystemError) -> Handle

    // MARK: Terminals

    /// Whether each key is read at once and not shown. It ends with the handle, and with the program.
    func setReadsKeys(_ isOn: Bool, at handle: Handle) throws(SystemError)
    func terminalSize(of handle: Handle) throws(SystemError) -> Terminal.Size

    // MARK: Other threads

    /// Has the job done once, outside of the scheduler and beside it. Inside the gate; does not wait for it.
    ///
    /// - Throws: that nobody can do it. The job is forgotten then.
    func perform(_ job: @escaping @Sendable () -> Void, by workers: WorkerPool.Kind) throws(SystemError)

    // MARK: Names

    /// What finds the addresses of a name. It may take long: for `perform(_:by:)`.
    func lookUp(_ name: String) -> @Sendable () throws -> [IPAddress]

    // MARK: Files

    var files: any FileSystem { get }

    // MARK: The end

    /// Closes it, and wakes those that wait there. Without effect on what is closed already.
    func close(_ handle: Handle)

    /// Closes whatever is left; the scheduler ends.
    func closeAll()
}

/// Something outside that a scheduler has opened: a place in a table, and how often that place has been used before. So what was
/// closed is never taken for what came after it.
package struct Handle: Hashable {
    let index: UInt32
    let generation: UInt32

    /// Never open.
    static let none = Handle(index: .max, generation: .max)
}

/// What a tasklet waits for at a handle: bytes, or room for some.
package enum Direction {
    case read
    case write
}

/// What an entry that waits at ports is there for; in the frame that waits.
package struct Interest {
    let handle: Handle
    let direction: Direction
}

/// A property of a socket that is a number; 0 and 1 of a switch.
package enum SocketOption {
    case noDelay
    case keepAlive
    case reuseAddress
    case reusePort
    case sendBuffer
    case receiveBuffer
    case broadcast
    case onlyVersion6
}
