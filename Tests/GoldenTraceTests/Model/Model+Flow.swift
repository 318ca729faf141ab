/// One tasklet's way through its program, a place at a time.
extension Model {
    /// Does the next thing the current tasklet has to do.
    func advance(_ tasklet: ModelTasklet) throws {
        leaveRunStack(tasklet)
        if let slot = tasklet.slot {
            tasklet.slot = nil
            try deliver(slot, to: tasklet)
            return
        }
        tasklet.isStarted = true
        guard let frame = tasklet.frames.popLast() else { return end(tasklet, with: nil) }
        switch frame {
        case .steps(let steps, let next):
            guard next < steps.count else { return }
            tasklet.frames.append(.steps(steps, next: next + 1))
            try begin(steps[next], tasklet)
        case .attempt(_, let finally): enter(finally, .done, tasklet)
        case .afterwards(let outcome): leave(with: outcome, tasklet)
        case .repeated(let count, let steps, let pass, let outerPass):
            guard pass < count else {
                tasklet.i = outerPass
                return
            }
            tasklet.i = String(pass + 1)
            tasklet.frames.append(.repeated(count, steps, pass: pass + 1, outerPass: outerPass))
            tasklet.frames.append(.steps(steps, next: 0))
        case .forever(let steps): loop(frame, steps, tasklet)
        case .whileReceivers(let name, let steps):
            if try channel(name).balance < 0 { loop(frame, steps, tasklet) }
        case .whileSenders(let name, let steps):
            if try channel(name).balance > 0 { loop(frame, steps, tasklet) }
        case .iterate(let name, _):
            let channel = try channel(name)
            guard !channel.isClosing || channel.balance > 0 else { return }
            tasklet.frames.append(frame)
            try receive(name, .iteration)
        }
    }

    private func loop(_ frame: ModelFrame, _ steps: [Step], _ tasklet: ModelTasklet) {
        tasklet.frames += [frame, .steps(steps, next: 0)]
    }

    private func begin(_ step: Step, _ tasklet: ModelTasklet) throws {
        switch step {
        case .attempt(let steps, let handler, let finally):
            tasklet.frames += [.attempt(handler: handler, finally: finally), .steps(steps, next: 0)]
        case .repeated(let count, let steps):
            tasklet.frames.append(.repeated(count, steps, pass: 0, outerPass: tasklet.i))
        case .forever(let steps): tasklet.frames.append(.forever(steps))
        case .iterate(let name, let steps): tasklet.frames.append(.iterate(channel: name, steps))
        case .whileReceivers(let name, let steps): tasklet.frames.append(.whileReceivers(channel: name, steps))
        case .whileSenders(let name, let steps): tasklet.frames.append(.whileSenders(channel: name, steps))
        case .leaveLoop: leave(with: .leavingLoop, tasklet)
        case .leaveBody: leave(with: .leavingBody, tasklet)
        case .raise(let error): leave(with: .error(error.rawValue), tasklet)
        default:
            if let error = try perform(step, tasklet) { leave(with: .error(error), tasklet) }
        }
    }

    /// Runs `finally`, then goes on with an outcome.
    private func enter(_ finally: [Step], _ outcome: ModelOutcome, _ tasklet: ModelTasklet) {
        tasklet.frames += [.afterwards(outcome), .steps(finally, next: 0)]
    }

    /// Leaves places until one takes the outcome.
    func leave(with outcome: ModelOutcome, _ tasklet: ModelTasklet) {
        if case .done = outcome { return }
        while let frame = tasklet.frames.popLast() {
            switch (frame, outcome) {
            case (.attempt(let handler?, let finally), .error(let kind))
            where handler.scope == .any || kind != "TaskletExit":
                tasklet.err = kind
                tasklet.frames += [.attempt(handler: nil, finally: finally), .steps(handler.steps, next: 0)]
                return
            case (.attempt(_, let finally), _) where !finally.isEmpty: return enter(finally, outcome, tasklet)
            case (.repeated(_, _, _, let outerPass), _):
                tasklet.i = outerPass
                if case .leavingLoop = outcome { return }
            case (.forever, .leavingLoop), (.iterate, .leavingLoop), (.whileReceivers, .leavingLoop),
                (.whileSenders, .leavingLoop):
                return
            default: continue
            }
        }
        if case .error(let kind) = outcome { return end(tasklet, with: kind) }
        end(tasklet, with: nil)
    }

    /// Gives a tasklet that goes on what its operation has come to.
    private func deliver(_ slot: ModelTasklet.Slot, to tasklet: ModelTasklet) throws {
        let purpose = tasklet.purpose
        tasklet.purpose = .nothing
        switch (slot, purpose) {
        case (.error("StopIteration"), .iteration): tasklet.frames.removeLast()
        case (.error(let kind), _):
            // Who never ran does not begin now: there is no place yet that could take the error.
            if !tasklet.isStarted { tasklet.frames = [] }
            leave(with: .error(kind), tasklet)
        case (.value(let value), .result): tasklet.it = value
        case (.value(let value), .iteration):
            tasklet.it = value
            guard case .iterate(_, let steps)? = tasklet.frames.last else { return }
            tasklet.frames.append(.steps(steps, next: 0))
        case (.value, .sequence(let channel, let rest, let sent)):
            try sendSequence(rest, on: channel, sent: sent + 1)
        case (.value, .nothing): break
        }
    }
}
