/// The rules of all that a `MixedProgram` uses a second time, in plain arrays. Here: who runs when, and how errors go through
/// blocks.
final class MixedModel {
    typealias Step = MixedProgram.Step

    /// What an operation gives when its tasklet goes on.
    struct Completion {
        /// What is logged, or the word of the error.
        var outcome: Result<String, Word>
        /// Whose turn it is in the tasklet's fair selects afterwards.
        var turn: Int?
    }

    struct Word: Error {
        let text: String

        init(_ text: String) { self.text = text }
    }

    /// What a tasklet is in, and what is left to do there.
    struct Frame {
        enum Kind {
            case body
            case within(MixedLimit)
            /// The limits that are held off.
            case shielded([MixedLimit])
            case withPermit(Int)
        }

        let kind: Kind
        /// The first one is the one that it is in.
        var steps: [Step]
        let catches: Bool
        var isInStep = false
    }

    final class Tasklet {
        var frames: [Frame] = []
        var hasBegun = false
        var isDead = false
        var isCancelled = false
        var shields = 0
        /// The innermost last.
        var limits: [MixedLimit] = []
        var completion: Completion?
        var error: String?
        /// Of a wait that ends well: what goes back if an error comes before its turn.
        var giveBack: (() -> Void)?
        /// Whether it is in no ring.
        var isBlocked = false
        /// The subject that it waits at, or has waited at.
        var subject: Int?
        /// Whether it opens a block with a permit.
        var opening: Frame?
        var turn = 0
    }

    let program: MixedProgram
    let subjects: [Model]
    var tasklets: [Tasklet]
    /// The first one runs.
    var ring: [Int]
    var now = 0
    var timers: [MixedTimer] = []
    var lastTimer = 0
    var places: [MixedPlace]
    var log: [String] = []

    init(_ program: MixedProgram, subjects: [Model]) {
        self.program = program
        self.subjects = subjects
        places = program.places.map(MixedPlace.init)
        ring = Array(program.tasklets.indices)
        tasklets = program.tasklets.map { block in
            let tasklet = Tasklet()
            tasklet.frames = [Frame(kind: .body, steps: block.steps, catches: block.catches)]
            return tasklet
        }
        for subject in subjects { subject.wake = { [unowned self] in queue($0) } }
    }

    func run() -> [String] {
        repeat {
            while let first = ring.first { takeTurn(first) }
        } while jumpToNextTimer()
        log.append(tasklets.map { $0.isBlocked ? "blocked" : $0.isDead ? "dead" : "alive" }.joined(separator: " "))
        for subject in subjects { log.append(subject.state) }
        for place in places.indices { log.append(state(of: place)) }
        return log
    }

    // MARK: Moves

    func queue(_ tasklet: Int) {
        tasklets[tasklet].isBlocked = false
        ring.append(tasklet)
    }

    /// `[me, a, b]` → `[a, b, me]`
    func giveWay() { ring.append(ring.removeFirst()) }

    func block(_ me: Int) {
        tasklets[me].isBlocked = true
        ring.removeFirst()
    }

    /// Out of whatever it waits at.
    func withdraw(_ tasklet: Int) {
        timers.removeAll { $0.isWait(of: tasklet) }
        for place in places.indices { places[place].line.removeAll { $0.tasklet == tasklet } }
        if let subject = tasklets[tasklet].subject { subjects[subject].withdraw(tasklet) }
    }

    /// Throws at it when it has its turn; ends its wait.
    func deliver(_ error: String, to target: Int) {
        if tasklets[target].isBlocked {
            withdraw(target)
            queue(target)
        }
        put(error, into: target)
    }

    func put(_ error: String, into target: Int) {
        for limit in tasklets[target].limits { limit.isPending = false }
        tasklets[target].error = error
    }

    func isShielded(_ tasklet: Int) -> Bool { tasklets[tasklet].shields > 0 || isShieldedBySubject(tasklet) }

    func isShieldedBySubject(_ tasklet: Int) -> Bool {
        tasklets[tasklet].subject.map { subjects[$0].isShielded(tasklet) } ?? false
    }

    // MARK: A turn

    enum Progress {
        case goesOn
        case threw(String)
        /// Another tasklet has its turn.
        case hasSwitched
    }

    private func takeTurn(_ me: Int) {
        let tasklet = tasklets[me]
        var progress = goOn(me)
        while true {
            switch progress {
            case .hasSwitched: return
            case .goesOn: progress = advance(me)
            case .threw(let word):
                guard tasklet.frames.count > 0 else {
                    // Killed before it began.
                    return end(me)
                }
                progress = unwind(me, word)
            }
            if tasklet.isDead { return }
        }
    }

    /// What has come of the operation in whose middle it has switched.
    private func goOn(_ me: Int) -> Progress {
        let tasklet = tasklets[me]
        let error = tasklet.error.take()
        if error != nil { for limit in tasklet.limits { limit.isPending = false } }
        let (completion, giveBack) = (tasklet.completion.take(), tasklet.giveBack.take())
        if let subject = tasklet.subject {
            switch subjects[subject].goOn(me, error: error) {
            case .waits:
                block(me)
                return .hasSwitched
            case .done(let text):
                tasklet.subject = nil
                note(me, text)
                return .goesOn
            case .failed(let word):
                tasklet.subject = nil
                return .threw(word)
            }
        }
        if let error {
            giveBack?()
            tasklet.opening = nil
            if !tasklet.hasBegun { tasklet.frames = [] }
            return .threw(error)
        }
        return completion.map { finish(me, $0) } ?? .goesOn
    }

