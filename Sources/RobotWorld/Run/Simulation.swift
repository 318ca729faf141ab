public import Tasklets

/// A run of the robot world.
///
///     let outcome = try Simulation(.classic).run { step in
///         step.number < 1000 ? .proceed : .stop
///     }
///     print(outcome.digest)
///
/// Or step by step, whenever the next one is wanted:
///
///     let simulation = Simulation(.classic)
///     while let step = try simulation.next(), step.number < 1000 {
///         try Tasklet.sleep(for: .milliseconds(16))
///     }
///     print(try simulation.end().digest)
///
/// The world runs on a scheduler of its own, on the thread of whoever asks for its steps. Between two calls of ``next()`` it
/// stands still, and the caller's own tasklets run. When the run has ended, every tasklet of the world has.
///
/// A simulation whose run has ended can be run again, from the same beginning.
public final class Simulation {
    /// Which robots take part, and where the walls are. In a resumed run: as they were saved.
    public let scenario: Scenario

    private let snapshot: Snapshot?
    var course: Course
    /// Nil before the run and after it, and while there is a crew.
    private var scheduler: HeldScheduler?
    /// Of the world in several parts, the first one. Nil before the run and after it.
    private(set) var part: Part?
    /// Nil unless the world is in several parts.
    private(set) var crew: Crew?
    /// What the world in its present parts has begun with, unless with a scenario.
    private var origin: SavedWorld?
    /// The caller has the last step.
    var isShowing = false
    /// There are no more steps: an error has come out, or `joining` has ended the run.
    private var isOver = false
    private var outcome: Outcome?
    private var stepsShown = 0
    private var threads = 1
    private var trace: ((String) throws -> Void)?
    private var traceSteps = Int.max
    private var timeline: Timeline?
    private var joining: ((_ joined: Int) throws -> Verdict)?

    /// Creates a run of a scenario. Nothing happens yet.
    public init(_ scenario: Scenario) {
        self.scenario = scenario
        snapshot = nil
        course = Course(scenario, from: nil)
    }

    /// Creates a run that goes on from a snapshot. Nothing happens yet.
    ///
    /// ``Step/number``, ``Step/digest`` and the counts of the ``Outcome`` go on too.
    public init(resuming snapshot: Snapshot) {
        self.snapshot = snapshot
        scenario = snapshot.scenario
        course = Course(scenario, from: snapshot)
    }

    deinit {
        // Nobody has ended it: its tasklets end with the scheduler.
        if let timeline { scheduler?.enter { timeline.finish() } }
    }

    /// Begins the run, as ``next()`` does by itself where nobody watches. The robots join with the first ``next()``.
    ///
    /// - Parameters: As those of ``run(threads:trace:traceSteps:timeline:joining:show:)``.
    public func start(
        threads: Int = 1,
        trace: ((String) throws -> Void)? = nil,
        traceSteps: Int = .max,
        timeline: Timeline? = nil,
        joining: ((_ joined: Int) throws -> Verdict)? = nil
    ) {
        guard part == nil else { fatalError("A simulation was started that runs already; end it first") }
        guard threads >= 1 else { fatalError("A world cannot run on \(threads) threads; give at least 1") }
        guard threads == 1 || (trace == nil && timeline == nil) else {
            fatalError("A trace and a timeline show the order of one thread; leave them out with \(threads) threads")
        }
        self.threads = threads
        self.trace = trace
        self.traceSteps = traceSteps
        self.timeline = timeline
        self.joining = joining
        outcome = nil
        isOver = false
        stepsShown = 0
        begin(from: snapshot)
    }

