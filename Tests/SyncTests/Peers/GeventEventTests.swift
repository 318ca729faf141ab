import Sync
import Tasklets
import TestSupport
import Testing

/// What gevent's users rely on in events, results of others and waits for several. docs/PeerCases.md lists all cases.
struct GeventEventTests {
    private let log = Log()

    // MARK: Events

    /// One that was woken and waits again is not woken a second time by the same set().
    @Test func oneThatWaitsAgainAfterAClearWaits() throws {
        try withVirtualTime { () throws -> Void in
            let event = Event()
            let waiter = Tasklet.spawn {
                Tasklet { event.set() }
                try event.wait()
                #expect(event.isSet)
                event.clear()
                return try withTimeout(.milliseconds(10), orElse: false) {
                    try event.wait()
                    return true
                }
            }
            #expect(try !waiter.value())
            #expect(!event.isSet)
            #expect(event.line.first == nil)
        }
    }

    @Test(arguments: [1, 100, 1000]) func setAndClearAtOnceWakeAllThatWait(count: Int) throws {
        try Scheduler.scope { () throws -> Void in
            let event = Event()
            var woken: [Int] = []
            for number in 0..<count {
                Tasklet {
                    try event.wait()
                    woken.append(number)
                }
            }
            try Tasklet.schedule()
            event.set()
            event.clear()
            try Tasklet.run()
            #expect(woken == Array(0..<count))
        }
    }

    /// In gevent the one that comes last goes on last. Here a set event lets pass, and those that were woken have their turns.
    @Test func oneThatComesWhenItIsSetPassesTheWoken() throws {
        try Scheduler.scope { () throws -> Void in
            let event = Event()
            func waiter(_ name: String) throws {
                try event.wait()
                log.note(name)
            }
            Tasklet { try waiter("first") }
            Tasklet { try waiter("second") }
            try Tasklet.schedule()
            event.set()
            try waiter("later")
            try Tasklet.run()
            #expect(log.lines == ["later", "first", "second"])
        }
    }

    @Test func aSetEventIsReadyForEachSelect() throws {
        try Scheduler.scope { () throws -> Void in
            let event = Event()
            event.set()
            for _ in 1...2 {
                let isReady = try select {
                    event.onSet { true }
                    otherwise { false }
                }
                #expect(isReady)
            }
        }
    }

    // MARK: Results that others bring

    @Test func anErrorGivenByHandReachesTheWaiter() throws {
        try Scheduler.scope { () throws -> Void in
            let promise = Promise<Int>()
            #expect(promise.result == nil)
            Tasklet { log.note("waiter") { _ = try promise.value() } }
            promise.fail(Interruption())
            try Tasklet.run()
            #expect(log.lines == ["waiter: Interruption()"])
        }
    }

