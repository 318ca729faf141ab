/// Which steps of a run must come before which: by the tasklet, by who woke whom, and by what they touch. And which pairs of
/// steps of two tasklets might have come in the other order.
struct StepOrder {
    /// Two steps that touch the same thing, with nothing between them that keeps their order.
    struct Race {
        let first: Int
        let second: Int
    }

    private let steps: [StepTrace.Step]
    /// For each step and each tasklet: the last step of that tasklet that must come before it, itself included; -1 is none.
    private var clocks: [[Int]] = []
    private(set) var races: [Race] = []

    /// Who has touched a thing last.
    private struct Touches {
        var write = -1
        /// Since then.
        var reads: [Int] = []
    }

    init(_ steps: [StepTrace.Step]) {
        self.steps = steps
        let tasklets = (steps.map(\.tasklet).max() ?? 0) + 1
        var last = Array(repeating: -1, count: tasklets)
        var things: [UInt: Touches] = [:]
        var lastOfAll = -1
        // Of the steps in front of the barrier.
        var barrier = 0
        var barrierClock = Array(repeating: -1, count: tasklets)
        for (number, step) in steps.enumerated() {
            let me = step.tasklet
            if step.barrier > barrier {
                barrier = step.barrier
                // No step of the others has come since.
                barrierClock = last.map { $0 < barrier ? $0 : -1 }
            }
            var clock = barrierClock
            if last[me] >= 0 { merge(clocks[last[me]], into: &clock) }
            if let waker = step.waker { merge(clocks[waker], into: &clock) }

            var earlier: Set<Int> = []
            if lastOfAll >= 0 { earlier.insert(lastOfAll) }
            if step.footprint.dependsOnAll { earlier.formUnion(last.filter { $0 >= 0 }) }
            for (thing, isWritten) in step.footprint.touched {
                var touches = things[thing] ?? Touches()
                if touches.write >= 0 { earlier.insert(touches.write) }
                if isWritten {
                    earlier.formUnion(touches.reads)
                    touches = Touches(write: number)
                } else {
                    touches.reads.append(number)
                }
                things[thing] = touches
            }
            for other in earlier.sorted(by: >) {
                if clock[steps[other].tasklet] >= other { continue }
                races.append(Race(first: decider(of: other), second: number))
                merge(clocks[other], into: &clock)
            }
            clock[me] = number
            clocks.append(clock)
            last[me] = number
            if step.footprint.dependsOnAll { lastOfAll = number }
        }
    }

    /// The step that the program has tied this one to: nothing comes between the two.
    private func decider(of step: Int) -> Int {
        var first = step
        while let decider = steps[first].decider { first = decider }
        return first
    }

    private func merge(_ other: [Int], into clock: inout [Int]) {
        for place in clock.indices where other[place] > clock[place] { clock[place] = other[place] }
    }

    /// Whether a step must come before a later one.
    func mustPrecede(_ first: Int, _ second: Int) -> Bool {
        clocks[second][steps[first].tasklet] >= first
    }

    /// The tasklets one of which has to run in place of the first step of a race, so that the second comes before it.
    func initials(of race: Race) -> [Int] {
        // What comes between and need not come after the first step. Then the second, which may touch other things when it
        // comes earlier: so nothing is said of who must precede it.
        let between = (race.first + 1..<race.second).filter { !mustPrecede(race.first, $0) }
        if between.isEmpty { return [steps[race.second].tasklet] }
        var found: [Int] = []
        var seen: Set<Int> = []
        for (place, step) in between.enumerated() {
            let tasklet = steps[step].tasklet
            guard seen.insert(tasklet).inserted else { continue }
            let isFree = !between[..<place].contains { mustPrecede($0, step) }
            if isFree { found.append(tasklet) }
        }
        return found
    }
}