    /// Makes the world, or makes it anew in other parts.
    private func begin(from snapshot: Snapshot?) {
        let scenario = snapshot?.scenario ?? scenario
        course = Course(scenario, from: snapshot)
        origin = snapshot?.world
        let isShown = stepsShown > 0
        // Its time passes when nobody in all of the world can go on, which no part knows.
        if Scheduler.current.clock.isVirtual { threads = 1 }
        if threads > 1, scenario.waitsForAll, snapshot?.isSettled ?? true {
            if let crew = Crew(scenario, from: origin, threads: threads, isShown: isShown) {
                self.crew = crew
                part = crew.part
                return
            }
            // The system has no thread left: the rest of the run does with one.
            threads = 1
        }
        let scheduler = HeldScheduler()
        self.scheduler = scheduler
        part = scheduler.enter {
            timeline?.begin()
            let part = Part(driver: Driver(), isShown: isShown)
            // The trace of a run that is resumed begins where the run goes on.
            if snapshot == nil { part.trace.listener = trace }
            Tasklet(name: "main") { [origin] in try part.build(scenario, from: origin) }
            return part
        }
    }

    /// Lets the world run until a state reaches its display.
    ///
    /// The first call builds the world: unless the scenario has it wait for all (``Scenario/waitsForAll``), it begins to turn
    /// while robots are still joining, and the first states show only some of them.
    ///
    /// - Returns: The step; nil when `joining` has ended the run.
    /// - Throws: What a robot throws; what `trace` and `joining` throw; ``OtherRun``; `DeadlockError`, when nobody in the
    ///   world can go on. The run is to be ended then.
    public func next() throws -> Step? {
        if part == nil { start() }
        if isOver { return nil }
        // Unless there is one.
        isOver = true
        guard let step = try nextStep() else { return nil }
        isOver = false
        return step
    }

    private func nextStep() throws -> Step? {
        if threads > 1 { try changeParts() }
        if let crew { return try nextStep(of: crew) }
        guard let scheduler, let part else { return nil }
        return try nextStep(of: part, on: scheduler) { try scheduler.enter { try part.driver.next() } }
    }

    /// Ends the run, and every tasklet of the world. Without a run, or when it has ended, nothing happens.
    ///
    /// - Returns: What happened.
    /// - Throws: The first error that left a tasklet of the world while it was being ended.
    @discardableResult
    public func end() throws -> Outcome {
        course.computeDigest()
        let outcome = self.outcome ?? presentOutcome
        self.outcome = outcome
        if let lost = endTasklets() { throw lost }
        return outcome
    }

    /// - Returns: The first error that left a tasklet meanwhile.
    private func endTasklets() -> (any Error)? {
        if let timeline { scheduler?.enter { timeline.finish() } }
        trace = nil
        timeline = nil
        joining = nil
        return endParts()
    }

    private func endParts() -> (any Error)? {
        isShowing = false
        defer {
            scheduler = nil
            crew = nil
            part = nil
        }
        return crew?.end() ?? scheduler?.end()
    }

    /// Builds the world, lets it run until a verdict is `.stop`, and ends everything in it.
    ///
    /// Unless the scenario has the world wait for all (``Scenario/waitsForAll``), it begins to turn while robots are still
    /// joining, and the first states show only some of them.
    ///
    /// - Parameters:
    ///   - threads: On how many threads the world is, each with a part of the robots, as far as the system has them. The
    ///     outcome and all states are those of one thread, bit for bit, as long as no behaviour waits for another robot.
    ///     While robots are still joining, and where some are added or removed, the world is on one thread; to come to
    ///     several it makes the robots anew from what a snapshot has of them, so a behaviour needs its ``Robot/memory``.
    ///     On a virtual clock it is always on one thread. All of these threads count as able to run until the run ends, also
    ///     while one waits for another: meanwhile nobody is told by a `DeadlockError` that what another thread would have to
    ///     do is never done, and `Scheduler.watch` may name them.
    ///   - trace: Told of every event, one line each; with one thread only. Without it no line is ever made.
    ///   - traceSteps: After how many steps the trace ends.
    ///   - timeline: Records which actor ran when, and who sent to whom; with one thread only.
    ///   - joining: Told, after every thousandth robot that has joined before the first step, how many have; says whether to
    ///     go on. A large world that waits for all takes some microseconds for each of them before it shows anything:
    ///
    ///         try Simulation(.random(robots: 1_000_000, seed: 7)).run(
    ///             joining: { joined in
    ///                 print(joined)
    ///                 return .proceed
    ///             },
    ///             show: { _ in .stop }
    ///         )
    ///
    ///     After `.stop` the outcome has no steps, or no more than the snapshot that was to be resumed. Each robot's tasklet
    ///     must still be ended then, as in every other run.
    ///   - show: Told of every step; says whether to go on. With one thread it is called inside the world's scheduler, as its
    ///     main tasklet: what the caller has on its own scheduler waits for the end of the run. With several threads it is
    ///     called in the caller's scheduler between two steps, so the caller's own tasklets run when it waits. Where that
    ///     is wanted with one thread too, ``next()`` gives the steps.
    /// - Returns: What happened.
    /// - Throws: What a robot throws; what `trace`, `joining` or `show` throw; ``OtherRun``; `DeadlockError`, when nobody in
    ///   the world can go on.
    public func run(
        threads: Int = 1,
        trace: ((String) throws -> Void)? = nil,
        traceSteps: Int = .max,
        timeline: Timeline? = nil,
        joining: ((_ joined: Int) throws -> Verdict)? = nil,
        show: (Step) throws -> Verdict
    ) throws -> Outcome {
        start(threads: threads, trace: trace, traceSteps: traceSteps, timeline: timeline, joining: joining)
        do {
            if threads == 1, let scheduler, let part {
                try scheduler.enter {
                    while let step = try nextStep(of: part, on: scheduler, { try part.driver.next() }),
                        try show(step) == .proceed
                    {}
                }
            } else {
                while let step = try next(), try show(step) == .proceed {}
            }
        } catch {
            // Of two errors the first one counts.
            _ = endTasklets()
            throw error
        }
        return try end()
    }

