// The places of the model: what is ready, who meets whom, and who waits.

/// What a place is, and who waits there.
struct MixedPlace {
    struct Waiter {
        let tasklet: Int
        let attempt: MixedProgram.Attempt
        /// The value that a sender gives; of an error its number.
        let value: Int
        /// What its log begins with.
        let prefix: String
        let turn: Int?
    }

    let kind: MixedProgram.Place
    var line: [Waiter] = []
    var isClosing = false
    /// Of a queue: the next to leave first.
    var elements: [Int] = []
    var unfinished = 0
    var permits = 0
    var isOn = false
    /// Of a promise.
    var outcome: Result<String, MixedModel.Word>?

    init(_ kind: MixedProgram.Place) {
        self.kind = kind
        if case .semaphore(let permits) = kind { self.permits = permits }
    }

    var firstReceiver: Waiter? { line.first { $0.attempt.isReceiving } }
    var firstSender: Waiter? { line.first { !$0.attempt.isReceiving } }

    var isQueue: Bool { if case .queue = kind { true } else { false } }
    var capacity: Int { if case .queue(let capacity, _) = kind { capacity ?? .max } else { 0 } }
    var isLifo: Bool { if case .queue(_, true) = kind { true } else { false } }
}

extension MixedProgram.Attempt {
    var isReceiving: Bool {
        switch self {
        case .receive, .next: true
        default: false
        }
    }
}

extension MixedModel {
    typealias Attempt = MixedProgram.Attempt
    typealias Waiter = MixedPlace.Waiter

    // MARK: Select

    /// Does the first that is ready, or waits for all. An operation by itself is a select of one.
    func choose(_ me: Int, _ clauses: [MixedProgram.Clause], _ number: Int, isFair: Bool?) -> Progress {
        let isFairSelect = isFair == true
        func prefix(_ index: Int) -> String { isFair == nil ? "" : "clause \(index) " }
        func turn(_ index: Int) -> Int? { isFairSelect ? index + 1 : nil }
        let waiters: [(index: Int, waiter: Waiter)] = clauses.enumerated().compactMap { index, clause in
            guard case .attempt(let attempt) = clause else { return nil }
            let waiter = Waiter(
                tasklet: me,
                attempt: attempt,
                value: number * 10 + index,
                prefix: prefix(index),
                turn: turn(index)
            )
            return (index, waiter)
        }
        let start = isFairSelect ? tasklets[me].turn : 0
        let order = waiters.filter { $0.index >= start } + waiters.filter { $0.index < start }
        for (_, waiter) in order {
            if let progress = tryNow(me, waiter) { return progress }
        }
        for case (let index, .otherwise) in clauses.enumerated() {
            return finish(me, Completion(outcome: .success(prefix(index) + "otherwise"), turn: turn(index)))
        }
        for case (let index, .after(0)) in clauses.enumerated() {
            if let refused = refuse(me) { return refused }
            return giveWay(me, Completion(outcome: .success(prefix(index) + "time"), turn: turn(index)))
        }
        if let refused = refuse(me) { return refused }
        block(me)
        for (index, clause) in clauses.enumerated() {
            switch clause {
            case .attempt(let attempt):
                places[attempt.place].line.append(waiters.first { $0.index == index }!.waiter)
            case .after(let time):
                let completion = Completion(outcome: .success(prefix(index) + "time"), turn: turn(index))
                setTimer(in: time, for: .wait(me, completion))
            case .otherwise: break
            }
        }
        return .hasSwitched
    }

    /// Does what is ready; `nil` when it has to wait.
    private func tryNow(_ me: Int, _ waiter: Waiter) -> Progress? {
        let place = waiter.attempt.place
        func done(_ text: String) -> Progress {
            finish(me, Completion(outcome: .success(waiter.prefix + text), turn: waiter.turn))
        }
        func closed() -> Progress? {
            places[place].isClosing ? finish(me, completion(ofClosed: waiter)) : nil
        }
        switch waiter.attempt {
        case .send, .sendError:
            if !places[place].isQueue {
                guard let receiver = places[place].firstReceiver else { return closed() }
                wake(receiver, completion(of: receiver, getting: waiter), isQueued: false)
                return meet(me, receiver.tasklet, place, isSending: true, completion(ofSender: waiter))
            }
            return offer(waiter.value, place) ? done("sent") : closed()
        case .receive, .next:
            if !places[place].isQueue {
                guard let sender = places[place].firstSender else { return closed() }
                let mine = completion(of: waiter, getting: sender)
                wake(sender, completion(ofSender: sender), isQueued: false)
                return meet(me, sender.tasklet, place, isSending: false, mine)
            }
            if places[place].elements.isEmpty { return closed() }
            return done("\(take(place))")
        case .acquire:
            if places[place].permits == 0 { return nil }
            places[place].permits -= 1
            return done("acquired")
        case .event: return places[place].isOn ? done("on") : nil
        case .value:
            return places[place].outcome.map { finish(me, completion(of: waiter, with: $0)) }
        }
    }

    private func completion(ofSender sender: Waiter) -> Completion {
        Completion(outcome: .success(sender.prefix + "sent"), turn: sender.turn)
    }

    private func completion(ofClosed waiter: Waiter) -> Completion {
        if case .next = waiter.attempt {
            return Completion(outcome: .success(waiter.prefix + "nil"), turn: waiter.turn)
        }
        return Completion(outcome: .failure(Word("closed")), turn: waiter.turn)
    }

    private func completion(of waiter: Waiter, with outcome: Result<String, Word>) -> Completion {
        Completion(outcome: outcome.map { waiter.prefix + $0 }, turn: waiter.turn)
    }

