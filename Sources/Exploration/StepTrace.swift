import Tasklets

/// What a step of a tasklet has touched: whatever it does between two points.
struct StepFootprint {
    let tasklet: Int
    /// By the identities of things. The tasklet itself is one of them.
    private(set) var touched: [(thing: UInt, isWritten: Bool)]
    /// It gives way, or is the clock's: it may be swapped with no other.
    var dependsOnAll = false

    init(of tasklet: Int) {
        self.tasklet = tasklet
        touched = [(UInt(bitPattern: tasklet), true)]
    }

    mutating func touch(_ thing: UInt, writing: Bool) {
        for place in touched.indices where touched[place].thing == thing {
            if writing { touched[place].isWritten = true }
            return
        }
        touched.append((thing, writing))
    }

    /// Whether the order of the two makes a difference.
    func isDependent(on other: StepFootprint) -> Bool {
        if tasklet == other.tasklet || dependsOnAll || other.dependsOnAll { return true }
        return touched.contains { mine in
            other.touched.contains { $0.thing == mine.thing && (mine.isWritten || $0.isWritten) }
        }
    }
}

/// The steps of one run.
struct StepTrace {
    struct Step {
        let footprint: StepFootprint
        /// The choice by which the step began; `nil` if nobody else could run.
        let choice: Int?
        /// The step that made the tasklet runnable, if it was not at its step before.
        let waker: Int?
        /// How many steps come before this one since nobody was runnable between them and it.
        let barrier: Int

        var tasklet: Int { footprint.tasklet }
    }

    /// The tasklet that stands for the clock: no tasklet has this number.
    static let clock = 0

    private(set) var steps: [Step] = []
    /// The step that is going on, once it is known whose it is.
    private var current: StepFootprint?
    private var choice: Int?
    private var barrier = 0
    /// By the tasklets' numbers.
    private var tasklets: [Known] = []
    /// A round of looking through the ring, to know who is in it.
    private var round = 0

    private struct Known {
        var waker: Int?
        /// The last round in which it was in the ring.
        var round = 0
        /// How many things it has made.
        var made = 0
    }

    mutating func begin() {
        steps.removeAll(keepingCapacity: true)
        tasklets.removeAll(keepingCapacity: true)
        current = nil
        choice = nil
        barrier = 0
        round = 1
    }

    private mutating func makeRoom(for tasklet: Int) {
        while tasklets.count <= tasklet { tasklets.append(Known()) }
    }

    /// What tells the next thing from others that the tasklet makes: the same in all runs that come to there in the same way.
    mutating func identityOfNext(for tasklet: Int) -> UInt {
        makeRoom(for: tasklet)
        tasklets[tasklet].made += 1
        // Apart from the numbers of tasklets, from addresses and from deadlines.
        return UInt(bitPattern: tasklet) << 32 | UInt(bitPattern: tasklets[tasklet].made) | 1 << 62
    }

    /// The step that begins now was chosen.
    mutating func choose(_ choice: Int) { self.choice = choice }

    /// - Returns: the step that has ended, since another tasklet runs: the program has said so, and nobody was asked.
    mutating func touch(_ thing: UInt, writing: Bool, by tasklet: Int, in core: SchedulerCore) -> StepFootprint? {
        let ended = current.map(\.tasklet) == tasklet ? nil : endStep(in: core)
        if current == nil { current = StepFootprint(of: tasklet) }
        current!.touch(thing, writing: writing)
        return ended
    }

    /// The running tasklet has come to a point.
    mutating func endStep(of tasklet: Int, dependsOnAll: Bool, in core: SchedulerCore) -> [StepFootprint] {
        let former = current.map(\.tasklet) == tasklet ? nil : endStep(in: core)
        if current == nil { current = StepFootprint(of: tasklet) }
        if dependsOnAll { current!.dependsOnAll = true }
        return [former, endStep(in: core)].compactMap(\.self)
    }

    /// Nobody is runnable: what follows comes after everything so far.
    mutating func everybodyWaits(in core: SchedulerCore) -> StepFootprint? {
        let ended = endStep(in: core)
        barrier = steps.count
        return ended
    }

    mutating func endStep(in core: SchedulerCore) -> StepFootprint? {
        guard let footprint = current else { return nil }
        current = nil
        makeRoom(for: footprint.tasklet)
        steps.append(
            Step(footprint: footprint, choice: choice, waker: tasklets[footprint.tasklet].waker, barrier: barrier)
        )
        tasklets[footprint.tasklet].waker = nil
        choice = nil
        round += 1
        core.forEachQueued { tasklet in
            let number = tasklet.number
            makeRoom(for: number)
            if tasklets[number].round != round - 1 { tasklets[number].waker = steps.count - 1 }
            tasklets[number].round = round
        }
        return footprint
    }
}
