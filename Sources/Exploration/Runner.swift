import CTasklets
import Tasklets

/// Decides at each choice of a run.
protocol Picker: AnyObject {
    /// - Parameters:
    ///   - choice: the number of the choice in this run.
    ///   - count: how many candidates there are: at least two.
    /// - Returns: a number below `count`.
    func pick(_ choice: Int, of count: Int, in runner: Runner) -> Int
}

/// Runs a program under one schedule after the other, in one scheduler, and writes down what was chosen.
///
/// What a run changes is in raw memory: properties of a class would cost exclusivity checks at each choice, a quarter of its time.
@safe
final class Runner: Chooser {
    /// How many steps a run may have. One that has more counts as one that does not end. Not a parameter: a longer program has too
    /// many orders to be tried, and a higher limit would only make endless ones take longer.
    static let mostSteps = 100_000

    /// That of the program that runs, also of one of its hosts.
    static var current: Runner? {
        let chooser = SchedulerCore.current.chooser
        return chooser as? Runner ?? (chooser as? HostTurn)?.hosts.runner
    }

    let core: SchedulerCore
    let points: Points
    let time: TimeModel

    @safe
    private struct Run: ~Copyable {
        /// How many candidates there were, and which was taken.
        let counts = UnsafeMutablePointer<Int32>.allocate(capacity: Runner.mostSteps)
        let picks = UnsafeMutablePointer<Int32>.allocate(capacity: Runner.mostSteps)
        /// How many choices were made; here, since it is written when the program crashes.
        let schedule = UnsafeMutablePointer<crash_schedule>.allocate(capacity: 1)
        var steps = 0
        var isOver = false
        var picker: any Picker = DefaultOrder()
        /// Who may run, while somebody has given way.
        var turns = Turns()
        var checks: [Check] = []
        var failure: ScheduleFailure.Reason?
        /// Set for the run that is told step by step.
        var recorder: StepRecorder?
        /// What wants to know who touches what.
        var observer: (any StepObserver)?
        var interruptions = 0
        /// Who could go on in a host, while the picker is asked, and the host's number.
        var candidatesInHost: (host: Int, tasklets: [TaskletRecord])?
        /// Made by the first host of a run.
        var hosts: Hosts?

        init(letters: String) {
            unsafe schedule.initialize(to: crash_schedule(picks: picks, made: 0, letters: (0, 0, 0, 0)))
            unsafe withUnsafeMutableBytes(of: &schedule.pointee.letters) { bytes in
                for (place, letter) in letters.utf8.enumerated() { unsafe bytes[place] = letter }
            }
        }
    }

    private let memory: UnsafeMutablePointer<Run>

    init(core: SchedulerCore, points: Points, time: TimeModel) {
        self.core = core
        self.points = points
        self.time = time
        unsafe memory = .allocate(capacity: 1)
        unsafe memory.initialize(to: Run(letters: Schedule.letters(points, time)))
    }

    deinit {
        unsafe memory.pointee.counts.deallocate()
        unsafe memory.pointee.picks.deallocate()
        unsafe memory.pointee.schedule.deallocate()
        unsafe memory.deinitialize(count: 1)
        unsafe memory.deallocate()
    }

    private var run: Run {
        unsafeAddress { unsafe UnsafePointer(memory) }
        unsafeMutableAddress { unsafe memory }
    }

    /// How many choices the run has made.
    var choices: Int { unsafe Int(run.schedule.pointee.made) }

    func count(at choice: Int) -> Int { unsafe Int(run.counts[choice]) }

    func pick(at choice: Int) -> Int { unsafe Int(run.picks[choice]) }

    var departures: [Schedule.Departure] {
        (0..<choices).filter { pick(at: $0) > 0 }.map { Schedule.Departure(choice: $0, candidate: pick(at: $0)) }
    }

    // MARK: One run

    /// Runs the program once, and everything that is left of it to its end.
    ///
    /// - Returns: why the schedule fails; `nil` if it does not.
    func run(
        _ program: () throws -> Void,
        by picker: any Picker,
        recording steps: StepRecorder? = nil
    ) -> ScheduleFailure.Reason? {
        run.picker = picker
        run.recorder = steps
        run.observer = picker as? any StepObserver
        unsafe run.schedule.pointee.made = 0
        run.steps = 0
        run.isOver = false
        run.interruptions = 0
        run.failure = nil
        run.turns.reset()
        run.checks.removeAll(keepingCapacity: true)
        core.setChooser(self)
        unsafe crash_watch(run.schedule)
        defer { crash_watch(nil) }
        do {
            try program()
            if core.hasOthers, !run.isOver { try finish() }
            if !run.isOver, let broken = run.checks.first(where: { !$0.condition() }) { fail(.check(broken.text)) }
        } catch {
            fail(.error((error as? DeadlockError).flatMap { run.hosts?.withWaiters($0) } ?? error))
        }
        core.setChooser(nil)
        if let lost = core.beginAgain() { fail(.error(lost)) }
        if run.hosts != nil {
            core.setWorld(nil)
            run.hosts = nil
        }
        run.observer = nil
        run.recorder = nil
        return run.failure
    }

