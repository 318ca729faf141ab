import Channels
import Sync
import Tasklets
import TestSupport

/// A `MixedProgram`, run by the library.
final class MixedRun {
    /// What is sent is counted.
    struct Value {
        let number: Int
        let tracked: Tracked
    }

    struct NumberedError: Error, CustomStringConvertible {
        let description: String
    }

    enum Place {
        case channel(Channel<Value>)
        case queue(Queue<Value>)
        case semaphore(Semaphore)
        case event(Event)
        case promise(Promise<Int>)
    }

    private let program: MixedProgram
    let places: [Place]
    private let subjects: [any Subject]
    private let counter: Tracked.Counter
    private let log = Log()
    private var tasklets: [Tasklet] = []
    private var isOver = false

    init(_ program: MixedProgram, subjects: [any Subject], counter: Tracked.Counter) {
        self.program = program
        self.subjects = subjects
        self.counter = counter
        places = program.places.map { place in
            switch place {
            case .channel(let preference, let schedulesAll):
                let channel = Channel<Value>()
                channel.preference = ChannelPreference(rawValue: preference)!
                channel.schedulesAll = schedulesAll
                return .channel(channel)
            case .queue(let capacity, let isLifo):
                return .queue(Queue(capacity: capacity, order: isLifo ? .lifo : .fifo))
            case .semaphore(let permits): return .semaphore(Semaphore(permits))
            case .event: return .event(Event())
            case .promise: return .promise(Promise())
            }
        }
    }

    /// What happened, and how it ended. Inside a scope of its own, which ends those that are left.
    func run() throws -> [String] {
        for (number, block) in program.tasklets.enumerated() {
            tasklets.append(Tasklet { try self.live(number, block) })
        }
        try Tasklet.run()
        defer {
            isOver = true
            tasklets = []
        }
        log.note(tasklets.map { $0.isBlocked ? "blocked" : $0.isAlive ? "alive" : "dead" }.joined(separator: " "))
        for subject in subjects { log.note(subject.state) }
        for place in places { log.note(state(of: place)) }
        return log.lines + SchedulerCore.current.validate().map { "invalid: \($0)" }
    }

    private func state(of place: Place) -> String {
        switch place {
        case .channel(let channel): return "channel: \(channel.balance)"
        case .queue(let queue):
            let waiting = queue.line.fields.count
            let unfinished = queue.unfinished
            var left: [Int] = []
            while let value = (try? queue.tryReceive()) ?? nil { left.append(value.number) }
            return "queue: \(waiting), \(unfinished), \(left)"
        case .semaphore(let semaphore):
            return "semaphore: \(semaphore.line.fields.count), \(semaphore.available)"
        case .event(let event): return "event: \(event.line.fields.count), \(event.isSet)"
        case .promise(let promise): return "promise: \(promise.result != nil)"
        }
    }

    // MARK: Steps

    private func live(_ me: Int, _ block: MixedProgram.Block) throws {
        let turns = SelectRotation()
        defer { for subject in subjects { subject.cleanUp(me) } }
        do {
            try run(block, me, turns)
        } catch {
            // What comes of the end of the scope is not the program's.
            if !isOver { throw error }
        }
    }

    private func run(_ block: MixedProgram.Block, _ me: Int, _ turns: SelectRotation) throws {
        for step in block.steps {
            do {
                log.note("\(me).\(step.number) \(try perform(step, me, turns))")
            } catch {
                if isOver || !block.catches { throw error }
                log.note("\(me).\(step.number): \(Log.word(for: error))")
            }
        }
    }

    private func perform(_ step: MixedProgram.Step, _ me: Int, _ turns: SelectRotation) throws -> String {
        switch step.action {
        case .attempt(let attempt): return try perform(attempt, step.number)
        case .touch(let touch, let place): return try perform(touch, places[place], step.number)
        case .select(let clauses, let isFair):
            return isFair
                ? try select(fair: turns) { list(clauses, step.number) } : try select { list(clauses, step.number) }
        case .subject(let subject, let operation):
            return try subjects[subject].perform(operation, by: me, at: step.number)
        case .giveWay:
            try Tasklet.schedule()
            return "gave way"
        case .sleep(let time):
            try Tasklet.sleep(for: .seconds(time))
            return "slept"
        case .kill(let target, let pending):
            try tasklets[target].kill(pending: pending)
            return "has killed \(target)"
        case .cancel(let target):
            tasklets[target].cancel()
            return "cancels \(target)"
        case .within(let time, let block):
            try withTimeout(.seconds(time), throwing: NumberedError(description: "time \(step.number)")) {
                try run(block, me, turns)
            }
        case .shielded(let block): try withCancellationShield { try run(block, me, turns) }
        case .withPermit(let place, let block):
            guard case .semaphore(let semaphore) = places[place] else { fatalError("no semaphore") }
            try semaphore.withPermit { try run(block, me, turns) }
        }
        return "left"
    }

    private func value(_ number: Int) -> Value { Value(number: number, tracked: Tracked(counter)) }

    private func text(_ value: Value?) -> String { value.map { "\($0.number)" } ?? "nil" }

