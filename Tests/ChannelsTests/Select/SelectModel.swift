/// The rules of channels and selects a second time, in plain arrays: what a program must log, event by event.
struct SelectModel {
    typealias Operation = SelectProgram.Operation

    private struct Tasklet {
        var operations: [Operation]
        var position = 0
        /// What the operation gives when the tasklet goes on.
        var outcome: String?
        var isKilled = false
        var isCancelled = false
        var hasBegun = false
        var turn = 0
    }

    /// A tasklet that waits in a line.
    private struct Waiter {
        var tasklet: Int
        var isSending: Bool
        /// What a sender gives.
        var gift = ""
        /// What the tasklet logs when it has been met; a receiver logs what it gets behind it.
        var prefix = ""
        /// Whether the end of the channel is no error.
        var isNext = false
        /// Of a fair select: whose turn it is after this one.
        var turn: Int?
    }

    /// A clause, or an operation by itself, which is a select of one.
    private struct Attempt {
        var channel: Int
        var waiter: Waiter
        /// What is tried is in vain when the channel is closed.
        var isEnded: String
    }

    private let settings: [SelectProgram.Settings]
    private var lines: [[Waiter]]
    private var isClosing: [Bool]
    private var tasklets: [Tasklet]
    /// The first one runs. Main is −1.
    private var queue: [Int]
    private(set) var log: [String] = []

    init(_ program: SelectProgram) {
        settings = program.channels
        lines = program.channels.map { _ in [] }
        isClosing = program.channels.map { _ in false }
        tasklets = program.tasklets.map { Tasklet(operations: $0) }
        queue = [-1] + program.tasklets.indices
        while queue.count > 1 {
            // Main gives way until it is alone.
            if queue[0] == -1 { giveWay() } else { goOn(queue[0]) }
        }
    }

    private mutating func giveWay() { queue.append(queue.removeFirst()) }

    private mutating func goOn(_ me: Int) {
        tasklets[me].hasBegun = true
        if tasklets[me].isKilled {
            log.append("\(me) killed")
            tasklets[me].position = Int.max
            queue.removeFirst()
            return
        }
        if let outcome = tasklets[me].outcome {
            tasklets[me].outcome = nil
            log.append("\(me) \(outcome)")
            tasklets[me].position += 1
        }
        guard tasklets[me].position < tasklets[me].operations.count else {
            tasklets[me].position = Int.max
            queue.removeFirst()
            return
        }
        perform(tasklets[me].operations[tasklets[me].position], me)
    }

    private mutating func finish(_ me: Int, _ outcome: String) { tasklets[me].outcome = outcome }

    // MARK: Operations

    private mutating func perform(_ operation: Operation, _ me: Int) {
        switch operation {
        case .send(let channel, let value): choose(me, [send(me, channel, value, "sent")])
        case .sendError(let channel, let value):
            choose(me, [Attempt(channel: channel, waiter: sender(me, "error \(value)", "sent"), isEnded: "closed")])
        case .receive(let channel): choose(me, [receive(me, channel, "received ")])
        case .next(let channel): choose(me, [next(me, channel, "next ")])
        case .sendWithin(let channel, let value, let isZero):
            choose(me, [send(me, channel, value, "sent true")], timeIsUp: isZero ? "sent false" : nil)
        case .receiveWithin(let channel, let isZero):
            choose(me, [receive(me, channel, "received ")], timeIsUp: isZero ? "received nil" : nil)
        case .trySend(let channel, let value):
            let partner = partner(of: true, channel)
            if let partner { meetAndGoOn(partner, "\(value)") }
            finish(me, "tried to send \(partner != nil)")
        case .tryReceive(let channel):
            let partner = partner(of: false, channel)
            if let partner { meetAndGoOn(partner, nil) }
            finish(
                me,
                partner.map { receipt("tried to receive ", $0.gift) }
                    ?? (isClosing[channel] ? "closed" : "tried to receive nil")
            )
        case .select(let clauses, let isFair): select(me, clauses, isFair)
        case .giveWay:
            finish(me, "gave way")
            giveWay()
        case .kill(let other): kill(me, other)
        case .cancel(let other): cancel(me, other)
        case .close(let channel):
            isClosing[channel] = true
            finish(me, "close")
        case .open(let channel):
            isClosing[channel] = false
            finish(me, "open")
        case .finish(let channel):
            isClosing[channel] = true
            while let receiver = partner(of: true, channel) {
                meetAndGoOn(receiver, nil)
                let end = receiver.isNext ? receiver.prefix + "nil" : "closed"
                tasklets[receiver.tasklet].outcome = end
            }
            finish(me, "finish")
        }
    }

    private func sender(_ me: Int, _ gift: String, _ prefix: String) -> Waiter {
        Waiter(tasklet: me, isSending: true, gift: gift, prefix: prefix)
    }

    private func send(_ me: Int, _ channel: Int, _ value: Int, _ prefix: String) -> Attempt {
        Attempt(channel: channel, waiter: sender(me, "\(value)", prefix), isEnded: "closed")
    }

    private func receive(_ me: Int, _ channel: Int, _ prefix: String) -> Attempt {
        Attempt(channel: channel, waiter: Waiter(tasklet: me, isSending: false, prefix: prefix), isEnded: "closed")
    }

    private func next(_ me: Int, _ channel: Int, _ prefix: String) -> Attempt {
        let waiter = Waiter(tasklet: me, isSending: false, prefix: prefix, isNext: true)
        return Attempt(channel: channel, waiter: waiter, isEnded: prefix + "nil")
    }

