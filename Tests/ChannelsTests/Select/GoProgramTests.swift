import Channels
import Tasklets
import TestSupport
import Testing

/// What Go's users write with channels and `select`, written here: the kinds of programs that its own tests try.
struct GoProgramTests {
    /// A chain of filters, each a tasklet that lets pass what its prime does not divide.
    @Test func primeSieve() throws {
        try Scheduler.scope {
            var source = Channel<Int>()
            let first = source
            Tasklet { for number in 2... { try first.send(number) } }
            var primes: [Int] = []
            for _ in 0..<60 {
                let (prime, input, output) = (try source.receive(), source, Channel<Int>())
                primes.append(prime)
                Tasklet {
                    while true {
                        let number = try input.receive()
                        if number % prime != 0 { try output.send(number) }
                    }
                }
                source = output
            }
            let expected = (2...281).filter { number in !(2..<number).contains { number % $0 == 0 } }
            #expect(primes == expected)
        }
    }

    /// A sender selects among two channels, and so does a relay behind it: everything arrives once, on either way.
    @Test func doubleSelect() throws {
        try Scheduler.scope {
            let count = 2_000
            let (a, b) = (Channel<Int>(), Channel<Int>())
            let (joined, ended) = (Channel<Int>(), Channel<Bool>())
            let turns = SelectRotation()
            Tasklet {
                for number in 0..<count {
                    try select(fair: turns) {
                        a.onSend(number) {}
                        b.onSend(number) {}
                    }
                }
                a.finish()
                b.finish()
            }
            for channel in [a, b] {
                Tasklet {
                    while let number = try channel.next() { try joined.send(number) }
                    try ended.send(true)
                }
            }
            var received: [Int] = []
            var left = 2
            while left > 0 {
                try select {
                    joined.onReceive { received.append($0) }
                    ended.onReceive { _ in left -= 1 }
                }
            }
            #expect(received.sorted() == Array(0..<count))
        }
    }

    /// Those that wait are served first in, first out, whether they wait at one channel or at several.
    @Test func firstInFirstOut() throws {
        try Scheduler.scope {
            let (channel, never) = (Channel<Int>(), Channel<Int>())
            var received: [[Int]] = []
            for number in 0..<10 {
                Tasklet {
                    if number % 2 == 0 {
                        received.append([number, try channel.receive()])
                    } else {
                        try select {
                            never.onReceive { _ in }
                            channel.onReceive { received.append([number, $0]) }
                        }
                    }
                }
            }
            try Tasklet.schedule()
            for value in 0..<10 { try channel.send(value) }
            try Tasklet.run()
            #expect(received == (0..<10).map { [$0, $0] })
            #expect(never.balance == 0)
        }
    }

    /// A select with `otherwise` neither waits nor gives way, and meets those that wait already.
    @Test func nonBlocking() throws {
        try Scheduler.scope {
            let channel = Channel<String>()
            func tryToReceive() throws -> String? {
                try select {
                    channel.onReceive { Optional($0) }
                    otherwise { String?.none }
                }
            }
            func tryToSend(_ text: String) throws -> Bool {
                try select {
                    channel.onSend(text) { true }
                    otherwise { false }
                }
            }
            #expect(try tryToReceive() == nil)
            #expect(try !tryToSend("nobody"))
            Tasklet { try channel.send("waiting") }
            // It has not run yet.
            #expect(try tryToReceive() == nil)
            try Tasklet.schedule()
            #expect(try !tryToSend("it sends too"))
            #expect(try tryToReceive() == "waiting")
            var received: String?
            Tasklet { received = try channel.receive() }
            try Tasklet.schedule()
            #expect(try tryToSend("value"))
            #expect(received == "value")
        }
    }

    /// Values without a size, as those of a `chan struct{}`.
    @Test func elementsWithoutASize() throws {
        struct Empty {}
        try Scheduler.scope {
            let (nothing, empty) = (Channel<Void>(), Channel<Empty>())
            var log: [String] = []
            Tasklet {
                for _ in 0..<2 {
                    try select {
                        nothing.onReceive { log.append("nothing") }
                        empty.onReceive { _ in log.append("empty") }
                    }
                }
                try nothing.send(())
            }
            try empty.send(Empty())
            try select {
                nothing.onSend(()) { log.append("sent") }
                empty.onReceive { _ in log.append("wrong") }
            }
            #expect(try nothing.receive(within: .seconds(1)) != nil)
            #expect(try nothing.tryReceive() == nil)
            #expect(log == ["empty", "nothing", "sent"] || log == ["empty", "sent", "nothing"])
        }
    }

    /// Many cases, of which a different one is ready each time.
    @Test(arguments: [1, 8, 9, 64, 500])
    func manyCases(count: Int) throws {
        try Scheduler.scope {
            let channels = (0..<count).map { _ in Channel<Int>() }
            var received: [Int] = []
            Tasklet {
                for _ in 0..<2 * count {
                    try select {
                        for (number, channel) in channels.enumerated() {
                            channel.onReceive { received.append(number * 1000 + $0) }
                        }
                    }
                }
            }
            try Tasklet.schedule()
            let order = (0..<2 * count).map { $0 * 7 % count }
            for (value, number) in order.enumerated() { try channels[number].send(value) }
            try Tasklet.run()
            #expect(received == order.enumerated().map { $0.element * 1000 + $0.offset })
            #expect(channels.allSatisfy { $0.balance == 0 })
        }
    }

    /// Two power series in lockstep: each coefficient of the product needs terms of both.
    @Test func seriesInLockstep() throws {
        try Scheduler.scope {
            func series(_ term: @escaping (Int) -> Int) -> Channel<Int> {
                let output = Channel<Int>()
                Tasklet { for number in 0... { try output.send(term(number)) } }
                return output
            }
            let (ones, naturals) = (series { _ in 1 }, series { $0 + 1 })
            let sums = Channel<Int>()
            Tasklet {
                while true {
                    // Both are awaited, in the order in which they come.
                    var (a, b): (Int?, Int?)
                    while a == nil || b == nil {
                        try select {
                            if a == nil { ones.onReceive { a = $0 } }
                            if b == nil { naturals.onReceive { b = $0 } }
                        }
                    }
                    try sums.send(a! + b!)
                }
            }
            var received: [Int] = []
            for _ in 0..<20 { received.append(try sums.receive()) }
            #expect(received == (0..<20).map { $0 + 2 })
        }
    }
}
