import Channels
import Tasklets

/// The actor that knows where everyone is.
///
/// Its first tasklet handles messages: it registers actors and takes down their headings. Its second one moves everybody
/// a step, tells every actor where everyone is, and begins again.
@safe
public final class World: WorldActor {
    /// Where the walls are.
    let size: WorldSize
    /// Not a stored property: it would be checked for overlapping accesses at each message, at a cost that shows.
    private let registerMemory: UnsafeMutablePointer<Register>
    private let moving: Tasklet
    /// Who gives the state of the whole world, of which this is a part; nil when this is all of it.
    private let exchange: Exchange?

    private(set) var register: Register {
        _read { yield unsafe registerMemory.pointee }
        _modify { yield unsafe &registerMemory.pointee }
    }

    /// Creates a world without actors, which stands still until it is told to ``turn(telling:)``. The tasklet for its
    /// messages is put at the end of the run queue.
    package convenience init(size: WorldSize = .classic, trace: Trace = Trace()) throws {
        try self.init(size: size, counts: Counts(), trace: trace)
    }

    /// - Parameter exchange: Where this is a part of a world: it turns only by that.
    init(size: WorldSize, counts: Counts, trace: Trace, exchange: Exchange? = nil) throws {
        self.size = size
        self.exchange = exchange
        unsafe registerMemory = .allocate(capacity: 1)
        unsafe registerMemory.initialize(to: Register(firstSeat: exchange?.firstSeat ?? 0))
        moving = Tasklet(name: "World.out")
        try super.init(name: "World", taskletName: "World.in", counts: counts, trace: trace)
    }

    deinit {
        unsafe registerMemory.deinitialize(count: 1)
        unsafe registerMemory.deallocate()
    }

    /// Begins to turn: puts the world's second tasklet at the end of the run queue.
    ///
    /// - Parameter rest: Those in a round that has begun already who are still to be told where everyone is.
    package func turn(telling rest: Range<Int> = 0..<0) throws {
        try moving.bind {
            if !rest.isEmpty { try self.tell(rest) }
            while true {
                try self.moveEveryone()
            }
        }
        try moving.setup()
        try note("print: world init")
    }

    override public func handle(_ message: Message) throws {
        try note("print: world recv msg \(message)")
        switch message.content {
        case .join(let entry):
            try note("print: ADDING \(unsafe message.sender.takeUnretainedValue().name)")
            register.join(unsafe message.sender.takeUnretainedValue(), as: entry)
        case .leave where unsafe register.leave(message.sender.takeUnretainedValue()):
            try note("print: REMOVING \(unsafe message.sender.takeUnretainedValue().name)")
        case .updateVector(let vector)
        where unsafe message.sender._withUnsafeGuaranteedRef({ register.update($0, vector: vector) }):
            break
        default:
            try super.handle(message)
        }
    }

    /// One round. Who takes part is settled at its beginning; who joins meanwhile takes part in the next, who leaves
    /// meanwhile is left out of the rest of this one.
    private func moveEveryone() throws {
        register.closeGaps()
        let count = register.count
        for seat in 0..<count {
            let walls = register.move(seat: seat, in: size)
            if walls.isEmpty { continue }
            counts.collisions += 1
            try send(.collision(walls), to: register.addresses[seat])
        }
        try note("print: actors: {\(register.addresses[..<count].map(\.name).joined(separator: ", "))}")
        try tell(0..<count)
    }

    /// Tells actors where everyone is who takes part in the round, and gives way.
    private func tell(_ seats: Range<Int>) throws {
        let state = try exchange?.state() ?? register.state(ofFirst: seats.upperBound, in: size)
        let firstSeat = register.firstSeat
        for seat in seats {
            // In a large world nothing of the next one is in a cache any more.
            if seat + 1 < seats.upperBound { register.addresses[seat + 1].channel.prefetchFirst() }
            // Nobody is taken out of the register while a round lasts: the address needs no retain.
            let address = unsafe Unmanaged.passUnretained(register.addresses[seat])
            try unsafe address._withUnsafeGuaranteedRef { address in
                // Another one has moved up, or nobody, when the actor has left.
                if address.seat == firstSeat + seat { try send(.worldState(state), to: address) }
            }
        }
        try note("schedule")
        try Tasklet.schedule()
    }
}
