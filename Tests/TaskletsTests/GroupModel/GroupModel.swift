/// The rules of promises and groups a second time, in plain arrays: who runs when, in "Who runs when".
final class GroupModel {
    typealias Failure = GroupProgram.Failure

    var log: [String] = []
    /// The first one runs.
    var ring: [ModelTasklet] = []
    var tasklets: [Int: ModelTasklet] = [:]
    var isKept = [Bool](repeating: false, count: GroupProgram.promiseCount)
    var waiters = [[ModelTasklet]](repeating: [], count: GroupProgram.promiseCount)

    static func run(_ program: GroupProgram) -> [String] {
        let model = GroupModel()
        for body in program.bodies { model.make(body, in: nil) }
        while let first = model.ring.first { model.turn(of: first) }
        model.takeApart()
        return model.log
    }

    /// Tasklets and groups know each other.
    private func takeApart() {
        for tasklet in tasklets.values {
            tasklet.frames = []
            tasklet.leaveLine = nil
            tasklet.group?.takeApart()
        }
    }

    // MARK: Moves

    @discardableResult
    func make(_ body: GroupProgram.Body, in group: ModelGroup?) -> ModelTasklet {
        let tasklet = ModelTasklet(number: body.number, group: group)
        tasklet.frames = [.steps(body.steps, .body)]
        tasklets[body.number] = tasklet
        ring.append(tasklet)
        return tasklet
    }

    /// Ends a wait well.
    func wake(_ tasklet: ModelTasklet) {
        tasklet.leaveLine?()
        tasklet.leaveLine = nil
        ring.append(tasklet)
    }

    /// Ends a wait by an error; without effect on one that does not wait.
    func endWait(of tasklet: ModelTasklet, by error: Failure) {
        guard tasklet.isBlocked else { return }
        tasklet.error = error
        wake(tasklet)
    }

    /// `[me, a, b]` → `[a, b, me]`
    func giveWay() { ring.append(ring.removeFirst()) }

    func cancel(_ tasklet: ModelTasklet) {
        guard !tasklet.isDead, !tasklet.isCancelled else { return }
        tasklet.isCancelled = true
        if !tasklet.isShielded { endWait(of: tasklet, by: .cancellation) }
    }

    // MARK: A turn

    /// Runs the first of the ring until it gives way, waits or ends.
    private func turn(of me: ModelTasklet) {
        if !me.hasBegun {
            me.hasBegun = true
            if let error = me.takeError() { return end(me, by: error) }
        }
        var thrown = me.takeError()
        if thrown == nil, me.isRefused { thrown = .cancellation }
        me.isRefused = false
        while !me.isDead {
            if let error = thrown {
                thrown = unwind(me, error)
            } else {
                switch advance(me) {
                case .goesOn: break
                case .threw(let error): thrown = error
                case .hasSwitched: return
                }
            }
        }
    }

    enum Progress {
        case goesOn, hasSwitched
        case threw(Failure)
    }

    /// Joins a line, unless the wait is refused: then it gives way once.
    func wait(_ me: ModelTasklet, joins: (ModelTasklet) -> Void, leaves: @escaping () -> Void) -> Progress {
        if me.mustEnd {
            me.isRefused = true
            guard ring.count > 1 else {
                me.isRefused = false
                return .threw(.cancellation)
            }
            giveWay()
            return .hasSwitched
        }
        ring.removeFirst()
        joins(me)
        me.leaveLine = leaves
        return .hasSwitched
    }

    /// The next step of the innermost frame.
    private func advance(_ me: ModelTasklet) -> Progress {
        guard let frame = me.frames.last else {
            log.append("\(me.number) ends")
            end(me, by: nil)
            return .hasSwitched
        }
        switch frame {
        case .group(let block): return advance(me, block)
        case .steps(var steps, let kind):
            guard !steps.isEmpty else {
                me.frames.removeLast()
                if kind == .shield { me.shields -= 1 }
                return .goesOn
            }
            let step = steps.removeFirst()
            me.frames[me.frames.count - 1] = .steps(steps, kind)
            return perform(step, me)
        case .afterAwait(let number):
            me.frames.removeLast()
            log.append("\(me.number) got \(number)")
            return .goesOn
        }
    }

