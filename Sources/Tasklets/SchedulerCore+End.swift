import CStackSwitch

/// The end of a scheduler: of its scope, its thread or the program (WhoRunsWhen, "End of life").
extension SchedulerCore {
    /// Ends every tasklet but the caller and main, so that every `defer` runs, then the scheduler itself.
    ///
    /// - Returns: the first error that left a tasklet on the way and that nobody is left to get.
    func end() -> (any Error)? {
        // A trap or a callback that was left behind must not stand in the way.
        changeTrapLevel(by: -trapLevel)
        hooks = SchedulerHooks()
        setAttention([.scheduleCallback, .channelCallback], false)
        dropBudget()
        _ = enter()
        var firstError = me.takeError()
        leave()
        endFlows(of: me)
        dropNeverStarted()
        removeQueued()
        for _ in 0..<SchedulerCore.exitAttempts {
            let victims = started
            if victims.isEmpty { break }
            for victim in victims {
                do {
                    try victim.kill()
                } catch {
                    firstError = firstError ?? error
                }
            }
            // Cleanup that gave way goes on; a tasklet that only gives way for ever does not hold up the end.
            for _ in 0..<1000 where insideGate({ _ in runCount }) > 1 {
                do {
                    try schedule()
                } catch {
                    firstError = firstError ?? error
                }
            }
        }
        for survivor in started {
            report("\(survivor) caught TaskletExit every time; its stack is never freed.")
        }
        // What cleanup has made.
        dropNeverStarted()
        endFlows(of: nil)
        retireFromProcess()
        return firstError
    }

    /// Frees the tasklets that never ran: neither their bodies nor anything else of theirs runs.
    private func dropNeverStarted() {
        // What a body holds may make tasklets when it goes, but not for ever.
        for _ in 0..<SchedulerCore.exitAttempts {
            if takeNeverStarted().isEmpty { return }
        }
    }

    /// What the tasklets that never ran held. Released by the caller, outside the gate: it may run the program's code.
    private func takeNeverStarted() -> [Any] {
        var held: [Any] = []
        _ = enter()
        forEachLiving { tasklet in
            guard tasklet != main, tasklet != me, !tasklet.isStarted else { return true }
            if tasklet.place == .queued { unlink(tasklet) }
            tasklet.place = .dead
            unlinkLiving(tasklet)
            held.append((tasklet.takeLeftovers(), tasklet.takeHandle()))
            return true
        }
        leave()
        return held
    }

    /// Takes everybody else out of the ring, so that killing one gives no turn to another.
    private func removeQueued() {
        _ = enter()
        let me = self.me
        while let next = me.next, next != me {
            unlink(next)
            next.place = .paused
        }
        leave()
    }

    private var started: [Tasklet] {
        _ = enter()
        defer { leave() }
        var found: [Tasklet] = []
        forEachLiving { tasklet in
            if tasklet != main, tasklet != me, tasklet.isStarted { found.append(Tasklet.of(tasklet)) }
            return true
        }
        return found
    }

    private func retireFromProcess() {
        SchedulerRegistry.remove(self)
        _ = enter()
        fields.isEnded = true
        let main = self.main
        if me == main {
            main.place = .dead
            unlinkLiving(main)
            head = nil
        }
        // Inside the gate: another thread may have a handle of main too.
        let mainHandle = main.takeHandle()
        leave()
        // The pools free their regions; a stack that is still in use keeps its own.
        // Releases what was discarded.
        _ = enter()
        leave()
        if let retired = fields.retiredStack { giveBack(retired) }
        fields.retiredStack = nil
        unsafe fields.stackPools.pointee = StackPools()
        freeSpareRecords()
        SchedulerCore.setCurrent(nil)
        withExtendedLifetime(mainHandle) {}
        dropOwnerClaims()
    }
}

/// Writes a line to standard error.
package func report(_ text: String) {
    unsafe stack_report("Tasklets: " + text)
}
