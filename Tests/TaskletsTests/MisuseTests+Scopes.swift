import Foundation
import Synchronization
import Tasklets
import TestSupport
import Testing

extension MisuseTests {
    struct HeldOpen {
        private final class Account {
            var entries: [Int] = []
        }

        /// The language's own check, in debug and in release builds.
        @Test func anInoutAccessHeldOpenOverASwitchEndsTheProcess() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                try synchronously {
                    func append(to entries: inout [Int]) throws {
                        try Tasklet.schedule()
                        entries.append(1)
                    }
                    let account = Account()
                    for _ in 0..<2 { Tasklet { try append(to: &account.entries) } }
                    try Tasklet.run()
                }
            }
            #expect(result.says("Simultaneous accesses to"))
        }
    }

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
            #expect(scheduler.tasklets.isEmpty && scheduler.runQueue.isEmpty && scheduler.lastUncaughtError == nil)
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
