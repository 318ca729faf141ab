import Channels
import Tasklets

/// The steps that are one operation of the library.
extension Interpreter {
    func perform(_ step: Step, _ flow: Flow) throws -> Completion {
        switch step {
        case .log(let template): record(try text(template, flow))
        case .spawn, .create, .createEmpty, .bind, .bindPaused, .setup: try make(step)
        case .send, .receive, .sendError, .sendSequence, .close, .open, .preference, .schedulesAll:
            try communicate(step, flow)
        case .blockTrap, .atomic, .switchTrap, .errorHandler, .scheduleCallback, .channelCallback:
            set(step, flow)
        default: try schedule(step, flow)
        }
        return .atEnd
    }

    private func make(_ step: Step) throws {
        switch step {
        case .spawn(let body, let name):
            tasklets[name] = Tasklet(name: name, try self.body(body, of: name))
            atomicTasklets.remove(name)
        case .create(let body, let name):
            let tasklet = Tasklet(name: name)
            try tasklet.bind(try self.body(body, of: name))
            tasklets[name] = tasklet
        case .createEmpty(let name): tasklets[name] = Tasklet(name: name)
        case .bind(let name, let body): try tasklet(name).bind(try self.body(body, of: name))
        case .bindPaused(let name, let body):
            try tasklet(name).bind(try self.body(body, of: name))
            try tasklet(name).setup()
            try tasklet(name).remove()
        case .setup(let name): try tasklet(name).setup()
        default: preconditionFailure("\(step) makes no tasklet")
        }
    }

    private func schedule(_ step: Step, _ flow: Flow) throws {
        switch step {
        case .insert(let name): try tasklet(name).insert()
        case .remove(let name): try tasklet(name).remove()
        case .resume(let name):
            try tasklet(name).run()
            flow.it = "none"
        case .switchTo(let name):
            try tasklet(name).switch()
            flow.it = "none"
        case .kill(let name, let pending): try tasklet(name).kill(pending: pending)
        case .throwInto(let name, let error, let pending): try tasklet(name).raise(error.thrown, pending: pending)
        case .run:
            try Tasklet.run()
            flow.it = "none"
        case .schedule(let value):
            let result = try value.map { try text($0, flow) } ?? flow.me
            try Tasklet.schedule()
            flow.it = result
        case .scheduleRemove(let value):
            let result = try value.map { try text($0, flow) } ?? flow.me
            try Tasklet.scheduleRemove()
            flow.it = result
        case .setTemporaryValue(let name, _):
            // The library carries no values through the scheduler, so there is nothing to set.
            _ = try tasklet(name)
        case .raise(let error): throw error.thrown
        default: preconditionFailure("\(step) is no operation")
        }
    }

    private func communicate(_ step: Step, _ flow: Flow) throws {
        switch step {
        case .send(let name, let value): try channel(name).send(try text(value, flow))
        case .receive(let name): flow.it = try channel(name).receive()
        case .sendError(let name, let error): try channel(name).send(throwing: error.thrown)
        case .sendSequence(let name, let items): flow.it = String(try channel(name).send(contentsOf: items))
        case .close(let name): try channel(name).close()
        case .open(let name): try channel(name).open()
        case .preference(let name, let preference): try set(preference, ofChannel: try channel(name))
        case .schedulesAll(let name, let schedulesAll): try channel(name).schedulesAll = schedulesAll
        default: preconditionFailure("\(step) uses no channel")
        }
    }

    private func set(_ step: Step, _ flow: Flow) {
        switch step {
        case .blockTrap(let isOn): Tasklet.current.blockTrap = isOn
        case .atomic(let isOn):
            if isOn { atomicTasklets.insert(flow.me) } else { atomicTasklets.remove(flow.me) }
        case .switchTrap(let change): flow.it = String(Scheduler.current.switchTrap(change))
        case .errorHandler(let mode): setErrorHandler(mode)
        case .scheduleCallback(let isOn):
            Scheduler.current.scheduleCallback =
                isOn ? { [unowned self] in record("switch \($0.name) -> \($1.name)") } : nil
        case .channelCallback(let isOn):
            Scheduler.current.channelCallback = isOn ? { [unowned self] in record(line(for: $0)) } : nil
        default: preconditionFailure("\(step) sets nothing")
        }
    }

    private func setErrorHandler(_ mode: Step.ErrorHandlerMode) {
        guard mode != .off else {
            Scheduler.current.errorHandler = nil
            return
        }
        Scheduler.current.errorHandler = { [unowned self] error in
            record("handler in \(Tasklet.current.name): \(errorKind(error))")
            if mode == .fail { throw ProgramError.zap }
        }
    }

    private func line(for event: ChannelEvent) -> String {
        let operation = event.isSending ? "send" : "receive"
        return "channel \(event.channel ?? "unnamed") \(operation) by \(event.tasklet.name)"
            + (event.willBlock ? ", will block" : "")
    }
}