    private func perform(_ step: GroupProgram.Step, _ me: ModelTasklet) -> Progress {
        switch step {
        case .giveWay:
            giveWay()
            return .hasSwitched
        case .await(let number):
            me.frames.append(.afterAwait(number))
            if isKept[number] { return .goesOn }
            return wait(
                me,
                joins: { waiters[number].append($0) },
                leaves: { self.waiters[number].removeAll { $0 === me } }
            )
        case .fulfill(let number):
            if isKept[number] { return .goesOn }
            isKept[number] = true
            while let first = waiters[number].first { wake(first) }
            log.append("\(me.number) fulfilled \(number)")
            return .goesOn
        case .cancel(let number):
            if let tasklet = tasklets[number] { cancel(tasklet) }
            log.append("\(me.number) cancelled \(number)")
            return .goesOn
        case .kill(let number):
            log.append("\(me.number) kills \(number)")
            guard let victim = tasklets[number], !victim.isDead else { return .goesOn }
            if victim === me { return .threw(.exit) }
            if victim.isBlocked { endWait(of: victim, by: .exit) } else { victim.error = .exit }
            return .goesOn
        case .fail: return .threw(.failure(me.number))
        case .catching(let steps):
            me.frames.append(.steps(steps, .catching))
            return .goesOn
        case .shield(let steps):
            me.shields += 1
            me.frames.append(.steps(steps, .shield))
            return .goesOn
        case .group(let limit, let children, let takes, let rest):
            let group = ModelGroup(limit: limit, owner: me)
            me.frames.append(.group(ModelBlock(group: group, children: children, takes: takes, rest: rest)))
            return .goesOn
        }
    }

    /// Takes the error through the innermost frame; `nil` when it goes no further for now.
    private func unwind(_ me: ModelTasklet, _ error: Failure) -> Failure? {
        guard let frame = me.frames.last else {
            log.append("\(me.number) ends by \(error)")
            end(me, by: error)
            return nil
        }
        switch frame {
        case .group(let block):
            hit(me, block, by: error)
            return nil
        case .afterAwait:
            me.frames.removeLast()
            return error
        case .steps(_, let kind):
            me.frames.removeLast()
            if kind == .shield { me.shields -= 1 }
            guard kind == .catching else { return error }
            log.append("\(me.number) caught \(error)")
            return nil
        }
    }

    private func end(_ me: ModelTasklet, by error: Failure?) {
        me.isDead = true
        let isQuiet = error == .exit || (error == .cancellation && me.isCancelled)
        if let group = me.group {
            childHasEnded(me, of: group, by: isQuiet ? nil : error, hasValue: error == nil)
        }
        ring.removeFirst()
        if me.group == nil, !isQuiet, let error { log.append("main caught \(error)") }
    }
}

final class ModelTasklet {
    enum Kind { case body, catching, shield }

    enum Frame {
        case steps([GroupProgram.Step], Kind)
        case afterAwait(Int)
        case group(ModelBlock)
    }

    let number: Int
    /// Whose child it is.
    let group: ModelGroup?
    var frames: [Frame] = []
    var hasBegun = false
    var isDead = false
    /// Thrown when its turn comes.
    var error: GroupProgram.Failure?
    /// Takes it out of the line that it waits in.
    var leaveLine: (() -> Void)?
    var isRefused = false
    var isCancelled = false
    /// How many blocks it is in whose group has failed.
    var failedBlocks = 0
    var shields = 0

    init(number: Int, group: ModelGroup?) {
        self.number = number
        self.group = group
    }

    var isBlocked: Bool { leaveLine != nil }
    var isShielded: Bool { shields > 0 }
    var mustEnd: Bool { (isCancelled || failedBlocks > 0) && !isShielded }

    func takeError() -> GroupProgram.Failure? { error.take() }
}
