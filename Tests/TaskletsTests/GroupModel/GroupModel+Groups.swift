/// A group, and how far its block has come.
final class ModelGroup {
    let limit: Int
    let owner: ModelTasklet
    var isBlockRunning = true
    var active = 0
    var children: [ModelTasklet] = []
    var results: [Int] = []
    var failure: GroupProgram.Failure?
    var isCancelled = false
    var takers: [ModelTasklet] = []
    var forRoom: [ModelTasklet] = []
    var atEnd: [ModelTasklet] = []

    init(limit: Int, owner: ModelTasklet) {
        self.limit = limit
        self.owner = owner
    }

    func takeApart() { (children, takers, forRoom, atEnd) = ([], [], [], []) }
}

final class ModelBlock {
    enum Phase {
        case adding, waitingForRoom, taking, waitingForResult, rest, ending, waitingForEnd
    }

    let group: ModelGroup
    var children: [GroupProgram.Body]
    let takes: Bool
    let rest: [GroupProgram.Step]
    var phase = Phase.adding
    /// What a partner has left for the one that waits.
    var isGranted = false
    var slot: Int?
    /// What has ended the block; `nil` when nothing has gone wrong.
    var error: GroupProgram.Failure?
    /// Whether the wait at the end is inside a shield of its own.
    var isShielded = false

    init(group: ModelGroup, children: [GroupProgram.Body], takes: Bool, rest: [GroupProgram.Step]) {
        self.group = group
        self.children = children
        self.takes = takes
        self.rest = rest
    }
}

extension GroupModel {
    // MARK: The block

    func advance(_ me: ModelTasklet, _ block: ModelBlock) -> Progress {
        let group = block.group
        switch block.phase {
        case .adding:
            guard let child = block.children.first else {
                block.phase = block.takes ? .taking : .rest
                return .goesOn
            }
            if let failure = group.failure { return .threw(failure) }
            if group.active < group.limit {
                group.active += 1
                add(child, block)
                return .goesOn
            }
            block.phase = .waitingForRoom
            return wait(me, joins: { group.forRoom.append($0) }, leaves: { group.forRoom.removeAll { $0 === me } })
        case .waitingForRoom:
            if let failure = group.failure { return .threw(failure) }
            block.isGranted = false
            block.phase = .adding
            add(block.children[0], block)
            return .goesOn
        case .taking:
            if let failure = group.failure { return .threw(failure) }
            if !group.results.isEmpty {
                log.append("\(me.number) next \(group.results.removeFirst())")
                return .goesOn
            }
            if group.active == 0 {
                block.phase = .rest
                return .goesOn
            }
            block.phase = .waitingForResult
            return wait(me, joins: { group.takers.append($0) }, leaves: { group.takers.removeAll { $0 === me } })
        case .waitingForResult:
            block.phase = .taking
            if let value = block.slot.take() {
                log.append("\(me.number) next \(value)")
                return .goesOn
            }
            if let failure = group.failure { return .threw(failure) }
            block.phase = .rest
            return .goesOn
        case .rest:
            // Comes back to the block when these are done.
            block.phase = .ending
            me.frames.append(.steps([], .body))
            me.frames[me.frames.count - 1] = .steps(block.rest, .body)
            return .goesOn
        case .ending:
            if group.isBlockRunning { leaveBlock(me, block) }
            return waitForChildren(me, block)
        case .waitingForEnd:
            endShield(me, block)
            return waitForChildren(me, block)
        }
    }

    private func add(_ child: GroupProgram.Body, _ block: ModelBlock) {
        let group = block.group
        let tasklet = make(child, in: group)
        group.children.append(tasklet)
        if group.isCancelled { cancel(tasklet) }
        block.children.removeFirst()
        log.append("\(group.owner.number) added \(child.number)")
    }

    /// An error comes to the block: out of a wait at the group, or out of what it does.
    func hit(_ me: ModelTasklet, _ block: ModelBlock, by thrown: Failure) {
        let group = block.group
        var error = thrown
        switch block.phase {
        case .waitingForRoom:
            if block.isGranted { giveBackRoom(group) }
            if error == .cancellation, let failure = group.failure { error = failure }
        case .waitingForResult:
            if let value = block.slot.take() { putBack(value, group) }
            if error == .cancellation, let failure = group.failure { error = failure }
        case .adding, .taking, .rest, .ending: break
        case .waitingForEnd:
            endShield(me, block)
            if block.error == nil || error == .exit { block.error = error }
            block.phase = .ending
            return cancelAll(group)
        }
        block.error = error
        block.phase = .ending
    }

    private func leaveBlock(_ me: ModelTasklet, _ block: ModelBlock) {
        block.group.isBlockRunning = false
        if block.group.failure != nil { me.failedBlocks -= 1 }
        if block.error != nil { cancelAll(block.group) }
    }

    private func waitForChildren(_ me: ModelTasklet, _ block: ModelBlock) -> Progress {
        let group = block.group
        if group.active == 0 { return leave(me, block) }
        block.phase = .waitingForEnd
        if group.isCancelled {
            block.isShielded = true
            me.shields += 1
        }
        return wait(me, joins: { group.atEnd.append($0) }, leaves: { group.atEnd.removeAll { $0 === me } })
    }

    private func endShield(_ me: ModelTasklet, _ block: ModelBlock) {
        if block.isShielded { me.shields -= 1 }
        block.isShielded = false
    }

    private func leave(_ me: ModelTasklet, _ block: ModelBlock) -> Progress {
        me.frames.removeLast()
        if let failure = block.group.failure, block.error == nil || block.error == .cancellation {
            return .threw(failure)
        }
        if let error = block.error { return .threw(error) }
        log.append("\(me.number) left its group")
        return .goesOn
    }

    // MARK: The group

    func childHasEnded(_ child: ModelTasklet, of group: ModelGroup, by error: Failure?, hasValue: Bool) {
        group.children.removeAll { $0 === child }
        if hasValue { give(child.number, group) { group.results.append($0) } }
        if let error {
            let isFirst = group.failure == nil
            if isFirst { group.failure = error }
            log.append("\(group.owner.number) hears of \(child.number): \(error)")
            if isFirst { fail(group) }
        }
        giveBackRoom(group)
    }

    private func give(_ value: Int, _ group: ModelGroup, else keep: (Int) -> Void) {
        guard let taker = group.takers.first else { return keep(value) }
        if case .group(let block)? = taker.frames.last { block.slot = value }
        wake(taker)
    }

    private func putBack(_ value: Int, _ group: ModelGroup) {
        give(value, group) { group.results.insert($0, at: 0) }
    }

    private func giveBackRoom(_ group: ModelGroup) {
        if group.failure == nil, let first = group.forRoom.first {
            if case .group(let block)? = first.frames.last { block.isGranted = true }
            return wake(first)
        }
        group.active -= 1
        guard group.active == 0 else { return }
        while let taker = group.takers.first { wake(taker) }
        if let owner = group.atEnd.first { wake(owner) }
    }

    private func fail(_ group: ModelGroup) {
        cancelAll(group)
        while let taker = group.takers.first { wake(taker) }
        while let waiter = group.forRoom.first { wake(waiter) }
        guard group.isBlockRunning else { return }
        group.owner.failedBlocks += 1
        if !group.owner.isShielded { endWait(of: group.owner, by: .cancellation) }
    }

    private func cancelAll(_ group: ModelGroup) {
        group.isCancelled = true
        for child in group.children { cancel(child) }
    }
}