    private func completion(of receiver: Waiter, getting sender: Waiter) -> Completion {
        if case .sendError = sender.attempt {
            // It ends the select, which has chosen nothing then.
            return Completion(outcome: .failure(Word("error \(sender.value)")))
        }
        return Completion(outcome: .success(receiver.prefix + "\(sender.value)"), turn: receiver.turn)
    }

    /// Ends a wait well.
    func wake(_ waiter: Waiter, _ completion: Completion, isQueued: Bool = true, giveBack: (() -> Void)? = nil) {
        withdraw(waiter.tasklet)
        let tasklet = tasklets[waiter.tasklet]
        tasklet.completion = completion
        tasklet.giveBack = giveBack
        tasklet.isBlocked = false
        if isQueued { ring.append(waiter.tasklet) }
    }

    // MARK: Channels

    private func meet(
        _ me: Int,
        _ partner: Int,
        _ place: Int,
        isSending: Bool,
        _ completion: Completion
    ) -> Progress {
        guard case .channel(let preference, let schedulesAll) = places[place].kind else { fatalError("no channel") }
        if schedulesAll {
            ring = Array(ring.dropFirst()) + [partner, me]
        } else if preference == (isSending ? -1 : 1) {
            ring = [partner] + Array(ring.dropFirst()) + [me]
        } else {
            ring.append(partner)
            return finish(me, completion)
        }
        tasklets[me].completion = completion
        return .hasSwitched
    }

    // MARK: Queues

    /// False when there is no room for it.
    private func offer(_ value: Int, _ place: Int) -> Bool {
        if !give(value, place) {
            if places[place].isClosing || places[place].elements.count >= places[place].capacity { return false }
            insert(value, place)
        }
        places[place].unfinished += 1
        return true
    }

    private func give(_ value: Int, _ place: Int) -> Bool {
        guard let receiver = places[place].firstReceiver else { return false }
        let completion = Completion(outcome: .success(receiver.prefix + "\(value)"), turn: receiver.turn)
        wake(receiver, completion) { [unowned self] in
            if !give(value, place) {
                places[place].elements.insert(value, at: 0)
            }
        }
        return true
    }

    private func insert(_ value: Int, _ place: Int) {
        places[place].elements.insert(value, at: places[place].isLifo ? 0 : places[place].elements.count)
    }

    private func take(_ place: Int) -> Int {
        let value = places[place].elements.removeFirst()
        if places[place].elements.count < places[place].capacity, let sender = places[place].firstSender {
            insert(sender.value, place)
            places[place].unfinished += 1
            wake(sender, completion(ofSender: sender))
        }
        return value
    }

    // MARK: What never waits

    func release(_ place: Int) {
        guard let first = places[place].line.first else {
            places[place].permits += 1
            return
        }
        wake(first, Completion(outcome: .success(first.prefix + "acquired"), turn: first.turn)) { [unowned self] in
            release(place)
        }
    }

    private func wakeAll(_ place: Int, _ outcome: Result<String, Word>) {
        while let first = places[place].line.first { wake(first, completion(of: first, with: outcome)) }
    }

    func touch(_ touch: MixedProgram.Touch, _ place: Int, _ number: Int) -> Result<String, Word> {
        let isQueue = places[place].isQueue
        switch touch {
        case .trySend:
            if isQueue { return .success("tried \(offer(number * 10, place))") }
            guard let receiver = places[place].firstReceiver else { return .success("tried false") }
            let completion = Completion(
                outcome: .success(receiver.prefix + "\(number * 10)"),
                turn: receiver.turn
            )
            wake(receiver, completion)
            return .success("tried true")
        case .tryReceive:
            if isQueue {
                if !places[place].elements.isEmpty { return .success("tried \(take(place))") }
            } else if let sender = places[place].firstSender {
                wake(sender, completion(ofSender: sender))
                if case .sendError = sender.attempt { return .failure(Word("error \(sender.value)")) }
                return .success("tried \(sender.value)")
            }
            return places[place].isClosing ? .failure(Word("closed")) : .success("tried nil")
        case .close, .finish:
            places[place].isClosing = true
            while touch == .finish, let receiver = places[place].firstReceiver {
                wake(receiver, completion(ofClosed: receiver))
            }
            return .success("closed it")
        case .tryAcquire:
            if places[place].permits == 0 { return .success("tried false") }
            places[place].permits -= 1
            return .success("tried true")
        case .release:
            release(place)
            return .success("released")
        case .set:
            places[place].isOn = true
            wakeAll(place, .success("on"))
            return .success("set")
        case .clear:
            places[place].isOn = false
            return .success("cleared")
        case .fulfill, .fail:
            if places[place].outcome != nil { return .success("too late") }
            let outcome: Result<String, Word> =
                touch == .fail ? .failure(Word("failed \(number)")) : .success("value \(number)")
            places[place].outcome = outcome
            wakeAll(place, outcome)
            return .success("settled")
        }
    }

    // MARK: The end

    func state(of place: Int) -> String {
        let waiting = places[place].line.count
        switch places[place].kind {
        case .channel:
            let receiving = places[place].line.count { $0.attempt.isReceiving }
            return "channel: \(waiting - 2 * receiving)"
        case .queue:
            let unfinished = places[place].unfinished
            var left: [Int] = []
            while !places[place].elements.isEmpty { left.append(take(place)) }
            return "queue: \(waiting), \(unfinished), \(left)"
        case .semaphore: return "semaphore: \(waiting), \(places[place].permits)"
        case .event: return "event: \(waiting), \(places[place].isOn)"
        case .promise: return "promise: \(places[place].outcome != nil)"
        }
    }
}
