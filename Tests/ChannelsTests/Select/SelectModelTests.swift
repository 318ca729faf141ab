import Channels
import Foundation
import Tasklets
import TestSupport
import Testing

/// Random programs against the model in plain arrays: the same events in the same order.
struct SelectModelTests {
    /// `SELECT_SEEDS=100000` in the environment runs more of them.
    @Test func randomProgramsDoWhatTheModelSays() throws {
        let count = ProcessInfo.processInfo.environment["SELECT_SEEDS"].flatMap { UInt64($0) } ?? 4000
        for seed in 1...count {
            let program = SelectProgram(seed: seed)
            let expected = SelectModel(program).log
            let found = try SelectRun(program).run()
            guard found != expected else { continue }
            let same = zip(found, expected).prefix { $0 == $1 }.count
            Issue.record(
                """
                Seed \(seed): \(program)
                \(expected.prefix(same).joined(separator: "\n"))
                the library: \(found.dropFirst(same).prefix(5))
                the model: \(expected.dropFirst(same).prefix(5))
                """
            )
            return
        }
    }
}

/// A program, run by the library.
private final class SelectRun {
    struct Sent: Error {
        var number: Int
    }

    /// What is sent is counted.
    struct Value {
        let number: Int
        let tracked: Tracked
    }

    let program: SelectProgram
    var channels: [Channel<Value>] = []
    var tasklets: [Tasklet] = []
    var hasBegun: Set<Int> = []
    var log: [String] = []
    let counter = Tracked.Counter()

    init(_ program: SelectProgram) {
        self.program = program
    }

    func run() throws -> [String] {
        var logged: [String] = []
        try Scheduler.scope {
            channels = program.channels.map { settings in
                let channel = Channel<Value>()
                channel.preference = ChannelPreference(rawValue: settings.preference)!
                channel.schedulesAll = settings.schedulesAll
                return channel
            }
            for (number, operations) in program.tasklets.enumerated() {
                tasklets.append(Tasklet { [self] in body(number, operations) })
            }
            while Tasklet.runCount > 1 { try Tasklet.schedule() }
            logged = log
            // Those that wait are killed at the end.
        }
        #expect(channels.map(\.balance) == channels.map { _ in 0 })
        channels = []
        tasklets = []
        #expect(counter.count == 0)
        return logged
    }

    private func body(_ me: Int, _ operations: [SelectProgram.Operation]) {
        hasBegun.insert(me)
        let turns = SelectRotation()
        for operation in operations {
            do {
                log.append("\(me) \(try perform(operation, me, turns))")
            } catch is TaskletExit {
                log.append("\(me) killed")
                return
            } catch let sent as Sent {
                log.append("\(me) error \(sent.number)")
            } catch {
                log.append(
                    "\(me) \(error is CancellationError ? "cancelled" : "\(error as! ChannelError == .closed ? "closed" : "?")")"
                )
            }
        }
    }

    private func value(_ number: Int) -> Value { Value(number: number, tracked: Tracked(counter)) }

    private func text(_ value: Value?) -> String { value.map { "\($0.number)" } ?? "nil" }

    private func perform(_ operation: SelectProgram.Operation, _ me: Int, _ turns: SelectRotation) throws -> String {
        switch operation {
        case .send(let channel, let number):
            try channels[channel].send(value(number))
            return "sent"
        case .sendError(let channel, let number):
            try channels[channel].send(throwing: Sent(number: number))
            return "sent"
        case .receive(let channel): return "received \(try channels[channel].receive().number)"
        case .next(let channel): return "next \(text(try channels[channel].next()))"
        case .trySend(let channel, let number): return "tried to send \(channels[channel].trySend(value(number)))"
        case .tryReceive(let channel): return "tried to receive \(text(try channels[channel].tryReceive()))"
        case .sendWithin(let channel, let number, let isZero):
            return "sent \(try channels[channel].send(value(number), within: isZero ? .zero : .seconds(3600)))"
        case .receiveWithin(let channel, let isZero):
            return "received \(text(try channels[channel].receive(within: isZero ? .zero : .seconds(3600))))"
        case .select(let clauses, let isFair):
            return isFair ? try select(fair: turns) { list(clauses) } : try select { list(clauses) }
        case .giveWay:
            try Tasklet.schedule()
            return "gave way"
        case .kill(let other):
            guard canBeEnded(other, by: me) else { return "no kill" }
            try tasklets[other].kill()
            return "kill \(other)"
        case .cancel(let other):
            guard canBeEnded(other, by: me) || other == me else { return "no cancel" }
            tasklets[other].cancel()
            return "cancel \(other)"
        case .close(let channel):
            channels[channel].close()
            return "close"
        case .finish(let channel):
            channels[channel].finish()
            return "finish"
        case .open(let channel):
            channels[channel].open()
            return "open"
        }
    }

    @SelectBuilder
    private func list(_ clauses: [SelectProgram.Clause]) -> some SelectClause<String> {
        for (n, clause) in clauses.enumerated() {
            switch clause {
            case .send(let channel, let number):
                channels[channel].onSend(value(number)) { "chose \(n) sent" }
            case .receive(let channel):
                channels[channel].onReceive { "chose \(n) received \($0.number)" }
            case .next(let channel):
                channels[channel].onNext { [self] in "chose \(n) next \(text($0))" }
            case .otherwise:
                otherwise { "chose \(n) otherwise" }
            case .atOnce:
                after(.zero) { "chose \(n) time" }
            case .later:
                after(.seconds(3600)) { "chose \(n) time" }
            }
        }
    }

    private func canBeEnded(_ other: Int, by me: Int) -> Bool {
        other != me && hasBegun.contains(other) && tasklets[other].isAlive
    }
}
