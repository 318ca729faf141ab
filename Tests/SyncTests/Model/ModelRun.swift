/// Runs a random program with a model: the rules of the scheduler, written with arrays.
final class ModelRun {
    private enum Phase {
        case new
        /// In the middle of an operation that has given way, killed somebody, or waits.
        case yielding, refused, killing, waiting
        case dead
    }

    private struct Participant {
        var phase = Phase.new
        var step = 0
        var isBlocked = false
        var isCancelled = false
        var error: String?
    }

    private let program: RandomProgram
    private let operations: [String]
    private let model: Model
    private var participants: [Participant]
    private var ring: [Int]
    private var log: [String] = []

    init(_ program: RandomProgram, operations: [String], model: Model) {
        self.program = program
        self.operations = operations
        self.model = model
        participants = program.tasklets.map { _ in Participant() }
        ring = Array(program.tasklets.indices)
        model.wake = { [unowned self] in queue($0) }
    }

    func run() -> [String] {
        while let first = ring.first { takeTurn(first) }
        let living = participants.map { $0.isBlocked ? "blocked" : $0.phase == .dead ? "dead" : "alive" }
        return log + [living.joined(separator: " "), model.state]
    }

    private func queue(_ tasklet: Int) {
        participants[tasklet].isBlocked = false
        ring.append(tasklet)
    }

    /// From the moment when a tasklet is first in the ring until another one is.
    private func takeTurn(_ me: Int) {
        let error = participants[me].error
        participants[me].error = nil
        switch participants[me].phase {
        case .new:
            if error != nil { return end(me) }
        case .waiting:
            switch model.goOn(me, error: error) {
            case .waits: return block(me)
            case .done(let result): note(me, result)
            case .failed(let word): note(me, error: word)
            }
            participants[me].step += 1
        case .refused:
            note(me, error: error ?? "cancelled")
            participants[me].step += 1
        case .yielding, .killing:
            if let error { note(me, error: error) }
            participants[me].step += 1
        case .dead: fatalError("a dead tasklet has a turn")
        }
        while participants[me].step < program.tasklets[me].count {
            if !perform(program.tasklets[me][participants[me].step], me) { return }
            participants[me].step += 1
        }
        model.cleanUp(me)
        end(me)
    }

    /// False when the step is not over: another tasklet has its turn.
    private func perform(_ step: RandomProgram.Step, _ me: Int) -> Bool {
        switch step {
        case .operation(let operation):
            switch model.begin(operation, by: me, at: participants[me].step) {
            case .done(let result): note(me, result)
            case .failed(let word): note(me, error: word)
            case .waits:
                if participants[me].isCancelled {
                    if giveWay(me, .refused) { return false }
                    note(me, error: "cancelled")
                    return true
                }
                // Out of the ring first: joining may wake others.
                block(me)
                model.join(operation, by: me, at: participants[me].step)
                return false
            }
        case .yield: return !giveWay(me, .yielding)
        case .cancel(let target):
            if participants[target].phase == .dead || participants[target].isCancelled { break }
            participants[target].isCancelled = true
            if participants[target].isBlocked, !model.isShielded(target) { deliver("cancelled", to: target) }
        case .kill(let target, let pending):
            if target == me {
                note(me, error: "killed")
            } else if participants[target].phase != .dead {
                deliver("killed", to: target)
                if pending { break }
                participants[me].phase = .killing
                while ring.first != target { ring.append(ring.removeFirst()) }
                return false
            }
        }
        return true
    }

    /// False when nobody else is able to run.
    private func giveWay(_ me: Int, _ phase: Phase) -> Bool {
        if ring.count == 1 { return false }
        participants[me].phase = phase
        ring.append(ring.removeFirst())
        return true
    }

    private func block(_ me: Int) {
        participants[me].phase = .waiting
        participants[me].isBlocked = true
        ring.removeFirst()
    }

    private func deliver(_ error: String, to target: Int) {
        if participants[target].isBlocked {
            model.withdraw(target)
            queue(target)
        }
        participants[target].error = error
    }

    private func end(_ me: Int) {
        participants[me].phase = .dead
        ring.removeFirst()
    }

    private func note(_ me: Int, _ result: String) {
        guard case .operation(let operation) = program.tasklets[me][participants[me].step] else { return }
        log.append("\(me).\(participants[me].step) \(operations[operation]): \(result)")
    }

    private func note(_ me: Int, error: String) {
        log.append("\(me).\(participants[me].step): \(error)")
    }
}
