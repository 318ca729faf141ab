import Channels
import Tasklets

/// What the places of a text stand for at the moment.
extension Interpreter {
    func text(_ template: Template, _ flow: Flow) throws -> String {
        var text = ""
        for part in template.parts {
            switch part {
            case .text(let part): text += part
            case .place(let place): text += try value(of: place, flow)
            }
        }
        return text
    }

    private func value(of place: Template.Place, _ flow: Flow) throws -> String {
        switch place {
        case .me: flow.me
        case .it: flow.it
        case .err: flow.err
        case .i: flow.i
        case .current: Tasklet.current.name
        case .runCount: String(Tasklet.runCount)
        case .ring: Scheduler.current.runQueue.map(\.name).joined(separator: " ")
        case .balance(let name): String(try channel(name).balance)
        case .queue(let name): Self.names(try channel(name).waiting)
        case .closing(let name): String(try channel(name).isClosing)
        case .closed(let name): String(try channel(name).isClosed)
        case .preference(let name): String(try channel(name).preference.rawValue)
        case .schedulesAll(let name): try channel(name).schedulesAll ? "1" : "0"
        case .state(let name): Self.state(of: try tasklet(name))
        case .isMain(let name): String(try tasklet(name).isMain)
        case .isCurrent(let name): String(try tasklet(name).isCurrent)
        case .blockTrap(let name): String(try tasklet(name).blockTrap)
        case .atomic(let name): String(atomicTasklets.contains(name))
        }
    }

    private static func names(_ tasklets: [Tasklet]) -> String {
        tasklets.isEmpty ? "-" : tasklets.map(\.name).joined(separator: " ")
    }

    private static func state(of tasklet: Tasklet) -> String {
        func bit(_ flag: Bool) -> String { flag ? "1" : "0" }
        return "alive=\(bit(tasklet.isAlive)) scheduled=\(bit(tasklet.isScheduled))"
            + " blocked=\(bit(tasklet.isBlocked)) paused=\(bit(tasklet.isPaused))"
    }
}
