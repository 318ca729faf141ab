public import Tasklets

/// A clause of a `select` that waits for the outside: for bytes, a connection, a signal. ``TCPConnection/onReadable(_:)`` makes
/// one, for example.
///
/// It is chosen when something is there, and takes nothing: its body does, when the select has been left. So nothing is lost when
/// another clause is chosen, or when the wait is ended.
public struct ReadyClause<Result>: SelectClause, SelectBody {
    private let wait: ReadyWait
    private let body: () throws -> Result

    /// - Parameters:
    ///   - isReady: whether it is so without asking the system: something has been read ahead.
    ///   - isDaemon: whether `run()` returns although somebody waits here.
    package init(
        _ socket: Socket,
        _ direction: Direction,
        isReady: Bool = false,
        isDaemon: Bool = false,
        _ body: @escaping () throws -> Result
    ) {
        wait = ReadyWait(
            socket.hub,
            Interest(handle: socket.handle, direction: direction),
            owner: socket,
            isReady: isReady,
            isDaemon: isDaemon
        )
        self.body = body
    }

    /// A clause for a descriptor that others have opened.
    init(_ visit: Visit, _ direction: Direction, _ body: @escaping () throws -> Result) {
        let interest = Interest(handle: visit.handle ?? .none, direction: direction)
        wait = ReadyWait(visit.hub, interest, owner: visit, isReady: visit.handle == nil, isDaemon: false)
        self.body = body
    }

    public consuming func split() -> (ReadyWait, Self) { (wait, self) }

    public func run(_ number: Int, _ wait: UnsafeMutablePointer<ReadyWait>) throws -> Result { try body() }

    public func keepPlaces() { withExtendedLifetime(wait) {} }
}

/// What a ``ReadyClause`` waits for.
public struct ReadyWait: SelectWait {
    private let hub: HubCore
    private var interest: Interest
    /// Keeps the handle open.
    private let owner: AnyObject
    private let isReady: Bool
    private let isDaemon: Bool

    init(_ hub: HubCore, _ interest: Interest, owner: AnyObject, isReady: Bool, isDaemon: Bool) {
        self.hub = hub
        self.interest = interest
        self.owner = owner
        self.isReady = isReady
        self.isDaemon = isDaemon
    }

    public static func prepare(_ wait: UnsafeMutablePointer<Self>, _ selection: Selection) {
        // On another thread this is the end of the program.
        _ = unsafe wait.pointee.hub.checkedPorts
    }

    public static func take(
        _ wait: UnsafeMutablePointer<Self>,
        _ first: Int,
        _ end: Int,
        _ selection: Selection
    ) throws -> Int? {
        guard first <= 0, end > 0 else { return nil }
        do {
            guard unsafe try wait.pointee.looksReady else { return nil }
        } catch {
            selection.core.leave()
            throw error
        }
        selection.core.leave()
        return 0
    }

    /// - Throws: that it is closed, or that another tasklet waits here for the same.
    private var looksReady: Bool {
        get throws {
            if isReady { return true }
            let ports = hub.ports
            if try ports.isReady(for: interest.direction, at: interest.handle) { return true }
            try ports.checkMayWait(for: interest.direction, at: interest.handle)
            return false
        }
    }

    public static func join(
        _ wait: UnsafeMutablePointer<Self>,
        _ number: Int,
        _ entry: Selection.Entry,
        _ selection: Selection
    ) -> Selection.Joining {
        let (ports, isDaemon) = unsafe (wait.pointee.hub.ports, wait.pointee.isDaemon)
        let interest = unsafe withUnsafeMutablePointer(to: &wait.pointee.interest) { unsafe $0 }
        // A moment ago nobody else waited there.
        if unsafe ports.isAwaited(interest.pointee.direction, at: interest.pointee.handle) {
            fatalError("Two clauses of one select wait for the same connection, pipe, listener or signals.")
        }
        unsafe selection.core.joinOutside(entry.entry, at: ports, argument: interest, isDaemon: isDaemon)
        if ports.add(entry.entry) { return Selection.Joining(.joined) }
        return Selection.Joining(entry.entry.takeOwnWait() ? .ready : .tooLate)
    }
}