    private mutating func select(_ me: Int, _ clauses: [SelectProgram.Clause], _ isFair: Bool) {
        var attempts: [(Int, Attempt)] = []
        var (otherwise, timeIsUp): (Int?, Int?)
        for (number, clause) in clauses.enumerated() {
            var attempt: Attempt
            switch clause {
            case .send(let channel, let value): attempt = send(me, channel, value, "chose \(number) sent")
            case .receive(let channel): attempt = receive(me, channel, "chose \(number) received ")
            case .next(let channel): attempt = next(me, channel, "chose \(number) next ")
            case .otherwise:
                otherwise = otherwise ?? number
                continue
            case .atOnce:
                timeIsUp = timeIsUp ?? number
                continue
            case .later: continue
            }
            if isFair { attempt.waiter.turn = number + 1 }
            attempts.append((number, attempt))
        }
        let turn = isFair ? tasklets[me].turn : 0
        let order = attempts.filter { $0.0 >= turn } + attempts.filter { $0.0 < turn }
        if let ready = order.first(where: {
            partner(of: $0.1.waiter.isSending, $0.1.channel) != nil || isClosing[$0.1.channel]
        }) {
            return choose(me, [ready.1])
        }
        if let otherwise {
            if isFair { tasklets[me].turn = otherwise + 1 }
            return finish(me, "chose \(otherwise) otherwise")
        }
        choose(
            me,
            attempts.map(\.1),
            timeIsUp: timeIsUp.map { "chose \($0) time" },
            turn: isFair ? timeIsUp.map { $0 + 1 } : nil
        )
    }

    /// Meets the first that is ready, or waits for all.
    private mutating func choose(_ me: Int, _ attempts: [Attempt], timeIsUp: String? = nil, turn: Int? = nil) {
        for attempt in attempts {
            let waiter = attempt.waiter
            if let partner = partner(of: waiter.isSending, attempt.channel) {
                // An error that is received leaves the select before it counts the turn.
                if let turn = waiter.turn, waiter.isSending || !partner.gift.hasPrefix("error") {
                    tasklets[me].turn = turn
                }
                return meet(me, partner, attempt)
            }
            if isClosing[attempt.channel] {
                if let turn = waiter.turn { tasklets[me].turn = turn }
                return finish(me, attempt.isEnded)
            }
        }
        if tasklets[me].isCancelled {
            finish(me, "cancelled")
            return giveWay()
        }
        if let timeIsUp {
            if let turn { tasklets[me].turn = turn }
            finish(me, timeIsUp)
            return giveWay()
        }
        queue.removeFirst()
        for attempt in attempts { lines[attempt.channel].append(attempt.waiter) }
    }

    // MARK: Meetings

    private func partner(of isSending: Bool, _ channel: Int) -> Waiter? {
        lines[channel].first { $0.isSending != isSending }
    }

    private func receipt(_ prefix: String, _ gift: String) -> String {
        gift.hasPrefix("error") ? gift : prefix + gift
    }

    /// Takes the partner out of all its lines. What it logs depends on what it waited for.
    private mutating func takeOut(_ partner: Waiter, _ gift: String?) {
        for channel in lines.indices { lines[channel].removeAll { $0.tasklet == partner.tasklet } }
        let outcome = partner.isSending ? partner.prefix : receipt(partner.prefix, gift ?? "")
        tasklets[partner.tasklet].outcome = outcome
        if let turn = partner.turn, !outcome.hasPrefix("error") { tasklets[partner.tasklet].turn = turn }
    }

    private mutating func meetAndGoOn(_ partner: Waiter, _ gift: String?) {
        takeOut(partner, gift)
        queue.append(partner.tasklet)
    }

    private mutating func meet(_ me: Int, _ partner: Waiter, _ attempt: Attempt) {
        let isSending = attempt.waiter.isSending
        takeOut(partner, isSending ? attempt.waiter.gift : nil)
        finish(me, isSending ? attempt.waiter.prefix : receipt(attempt.waiter.prefix, partner.gift))
        let settings = settings[attempt.channel]
        if settings.schedulesAll {
            queue = Array(queue.dropFirst()) + [partner.tasklet, me]
        } else if settings.preference == (isSending ? -1 : 1) {
            queue = [partner.tasklet] + queue.dropFirst() + [me]
        } else {
            queue.append(partner.tasklet)
        }
    }

    // MARK: From outside

    private func canBeEnded(_ other: Int, by me: Int) -> Bool {
        other != me && tasklets[other].hasBegun && tasklets[other].position != Int.max
    }

    private mutating func kill(_ me: Int, _ other: Int) {
        guard canBeEnded(other, by: me) else { return finish(me, "no kill") }
        finish(me, "kill \(other)")
        tasklets[other].isKilled = true
        if let place = queue.firstIndex(of: other) {
            queue = Array(queue[place...] + queue[..<place])
        } else {
            withdraw(other)
            queue.insert(other, at: 0)
        }
    }

    private mutating func cancel(_ me: Int, _ other: Int) {
        guard canBeEnded(other, by: me) || other == me else { return finish(me, "no cancel") }
        finish(me, "cancel \(other)")
        tasklets[other].isCancelled = true
        if !queue.contains(other) {
            withdraw(other)
            tasklets[other].outcome = "cancelled"
            queue.append(other)
        }
    }

    private mutating func withdraw(_ other: Int) {
        for channel in lines.indices { lines[channel].removeAll { $0.tasklet == other } }
    }
}