    /// - Parameter resume: Lets the world run until something is handed over.
    private func nextStep(
        of part: Part,
        on scheduler: HeldScheduler,
        _ resume: () throws -> Driver.Handover?
    ) throws -> Step? {
        isShowing = false
        while true {
            notePendingChanges(of: part)
            switch try resume() {
            case .joined(let count):
                if try tell(joined: count) == .proceed { continue }
                // Also when they are not all there: nothing has been added to what was saved then.
                if let origin { part.goOn(from: origin) }
                return nil
            case .state(let state):
                if let step = try take(state, of: part) { return step }
            case .moved: fatalError("A world that is whole has nobody to exchange its state with")
            case nil:
                throw scheduler.core.deadlock
            }
        }
    }

    func tell(joined count: Int) throws -> Verdict { try joining?(count) ?? .proceed }

    /// The state of the step that the caller has.
    var shownState: WorldState? { isShowing ? course.last : nil }

    func makeAnew(from snapshot: Snapshot) throws {
        if let lost = endParts() { throw lost }
        begin(from: snapshot)
    }

    /// - Returns: Nil for a step that is repeated.
    func take(_ state: WorldState, of part: Part) throws -> Step? {
        if let last = course.repetition {
            // What was saved has been counted.
            if let origin { part.counts.messages = origin.messages }
            for action in try course.repeat(state, upTo: last) {
                let isPossible =
                    switch action {
                    case .add(let start): add(start)
                    case .remove(let id): remove(id)
                    }
                if !isPossible { throw OtherRun() }
            }
            if course.repetition == nil {
                part.trace.listener = trace
                origin = nil
            }
            return nil
        }
        course.add(state)
        part.isShown = true
        stepsShown += 1
        if stepsShown == traceSteps { part.trace.listener = nil }
        isShowing = true
        return Step(number: course.steps, state: state, messages: tally.messages, simulation: self)
    }

    /// Whether this is the state of the step that the caller has.
    func isShowing(_ state: WorldState) -> Bool { shownState === state }

    func digest(upTo state: WorldState) -> Digest {
        if course.last === state { course.computeDigest() }
        return state.notedDigest
    }

    /// What has been counted so far.
    var tally: Tally { crew?.tally ?? part?.counts.tally ?? Tally() }

    private var presentOutcome: Outcome {
        let tally = tally
        return Outcome(
            steps: course.stepsInAll,
            messages: tally.messages,
            collisions: tally.collisions,
            updates: tally.updates,
            digest: course.digestInAll,
            robots: crew?.reports ?? part?.reports ?? [],
            robotCount: course.robotCount
        )
    }
}
