import Channels
import Foundation
import Tasklets
import TestSupport

/// Schedulers of their own, and operations on the tasklets of another thread.
extension ThreadCases {
    static func ownScheduler(_ log: ThreadLog) throws {
        let mainOfMain = Tasklet.main
        Tasklet(name: "A") { log("A") }
        log.thread {
            let own = pthread_self()
            log("runcount \(Tasklet.runCount)")
            log("same main \(Tasklet.main == mainOfMain)")
            log("current is main \(Tasklet.current == Tasklet.main)")
            Tasklet(name: "B") { log("B on thread 2 \(TestThread.isCurrent(own))") }
            try Tasklet.run()
            log("thread 2 end")
        }.join()
        log("main runcount \(Tasklet.runCount)")
        try Tasklet.run()
        log("end")
    }

    static func uncaughtErrorGoesToOwnMain(_ log: ThreadLog) throws {
        // Main has a scheduler, to which the error could wrongly go.
        _ = Tasklet.main
        log.thread {
            Tasklet(name: "E") { throw ProgramError.boom }
            do {
                try Tasklet.run()
            } catch {
                log("thread 2 caught \(errorKind(error))")
            }
        }.join()
        log("main undisturbed")
    }

    static func insertWakesBlockedThread(_ log: ThreadLog) throws {
        let c = Channel<String>()
        let table = TaskletTable()
        let ready = Signal()
        _ = c.balance
        let thread = log.thread {
            let own = pthread_self()
            let tasklet = Tasklet(name: "F") {
                log("F on own thread \(TestThread.isCurrent(own))")
                try c.send("hi")
            }
            try tasklet.remove()
            table.keep(tasklet)
            ready.give()
            log("thread 2 got \(try c.receive())")
        }
        ready.wait()
        wait(until: -1, of: c)
        log("main inserts F")
        try table["F"].insert()
        thread.join()
        log("end")
    }

    static func killForeignBlockedTasklet(_ log: ThreadLog) throws {
        let c = Channel<Int>()
        let table = TaskletTable()
        let (ready, go) = (Signal(), Signal())
        let thread = log.thread {
            let own = pthread_self()
            table.keep(
                Tasklet(name: "F") {
                    do {
                        _ = try c.receive()
                    } catch let exit as TaskletExit {
                        log("F killed on own thread \(TestThread.isCurrent(own))")
                        throw exit
                    }
                }
            )
            try Tasklet.run()
            ready.give()
            go.wait()
            log("thread 2 runcount \(Tasklet.runCount)")
            try Tasklet.run()
            log("thread 2 end")
        }
        ready.wait()
        let victim = try table["F"]
        log("balance \(c.balance)")
        try victim.kill()
        log(
            "balance \(c.balance), F alive \(victim.isAlive) blocked \(victim.isBlocked)"
                + " scheduled \(victim.isScheduled)"
        )
        go.give()
        thread.join()
        log("F alive \(victim.isAlive)")
    }

    static func runAndSwitchForeignTasklet(_ log: ThreadLog) throws {
        let table = TaskletTable()
        let (ready, go) = (Signal(), Signal())
        let thread = log.thread {
            let own = pthread_self()
            let tasklet = Tasklet(name: "F") { log("F on own thread \(TestThread.isCurrent(own))") }
            try tasklet.remove()
            table.keep(tasklet)
            ready.give()
            go.wait()
            log("thread 2 runcount \(Tasklet.runCount)")
            try Tasklet.run()
            log("thread 2 end")
        }
        ready.wait()
        let tasklet = try table["F"]
        try tasklet.run()
        log("run returned, F scheduled \(tasklet.isScheduled)")
        do {
            try tasklet.switch()
        } catch {
            log("switch: \(errorKind(error))")
        }
        go.give()
        thread.join()
        log("F alive \(tasklet.isAlive)")
    }

    static func endKillsItsTasklets(_ log: ThreadLog) throws {
        let c = Channel<Int>()
        let table = TaskletTable()
        log.thread {
            func waiter(_ name: String, _ wait: @escaping () throws -> Void) -> Tasklet {
                Tasklet(name: name) {
                    defer { log("\(name) finally") }
                    do {
                        try wait()
                    } catch let exit as TaskletExit {
                        log("\(name) TaskletExit")
                        throw exit
                    }
                }
            }
            table.keep(waiter("Q1") { _ = try c.receive() })
            table.keep(waiter("Q2") { try Tasklet.scheduleRemove() })
            table.keep(waiter("Q3") { while true { try Tasklet.schedule() } })
            let neverStarted = waiter("N") { while true { try Tasklet.schedule() } }
            table.keep(neverStarted)
            try neverStarted.remove()
            try Tasklet.schedule()
            log("thread 2 ends")
        }.join()
        log("balance \(c.balance)")
        for name in ["Q1", "Q2", "Q3", "N"] {
            let tasklet = try table[name]
            log(
                "\(name) alive \(tasklet.isAlive) blocked \(tasklet.isBlocked) scheduled \(tasklet.isScheduled)"
                    + " thread_id -1 \(tasklet.scheduler == nil)"
            )
        }
        let first = try table["Q1"]
        for (operation, call) in [("insert", first.insert), ("run", first.run)] {
            do {
                try call()
                log("\(operation): no error")
            } catch {
                log("\(operation): \(errorKind(error))")
            }
        }
    }
}
