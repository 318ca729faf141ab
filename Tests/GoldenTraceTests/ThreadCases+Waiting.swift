import Channels
import Foundation
import Tasklets
import TestSupport

/// A thread that has nothing to run and waits for another.
extension ThreadCases {
    static func mainReceiveWaits(_ log: ThreadLog) throws {
        let c = Channel<Int>()
        let ready = Signal()
        log("main receives")
        let thread = log.thread {
            _ = c.balance
            ready.give()
            wait(until: -1, of: c)
            log("thread 2 sends")
            try c.send(1)
            log("thread 2 sent, balance \(c.balance)")
        }
        ready.wait()
        let value = try c.receive()
        thread.join()
        log("main got \(value)")
    }

    static func mainSendWaits(_ log: ThreadLog) throws {
        let c = Channel<Int>()
        let ready = Signal()
        log("main sends")
        let thread = log.thread {
            _ = c.balance
            ready.give()
            wait(until: 1, of: c)
            log("thread 2 receives")
            let value = try c.receive()
            log("thread 2 got \(value), balance \(c.balance)")
        }
        ready.wait()
        try c.send(5)
        thread.join()
        log("main sent")
    }

    static func lastTaskletBlocksWaits(_ log: ThreadLog) throws {
        let c = Channel<String>()
        let d = Channel<Int>()
        let ready = Signal()
        let thread = log.thread {
            _ = (c.balance, d.balance)
            ready.give()
            wait(until: -1, of: c)
            wait(until: -1, of: d)
            try d.send(3)
        }
        ready.wait()
        Tasklet(name: "A") {
            log("A waits")
            log("A got \(try d.receive())")
            try c.send("done")
            log("A end")
        }
        log("main got \(try c.receive())")
        try Tasklet.run()
        thread.join()
        log("end")
    }

    static func deadlockLastThreadGetsError(_ log: ThreadLog) throws {
        let c = Channel<String>()
        let d = Channel<Int>()
        let ready = Signal()
        // Main could send to d, so only the sleep of all others makes thread 2's wait hopeless.
        _ = d.balance
        log("main receives")
        let thread = log.thread {
            _ = (c.balance, d.balance)
            ready.give()
            wait(until: -1, of: c)
            do {
                _ = try d.receive()
            } catch {
                log("thread 2 caught \(errorKind(error)), d \(d.balance)")
            }
            try c.send("x")
            log("thread 2 end")
        }
        ready.wait()
        let value = try c.receive()
        thread.join()
        log("main got \(value)")
    }

    static func runReturnsAlthoughOtherThreadAlive(_ log: ThreadLog) throws {
        let d = Channel<Int>()
        let (ready, go) = (Signal(), Signal())
        let thread = log.thread {
            _ = d.balance
            ready.give()
            go.wait()
            try d.send(3)
            log("thread 2 sent")
        }
        ready.wait()
        Tasklet(name: "A") {
            log("A waits")
            log("A got \(try d.receive())")
        }
        try Tasklet.run()
        log("run returned")
        go.give()
        thread.join()
        log("runcount \(Tasklet.runCount)")
        try Tasklet.run()
        log("end")
    }

    /// Thread 2 has a scheduler but no use for c, so it could not help.
    static func taskletEndStillFailsMain(_ log: ThreadLog) throws {
        let c = Channel<Int>()
        let (ready, go) = (Signal(), Signal())
        let thread = log.thread {
            _ = Tasklet.current
            ready.give()
            go.wait()
        }
        ready.wait()
        Tasklet(name: "A") { log("A ends") }
        do {
            _ = try c.receive()
        } catch {
            log("main caught \(errorKind(error)), balance \(c.balance)")
        }
        go.give()
        thread.join()
    }

    /// Not a golden case: here thread 2 uses c. The original fails main all the same, which is one of its bugs
    /// ("mainReceiving despite threads", one of its bugs); the library lets main wait.
    static func taskletEndLeavesMainWaiting(_ log: ThreadLog) throws {
        let c = Channel<Int>()
        let (ready, go) = (Signal(), Signal())
        let thread = log.thread {
            _ = c.balance
            ready.give()
            go.wait()
            wait(until: -1, of: c)
            try c.send(1)
        }
        ready.wait()
        Tasklet(name: "A") {
            log("A ends")
            go.give()
        }
        log("main got \(try c.receive())")
        thread.join()
    }
}