    private func perform(_ attempt: MixedProgram.Attempt, _ number: Int) throws -> String {
        switch (attempt, places[attempt.place]) {
        case (.send, .channel(let channel)): try channel.send(value(number * 10))
        case (.send, .queue(let queue)): try queue.send(value(number * 10))
        case (.sendError, .channel(let channel)):
            try channel.send(throwing: NumberedError(description: "error \(number * 10)"))
        case (.receive, .channel(let channel)): return text(try channel.receive())
        case (.receive, .queue(let queue)): return text(try queue.receive())
        case (.next, .channel(let channel)): return text(try channel.next())
        case (.next, .queue(let queue)): return text(try queue.next())
        case (.acquire, .semaphore(let semaphore)):
            try semaphore.acquire()
            return "acquired"
        case (.event, .event(let event)):
            try event.wait()
            return "on"
        case (.value, .promise(let promise)): return "value \(try promise.value())"
        default: fatalError("no such operation")
        }
        return "sent"
    }

    private func perform(_ touch: MixedProgram.Touch, _ place: Place, _ number: Int) throws -> String {
        switch (touch, place) {
        case (.trySend, .channel(let channel)): return "tried \(channel.trySend(value(number * 10)))"
        case (.trySend, .queue(let queue)): return "tried \(queue.trySend(value(number * 10)))"
        case (.tryReceive, .channel(let channel)): return "tried \(text(try channel.tryReceive()))"
        case (.tryReceive, .queue(let queue)): return "tried \(text(try queue.tryReceive()))"
        case (.close, .channel(let channel)): channel.close()
        case (.close, .queue(let queue)): queue.close()
        case (.finish, .channel(let channel)): channel.finish()
        case (.finish, .queue(let queue)): queue.finish()
        case (.tryAcquire, .semaphore(let semaphore)): return "tried \(semaphore.tryAcquire())"
        case (.release, .semaphore(let semaphore)):
            semaphore.release()
            return "released"
        case (.set, .event(let event)):
            event.set()
            return "set"
        case (.clear, .event(let event)):
            event.clear()
            return "cleared"
        case (.fulfill, .promise(let promise)), (.fail, .promise(let promise)):
            if promise.result != nil { return "too late" }
            if touch == .fail {
                promise.fail(NumberedError(description: "failed \(number)"))
            } else {
                promise.fulfill(number)
            }
            return "settled"
        default: fatalError("no such operation")
        }
        return "closed it"
    }

    // MARK: Select

    /// A clause with the object that it is of.
    private enum Clause {
        case toChannel(Channel<Value>)
        case fromChannel(Channel<Value>)
        case nextOfChannel(Channel<Value>)
        case toQueue(Queue<Value>)
        case fromQueue(Queue<Value>)
        case nextOfQueue(Queue<Value>)
        case permit(Semaphore)
        case event(Event)
        case promise(Promise<Int>)
        case after(Int)
        case otherwise
    }

    private func resolve(_ clause: MixedProgram.Clause) -> Clause {
        switch clause {
        case .after(let time): return .after(time)
        case .otherwise: return .otherwise
        case .attempt(let attempt):
            switch (attempt, places[attempt.place]) {
            case (.send, .channel(let channel)): return .toChannel(channel)
            case (.receive, .channel(let channel)): return .fromChannel(channel)
            case (.next, .channel(let channel)): return .nextOfChannel(channel)
            case (.send, .queue(let queue)): return .toQueue(queue)
            case (.receive, .queue(let queue)): return .fromQueue(queue)
            case (.next, .queue(let queue)): return .nextOfQueue(queue)
            case (.acquire, .semaphore(let semaphore)): return .permit(semaphore)
            case (.event, .event(let event)): return .event(event)
            case (.value, .promise(let promise)): return .promise(promise)
            default: fatalError("no such clause")
            }
        }
    }

    @SelectBuilder
    private func list(_ clauses: [MixedProgram.Clause], _ number: Int) -> some SelectClause<String> {
        for (n, clause) in clauses.enumerated() {
            switch resolve(clause) {
            case .toChannel(let channel): channel.onSend(value(number * 10 + n)) { "clause \(n) sent" }
            case .fromChannel(let channel): channel.onReceive { "clause \(n) \($0.number)" }
            case .nextOfChannel(let channel): channel.onNext { [self] in "clause \(n) \(text($0))" }
            case .toQueue(let queue): queue.onSend(value(number * 10 + n)) { "clause \(n) sent" }
            case .fromQueue(let queue): queue.onReceive { "clause \(n) \($0.number)" }
            case .nextOfQueue(let queue): queue.onNext { [self] in "clause \(n) \(text($0))" }
            case .permit(let semaphore): semaphore.onAcquire { "clause \(n) acquired" }
            case .event(let event): event.onSet { "clause \(n) on" }
            case .promise(let promise): promise.onValue { "clause \(n) value \($0)" }
            case .after(let time): after(.seconds(time)) { "clause \(n) time" }
            case .otherwise: otherwise { "clause \(n) otherwise" }
            }
        }
    }
}