    private func finish() throws {
        do { try Tasklet.runUntilDone() } catch let error as DeadlockError {
            fail(.stuck(run.hosts?.withWaiters(error) ?? error))
        }
    }

    /// The hosts of this run.
    var hosts: Hosts {
        if let hosts = run.hosts { return hosts }
        guard run.observer == nil else {
            fatalError("The search for independent schedules does not see what hosts share: take another one for them.")
        }
        let hosts = Hosts(self)
        run.hosts = hosts
        core.setWorld(hosts)
        return hosts
    }

    /// Only the first counts: what comes after it is what it leads to. Nothing counts after the run has been given up.
    func fail(_ reason: ScheduleFailure.Reason) {
        if run.failure == nil, !run.isOver { run.failure = reason }
    }

    /// Looked at now, at each choice from now on, and at the end.
    func add(_ check: Check) {
        run.checks.append(check)
        if !check.condition() { end(by: .check(check.text)) }
    }

    // MARK: Choices

    func choose(at point: SwitchPoint, leaving me: TaskletRecord, in core: SchedulerCore) -> TaskletRecord? {
        if run.isOver { return interrupt() }
        if !run.checks.isEmpty, let broken = firstBrokenCheck(leaving: me, in: core) {
            return giveUp(.check(broken.text))
        }
        if point == .operation && points == .switches { return nil }
        run.observer?.stepEnds(of: me, at: point, in: self)
        while true {
            // Timers that fire are steps as well: so there are no more choices than steps.
            if !countStep() { return interrupt() }
            let isFair = point == .yield || run.turns.isNeeded
            if isFair { run.turns.note(leaving: me, isYield: point == .yield, in: core) }
            var count = 0
            if isFair {
                count = run.turns.candidates.count
            } else {
                core.forEachQueued { _ in count += 1 }
            }
            let tasklets = count
            if time == .anytime, core.nextTimer != nil { count += 1 }
            if count < 2 {
                let next = candidate(0, isFair: isFair)
                if let next { run.observer?.stepBegins(of: next, isDecided: false) }
                run.recorder?.note(nil, at: point, leaving: me, next: next)
                return nil
            }
            let choice = choices
            let picked = decide(among: count)
            if run.isOver { return interrupt() }
            let chosen = picked < tasklets ? candidate(picked, isFair: isFair) : nil
            run.recorder?.note((choice, picked, count), at: point, leaving: me, next: chosen)
            if let chosen { return chosen }
            core.letNextTimerFire()
            run.observer?.timerHasFired(in: self)
        }
    }

    /// Asks the picker, and writes down what it says.
    private func decide(among count: Int) -> Int {
        let choice = choices
        let picked = run.picker.pick(choice, of: count, in: self)
        unsafe run.counts[choice] = Int32(truncatingIfNeeded: count)
        unsafe run.picks[choice] = Int32(truncatingIfNeeded: picked)
        unsafe run.schedule.pointee.made = Int64(choice + 1)
        return picked
    }

    // MARK: Inside a host

    var isOver: Bool { run.isOver }

    /// Who goes on in a host that has the turn.
    ///
    /// - Returns: as `choose`. Not to be followed when the run is over then.
    func choose(
        among candidates: [TaskletRecord],
        at point: SwitchPoint,
        leaving me: TaskletRecord,
        of host: HostTurn
    ) -> TaskletRecord? {
        if let broken = run.checks.isEmpty ? nil : firstBrokenCheck(leaving: me, in: host.core) {
            end(by: .check(broken.text))
            return nil
        }
        guard countStep() else { return nil }
        guard candidates.count > 1 else {
            run.recorder?.note(nil, at: point, leaving: me, next: candidates.first, in: host)
            return nil
        }
        run.candidatesInHost = (host.number, candidates)
        defer { run.candidatesInHost = nil }
        let choice = choices
        let picked = decide(among: candidates.count)
        run.recorder?.note(
            (choice, picked, candidates.count),
            at: point,
            leaving: me,
            next: candidates[picked],
            in: host
        )
        return candidates[picked]
    }

