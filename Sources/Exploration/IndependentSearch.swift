import Tasklets

/// One of each set of schedules that differ only in the order of steps that touch nothing in common.
///
/// After each run the pairs of steps that might have come in the other order are looked for. For each of them a choice is noted
/// at which another tasklet has to be tried (source sets: Abdulla, Aronis, Jonsson and Sagonas, "Source sets: a foundation for
/// optimal dynamic partial order reduction"). What has been tried at a choice sleeps from then on, until a step comes that it
/// depends on: a run in which all candidates sleep is like one that was there before, and is cut short.
final class IndependentSearch: SearchState, StepObserver {
    var seesAll: Bool { true }

    private struct Choice {
        /// By their numbers; the clock is the last one, if a timer may fire.
        let candidates: [Int]
        var taken: Int
        /// To be tried, and tried already.
        var wanted: Set<Int>
        /// Those whose runs are like others, by the steps that they would make.
        var asleep: [StepFootprint]
        /// The step that `taken` has made.
        var step: StepFootprint?
    }

    private var plan: [Choice] = []
    private var trace = StepTrace()
    /// Of the present run.
    private var asleep: [StepFootprint] = []
    private var isCutShort = false
    private var difference: String?
    private var isFirst = true
    /// The choice whose step is going on.
    private var stepping: Int?

    // MARK: A run

    func pick(_ choice: Int, of count: Int, in runner: Runner) -> Int {
        var candidates: [Int] = []
        runner.forEachCandidate { candidates.append($0) }
        if candidates.count < count { candidates.append(StepTrace.clock) }
        let number = choose(among: candidates, at: choice, of: count, in: runner)
        trace.begin(candidates[number], by: choice)
        stepping = choice
        return number
    }

    private func choose(among candidates: [Int], at choice: Int, of count: Int, in runner: Runner) -> Int {
        if choice < plan.count {
            guard plan[choice].candidates == candidates else {
                difference =
                    difference
                    ?? "at choice \(choice) there were \(plan[choice].candidates.count) candidates, and now \(count), or others."
                return 0
            }
            asleep = plan[choice].asleep
            return candidates.firstIndex(of: plan[choice].taken)!
        }
        guard let first = candidates.firstIndex(where: { number in !asleep.contains { $0.tasklet == number } }) else {
            isCutShort = true
            runner.abandon()
            trace.drop()
            return 0
        }
        // The clock may be swapped with nothing, so it is tried everywhere.
        let wanted = [candidates[first]] + candidates.filter { $0 == StepTrace.clock }
        plan.append(
            Choice(candidates: candidates, taken: candidates[first], wanted: Set(wanted), asleep: asleep)
        )
        return first
    }

    func stepEnds(of tasklet: TaskletRecord, at point: SwitchPoint, in runner: Runner) {
        if point == .yield || runner.core.isTimed { trace.makeDependOnAll() }
        if let step = trace.endStep(of: tasklet.number, in: runner.core) { hasEnded(step) }
    }

    func stepBegins(of tasklet: TaskletRecord, isDecided: Bool) {
        trace.begin(tasklet.number, by: nil, decidedByLast: isDecided)
    }

    func touch(_ thing: UInt, writing: Bool, in runner: Runner) {
        if thing == 0 { trace.makeDependOnAll() } else { trace.touch(thing, writing: writing) }
    }

    func everybodyWaits(in runner: Runner) {
        if let step = trace.endStep(in: runner.core) { hasEnded(step) }
    }

    func isDeadlocked(in runner: Runner) {
        guard let last = trace.makeLastDependOnAll() else { return }
        asleep.removeAll()
        if let choice = last.choice, choice < plan.count { plan[choice].step = last.footprint }
    }

    func othersGoOn(in runner: Runner) { trace.addBarrier(in: runner.core) }

    func clockSteps(in runner: Runner) {
        trace.begin(StepTrace.clock, by: nil)
        timerHasFired(in: runner)
    }

    func timerHasFired(in runner: Runner) {
        trace.makeDependOnAll()
        if let step = trace.endStep(in: runner.core) { hasEnded(step) }
    }

    func identityOfNext(in core: SchedulerCore) -> UInt {
        trace.identityOfNext(for: core.visibleCurrent.number)
    }

    private func hasEnded(_ step: StepFootprint) {
        if let choice = stepping, choice < plan.count { plan[choice].step = step }
        stepping = nil
        asleep.removeAll { sleeper in
            guard sleeper.isDependent(on: step) else { return false }
            // The step may have changed what the sleeper does next. Runs in which the sleeper does what it would have done are
            // known only as far as nothing came before it that touches the same things: so these still count as touched.
            if sleeper.tasklet != step.tasklet { trace.expect(sleeper) }
            return true
        }
    }

    func advance(_ runner: Runner) -> Bool {
        if isFirst {
            isFirst = false
        } else if !turn() {
            return false
        }
        trace.begin(runner.core.main.number)
        asleep = []
        isCutShort = false
        stepping = nil
        return true
    }

    func judge(_ runner: Runner) -> Verdict {
        if let difference { return .differs(difference) }
        if runner.choices < plan.count { return .differs("it ended before choice \(runner.choices).") }
        if let step = trace.endStep(in: runner.core) { hasEnded(step) }
        addWanted()
        return isCutShort ? .cutShort : .counts
    }

    // MARK: Between two runs

    /// Notes at the choices of the last run what else has to be tried there.
    private func addWanted() {
        for step in trace.steps {
            guard let number = step.choice, number < plan.count else { continue }
            // What they would have done nobody has seen.
            for other in step.removed where plan[number].candidates.contains(other) {
                plan[number].wanted.insert(other)
            }
        }
        let order = StepOrder(trace.steps)
        for race in order.races {
            guard let number = trace.steps[race.first].choice, number < plan.count else { continue }
            let initials = order.initials(of: race)
            let choice = plan[number]
            if initials.contains(where: { choice.wanted.contains($0) }) { continue }
            if initials.contains(where: { initial in choice.asleep.contains { $0.tasklet == initial } }) { continue }
            if let other = initials.last(where: { choice.candidates.contains($0) }) {
                plan[number].wanted.insert(other)
            } else {
                // Not to be wrong where the order of steps is known in part only.
                plan[number].wanted.formUnion(choice.candidates)
            }
        }
    }

    /// Turns to what is still to be tried at the last choice that has any.
    private func turn() -> Bool {
        while var last = plan.popLast() {
            last.asleep.append(last.step ?? StepFootprint(of: last.taken, dependsOnAll: true))
            let sleeping = Set(last.asleep.map(\.tasklet))
            if let next = last.candidates.first(where: { last.wanted.contains($0) && !sleeping.contains($0) }) {
                last.taken = next
                last.step = nil
                plan.append(last)
                return true
            }
        }
        return false
    }
}
