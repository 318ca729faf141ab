import Tasklets

/// Who has given way is no candidate again before all others had a turn, unless the default order itself comes to it. Without
/// that rule a loop that gives way until something happens would have schedules without end.
struct Turns {
    /// By the tasklets' numbers: at which moment each has ended its last turn, and given way last. 0 is never, -1 one that was
    /// not there yet: it counts as one that has just had its turn when it comes.
    private var lastTurn: [Int] = []
    private var lastYield: [Int] = []
    private var moment = 0
    /// Whether anybody has given way in this run.
    private(set) var isNeeded = false
    private(set) var candidates: [TaskletRecord] = []

    mutating func reset() {
        guard isNeeded else { return }
        isNeeded = false
        moment = 0
        lastTurn.removeAll(keepingCapacity: true)
        lastYield.removeAll(keepingCapacity: true)
    }

    /// A turn of `me` ends. Finds who may have the next.
    mutating func note(leaving me: TaskletRecord, isYield: Bool, in core: SchedulerCore) {
        isNeeded = true
        moment += 1
        makeRoom(for: me.number)
        lastTurn[me.number] = moment
        if isYield { lastYield[me.number] = moment }
        candidates.removeAll(keepingCapacity: true)
        // The two who had no turn for the longest time: who has given way waits for all others.
        var longest = Int.max
        var second = Int.max
        var waiting = -1
        core.forEachQueued { tasklet in
            candidates.append(tasklet)
            makeRoom(for: tasklet.number)
            if lastTurn[tasklet.number] < 0 { lastTurn[tasklet.number] = moment == 1 ? 0 : moment }
            let turn = lastTurn[tasklet.number]
            if turn < longest {
                second = longest
                longest = turn
                waiting = tasklet.number
            } else if turn < second {
                second = turn
            }
        }
        guard let first = candidates.first else { return }
        candidates.removeAll { tasklet in
            let number = tasklet.number
            guard tasklet != first, lastYield[number] > 0 else { return false }
            let others = number == waiting ? second : longest
            return others < lastYield[number]
        }
    }

    private mutating func makeRoom(for number: Int) {
        while lastTurn.count <= number {
            lastTurn.append(-1)
            lastYield.append(0)
        }
    }
}
