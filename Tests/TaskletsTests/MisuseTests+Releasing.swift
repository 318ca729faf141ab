import Foundation
import Synchronization
import Tasklets
import TestSupport
import Testing

extension MisuseTests {
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
                try synchronously {
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
            }
            #expect(result.says("tasklet 'stubborn' (made at TaskletsTests/MisuseTests+Releasing.swift:"))
            #expect(result.says("caught TaskletExit every time; its stack is never freed."))
        }
    }

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
                try synchronously {
                    setHangAlarm()
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
                    guard refused == 1, turns == 10, released == 1 else {
                        fatalError("\(refused) \(turns) \(released)")
                    }
                }
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
}
