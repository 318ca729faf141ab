import Channels
import Foundation
import Tasklets
import TestSupport

/// Values that pass from one thread to another.
extension ThreadCases {
    static func pingPong(_ log: ThreadLog) throws {
        let (a, b) = (Channel<Int>(), Channel<Int>())
        let ready = Signal()
        let thread = log.thread {
            _ = (a.balance, b.balance)
            ready.give()
            for _ in 1...3 {
                let value = try a.receive()
                log("thread 2 got \(value)")
                try b.send(value + 100)
            }
        }
        ready.wait()
        for value in 0..<3 {
            try a.send(value)
            log("main got \(try b.receive())")
        }
        thread.join()
    }

    static func sendToWaitingReceiver(_ log: ThreadLog) throws {
        let c = Channel<Int>()
        let (ready, go) = (Signal(), Signal())
        let thread = log.thread {
            let own = pthread_self()
            let receiver = Tasklet(name: "R") {
                log("R waits")
                let value = try c.receive()
                log("R got \(value), own thread \(TestThread.isCurrent(own))")
            }
            try Tasklet.run()
            ready.give()
            go.wait()
            log("thread 2 runcount \(Tasklet.runCount), R blocked \(receiver.isBlocked)")
            try Tasklet.run()
            log("thread 2 end")
        }
        ready.wait()
        log("balance \(c.balance)")
        try c.send(7)
        log("main sent, balance \(c.balance)")
        go.give()
        thread.join()
    }

    static func receiveFromWaitingSender(_ log: ThreadLog) throws {
        let c = Channel<Int>()
        c.preference = .sender
        let (ready, go) = (Signal(), Signal())
        let thread = log.thread {
            Tasklet(name: "S") {
                log("S sends")
                try c.send(9)
                log("S sent")
            }
            try Tasklet.run()
            ready.give()
            go.wait()
            try Tasklet.run()
            log("thread 2 end")
        }
        ready.wait()
        log("balance \(c.balance)")
        let value = try c.receive()
        log("main got \(value), balance \(c.balance)")
        go.give()
        thread.join()
    }
}
