// Time, as the model has it: sleep, and the limits of blocks.

/// The time limit of a block.
final class MixedLimit {
    let word: String
    var hasExpired: Bool
    /// Whether its error has been thrown.
    var isThrown = false
    /// Whether its error is on its way.
    var isPending = false
    /// How many shields there are inside the block.
    var shields = 0

    init(word: String, hasExpired: Bool) {
        self.word = word
        self.hasExpired = hasExpired
    }
}

struct MixedTimer {
    enum Target {
        /// Ends the wait of that tasklet.
        case wait(Int, MixedModel.Completion)
        case limit(MixedLimit, of: Int)
    }

    let deadline: Int
    /// Of those with one deadline the first that was set comes first.
    let number: Int
    let target: Target

    func isWait(of tasklet: Int) -> Bool {
        if case .wait(tasklet, _) = target { true } else { false }
    }

    func isLimit(_ limit: MixedLimit) -> Bool {
        if case .limit(let other, _) = target { other === limit } else { false }
    }
}

extension MixedModel {
    func setTimer(in time: Int, for target: MixedTimer.Target) {
        lastTimer += 1
        timers.append(MixedTimer(deadline: now + time, number: lastTimer, target: target))
    }

    /// Nobody is able to run: the time of the next timer has come. False when there is none.
    func jumpToNextTimer() -> Bool {
        guard let next = timers.map(\.deadline).min() else { return false }
        now = next
        while let index = timers.indices.filter({ timers[$0].deadline <= now }).min(by: {
            timers[$0].number < timers[$1].number
        }) {
            switch timers.remove(at: index).target {
            case .wait(let tasklet, let completion):
                withdraw(tasklet)
                tasklets[tasklet].completion = completion
                queue(tasklet)
            case .limit(let limit, let tasklet): expire(limit, of: tasklet)
            }
        }
        return true
    }

    func sleep(_ me: Int, _ time: Int) -> Progress {
        if let refused = refuse(me) { return refused }
        let completion = Completion(outcome: .success("slept"))
        if time == 0 { return giveWay(me, completion) }
        block(me)
        setTimer(in: time, for: .wait(me, completion))
        return .hasSwitched
    }

    func begin(_ me: Int, _ time: Int, number: Int) -> MixedLimit {
        let limit = MixedLimit(word: "time \(number)", hasExpired: time == 0)
        tasklets[me].limits.append(limit)
        if time > 0 { setTimer(in: time, for: .limit(limit, of: me)) }
        return limit
    }

    func leave(_ limit: MixedLimit, _ me: Int) {
        tasklets[me].limits.removeLast()
        timers.removeAll { $0.isLimit(limit) }
    }

    private func expire(_ limit: MixedLimit, of target: Int) {
        limit.hasExpired = true
        let tasklet = tasklets[target]
        if limit.shields > 0 || isShieldedBySubject(target) { return }
        if !tasklet.isBlocked {
            // The error of an inner block is on its way: that of the outer one counts more.
            let inner = tasklet.limits.drop { $0 !== limit }.dropFirst()
            guard let pending = inner.first(where: \.isPending) else { return }
            pending.isThrown = false
        }
        limit.isThrown = true
        deliver(limit.word, to: target)
        limit.isPending = true
    }
}
