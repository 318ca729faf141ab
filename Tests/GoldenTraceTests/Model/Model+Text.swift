/// What the places of a text stand for at the moment.
extension Model {
    func text(_ template: Template, _ tasklet: ModelTasklet) throws -> String {
        try template.parts.map { part in
            switch part {
            case .text(let text): text
            case .place(let place): try value(of: place, tasklet)
            }
        }.joined()
    }

    private func value(of place: Template.Place, _ caller: ModelTasklet) throws -> String {
        switch place {
        case .me: caller.name
        case .it: caller.it
        case .err: caller.err
        case .i: caller.i
        case .current: me.name
        case .runCount: String(queue.count)
        case .ring: queue.map(\.name).joined(separator: " ")
        case .balance(let name): String(try channel(name).balance)
        case .queue(let name):
            try channel(name).line.isEmpty ? "-" : try channel(name).line.map(\.name).joined(separator: " ")
        case .closing(let name): String(try channel(name).isClosing)
        case .closed(let name): String(try channel(name).isClosing && channel(name).line.isEmpty)
        case .preference(let name): String(try channel(name).preference)
        case .schedulesAll(let name): try channel(name).schedulesAll ? "1" : "0"
        case .state(let name): Self.state(of: try tasklet(name))
        case .isMain(let name): String(try tasklet(name) === main)
        case .isCurrent(let name): String(try tasklet(name) === me)
        case .blockTrap(let name): String(try tasklet(name).blockTrap)
        case .atomic(let name): String(try tasklet(name).isAtomic)
        }
    }

    private static func state(of tasklet: ModelTasklet) -> String {
        let scheduled = tasklet.place == .queued || tasklet.isBlocked
        return "alive=\(tasklet.isAlive ? 1 : 0) scheduled=\(scheduled ? 1 : 0)"
            + " blocked=\(tasklet.isBlocked ? 1 : 0) paused=\(tasklet.place == .paused ? 1 : 0)"
    }
}
