import Channels
import Greenlets
import Tasklets
import TestSupport
import Testing

/// Trees: where they are, what leaves them, what types there are.
struct TreeTests {
    /// The error that an operation throws, if it is one of the library's.
    private func error(of operation: () throws -> Void) -> GreenletError? {
        do {
            try operation()
            return nil
        } catch {
            return error as? GreenletError
        }
    }

    @Test func eachTaskletHasATreeOfItsOwn() throws {
        try Scheduler.scope { () throws in
            var log: [String] = []
            for name in ["a", "b"] {
                Tasklet(name: name) {
                    let main = Greenlet<Int>.current
                    log.append("\(name) \(main.isMain)")
                    let doubling = Greenlet<Int> { value in
                        var value = value
                        while true {
                            try Tasklet.schedule()
                            value = try main.switch(2 * value)
                        }
                    }
                    for value in 1...3 { log.append("\(name) \(try doubling.switch(value))") }
                }
            }
            try Tasklet.run()
            #expect(log == ["a true", "b true", "a 2", "b 2", "a 4", "b 4", "a 6", "b 6"])
        }
    }

    @Test func aGreenletThatBlocksLetsItsWholeTaskletWait() throws {
        try Scheduler.scope { () throws in
            let numbers = Channel<Int>()
            var log: [String] = []
            Tasklet {
                let receiver = Greenlet<Int> { _ in try numbers.receive() }
                log.append("begin")
                log.append("got \(try receiver.switch(0))")
            }
            Tasklet {
                log.append("sending")
                try numbers.send(7)
            }
            try Tasklet.run()
            #expect(log == ["begin", "sending", "got 7"])
        }
    }

    @Test func aGreenletOfAnotherTaskletIsRefused() throws {
        try Scheduler.scope { () throws in
            var suspended: Greenlet<Int>?
            var unstarted: Greenlet<Int>?
            let never = Channel<Int>()
            Tasklet {
                let main = Greenlet<Int>.current
                suspended = Greenlet { _ in try main.switch(1) }
                unstarted = Greenlet { $0 }
                try suspended!.switch(0)
                _ = try never.receive()
            }
            try Tasklet.schedule()
            #expect(error { try suspended!.switch(0) } == .otherTree)
            #expect(error { try suspended!.throw() } == .otherTree)
            #expect(error { try unstarted!.switch(0) } == .otherTree)
            #expect(error { try suspended!.setParent(.current) } == .parentInOtherTree)
            // One that has not started may move.
            try unstarted!.setParent(.current)
            #expect(try unstarted!.switch(5) == 5)
            #expect(suspended!.isActive)
        }
    }

    @Test func greenletsEndWithTheirTasklet() throws {
        try Scheduler.scope { () throws in
            var log: [String] = []
            var kept: [Greenlet<Void>] = []
            Tasklet {
                for number in 1...3 {
                    let main = Greenlet<Void>.current
                    kept.append(
                        Greenlet {
                            defer { log.append("cleanup \(number)") }
                            try main.switch()
                            log.append("not reached")
                        }
                    )
                    try kept.last!.switch()
                }
                log.append("body ends")
            }
            try Tasklet.run()
            #expect(log == ["body ends", "cleanup 1", "cleanup 2", "cleanup 3"])
            #expect(kept.allSatisfy { $0.isDead })
            #expect(error { try kept[0].switch() } == .ended)
            #expect(kept[0].parent?.isDead == true)
        }
    }

    @Test func greenletsEndWithTheirScopeAndTheirThread() throws {
        let counter = Tracked.Counter()
        func suspend() throws -> Greenlet<Void> {
            let main = Greenlet<Void>.current
            let greenlet = Greenlet {
                let tracked = Tracked(counter)
                try withExtendedLifetime(tracked) { try main.switch() }
            }
            try greenlet.switch()
            return greenlet
        }
        let kept = try Scheduler.scope {
            let greenlet = try suspend()
            #expect(counter.count == 1)
            return greenlet
        }
        #expect(counter.count == 0)
        #expect(kept.isDead)
        nonisolated(unsafe) var fromThread: Greenlet<Void>?
        nonisolated(unsafe) let suspendThere = suspend
        let thread = TestThread { fromThread = try! suspendThere() }
        thread.join()
        #expect(counter.count == 0)
        #expect(fromThread!.isDead)
        #expect(error { try fromThread!.switch() } == .ended)
    }

