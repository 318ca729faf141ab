import CTasklets

/// Whether everything that the kernel keeps fits together. Tests ask after each step of theirs; it looks at all that lives,
/// so nothing else does.
extension SchedulerCore {
    /// What is wrong, a line each; empty as a rule. From whatever thread, out of the gate.
    package func validate() -> [String] {
        insideGate { _ in
            var faults = Faults()
            validateRing(&faults)
            validateLiving(&faults)
            validateWaits(&faults)
            validateRunners(&faults)
            return faults.found
        }
    }

    private struct Faults {
        var found: [String] = []

        mutating func check(_ isRight: Bool, _ text: @autoclosure () -> String) {
            if !isRight { found.append(text()) }
        }
    }

    private func validateRing(_ faults: inout Faults) {
        guard let head else { return faults.check(false, "nobody runs") }
        var member = head
        repeat {
            let name = member.origin.displayName
            guard let next = member.next, next.previous == member else {
                return faults.check(false, "the ring is broken behind \(name)")
            }
            if member == fields.marker {
                faults.check(!member.hasFrames, "the marker has frames")
            } else {
                faults.check(member.state == .queued, "\(name) is in the ring, and \(member.state)")
                faults.check(member.scheduler == self, "\(name) is in the ring of another scheduler")
                faults.check(member.handle != nil || member == main, "nothing keeps \(name), which is queued")
            }
            member = next
        } while member != head
    }

    private func validateLiving(_ faults: inout Faults) {
        var queued = 0
        var older = fields.living.last
        for member in fields.living {
            let tasklet = member.tasklet
            let name = tasklet.origin.displayName
            faults.check(member.previous == older, "the ring of the living is broken before \(name)")
            faults.check(tasklet.state != .dead, "\(name) is dead, and among the living")
            let refusesForError = tasklet.fields.refusals.contains(.error)
            faults.check(!refusesForError || tasklet.error != nil, "\(name) is refused for an error that is not there")
            if tasklet.state == .queued { queued += 1 }
            older = member
        }
        faults.check(fields.living.last == older, "the newest tasklet is not the last of the living")
        faults.check(queued == runCount, "\(queued) tasklets are queued, and \(runCount) are in the ring")
    }

    /// Counts by reach, and the lines that the waiting are in.
    private func validateWaits(_ faults: inout Faults) {
        var counts: [Reach: Int] = [:]
        var timers = 0
        var lines: [UInt: WaitLine] = [:]
        forEachLiving { tasklet in
            guard tasklet.state == .blocked else {
                faults.check(
                    tasklet.entry.fields.reach == .home,
                    "\(tasklet.origin.displayName) is counted, and does not wait"
                )
                return true
            }
            var next: WaitEntry? = tasklet.entry
            while let entry = next {
                next = entry.isOneOfSeveral ? entry.fields.sibling : nil
                counts[entry.fields.reach, default: 0] += 1
                faults.check(entry.tasklet == tasklet, "\(tasklet.origin.displayName) waits by another one's entry")
                if entry.fields.stage == .out { continue }
                guard let place = entry.place else {
                    faults.check(false, "\(tasklet.origin.displayName) waits nowhere")
                    continue
                }
                if place === fields.timers, entry.fields.isLinked { timers += 1 }
                if let owner = place as? any WaitLineOwner {
                    unsafe lines[UInt(bitPattern: owner.line.memory)] = owner.line
                }
            }
            return true
        }
        for (reach, count) in [
            (Reach.shared, fields.sharedWaits), (.promised, fields.promisedWaits), (.outside, fields.outsideWaits),
            (.daemon, fields.daemonWaits),
        ] {
            let found = counts[reach, default: 0]
            faults.check(count == found, "\(count) waits are counted as \(reach), and there are \(found)")
        }
        timers += fields.timers?.limits ?? 0
        faults.check(timers == fields.timers?.count ?? 0, "\(timers) tasklets sleep, and there are other timers")
        faults.check(fields.timers?.isInOrder ?? true, "the timers are out of order")
        for line in lines.values { faults.found += line.locked { line.faults } }
    }

    private func validateRunners(_ faults: inout Faults) {
        var runner = innermostRunner
        while let current = runner {
            faults.check(
                current.isInsideRun,
                "\(current.origin.displayName) is among the callers of run(), and not inside it"
            )
            runner = current.outerRunner
        }
    }
}

extension WaitLine {
    /// What is wrong with the links. While nobody else changes the line.
    fileprivate var faults: [String] {
        var found: [String] = []
        var count = 0
        var previous: WaitEntry?
        forEachEntry { entry in
            count += 1
            if entry.fields.previous != previous {
                found.append("a line is broken before \(entry.tasklet.origin.displayName)")
            }
            if !entry.fields.isLinked {
                found.append("\(entry.tasklet.origin.displayName) is in a line, and not linked")
            }
            previous = entry
        }
        if fields.last != previous { found.append("the last in a line is not the last") }
        if fields.count != count { found.append("\(fields.count) are counted in a line of \(count)") }
        return found
    }
}
