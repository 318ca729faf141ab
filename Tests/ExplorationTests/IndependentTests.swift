import Channels
import ExplorationSupport
import Foundation
import Greenlets
import Sync
import Tasklets
import TestSupport
import Testing

@testable import Exploration

/// The reduction sees every outcome that the full search sees.
struct IndependentTests {
    @Test func whatSharesNothingIsOneRun() throws {
        let found = try explore(.independent) {
            for _ in 0..<3 {
                Tasklet { for _ in 0..<5 { try interruptionPoint() } }
            }
            try Tasklet.run()
        }
        #expect(found.schedules == 1)
        #expect(found.cutShort == 0)
        #expect(found.isComplete)
    }

    @Test(arguments: Planted.all) func plantedBugsAreFound(planted: Planted) throws {
        var found: Exploration?
        withKnownIssue { found = try explore(.independent, planted.bug) }
        #expect(found!.failures.count == 1)
    }

    @Test(arguments: Planted.all) func twinsAreClean(planted: Planted) throws {
        let found = try explore(.independent, budget: .schedules(200_000), planted.fixed)
        #expect(found.isComplete)
    }

    /// Programs in which one tasklet sees by something other than a line whether another has had its turn.
    @Test(arguments: Seen.allCases) func whatIsSeenCounts(seen: Seen) throws {
        func outcomes(_ search: any SearchState) throws -> Set<String> {
            var found: Set<String> = []
            _ = try Scheduler.scope(clock: .virtual) {
                Engine(points: .operations, time: .whenIdle, budget: .schedules(20_000)) {
                    found.insert(try seen.run())
                }
                .explore(search, continuesAfterFailure: true)
            }
            return found
        }
        let all = try outcomes(FullSearch())
        #expect(all.count > 1, "\(all)")
        #expect(try outcomes(IndependentSearch()) == all)
    }

    /// With all kinds of operations, at all points, with both models of time.
    @Test func randomPrograms() throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["REDUCTION_PROGRAMS"].flatMap { UInt64($0) } ?? 700
        var compared: UInt64 = 0
        for seed in 1...count {
            let program = RandomProgram(seed: seed)
            func outcomes(_ search: any SearchState) throws -> (Set<String>, Exploration) {
                var seen: Set<String> = []
                let found = try Scheduler.scope(clock: .virtual) {
                    Engine(
                        points: seed % 3 == 0 ? .switches : .operations,
                        time: seed % 2 == 0 ? .anytime : .whenIdle,
                        budget: .schedules(20_000)
                    ) { seen.insert(try program.run()) }
                    .explore(search, continuesAfterFailure: true)
                }
                return (seen, found)
            }
            let (all, full) = try outcomes(FullSearch())
            guard full.isComplete else { continue }
            compared += 1
            let (reduced, fewer) = try outcomes(IndependentSearch())
            try #require(reduced == all, "seed \(seed): \(program)")
            #expect(fewer.isComplete)
        }
        // The others have more schedules than are worth the time.
        #expect(compared > count * 8 / 10)
    }
}

enum Seen: CaseIterable {
    case closing, errorOfAnother, failureOfAGroup, resultOfAGroup, orderOfPromises, end, lockOfACondition, generator
    case runCount, callersOfRun, next, previous, lastUncaughtError

    func run() throws -> String {
        var text = ""
        switch self {
        case .closing:
            let channel = Channel<Int>()
            Tasklet { channel.close() }
            let reader = Tasklet { _ = try? channel.next() }
            try Tasklet.run()
            text = "\(reader.isAlive)"
            if reader.isAlive { try reader.kill() }
        case .errorOfAnother:
            Tasklet { throw ChannelError.closed }
            for number in 1...2 {
                do { try interruptionPoint() } catch { text += "\(number)" }
            }
            do { try Tasklet.run() } catch { text += "run" }
        case .failureOfAGroup:
            do {
                try withTaskletGroup(of: Int.self) { group in
                    try group.add { throw ChannelError.closed }
                    try? interruptionPoint()
                    text += "\(Tasklet.isCancelled)"
                    try? interruptionPoint()
                }
            } catch {}
        case .resultOfAGroup:
            try withTaskletGroup(of: Int.self) { group in
                try group.add { 1 }
                try interruptionPoint()
                text = try select {
                    group.onNext { "\($0 ?? 0)" }
                    otherwise { "none" }
                }
            }
        case .orderOfPromises:
            let promises = [Promise<Int>(), Promise<Int>()]
            for (number, promise) in promises.enumerated() { Tasklet { promise.fulfill(number) } }
            try Tasklet.run()
            text = "\(try Promise.first(of: promises))"
        case .end:
            let other = Tasklet {}
            try interruptionPoint()
            other.onEnd { text += "called," }
            text += "given,"
            try Tasklet.run()
        case .lockOfACondition:
            let lock = Lock()
            let condition = Condition(lock)
            let waiter = Tasklet { try lock.withLock { try condition.wait() } }
            Tasklet {
                if lock.tryLock() {
                    text = "free"
                    lock.unlock()
                } else {
                    text = "held"
                }
            }
            try Tasklet.run()
            if waiter.isAlive { try waiter.kill() }
        case .generator:
            var next = 0
            let numbers = Generator<Int> { yield in
                while true {
                    next += 1
                    try yield(next)
                }
            }
            let iterator = numbers.makeIterator()
            for name in ["a", "b"] { Tasklet { text += "\(name)\(iterator.next() ?? 0)" } }
            try Tasklet.run()
        case .runCount:
            Tasklet { try interruptionPoint() }
            Tasklet { text = "\(Tasklet.runCount)" }
            try Tasklet.run()
        case .callersOfRun:
            let order = Shared("")
            for name in ["a", "b"] {
                Tasklet {
                    try Tasklet.run()
                    order.value += name
                }
            }
            try Tasklet.run()
            text = order.value
        case .next, .previous:
            // Who stands behind the reader depends on how far the two others are, which share nothing with it.
            for name in ["a", "b"] { Tasklet(name: name) { try interruptionPoint() } }
            Tasklet(name: "reader") {
                try interruptionPoint()
                text = (self == .next ? Tasklet.current.next : Tasklet.current.previous)?.name ?? "none"
            }
            try Tasklet.run()
        case .lastUncaughtError:
            Tasklet(name: "a") { throw ChannelError.closed }
            Tasklet { text = Scheduler.current.lastUncaughtError?.taskletName ?? "none" }
            for _ in 1...2 { do { try Tasklet.run() } catch {} }
        }
        return text
    }
}
