import Tasklets

/// The actor that knows where everyone is.
///
/// Its first tasklet handles messages: it registers actors and takes down their headings. Its second one moves everybody
/// a step, tells every actor where everyone is, and begins again.
package final class World: Actor {
    /// Where the walls are.
    let size: WorldSize
    private(set) var register = Register()
    private let moving: Tasklet

    /// Creates a world without actors. Both its tasklets are put at the end of the run queue.
    package init(size: WorldSize = .classic, journal: Journal) throws {
        self.size = size
        moving = Tasklet(name: "World.out")
        try super.init(name: "World", taskletName: "World.in", journal: journal)
        try moving.bind {
            while true {
                try self.moveEveryone()
            }
        }
        try moving.setup()
        try note("print: world init")
    }

    override func handle(_ message: Message) throws {
        try note("print: world recv msg \(message)")
        switch message.content {
        case .join(let entry):
            try note("print: ADDING \(message.sender.name)")
            register.join(message.sender, as: entry)
        case .leave where register.leave(message.sender):
            try note("print: REMOVING \(message.sender.name)")
        case .updateVector(let vector) where register.update(message.sender, vector: vector):
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
            try move(seat)
        }
        let state = register.state(ofFirst: count, in: size)
        try note("print: actors: {\(register.addresses[..<count].map(\.name).joined(separator: ", "))}")
        for seat in 0..<count where register.isTaken(seat: seat) {
            try send(.worldState(state), to: register.addresses[seat])
        }
        try note("schedule")
        try Tasklet.schedule()
    }

    private func move(_ seat: Int) throws {
        let entry = register.entries[seat]
        guard entry.location != .nowhere, let vector = entry.vector else { return }
        let target = entry.location.moved(along: vector)
        if size.contains(target) {
            register.move(seat: seat, to: target)
        } else {
            journal.collisions += 1
            try send(.collision, to: register.addresses[seat])
        }
    }
}
