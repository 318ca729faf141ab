/// Operations of the scheduler and on tasklets.
extension Model {
    func schedule(_ step: Step, _ caller: ModelTasklet) throws -> String? {
        caller.purpose = .nothing
        switch step {
        case .insert(let name): return insert(try tasklet(name))
        case .remove(let name): return remove(try tasklet(name), caller)
        case .resume(let name): return resume(try tasklet(name), caller, leaving: false)
        case .switchTo(let name): return resume(try tasklet(name), caller, leaving: true)
        case .kill(let name, let pending): return raise("TaskletExit", in: try tasklet(name), caller, pending)
        case .throwInto(let name, let error, let pending):
            return raise(error.rawValue, in: try tasklet(name), caller, pending)
        case .run: return run(caller)
        case .schedule(let value):
            if trapLevel > 0, queue.count > 1 { return "RuntimeError.switchTrap" }
            caller.purpose = .result
            caller.slot = .value(try value.map { try text($0, caller) } ?? caller.name)
            giveWay()
        case .scheduleRemove(let value):
            let result = try value.map { try text($0, caller) } ?? caller.name
            return scheduleRemove(.value(result), caller)
        case .setTemporaryValue: break
        default: throw Unspecified(reason: "\(step)")
        }
        return nil
    }

    private func insert(_ tasklet: ModelTasklet) -> String? {
        if tasklet.isBlocked { return "RuntimeError.blocked" }
        if !tasklet.isAlive { return "RuntimeError.dead" }
        if tasklet.place == .paused { append(tasklet) }
        return nil
    }

    private func remove(_ tasklet: ModelTasklet, _ caller: ModelTasklet) -> String? {
        if tasklet.isBlocked { return "RuntimeError.removeBlocked" }
        if tasklet === caller { return "RuntimeError.removeCurrent" }
        if tasklet.place == .queued {
            queue.removeAll { $0 === tasklet }
            tasklet.place = .paused
        }
        return nil
    }

    private func resume(_ tasklet: ModelTasklet, _ caller: ModelTasklet, leaving: Bool) -> String? {
        if tasklet.isBlocked { return "RuntimeError.blocked" }
        if !tasklet.isAlive { return "RuntimeError.dead" }
        if tasklet === caller {
            caller.it = "none"
            return nil
        }
        if trapLevel > 0 { return "RuntimeError.switchTrap" }
        caller.purpose = .result
        caller.slot = .value("none")
        jump(to: tasklet)
        if leaving {
            queue.removeAll { $0 === caller }
            caller.place = .paused
        }
        return nil
    }

    private func raise(
        _ error: String,
        in tasklet: ModelTasklet,
        _ caller: ModelTasklet,
        _ pending: Bool
    ) -> String? {
        if tasklet === caller { return error }
        if !tasklet.isAlive { return error == "TaskletExit" ? nil : "RuntimeError.throwToDead" }
        if pending {
            takeOffChannel(tasklet)
            if tasklet.place == .paused { append(tasklet) }
        } else {
            if trapLevel > 0 { return "RuntimeError.switchTrap" }
            caller.slot = .value("none")
            jump(to: tasklet)
        }
        tasklet.slot = .error(error)
        return nil
    }

    private func run(_ caller: ModelTasklet) -> String? {
        if queue.count == 1 {
            caller.it = "none"
            return nil
        }
        if trapLevel > 0 { return "RuntimeError.switchTrap" }
        runStack.append(caller)
        queue.removeFirst()
        caller.place = .paused
        caller.purpose = .result
        caller.slot = .value("none")
        return nil
    }

    private func scheduleRemove(_ result: ModelTasklet.Slot, _ caller: ModelTasklet) -> String? {
        if trapLevel > 0, queue.count > 1 || (!watcher.isBlocked && watcher !== caller) {
            return "RuntimeError.switchTrap"
        }
        queue.removeFirst()
        caller.place = .paused
        if queue.isEmpty, !wakeWatcher() {
            append(caller)
            return "RuntimeError.deadlock"
        }
        caller.purpose = .result
        caller.slot = result
        return nil
    }
}
