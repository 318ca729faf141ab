import Foundation
import Synchronization
import Tasklets
import Testing

/// Wrong uses that a program can reach, and what comes of each: an error, a trap with a message, or a defined effect
/// (the article "When something is wrong" lists them).
enum MisuseTests {
    // MARK: Other threads

    struct OfOtherThreads {
        @Test func aTaskletOfAnotherThreadCanBeQueuedButNotSwitchedTo() throws {
            let tasklets = Mutex<[Tasklet]>([])
            let ranOnItsOwnThread = Atomic<Int>(0)
            let (made, go, ended) = (
                DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)
            )
            try withExtendedLifetime(ranOnItsOwnThread) {
                Thread.detachNewThread {
                    let own = pthread_self()
                    let count = {
                        if pthread_equal(own, pthread_self()) != 0 { ranOnItsOwnThread.add(1, ordering: .relaxed) }
                    }
                    tasklets.withLock { all in all = (0..<2).map { _ in Tasklet(scheduled: false, count) } }
                    made.signal()
                    go.wait()
                    try! Tasklet.run()
                    ended.signal()
                }
                made.wait()
                let all = tasklets.withLock { $0 }
                #expect(throws: TaskletError.otherThread) { try all[0].switch() }
                try all[0].run()
                try all[1].insert()
                #expect(ranOnItsOwnThread.load(ordering: .relaxed) == 0)
                go.signal()
                ended.wait()
                #expect(ranOnItsOwnThread.load(ordering: .relaxed) == 2)
            }
        }

        @Test func aTaskletOfAnEndedThreadRefusesEverything() throws {
            let living = Tracked.Counter()
            let tasklets = Mutex<[Tasklet]>([])
            let thread = Thread {
                let tracked = Tracked(living)
                let parked = Tasklet(name: "parked") {
                    try withExtendedLifetime(tracked) { try Tasklet.scheduleRemove() }
                }
                let neverRan = Tasklet(name: "never ran", scheduled: false) { withExtendedLifetime(tracked) {} }
                let empty = Tasklet(name: "empty")
                let ended = Tasklet(name: "ended") {}
                try! Tasklet.run()
                tasklets.withLock { $0 = [.main, parked, neverRan, empty, ended] }
            }
            thread.startAndWait {
                let all = tasklets.withLock { $0 }
                return !all.isEmpty && all.allSatisfy { $0.scheduler == nil }
            }
            #expect(living.count == 0)
            for tasklet in tasklets.withLock({ $0 }) {
                #expect(throws: TaskletError.threadNotInitialised) { try tasklet.insert() }
                #expect(throws: TaskletError.noThread) { try tasklet.run() }
                #expect(throws: TaskletError.noThread) { try tasklet.switch() }
                #expect(throws: TaskletError.throwToDead) { try tasklet.raise(Failure()) }
                try tasklet.kill()
                try tasklet.kill(pending: true)
                try tasklet.remove()
                #expect(throws: TaskletError.threadNotInitialised) { try tasklet.setup() }
                try tasklet.bind {}
                #expect(throws: TaskletError.threadNotInitialised) { try tasklet.setup() }
                let areFalse = !tasklet.isAlive && !tasklet.isBlocked && !tasklet.isScheduled && !tasklet.isPaused
                #expect(areFalse && !tasklet.isCurrent)
                tasklet.blockTrap = true
                #expect(tasklet.blockTrap && tasklet.next == nil && tasklet.previous == nil)
                #expect("\(tasklet)".contains(tasklet.name))
            }
            #expect("\(TaskletError.noThread)".hasSuffix("make the tasklet anew where it is to run."))
        }

