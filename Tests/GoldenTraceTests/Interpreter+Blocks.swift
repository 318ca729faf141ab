import Channels
import Tasklets

/// Steps one after the other, and the steps that contain steps.
extension Interpreter {
    /// How a list of steps was left.
    enum Completion {
        case atEnd, leavingLoop, leavingBody
    }

    func execute(_ steps: [Step], _ flow: Flow) throws -> Completion {
        for step in steps {
            try begin(step, of: flow)
            let completion = try execute(step, flow)
            if completion != .atEnd { return completion }
        }
        return .atEnd
    }

    private func execute(_ step: Step, _ flow: Flow) throws -> Completion {
        switch step {
        case .leaveLoop: .leavingLoop
        case .leaveBody: .leavingBody
        case .attempt(let steps, let handler, let finally): try attempt(steps, handler, finally, flow)
        case .repeated(let count, let steps): try repeated(count, steps, flow)
        case .forever(let steps): try loop(steps, flow) { true }
        case .iterate(let name, let steps): try iterate(try channel(name), steps, flow)
        case .whileReceivers(let name, let steps): try loop(steps, flow) { try self.channel(name).balance < 0 }
        case .whileSenders(let name, let steps): try loop(steps, flow) { try self.channel(name).balance > 0 }
        default: try perform(step, flow)
        }
    }

    private func attempt(
        _ steps: [Step],
        _ handler: Step.Handler?,
        _ finally: [Step],
        _ flow: Flow
    ) throws -> Completion {
        var result = Result { try execute(steps, flow) }
        if case .failure(let error) = result, let handler, !isOver,
            handler.scope == .any || !(error is TaskletExit)
        {
            flow.err = errorKind(error)
            result = Result { try execute(handler.steps, flow) }
        }
        if !finally.isEmpty, !isOver {
            // Leaving or failing in here takes the place of what happened before.
            let completion = try execute(finally, flow)
            if completion != .atEnd { return completion }
        }
        return try result.get()
    }

    private func repeated(_ count: Int, _ steps: [Step], _ flow: Flow) throws -> Completion {
        let outerPass = flow.i
        defer { flow.i = outerPass }
        for pass in 0..<count {
            flow.i = String(pass + 1)
            switch try execute(steps, flow) {
            case .atEnd: continue
            case .leavingLoop: return .atEnd
            case .leavingBody: return .leavingBody
            }
        }
        return .atEnd
    }

    private func loop(_ steps: [Step], _ flow: Flow, while condition: () throws -> Bool) throws -> Completion {
        while try condition() {
            switch try execute(steps, flow) {
            case .atEnd: continue
            case .leavingLoop: return .atEnd
            case .leavingBody: return .leavingBody
            }
        }
        return .atEnd
    }

    private func iterate(_ channel: Channel<String>, _ steps: [Step], _ flow: Flow) throws -> Completion {
        while let value = try next(of: channel) {
            flow.it = value
            switch try execute(steps, flow) {
            case .atEnd: continue
            case .leavingLoop: return .atEnd
            case .leavingBody: return .leavingBody
            }
        }
        return .atEnd
    }

    private func next(of channel: Channel<String>) throws -> String? {
        do {
            return try channel.next()
        } catch ProgramError.stopIteration {
            return nil
        }
    }
}