    @Test func aKilledTaskletUnwindsTheGreenletInWhichItWaits() throws {
        try Scheduler.scope { () throws in
            let never = Channel<Int>()
            var log: [String] = []
            let tasklet = Tasklet {
                defer { log.append("tasklet") }
                let outer = Greenlet<Int> { _ in
                    defer { log.append("outer") }
                    let inner = Greenlet<Int> { _ in
                        defer { log.append("inner") }
                        return try never.receive()
                    }
                    return try inner.switch(0)
                }
                _ = try outer.switch(0)
                log.append("not reached")
            }
            try Tasklet.run()
            try tasklet.kill()
            #expect(log == ["inner", "outer", "tasklet"])
        }
    }

    @Test func anErrorOfAGreenletComesOutOfItsTasklet() throws {
        struct Typo: Error {}
        try Scheduler.scope { () throws in
            Tasklet { try Greenlet { throw Typo() }.switch() }
            #expect(throws: Typo.self) { try Tasklet.run() }
        }
    }

    // MARK: Types

    @Test func eachTypeHasATreeOfItsOwn() throws {
        try Scheduler.scope { () throws in
            let numbers = Greenlet<Int> { number in
                // No greenlet of texts runs here: this flow is the main one of a tree of them.
                let main = Greenlet<String>.current
                #expect(main.isMain)
                let texts = Greenlet<String> { text in text + (try main.switch("asked \(text)")) }
                var answer = try texts.switch("\(number)")
                #expect(answer == "asked 1")
                answer = try texts.switch("!")
                #expect(answer == "1!")
                #expect(Greenlet<String>.current == main)
                return try Greenlet<Int>.current.parent!.switch(number + 1)
            }
            #expect(try numbers.switch(1) == 2)
            #expect(try numbers.switch(5) == 5)
            #expect(numbers.isDead)
        }
    }

    @Test func anInnerTreeDoesNotReachTheOuterOne() throws {
        try Scheduler.scope { () throws in
            let outerMain = Greenlet<Int>.current
            var refused: GreenletError?
            let numbers = Greenlet<Int> { number in
                try Greenlet<String> { text in
                    refused = error { try outerMain.switch(0) }
                    return text
                }.switch("")
                return number
            }
            #expect(try numbers.switch(3) == 3)
            #expect(refused == .otherTree)
        }
    }

    @Test func innerTreesEndWithTheirHost() throws {
        try Scheduler.scope { () throws in
            var log: [String] = []
            var kept: Greenlet<String>?
            let numbers = Greenlet<Int> { number in
                let main = Greenlet<String>.current
                kept = Greenlet<String> { _ in
                    defer { log.append("inner") }
                    return try main.switch("")
                }
                try kept!.switch("")
                return number
            }
            try numbers.switch(1)
            #expect(log == ["inner"])
            #expect(kept!.isDead)
        }
    }

    @Test func whatTheParentGetsFromAnExit() throws {
        try Scheduler.scope { () throws in
            func exitValue<Value>(_ type: Value.Type, _ value: Value) throws -> Value {
                try Greenlet<Value> { _ in throw GreenletExit("bye") }.switch(value)
            }
            try exitValue(Void.self, ())
            #expect(try exitValue(Int?.self, 1) == nil)
            #expect(try exitValue(Any.self, 1) as? GreenletExit == GreenletExit("bye"))
            #expect(error { _ = try exitValue(Int.self, 1) } == .exitedWithoutValue)
        }
    }
}