    func finish(_ me: Int, _ completion: Completion) -> Progress {
        let tasklet = tasklets[me]
        let opening = tasklet.opening.take()
        if let turn = completion.turn { tasklet.turn = turn }
        switch completion.outcome {
        case .failure(let word): return .threw(word.text)
        case .success(let text):
            if let opening { tasklet.frames.append(opening) } else { note(me, text) }
            return .goesOn
        }
    }

    /// The next step of the innermost block.
    private func advance(_ me: Int) -> Progress {
        let tasklet = tasklets[me]
        tasklet.hasBegun = true
        let innermost = tasklet.frames.count - 1
        if tasklet.frames[innermost].isInStep { tasklet.frames[innermost].steps.removeFirst() }
        tasklet.frames[innermost].isInStep = false
        guard let step = tasklet.frames[innermost].steps.first else { return leave(me) }
        tasklet.frames[innermost].isInStep = true
        return perform(step, me)
    }

    /// The innermost block has come to its end.
    private func leave(_ me: Int) -> Progress {
        let tasklet = tasklets[me]
        let frame = tasklet.frames.removeLast()
        close(frame, me)
        if case .within(let limit) = frame.kind, limit.isThrown { return .threw(limit.word) }
        if tasklet.frames.isEmpty {
            for subject in subjects { subject.cleanUp(me) }
            end(me)
            return .hasSwitched
        }
        note(me, "left")
        return .goesOn
    }

    /// Takes the error to the block that catches it.
    private func unwind(_ me: Int, _ word: String) -> Progress {
        let tasklet = tasklets[me]
        if tasklet.frames.last!.catches {
            note(me, word, isError: true)
            return .goesOn
        }
        close(tasklet.frames.removeLast(), me)
        return .threw(word)
    }

    private func close(_ frame: Frame, _ me: Int) {
        switch frame.kind {
        case .body: break
        case .within(let limit): leave(limit, me)
        case .shielded(let limits):
            tasklets[me].shields -= 1
            for limit in limits { limit.shields -= 1 }
        case .withPermit(let place): release(place)
        }
    }

    private func end(_ me: Int) {
        tasklets[me].isDead = true
        ring.removeFirst()
    }

    /// Of the step that the innermost block is in.
    private func note(_ me: Int, _ text: String, isError: Bool = false) {
        let step = tasklets[me].frames.last!.steps[0]
        log.append("\(me).\(step.number)\(isError ? ":" : "") \(text)")
    }

    // MARK: Steps

    private func perform(_ step: Step, _ me: Int) -> Progress {
        let tasklet = tasklets[me]
        switch step.action {
        case .attempt(let attempt): return choose(me, [.attempt(attempt)], step.number, isFair: nil)
        case .select(let clauses, let isFair): return choose(me, clauses, step.number, isFair: isFair)
        case .touch(let touch, let place):
            return finish(me, Completion(outcome: self.touch(touch, place, step.number)))
        case .subject(let subject, let operation): return perform(subject, operation, step.number, me)
        case .giveWay: return giveWay(me, Completion(outcome: .success("gave way")))
        case .sleep(let time): return sleep(me, time)
        case .cancel(let target):
            note(me, "cancels \(target)")
            if tasklets[target].isDead || tasklets[target].isCancelled { return .goesOn }
            tasklets[target].isCancelled = true
            if tasklets[target].isBlocked, !isShielded(target) { deliver("cancelled", to: target) }
            return .goesOn
        case .kill(let target, let pending):
            if target == me { return .threw("killed") }
            if !tasklets[target].isDead {
                deliver("killed", to: target)
                if !pending {
                    tasklet.completion = Completion(outcome: .success("has killed \(target)"))
                    while ring.first != target { giveWay() }
                    return .hasSwitched
                }
            }
            return finish(me, Completion(outcome: .success("has killed \(target)")))
        case .within(let time, let block):
            let limit = begin(me, time, number: step.number)
            tasklet.frames.append(Frame(kind: .within(limit), steps: block.steps, catches: block.catches))
            return .goesOn
        case .shielded(let block):
            tasklet.shields += 1
            for limit in tasklet.limits { limit.shields += 1 }
            tasklet.frames.append(
                Frame(kind: .shielded(tasklet.limits), steps: block.steps, catches: block.catches)
            )
            return .goesOn
        case .withPermit(let place, let block):
            tasklet.opening = Frame(kind: .withPermit(place), steps: block.steps, catches: block.catches)
            let progress = choose(me, [.attempt(.acquire(place))], step.number, isFair: nil)
            if case .threw = progress { tasklet.opening = nil }
            return progress
        }
    }

    private func perform(_ subject: Int, _ operation: Int, _ number: Int, _ me: Int) -> Progress {
        switch subjects[subject].begin(operation, by: me, at: number) {
        case .done(let text):
            note(me, text)
            return .goesOn
        case .failed(let word): return .threw(word)
        case .waits:
            if let refused = refuse(me) { return refused }
            // Out of the ring first: joining may wake others.
            block(me)
            tasklets[me].subject = subject
            subjects[subject].join(operation, by: me, at: number)
            return .hasSwitched
        }
    }

    func giveWay(_ me: Int, _ completion: Completion) -> Progress {
        if ring.count == 1 { return finish(me, completion) }
        tasklets[me].completion = completion
        giveWay()
        return .hasSwitched
    }

    /// What comes of a wait that is refused; `nil` when it is not.
    func refuse(_ me: Int) -> Progress? {
        let word: String
        if tasklets[me].isCancelled, !isShielded(me) {
            word = "cancelled"
        } else if let limit = tasklets[me].limits.first(where: { $0.hasExpired && $0.shields == 0 }) {
            limit.isThrown = true
            word = limit.word
        } else {
            return nil
        }
        return giveWay(me, Completion(outcome: .failure(Word(word))))
    }
}
