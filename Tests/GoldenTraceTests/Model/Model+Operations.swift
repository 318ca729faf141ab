/// The steps that are one operation.
extension Model {
    /// Gives the kind of the error the operation fails with at once; later ones come through the slot.
    func perform(_ step: Step, _ caller: ModelTasklet) throws -> String? {
        switch step {
        case .log(let template): log.append(try text(template, caller))
        case .spawn(let body, let name):
            let tasklet = ModelTasklet(name: name)
            tasklet.function = body
            try replace(name, with: tasklet)
            return try setUp(tasklet)
        case .create(let body, let name):
            let tasklet = ModelTasklet(name: name)
            tasklet.function = body
            try replace(name, with: tasklet)
        case .createEmpty(let name): try replace(name, with: ModelTasklet(name: name))
        case .bind(let name, let body): return try bind(try tasklet(name), to: body)
        case .bindPaused(let name, let body):
            let tasklet = try tasklet(name)
            if let error = try bind(tasklet, to: body) { return error }
            if let error = try setUp(tasklet) { return error }
            queue.removeLast()
            tasklet.place = .paused
        case .setup(let name): return try setUp(try tasklet(name))
        case .close(let name): channels[name]?.isClosing = true
        case .open(let name): channels[name]?.isClosing = false
        case .preference(let name, let preference): channels[name]?.preference = preference.signum()
        case .schedulesAll(let name, let schedulesAll): channels[name]?.schedulesAll = schedulesAll
        case .send(let name, let value): try send(.value(try text(value, caller)), on: name, .nothing)
        case .sendError(let name, let error): try send(.error(error.rawValue), on: name, .nothing)
        case .receive(let name): try receive(name, .result)
        case .sendSequence(let name, let items): try sendSequence(items[...], on: name, sent: 0)
        case .blockTrap(let isOn): caller.blockTrap = isOn
        case .atomic(let isOn): caller.isAtomic = isOn
        case .switchTrap(let change):
            caller.it = String(trapLevel)
            trapLevel += change
        case .errorHandler(let mode): errorHandler = mode
        case .scheduleCallback(let isOn): logsSwitches = isOn
        case .channelCallback(let isOn): logsChannels = isOn
        default: return try schedule(step, caller)
        }
        return nil
    }

    /// A tasklet that loses its name may lose its last reference.
    private func replace(_ name: String, with tasklet: ModelTasklet) throws {
        if let former = tasklets[name], former.isAlive { throw Unspecified(reason: "a living tasklet is dropped") }
        tasklets[name] = tasklet
    }

    private func bind(_ tasklet: ModelTasklet, to body: String) throws -> String? {
        if tasklet === me { return "RuntimeError.bindCurrent" }
        if tasklet.place == .queued || tasklet.isBlocked { return "RuntimeError.scheduled" }
        if tasklet.isStarted { throw Unspecified(reason: "a started tasklet is bound anew") }
        tasklet.place = .dead
        tasklet.slot = nil
        tasklet.function = body
        return nil
    }

    private func setUp(_ tasklet: ModelTasklet) throws -> String? {
        if tasklet.isAlive { return "RuntimeError.alive" }
        guard let function = tasklet.function else { return "RuntimeError.notBound" }
        tasklet.function = nil
        tasklet.frames = [.steps(try body(function), next: 0)]
        (tasklet.it, tasklet.err, tasklet.i) = ("none", "none", "none")
        append(tasklet)
        return nil
    }
}