    /// The wait is ended by its time, and the result that comes later is there all the same.
    @Test func aWaitThatIsOverLeavesThePromise() throws {
        try withVirtualTime { () throws -> Void in
            let promise = Promise<String>()
            #expect(promise.result == nil)
            #expect(try promise.value(within: .zero) == nil)
            #expect(try withTimeout(.milliseconds(10), orElse: "none") { try promise.value() } == "none")
            Tasklet {
                try Tasklet.sleep(for: .milliseconds(20))
                promise.fulfill("hello")
            }
            #expect(throws: Interruption.self) {
                try withTimeout(.zero, throwing: Interruption()) { try promise.value() }
            }
            #expect(try promise.value() == "hello")
            #expect(milliseconds() == 30)
        }
    }

    // MARK: Several

    /// The first so many of events and promises, as they become ready.
    @Test(arguments: [1, 2, 10]) func aNumberOfEventsAndResults(count: Int) throws {
        try withVirtualTime { () throws -> Void in
            let events = (0..<5).map { _ in Event() }
            let promises = (0..<5).map { _ in Promise<Int>() }
            let setter = Tasklet {
                for number in (0..<5).reversed() {
                    try Tasklet.sleep(for: .milliseconds(1))
                    events[number].set()
                    try Tasklet.sleep(for: .milliseconds(1))
                    promises[number].fulfill(number)
                }
            }
            var pendingEvents = Set(events.indices)
            var pendingPromises = Set(promises.indices)
            while log.lines.count < count {
                try select {
                    for number in pendingEvents.sorted() {
                        events[number].onSet {
                            pendingEvents.remove(number)
                            log.note("event \(number)")
                        }
                    }
                    for number in pendingPromises.sorted() {
                        promises[number].onValue {
                            pendingPromises.remove(number)
                            log.note("result \($0)")
                        }
                    }
                }
            }
            let order = (0..<5).reversed().flatMap { ["event \($0)", "result \($0)"] }
            #expect(log.lines == Array(order.prefix(count)))
            #expect(milliseconds() == Int64(count))
            #expect(setter.isAlive == (count < 10))
            #expect(events.allSatisfy { $0.line.first == nil })
        }
    }

    /// The same for a time: what is ready when that is up.
    @Test func whatIsReadyWhenTheTimeIsUp() throws {
        try withVirtualTime { () throws -> Void in
            let semaphores = (0..<3).map { _ in Semaphore(0) }
            for (number, semaphore) in semaphores.enumerated() {
                Tasklet {
                    try Tasklet.sleep(for: .milliseconds(10 * (number + 1)))
                    semaphore.release()
                }
            }
            let deadline = Scheduler.current.now.advanced(by: .milliseconds(25))
            var isTimeUp = false
            while !isTimeUp {
                try select {
                    for (number, semaphore) in semaphores.enumerated() {
                        semaphore.onAcquire { log.note("permit \(number)") }
                    }
                    after(Scheduler.current.now.duration(to: deadline)) { isTimeUp = true }
                }
            }
            #expect(log.lines == ["permit 0", "permit 1"])
            #expect(milliseconds() == 25)
            #expect(semaphores.allSatisfy { $0.line.first == nil }, "it has left all lines")
            try Tasklet.run()
            #expect(semaphores.map(\.available) == [0, 0, 1])
        }
    }

    /// Whoever ends first counts, with a value or an error: gevent's joinall with a count and without errors.
    @Test func theFirstEndWhateverItsResult() throws {
        try withVirtualTime { () throws -> Void in
            let ended = Queue<String>()
            let sleeper = Tasklet.spawn(name: "sleeper") { while true { try Tasklet.sleep(for: .milliseconds(100)) } }
            let failing = Tasklet.spawn(name: "failing") { throw Interruption() }
            for tasklet in [sleeper.tasklet!, failing.tasklet!] {
                tasklet.onEnd { ended.trySend(tasklet.name) }
            }
            #expect(try ended.receive() == "failing")
            #expect(sleeper.tasklet?.isAlive == true)
            try sleeper.tasklet?.kill()
            #expect(try ended.receive() == "sleeper")
            #expect(throws: Interruption.self) { try failing.value() }
            #expect(milliseconds() == 0)
        }
    }

    /// Ends are seen one by one, also of those that had ended before and of those that fail.
    @Test func allEndsAreSeen() throws {
        try Scheduler.scope { () throws -> Void in
            func work(_ number: Int) -> Promise<Int> {
                Tasklet.spawn {
                    if number == 2 { throw Interruption() }
                    return number
                }
            }
            let early = work(9)
            try Tasklet.run()
            let workers = (0..<3).map(work) + [early]
            let ended = Queue<Int>()
            for (index, worker) in workers.enumerated() { worker.tasklet?.onEnd { ended.trySend(index) } }
            var seen: [Int] = []
            for _ in workers {
                seen.append(try ended.receive())
                try Tasklet.schedule()
            }
            #expect(seen == [3, 0, 1, 2])
            #expect(throws: Interruption.self) { try workers[2].value() }
        }
    }

    // MARK: Semaphores

    @Test func aTimeForAPermit() throws {
        try withVirtualTime { () throws -> Void in
            let semaphore = Semaphore(0)
            let isAcquired = try withTimeout(.milliseconds(10), orElse: false) {
                try semaphore.acquire()
                return true
            }
            #expect(!isAcquired)
            semaphore.release()
            #expect(semaphore.available == 1, "nobody waits any more")
        }
    }

    /// Two that release and acquire all the time do not keep the third out.
    @Test func nobodyStarvesBehindThoseThatAcquireAgain() throws {
        try Scheduler.scope { () throws -> Void in
            let semaphore = Semaphore(1)
            var shouldQuit = false
            var rounds = 0
            for _ in 1...2 {
                Tasklet {
                    while !shouldQuit, rounds < 1000 {
                        try semaphore.withPermit {
                            rounds += 1
                            try Tasklet.schedule()
                        }
                    }
                }
            }
            Tasklet { try semaphore.withPermit { shouldQuit = true } }
            try Tasklet.runUntilDone()
            #expect(shouldQuit)
            #expect(rounds <= 4)
            #expect(semaphore.available == 1)
        }
    }

    /// A class that takes a permit when it goes away.
    @Test func aPermitIsTakenInADeinit() throws {
        final class Holder {
            let semaphore: Semaphore

            init(_ semaphore: Semaphore) { self.semaphore = semaphore }

            deinit { try? semaphore.acquire() }
        }
        try Scheduler.scope { () throws -> Void in
            let semaphore = Semaphore(1)
            _ = Holder(semaphore)
            #expect(semaphore.available == 0)
        }
    }

    @Test func aThreadThatGivesUpTakesNoPermit() throws {
        try Scheduler.scope { () throws -> Void in
            let semaphore = Semaphore(1)
            try semaphore.withPermit {
                TestThread {
                    do {
                        try withTimeout(.milliseconds(1)) { try semaphore.acquire() }
                        fatalError("the permit was taken")
                    } catch {
                        guard error is TimeoutError else { fatalError("\(error)") }
                    }
                }.join()
                #expect(semaphore.line.first == nil)
            }
            #expect(semaphore.available == 1)
        }
    }
}