        /// The last handle of an ended thread's tasklet that has got a new function releases that function.
        @Test func aFunctionBoundAfterTheEndIsReleased() {
            let living = Tracked.Counter()
            let box = Mutex<Tasklet?>(nil)
            let thread = Thread { box.withLock { $0 = Tasklet(name: "late") } }
            thread.startAndWait { box.withLock { $0 != nil && $0?.scheduler == nil } }
            let tracked = Tracked(living)
            #expect(throws: Never.self) { try box.withLock { try $0?.bind { withExtendedLifetime(tracked) {} } } }
            withExtendedLifetime(tracked) { #expect(living.count == 1) }
            box.withLock { $0 = nil }
        }

        /// A tasklet must not leave its stack by ending its thread. If it does, the others' cleanup runs all the same.
        @Test(.disabled(if: Sanitizer.current != nil, "a sanitizer reports what is lost"))
        func endingTheThreadInsideATaskletEndsTheOthers() async {
            await #expect(processExitsWith: .success) {
                alarm(20)
                let log = Log()
                let thread = Thread {
                    Tasklet(name: "other") {
                        defer { log.add("other defer") }
                        while true { try Tasklet.schedule() }
                    }
                    Tasklet(name: "quits") {
                        try Tasklet.schedule()
                        pthread_exit(nil)
                    }
                    try? Tasklet.run()
                }
                thread.startAndWait { !log.lines.isEmpty }
                guard log.lines == ["other defer"] else { fatalError("\(log.lines)") }
                Tasklet { log.add("after") }
                try Tasklet.run()
                guard log.lines.last == "after" else { fatalError("\(log.lines)") }
            }
        }
    }

    // MARK: async

    struct AcrossAwait {
        @Test func aHandleCarriedToAnotherThread() async throws {
            let tasklet = await FirstThread().perform {
                Tasklet(name: "left behind", scheduled: false) {}
            }
            await SecondThread().perform {
                #expect(throws: TaskletError.otherThread) { try tasklet.switch() }
                // Queued on the thread that made it, which nobody runs.
                #expect(throws: Never.self) { try tasklet.run() }
                #expect(tasklet.isScheduled && tasklet.isAlive)
                #expect(!Scheduler.current.ring.contains(tasklet))
                // What gives way here is this thread's main tasklet, alone in its ring.
                #expect(throws: Never.self) { try Tasklet.run() }
                #expect(throws: Never.self) { try Tasklet.schedule() }
                #expect(tasklet.isScheduled)
            }
            // On its own thread it runs.
            await FirstThread().perform {
                #expect(throws: Never.self) { try Tasklet.run() }
            }
            #expect(!tasklet.isAlive)
        }

        @Test func aScopeBetweenTwoAwaitsLeavesNothingBehind() async throws {
            for actor in [FirstThread(), FirstThread()] {
                let ran = await actor.perform {
                    var ran = 0
                    try? Scheduler.scope {
                        for _ in 0..<3 { Tasklet { ran += 1 } }
                        try Tasklet.run()
                    }
                    return ran
                }
                await Task.yield()
                #expect(ran == 3)
            }
        }
    }

    // MARK: Callbacks

    struct InsideCallbacks {
        /// Each operation that would switch throws, and the run goes on as if it had not been called.
        @Test func everythingThatWouldSwitchThrows() throws {
            try Scheduler.scope {
                let paused = Tasklet(name: "paused", scheduled: false) {}
                let operations: [(String, () throws -> Void)] = [
                    ("schedule", { try Tasklet.schedule() }),
                    ("scheduleRemove", { try Tasklet.scheduleRemove() }),
                    ("run()", { try Tasklet.run() }),
                    ("run(switches:)", { try Tasklet.run(switches: 1) }),
                    ("run(for:)", { try Tasklet.run(for: .zero) }),
                    ("run", { try paused.run() }),
                    ("switch", { try paused.switch() }),
                    ("kill", { try paused.kill() }),
                    ("raise", { try paused.raise(Failure()) }),
                ]
                for (name, operation) in operations {
                    var errors: [TaskletError?] = []
                    var log: [String] = []
                    for name in ["a", "b"] { Tasklet(name: name) { log.append(name) } }
                    Scheduler.current.scheduleCallback = { _, _ in
                        do { try operation() } catch { errors.append(error as? TaskletError) }
                    }
                    try Tasklet.run()
                    Scheduler.current.scheduleCallback = nil
                    #expect(errors == [.switchTrap, .switchTrap, .switchTrap], "\(name)")
                    #expect(log == ["a", "b"], "\(name)")
                    #expect(paused.isPaused, "\(name)")
                }
            }
        }

        @Test func theTwoThatAreSwitchingCannotBeRemovedNorBound() throws {
            try Scheduler.scope {
                var log: [String] = []
                var errors: [TaskletError?] = []
                func attempt(_ operation: () throws -> Void) {
                    do { try operation() } catch { errors.append(error as? TaskletError) }
                }
                Tasklet(name: "a") {
                    try Tasklet.schedule()
                    log.append("a")
                }
                Tasklet(name: "b") { log.append("b") }
                Scheduler.current.scheduleCallback = { previous, next in
                    guard previous.name == "a", next.name == "b" else { return }
                    attempt { try next.remove() }
                    attempt { try next.bind {} }
                    attempt { try previous.bind {} }
                }
                try Tasklet.run()
                #expect(errors == [.removeCurrent, .bindCurrent, .scheduled])
                #expect(log == ["b", "a"])
            }
        }

        @Test func whoHasJustGivenWayMayBeRemoved() throws {
            try Scheduler.scope {
                var log: [String] = []
                let a = Tasklet(name: "a") {
                    try Tasklet.schedule()
                    log.append("a")
                }
                Tasklet(name: "b") { log.append("b") }
                Scheduler.current.scheduleCallback = { previous, next in
                    if previous.name == "a", next.name == "b" { try? previous.remove() }
                }
                try Tasklet.run()
                Scheduler.current.scheduleCallback = nil
                #expect(log == ["b"])
                #expect(a.isPaused)
                try a.run()
                #expect(log == ["b", "a"])
            }
        }

        @Test func aHandleDroppedThereEndsItsTaskletLater() throws {
            try Scheduler.scope {
                var log: [String] = []
                var parked: Tasklet? = Tasklet {
                    defer { log.append("cleaned") }
                    try Tasklet.scheduleRemove()
                }
                try Tasklet.run()
                #expect(parked?.isPaused == true)
                Tasklet { log.append("next") }
                Scheduler.current.scheduleCallback = { _, _ in
                    if parked != nil {
                        parked = nil
                        log.append("dropped")
                    }
                }
                try Tasklet.run()
                Scheduler.current.scheduleCallback = nil
                #expect(log == ["dropped", "next", "cleaned"])
            }
        }

        @Test func aScopeThereIsASchedulerOfItsOwn() throws {
            try Scheduler.scope {
                var log: [String] = []
                for name in ["a", "b"] { Tasklet(name: name) { log.append(name) } }
                Scheduler.current.scheduleCallback = { _, next in
                    try? Scheduler.scope {
                        Tasklet { log.append("before \(next.name)") }
                        try Tasklet.run()
                    }
                }
                try Tasklet.run()
                Scheduler.current.scheduleCallback = nil
                #expect(log == ["before a", "a", "before b", "b", "before main"])
            }
        }

        /// The error handler runs in the dying tasklet, outside of any switch: it may do everything.
        @Test func theErrorHandlerMaySwitch() throws {
            try Scheduler.scope {
                var log: [String] = []
                Scheduler.current.errorHandler = { error in
                    log.append("handler of \(Tasklet.current.name)")
                    try Tasklet.schedule()
                    log.append("handler ends")
                }
                Tasklet(name: "a") { throw Failure() }
                Tasklet(name: "b") { log.append("b") }
                try Tasklet.run()
                #expect(log == ["handler of a", "b", "handler ends"])
                Scheduler.current.errorHandler = { _ in
                    let me = Tasklet.current
                    try withExtendedLifetime(me) { try Tasklet.scheduleRemove() }
                }
                let paused = Tasklet(name: "c") { throw Failure() }
                try Tasklet.run()
                #expect(paused.isPaused)
                try paused.kill()
                #expect(!paused.isAlive)
            }
        }
    }

    // MARK: Unwinding

    struct WhileUnwinding {
        @Test func aDeferThatGivesWayGoesOnInItsTurn() throws {
            try Scheduler.scope {
                var log: [String] = []
                let tasklet = Tasklet {
                    defer {
                        log.append("begins")
                        try? Tasklet.schedule()
                        log.append("ends")
                    }
                    try Tasklet.scheduleRemove()
                }
                try Tasklet.run()
                try tasklet.kill()
                log.append("killed")
                #expect(tasklet.isScheduled)
                try Tasklet.run()
                #expect(log == ["begins", "killed", "ends"])
                #expect(!tasklet.isAlive)
            }
        }

        /// A second kill ends that wait as well, and the rest of the cleanup runs.
        @Test func aDeferThatPausesMayBeKilledAgain() throws {
            try Scheduler.scope {
                var log: [String] = []
                let tasklet = Tasklet {
                    defer { log.append("outer") }
                    defer {
                        do { try Tasklet.scheduleRemove() } catch { log.append("inner \(type(of: error))") }
                    }
                    try Tasklet.scheduleRemove()
                }
                try Tasklet.run()
                try tasklet.kill()
                #expect(tasklet.isPaused && log.isEmpty)
                try tasklet.kill()
                #expect(!tasklet.isAlive)
                #expect(log == ["inner TaskletExit", "outer"])
            }
        }

        @Test func aDeinitThatGivesWayGoesOnInItsTurn() throws {
            try Scheduler.scope {
                var log: [String] = []
                let tasklet = Tasklet {
                    let local = AtDeinit {
                        log.append("begins")
                        try? Tasklet.schedule()
                        log.append("ends")
                    }
                    try withExtendedLifetime(local) { try Tasklet.scheduleRemove() }
                }
                try Tasklet.run()
                try tasklet.kill()
                log.append("killed")
                try Tasklet.run()
                #expect(log == ["begins", "killed", "ends"])
                #expect(!tasklet.isAlive)
            }
        }

        /// Whose cleanup waits for something that never comes is killed again at the end of the scope.
        @Test func aDeferThatPausesDoesNotOutliveTheScope() throws {
            var log: [String] = []
            try Scheduler.scope {
                Tasklet {
                    let me = Tasklet.current
                    defer {
                        for attempt in 1...3 {
                            do { try Tasklet.scheduleRemove() } catch { log.append("\(attempt)") }
                        }
                        log.append("cleaned")
                    }
                    try withExtendedLifetime(me) { try Tasklet.scheduleRemove() }
                }
                try Tasklet.run()
            }
            #expect(log == ["1", "2", "3", "cleaned"])
        }

        @Test func whoNeverLetsTheExitPassKeepsItsStackAndIsReported() async {
            let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
                try Scheduler.scope {
                    Tasklet(name: "stubborn") {
                        let me = Tasklet.current
                        while true { try? withExtendedLifetime(me) { try Tasklet.scheduleRemove() } }
                    }
                    try Tasklet.run()
                }
                // The scope's end has not hurt the thread.
                var ran = false
                Tasklet { ran = true }
                try Tasklet.run()
                guard ran else { fatalError("the next tasklet has not run") }
                // LeakSanitizer is right: the stack and what it holds are lost.
                if Sanitizer.current != nil { _exit(0) }
            }
            #expect(result.says("tasklet 'stubborn' (made at TaskletsTests/MisuseTests.swift:"))
            #expect(result.says("caught TaskletExit every time; its stack is never freed."))
        }
    }

    // MARK: The program's code, when the kernel lets go of something

    struct WhenTheKernelReleases {
        @Test func aReplacedCallbackMaySwitchInItsDeinit() throws {
            try Scheduler.scope {
                var turns = 0
                func callback() -> (Tasklet, Tasklet) -> Void {
                    let held = AtDeinit { try? Tasklet.schedule() }
                    return { _, _ in withExtendedLifetime(held) {} }
                }
                Tasklet {
                    for _ in 0..<5 {
                        turns += 1
                        try Tasklet.schedule()
                    }
                }
                for turn in 1...3 {
                    Scheduler.current.scheduleCallback = callback()
                    Scheduler.current.scheduleCallback = nil
                    #expect(turns == turn)
                }
                let handler = AtDeinit { try? Tasklet.schedule() }
                Scheduler.current.errorHandler = { [handler] in
                    withExtendedLifetime(handler) {}
                    throw $0
                }
                try Tasklet.run()
                // The handler goes with the scope.
            }
        }

        @Test func theLastUncaughtErrorMaySwitchWhenTheNextOneReplacesIt() throws {
            try Scheduler.scope {
                var turns = 0
                for _ in 0..<3 {
                    Tasklet { throw AtDeinit { try? Tasklet.schedule() } }
                    Tasklet {
                        for _ in 0..<3 {
                            turns += 1
                            try Tasklet.schedule()
                        }
                    }
                    while Tasklet.runCount > 1 { try? Tasklet.run() }
                }
                #expect(turns == 9)
            }
        }

        /// The same when the next one is a tasklet that gets no stack, in the middle of a switch.
        @Test(.disabled(if: Sanitizer.current != nil, "a sanitizer reserves terabytes"))
        func theLastUncaughtErrorMaySwitchWhenATaskletGetsNoStack() async {
            await #expect(processExitsWith: .success) {
                alarm(30)
                var released = 0
                Tasklet {
                    throw AtDeinit {
                        try? Tasklet.schedule()
                        released += 1
                    }
                }
                try? Tasklet.run()
                var turns = 0
                Tasklet {
                    while turns < 10 {
                        turns += 1
                        try Tasklet.schedule()
                    }
                }
                try Tasklet.schedule()
                var limit = rlimit()
                getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
                limit.rlim_cur = 200_000_000
                setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
                Tasklet(stackSize: 1 << 30) {}
                var refused = 0
                while Tasklet.runCount > 1 {
                    do { try Tasklet.run() } catch TaskletError.outOfMemory { refused += 1 }
                }
                guard refused == 1, turns == 10, released == 1 else { fatalError("\(refused) \(turns) \(released)") }
            }
        }

        @Test func aBodyThatNeverRanMaySwitchInItsDeinitAtTheEnd() throws {
            var log: [String] = []
            try Scheduler.scope {
                let held = AtDeinit {
                    Tasklet { log.append("made there") }
                    try? Tasklet.schedule()
                    log.append("released")
                }
                Tasklet { withExtendedLifetime(held) {} }
            }
            #expect(log == ["made there", "released"])
        }
    }

    // MARK: Values out of range

    struct OutOfRange {
        @Test(arguments: [-1, 0, 1000, Tasklet.minimumStackSize - 1])
        func tooSmallAStack(size: Int) async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [size] in
                Tasklet(stackSize: size) {}
            }
            #expect(result.says("A stack of \(size) bytes is too small: stackSize must be at least 65536."))
        }

        @Test(arguments: [Tasklet.maximumStackSize + 1, Int.max])
        func tooLargeAStack(size: Int) async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [size] in
                // An empty tasklet has no stack yet, but it says so at once.
                _ = Tasklet(name: "empty", stackSize: size)
            }
            #expect(result.says("A stack of \(size) bytes is too large: stackSize must be at most 1073741824."))
        }

        @Test func theLimitsThemselvesAreAllowed() throws {
            try Scheduler.scope {
                var ran = 0
                for size in [Tasklet.minimumStackSize, Tasklet.minimumStackSize + 1, Tasklet.maximumStackSize] {
                    Tasklet(stackSize: size) { ran += 1 }
                }
                try Tasklet.run()
                #expect(ran == 3)
            }
        }

        @Test(arguments: [0, -5])
        func aRunWithoutASwitch(switches: Int) async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [switches] in
                try Tasklet.run(switches: switches)
            }
            #expect(result.says("run(switches:) needs at least one switch, not \(switches)."))
        }

        /// A time that is over already: run() returns at the first switch, and nothing is lost.
        @Test(arguments: [Duration.zero, .seconds(-5), .seconds(-Int64.max / 2)])
        func aRunForNoTime(duration: Duration) throws {
            try Scheduler.scope {
                var ran = 0
                for _ in 0..<3 { Tasklet { ran += 1 } }
                try Tasklet.run(for: duration)
                #expect(ran == 0)
                try Tasklet.run()
                #expect(ran == 3)
            }
        }

        @Test func aTimeWithoutEnd() throws {
            try Scheduler.scope {
                var ran = 0
                for _ in 0..<3 { Tasklet { ran += 1 } }
                try Tasklet.run(for: .seconds(Int64.max))
                #expect(ran == 3)
            }
        }
    }

    // MARK: Accesses held open

    struct HeldOpen {
        private final class Account {
            var entries: [Int] = []
        }

        /// The language's own check, in debug and in release builds.
        @Test func anInoutAccessHeldOpenOverASwitchEndsTheProcess() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                func append(to entries: inout [Int]) throws {
                    try Tasklet.schedule()
                    entries.append(1)
                }
                let account = Account()
                for _ in 0..<2 { Tasklet { try append(to: &account.entries) } }
                try Tasklet.run()
            }
            #expect(result.says("Simultaneous accesses to"))
        }
    }

    // MARK: Scopes

    struct TwistedScopes {
        @Test func theOuterTaskletsWaitUntilTheScopeHasEnded() throws {
            try Scheduler.scope {
                var log: [String] = []
                let outer = Tasklet(name: "outer", scheduled: false) { log.append("outer") }
                let victim = Tasklet(name: "victim") {
                    defer { log.append("victim cleaned") }
                    try Tasklet.scheduleRemove()
                }
                try Tasklet.run()
                try Scheduler.scope {
                    #expect(throws: TaskletError.otherThread) { try outer.switch() }
                    try outer.run()
                    try victim.kill()
                    Tasklet { log.append("inner") }
                    try Tasklet.run()
                    #expect(log == ["inner"])
                }
                #expect(victim.isScheduled)
                try Tasklet.run()
                #expect(log == ["inner", "victim cleaned", "outer"] || log == ["inner", "outer", "victim cleaned"])
            }
        }

        @Test func aTaskletThatIsKilledInsideItsScopeGetsTheErrorAfterwards() throws {
            try Scheduler.scope {
                var log: [String] = []
                let caller = Tasklet(name: "caller") {
                    defer { log.append("caller cleaned") }
                    let me = Tasklet.current
                    try Scheduler.scope {
                        Tasklet {
                            try me.kill()
                            log.append("kill returns")
                        }
                        try Tasklet.run()
                        log.append("scope goes on")
                    }
                    log.append("scope has ended")
                    try Tasklet.schedule()
                    log.append("never")
                }
                Tasklet { try Tasklet.schedule() }
                try Tasklet.run()
                #expect(!caller.isAlive)
                #expect(log == ["kill returns", "scope goes on", "scope has ended", "caller cleaned"])
            }
        }

        @Test func whoKillsTheScopesMainEndsTheScope() throws {
            try Scheduler.scope {
                var log: [String] = []
                #expect(throws: TaskletExit.self) {
                    try Scheduler.scope {
                        defer { log.append("main cleaned") }
                        Tasklet {
                            defer { log.append("killer cleaned") }
                            try Tasklet.main.kill()
                        }
                        try Tasklet.run()
                    }
                }
                #expect(log == ["main cleaned", "killer cleaned"])
                #expect(Tasklet.current.isMain)
            }
        }

        @Test func whatEscapesFromAScopeRefusesEverything() throws {
            let (scheduler, main, tasklet) = try Scheduler.scope {
                (Scheduler.current, Tasklet.main, Tasklet(name: "escaped") {})
            }
            #expect(scheduler.tasklets.isEmpty && scheduler.ring.isEmpty && scheduler.lastUncaughtError == nil)
            for escaped in [main, tasklet] {
                #expect(throws: TaskletError.noThread) { try escaped.run() }
                #expect(throws: TaskletError.noThread) { try escaped.switch() }
                #expect(throws: TaskletError.threadNotInitialised) { try escaped.insert() }
                #expect(throws: TaskletError.threadNotInitialised) { try escaped.setup() }
                #expect(throws: TaskletError.throwToDead) { try escaped.raise(Failure()) }
                try escaped.kill()
                #expect(!escaped.isAlive && escaped.scheduler == nil)
            }
        }

        @Test func scopesInTaskletsOfScopes() throws {
            var log: [String] = []
            func nest(_ depth: Int) throws {
                guard depth > 0 else { throw Failure() }
                try Scheduler.scope {
                    Tasklet {
                        defer { log.append("waiter \(depth)") }
                        while true { try Tasklet.schedule() }
                    }
                    Tasklet { try nest(depth - 1) }
                    // The error comes through all of them, and each one ends its own.
                    try Tasklet.run()
                }
            }
            #expect(throws: Failure.self) { try nest(5) }
            #expect(log == (1...5).map { "waiter \($0)" })
        }
    }
}

/// Runs closures on a thread of its own: two actors, two threads that are never the same.
private final class ThreadExecutor: SerialExecutor {
    private let jobs = Mutex<[UnownedJob]>([])
    private let arrived = DispatchSemaphore(value: 0)

    init() {
        Thread.detachNewThread { [self] in
            while true {
                arrived.wait()
                let job = jobs.withLock { $0.removeFirst() }
                job.runSynchronously(on: asUnownedSerialExecutor())
            }
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        arrived.signal()
    }
}

private actor FirstThread {
    private static let executor = ThreadExecutor()
    nonisolated var unownedExecutor: UnownedSerialExecutor { Self.executor.asUnownedSerialExecutor() }

    func perform<Result: Sendable>(_ body: @Sendable () -> Result) -> Result { body() }
}

private actor SecondThread {
    private static let executor = ThreadExecutor()
    nonisolated var unownedExecutor: UnownedSerialExecutor { Self.executor.asUnownedSerialExecutor() }

    func perform<Result: Sendable>(_ body: @Sendable () -> Result) -> Result { body() }
}
