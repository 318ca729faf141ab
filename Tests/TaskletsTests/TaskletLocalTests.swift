import Tasklets
import TestSupport
import Testing

struct TaskletLocalTests {
    private static let request = TaskletLocal<Int?>(nil)
    private static let name = TaskletLocal("nobody")

    @Test func aValueIsBoundForABlock() throws {
        try Scheduler.scope { () throws -> Void in
            #expect(Self.request.value == nil)
            let sum = Self.request.withValue(1) {
                let outer = Self.request.value!
                return Self.request.withValue(2) { outer + Self.request.value! + Self.name.value.count }
            }
            #expect(sum == 9)
            #expect(Self.request.value == nil)
            #expect(throws: CancellationError.self) { try Self.request.withValue(1) { throw CancellationError() } }
            #expect(Self.request.value == nil)
        }
    }

    /// Two tasklets that bind and give way see each their own: what a task-local of the language does not do.
    @Test func eachTaskletSeesItsOwn() throws {
        try Scheduler.scope { () throws -> Void in
            var log: [String] = []
            for name in ["a", "b"] {
                Tasklet {
                    try Self.name.withValue(name) {
                        for _ in 0..<2 {
                            try Tasklet.schedule()
                            log.append(Self.name.value)
                        }
                    }
                    try Tasklet.schedule()
                    log.append(Self.name.value)
                }
            }
            try Tasklet.run()
            #expect(log == ["a", "b", "a", "b", "nobody", "nobody"])
            #expect(Self.name.value == "nobody")
        }
    }

    @Test func taskletsInheritWhatTheirMakerSees() throws {
        try Scheduler.scope { () throws -> Void in
            var log: [String] = []
            func note(_ place: String) { log.append("\(place) \(Self.name.value) \(Self.request.value ?? 0)") }
            try Self.name.withValue("x") {
                Tasklet { note("init") }
                let paused = Tasklet(scheduled: false) { note("paused") }
                let spawned = Tasklet.spawn { note("spawn") }
                try Self.request.withValue(1) {
                    Tasklet {
                        note("inner")
                        Tasklet { note("grandchild") }
                    }
                    try withTaskletGroup(of: Void.self) { try $0.add { note("group") } }
                    _ = try [1].concurrentMap { _ in note("map") }
                    try Scheduler.scope { () throws -> Void in
                        note("scope")
                        Tasklet { note("in scope") }
                        try Tasklet.run()
                    }
                }
                try spawned.value()
                try paused.insert()
            }
            try Tasklet.run()
            note("main")
            #expect(
                log == [
                    "init x 0", "spawn x 0", "inner x 1", "group x 1", "grandchild x 1", "map x 1", "scope x 1",
                    "in scope x 1",
                    "paused x 0", "main nobody 0",
                ]
            )
        }
    }

    @Test func whatTheMakerBindsLaterIsNotSeen() throws {
        try Scheduler.scope { () throws -> Void in
            var seen: String?
            Tasklet { seen = Self.name.value }
            try Self.name.withValue("late") { try Tasklet.run() }
            #expect(seen == "nobody")
        }
    }

    private struct Holder: Sendable {
        let object: Smuggled<Tracked>
    }

    @Test func valuesGoAtTheEnd() throws {
        let counter = Tracked.Counter()
        let local = TaskletLocal<Holder?>(nil)
        try Scheduler.scope { () throws -> Void in
            local.withValue(Holder(object: Smuggled(value: Tracked(counter)))) {
                Tasklet { try Tasklet.schedule() }
                Tasklet { try Tasklet.scheduleRemove() }.onEnd {}
                _ = Tasklet(scheduled: false) {}
            }
            #expect(counter.count == 1, "the tasklets hold it")
            try Tasklet.run()
        }
        #expect(counter.count == 0)
        try Scheduler.scope { () throws -> Void in
            var countAtEnd: Int?
            local.withValue(Holder(object: Smuggled(value: Tracked(counter)))) {
                Tasklet {}.onEnd { countAtEnd = counter.count }
            }
            try Tasklet.run()
            #expect(countAtEnd == 0)
        }
    }

    /// A `deinit` that gives way, at the end of the tasklet that inherited the value.
    @Test func whatGoesWithAValueMayUseTasklets() throws {
        try Scheduler.scope { () throws -> Void in
            var log: [String] = []
            let local = TaskletLocal<AtDeinit?>(nil)
            local.withValue(
                AtDeinit {
                    try? Tasklet.schedule()
                    log.append("gone")
                }
            ) { _ = Tasklet { log.append("body") } }
            Tasklet { log.append("other") }
            try Tasklet.run()
            #expect(log == ["body", "other", "gone"])
        }
    }

    @Test func aRecordUsedAgainSeesNothing() throws {
        try Scheduler.scope { () throws -> Void in
            var seen: [String] = []
            for _ in 0..<3 {
                try Self.name.withValue("x") {
                    Tasklet {}
                    try Tasklet.run()
                }
                Tasklet { seen.append(Self.name.value) }
                try Tasklet.run()
            }
            #expect(seen == ["nobody", "nobody", "nobody"])
        }
    }

    @Test func eachThreadSeesItsOwn() throws {
        let seen = Locked<[String]>([])
        try Scheduler.scope { () throws -> Void in
            Self.name.withValue("here") {
                TestThread.run(count: 2) { number in
                    Self.name.withValue("thread") { seen.withLock { $0.append(Self.name.value) } }
                    seen.withLock { $0.append(Self.name.value) }
                }
                #expect(Self.name.value == "here")
            }
        }
        #expect(seen.withLock { $0.sorted() } == ["nobody", "nobody", "thread", "thread"])
    }
}