    /// One step more; false when they are too many, and the run is over.
    private func countStep() -> Bool {
        guard run.steps < Runner.mostSteps else {
            end(by: .endless(steps: run.steps))
            return false
        }
        run.steps += 1
        return true
    }

    // MARK: Candidates

    /// One of those who could run now.
    private func candidate(_ number: Int, isFair: Bool) -> TaskletRecord? {
        if isFair { return number < run.turns.candidates.count ? run.turns.candidates[number] : nil }
        var found: TaskletRecord?
        var left = number
        core.forEachQueued { tasklet in
            if left == 0 { found = tasklet }
            left -= 1
        }
        return found
    }

    /// The numbers of those who could run now, the one first that the default order names. While the picker is asked.
    func forEachCandidate(_ body: (_ number: Int) -> Void) {
        if let (host, candidates) = run.candidatesInHost {
            // Apart from the numbers in other hosts, as long as there are no more than a thousand.
            for candidate in candidates { body(host << 10 + candidate.number) }
            return
        }
        if run.turns.isNeeded {
            for candidate in run.turns.candidates { body(candidate.number) }
        } else {
            core.forEachQueued { body($0.number) }
        }
    }

    private func firstBrokenCheck(leaving me: TaskletRecord, in core: SchedulerCore) -> Check? {
        var broken: Check?
        core.outsideGate(current: me) { broken = run.checks.first { !$0.condition() } }
        return broken
    }

    func willTouch(_ thing: UInt, writing: Bool, in core: SchedulerCore) {
        run.observer?.touch(thing, writing: writing, in: self)
    }

    func willSwitch(leaving me: TaskletRecord, in core: SchedulerCore) {
        run.observer?.stepEnds(of: me, at: .fixed, in: self)
        if let head = core.head { run.observer?.stepBegins(of: head, isDecided: true) }
    }

    func nobodyIsRunnable(in core: SchedulerCore) {
        run.observer?.everybodyWaits(in: self)
    }

    func isDeadlocked(in core: SchedulerCore) {
        run.observer?.isDeadlocked(in: self)
    }

    func somebodyIsRunnable(byTimer: Bool, in core: SchedulerCore) {
        // At any time: so also before what the others have done.
        if byTimer && time == .anytime {
            run.observer?.clockSteps(in: self)
        } else {
            run.observer?.othersGoOn(in: self)
        }
        run.observer?.stepBegins(of: core.me, isDecided: false)
    }

    func identityOfNext(in core: SchedulerCore) -> UInt {
        run.observer?.identityOfNext(in: core) ?? 0
    }

    // MARK: Giving up

    /// Ends the run here: it has failed.
    func giveUp(_ reason: ScheduleFailure.Reason) -> TaskletRecord? {
        end(by: reason)
        return interrupt()
    }

    private func end(by reason: ScheduleFailure.Reason) {
        fail(reason)
        run.isOver = true
    }

    /// Ends the run here, in the middle of a choice: another run stands for it.
    func abandon() { run.isOver = true }

    /// Throws in main, again and again until it leaves the program.
    private func interrupt() -> TaskletRecord? {
        run.interruptions += 1
        guard run.interruptions < Runner.mostSteps else {
            fatalError("The program catches the error by which an exploration ends its run every time.")
        }
        return core.interruptMain(by: AbandonedRun())
    }
}

/// Ends a run that has failed, or needs no end. A program that catches it gets it again at its next wait.
struct AbandonedRun: Error {}

/// Hears what happens between two choices.
protocol StepObserver: Picker {
    /// The running tasklet comes to a point; at some of them there is a choice.
    func stepEnds(of tasklet: TaskletRecord, at point: SwitchPoint, in runner: Runner)
    /// Another tasklet goes on, or the same, and there is no choice.
    ///
    /// - Parameter isDecided: the one whose step has ended has said so.
    func stepBegins(of tasklet: TaskletRecord, isDecided: Bool)
    func touch(_ thing: UInt, writing: Bool, in runner: Runner)
    /// The running tasklet was the last that could run.
    func everybodyWaits(in runner: Runner)
    /// Nobody can go on: the step that has ended has come last.
    func isDeadlocked(in runner: Runner)
    /// What follows comes after everything so far.
    func othersGoOn(in runner: Runner)
    /// A timer has fired in place of a step.
    func timerHasFired(in runner: Runner)
    /// The same while nobody could run.
    func clockSteps(in runner: Runner)
    func identityOfNext(in core: SchedulerCore) -> UInt
}

/// What the program does without exploration.
final class DefaultOrder: Picker {
    func pick(_ choice: Int, of count: Int, in runner: Runner) -> Int { 0 }
}
