import Tasklets

/// The steps of one run.
struct StepTrace {
    struct Step {
        fileprivate(set) var footprint: StepFootprint
        /// The choice by which the step began; `nil` if nobody else could run, or nobody was asked.
        let choice: Int?
        /// The step whose tasklet has said that this one comes next.
        let decider: Int?
        /// The step that made the tasklet runnable, if it was not at its step before.
        let waker: Int?
        /// Those who could have run next, and were taken out of the run queue by the step.
        let removed: [Int]
        /// How many steps come before this one since nobody was runnable between them and it.
        let barrier: Int

        var tasklet: Int { footprint.tasklet }
    }

    /// The tasklet that stands for the clock: no tasklet has this number.
    static let clock = 0

    private(set) var steps: [Step] = []
    /// The step that is going on; none while nobody is runnable.
    private var current: StepFootprint?
    private var choice: Int?
    private var decider: Int?
    private var barrier = 0
    /// What the next steps of some tasklets would have touched before another step has changed that.
    private var expected: [StepFootprint] = []
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

    /// A run begins, with main.
    mutating func begin(_ main: Int) {
        steps.removeAll(keepingCapacity: true)
        tasklets.removeAll(keepingCapacity: true)
        begin(main, by: nil)
        expected.removeAll(keepingCapacity: true)
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

    /// The step of a tasklet begins, by a choice if there was one.
    mutating func begin(_ tasklet: Int, by choice: Int?, decidedByLast isDecided: Bool = false) {
        self.choice = choice
        decider = isDecided ? steps.count - 1 : nil
        current = StepFootprint(of: tasklet)
    }

    /// The next step of a tasklet counts as one that touches this as well.
    mutating func expect(_ footprint: StepFootprint) { expected.append(footprint) }

    mutating func touch(_ thing: UInt, writing: Bool) {
        current?.touch(thing, writing: writing)
    }

    /// The running tasklet has come to a point. A step of another one has been thought to begin, and has not.
    mutating func endStep(of tasklet: Int, in core: SchedulerCore) -> StepFootprint? {
        guard current?.tasklet == tasklet else {
            current = nil
            return nil
        }
        return endStep(in: core)
    }

    /// The step is one that may be swapped with no other.
    mutating func makeDependOnAll() {
        current?.dependsOnAll = true
    }

    /// The same of the step that has ended.
    mutating func makeLastDependOnAll() -> Step? {
        guard !steps.isEmpty else { return nil }
        steps[steps.count - 1].footprint.dependsOnAll = true
        return steps.last
    }

    /// What comes now is of no interest.
    mutating func drop() { current = nil }

    /// What follows comes after everything so far.
    mutating func addBarrier(in core: SchedulerCore) {
        barrier = steps.count
        _ = noteRunnable(wokenBy: nil, in: core)
    }

    mutating func endStep(in core: SchedulerCore) -> StepFootprint? {
        guard var footprint = current else { return nil }
        current = nil
        if !expected.isEmpty {
            for other in expected where other.tasklet == footprint.tasklet { footprint.formUnion(other) }
            expected.removeAll { $0.tasklet == footprint.tasklet }
        }
        makeRoom(for: footprint.tasklet)
        let waker = tasklets[footprint.tasklet].waker
        tasklets[footprint.tasklet].waker = nil
        // Whoever looks at a tasklet sees whether it waits.
        for woken in noteRunnable(wokenBy: steps.count, in: core) {
            footprint.touch(UInt(bitPattern: woken), writing: true)
        }
        let removed = tasklets.indices.filter { tasklets[$0].round == round - 1 && $0 != footprint.tasklet }
        steps.append(
            Step(
                footprint: footprint,
                choice: choice,
                decider: decider,
                waker: waker,
                removed: removed,
                barrier: barrier
            )
        )
        choice = nil
        return footprint
    }

    /// - Returns: those who have been made runnable since the last time.
    private mutating func noteRunnable(wokenBy step: Int?, in core: SchedulerCore) -> [Int] {
        round += 1
        var woken: [Int] = []
        core.forEachQueued { tasklet in
            let number = tasklet.number
            makeRoom(for: number)
            if tasklets[number].round != round - 1 {
                tasklets[number].waker = step
                woken.append(number)
            }
            tasklets[number].round = round
        }
        return woken
    }
}
