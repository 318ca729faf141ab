import Channels
import Greenlets
import Sync
import Tasklets
import TestSupport

extension SweptProgram {
    struct Failure: Error {}

    static let all: [SweptProgram] = channels + shared + timed + results + outside

    // MARK: Channels and flows

    private static let channels = [
        SweptProgram("pipeline") { world in
            let (numbers, squares) = (world.channel(of: Tracked.self), world.channel(of: Tracked.self))
            world.start {
                for _ in 1...4 { try numbers.send(world.object()) }
                numbers.finish()
            }
            world.start {
                defer { squares.finish() }
                while let number = try numbers.next() { try squares.send(number) }
            }
            world.start { while try squares.next() != nil {} }
            try Tasklet.run()
        },
        SweptProgram("buns") { world in
            let consumers = (0..<2).map { _ in world.channel(of: Tracked.self) }
            for buns in consumers { world.start { while try buns.next() != nil {} } }
            try Tasklet.run()
            defer { for buns in consumers { buns.finish() } }
            for _ in 1...3 { for buns in consumers { try buns.send(world.object()) } }
        },
        SweptProgram("ping and pong") { world in
            let (ping, pong) = (world.channel(of: Int.self), world.channel(of: Int.self))
            world.start {
                while case let ball = try ping.receive(), ball < 6 { try pong.send(ball + 1) }
                pong.finish()
            }
            world.start { while let ball = try pong.next() { try ping.send(ball + 1) } }
            try ping.send(1)
            try Tasklet.run()
        },
        SweptProgram("errors through a channel") { world in
            let channel = world.channel(of: Tracked.self)
            world.start {
                for _ in 0..<4 { try channel.send(world.object()) }
                try channel.send(throwing: Failure())
            }
            world.start {
                do { while true { _ = try channel.receive() } } catch is Failure {}
            }
            try Tasklet.run()
        },
        SweptProgram("generators that give way") { world in
            world.start {
                let numbers = Generator<Int> { yield in
                    let object = world.object()
                    for number in 1...3 {
                        try Tasklet.schedule()
                        try withExtendedLifetime(object) { try yield(number) }
                    }
                }
                let iterator = numbers.makeIterator()
                while let number = try iterator.tryNext(), number < 3 {}
            }
            world.start { for _ in 1...4 { try Tasklet.schedule() } }
            try Tasklet.run()
        },
        SweptProgram("greenlets that wait") { world in
            let channel = world.channel(of: Tracked.self)
            world.start {
                let consumer = Greenlet<Int> { count in
                    let object = world.object()
                    defer { withExtendedLifetime(object) {} }
                    for _ in 0..<count { _ = try channel.receive() }
                    return count
                }
                _ = try consumer.switch(2)
            }
            world.start { for _ in 0..<2 { try channel.send(world.object()) } }
            try Tasklet.run()
        },
    ]

    // MARK: What tasklets share

    private static let shared = [
        SweptProgram("workers") { world in
            let (jobs, printer) = (world.queue(2), world.lock())
            for _ in 0..<2 {
                world.start {
                    while let job = try jobs.next() {
                        defer { jobs.taskDone() }
                        try printer.withLock { try withExtendedLifetime(job) { try Tasklet.schedule() } }
                    }
                }
            }
            defer { jobs.finish() }
            for _ in 0..<5 { try jobs.send(world.object()) }
            try jobs.join()
        },
        SweptProgram("slots") { world in
            let slots = world.semaphore(2)
            for _ in 0..<5 {
                world.start { try slots.withPermit { try Tasklet.schedule() } }
            }
            try Tasklet.run()
        },
        SweptProgram("a select of all") { world in
            let (jobs, results, slots) = (world.queue(1), world.queue(1), world.semaphore(0))
            let (stop, wire) = (world.event(), world.channel(of: Tracked.self))
            for _ in 0..<2 {
                world.start {
                    var isRunning = true
                    var mayAcquire = true
                    while isRunning {
                        try select {
                            stop.onSet { isRunning = false }
                            jobs.onReceive { job in try results.send(job) }
                            wire.onNext { isRunning = $0 != nil }
                            // Once: without an end the virtual clock would stand still.
                            if mayAcquire {
                                slots.onAcquire {
                                    defer { slots.release() }
                                    mayAcquire = false
                                    try Tasklet.schedule()
                                }
                            }
                            after(.seconds(5)) { isRunning = false }
                        }
                    }
                }
            }
            world.start {
                for _ in 0..<4 {
                    try select {
                        jobs.onSend(world.object()) {}
                        wire.onSend(world.object()) {}
                    }
                }
            }
            world.start {
                for _ in 0..<3 { _ = try results.receive(within: .seconds(1)) }
                stop.set()
            }
            world.start {
                slots.release()
                defer { try? withCancellationShield { try slots.acquire() } }
                try Tasklet.sleep(for: .seconds(1))
            }
            try Tasklet.run()
        },
        SweptProgram("stock") { world in
            let lock = world.lock()
            let hasGrown = Condition(lock)
            world.watch(hasGrown)
            var stock: [Tracked] = []
            for _ in 0..<2 {
                world.start {
                    try lock.withLock {
                        try hasGrown.wait { !stock.isEmpty }
                        stock.removeFirst()
                        try Tasklet.schedule()
                    }
                }
            }
            world.start {
                for _ in 0..<2 {
                    try lock.withLock {
                        stock.append(world.object())
                        hasGrown.signal()
                        try Tasklet.schedule()
                    }
                }
            }
            try Tasklet.run()
        },
        SweptProgram("readers and writers") { world in
            let table = ReadWriteLock()
            let tree = RecursiveLock()
            world.watch(table)
            world.expectAtTheEnd("the recursive lock is free") { !tree.isLocked }
            for number in 0..<5 {
                world.start {
                    if number % 2 == 0 {
                        try table.withReadLock { try Tasklet.schedule() }
                    } else {
                        try table.withWriteLock { try tree.withLock { try tree.withLock { try Tasklet.schedule() } } }
                    }
                    try tree.withLock { try Tasklet.schedule() }
                }
            }
            try Tasklet.run()
        },
        SweptProgram("steps") { world in
            let step = Barrier(3)
            world.watch(step)
            for _ in 0..<3 {
                world.start { for _ in 0..<2 { try withTimeout(.seconds(9)) { _ = try step.wait() } } }
            }
            try Tasklet.run()
        },
    ]

    // MARK: Time

    private static let timed = [
        SweptProgram("sleeps in order") { world in
            for time in [2, 1, 0] {
                world.start { for _ in 0..<3 { try Tasklet.sleep(for: .seconds(time)) } }
            }
            try Tasklet.run()
        },
        SweptProgram("blocks with a time") { world in
            world.start {
                try withTimeout(.seconds(3), orElse: ()) {
                    try withTimeout(.seconds(5), orElse: ()) { try Tasklet.sleep(for: .seconds(10)) }
                }
                do {
                    try withTimeout(.seconds(2), throwing: Failure()) { try Tasklet.sleep(for: .seconds(10)) }
                } catch is Failure {}
                try withCancellationShield { try Tasklet.sleep(for: .seconds(1)) }
            }
            world.start { for _ in 0..<8 { try Tasklet.sleep(for: .seconds(1)) } }
            try Tasklet.run()
        },
        SweptProgram("a rate limiter") { world in
            let tokens = world.channel(of: Tracked.self)
            let source = world.start {
                while true {
                    try tokens.send(world.object())
                    try Tasklet.sleep(for: .milliseconds(500))
                }
            }
            defer { source.cancel() }
            for _ in 0..<4 { _ = try tokens.receive() }
        },
        SweptProgram("a pool that grows") { world in
            let jobs = world.channel(of: Tracked.self)
            for _ in 0..<2 {
                world.start {
                    while let job = try jobs.next() {
                        try withExtendedLifetime(job) { try Tasklet.sleep(for: .seconds(1)) }
                    }
                }
            }
            defer { jobs.finish() }
            for _ in 0..<3 { try jobs.send(world.object()) }
            world.start { while try jobs.next() != nil {} }
            for _ in 0..<3 { try jobs.send(world.object()) }
        },
    ]

    // MARK: Results

    private static let results = [
        SweptProgram("promises") { world in
            let child = Tasklet.spawn(
                world.tracked {
                    try Tasklet.sleep(for: .seconds(1))
                    return world.object()
                }
            )
            let gate = Promise<Tracked>()
            world.start { _ = try child.value() }
            world.start { _ = try gate.value(within: .seconds(2)) }
            world.start {
                try Tasklet.schedule()
                gate.fulfill(world.object())
            }
            _ = try Promise.all([child, gate])
            try Tasklet.run()
        },
        SweptProgram("a group, as its children finish") { world in
            try withTaskletGroup(of: Tracked.self, limit: 2) { group in
                for time in [3, 1, 2] {
                    try group.add {
                        try world.tracked {
                            try Tasklet.sleep(for: .seconds(time))
                            return world.object()
                        }()
                    }
                }
                var isOver = false
                while !isOver {
                    try select {
                        group.onNext { isOver = $0 == nil }
                        after(.milliseconds(700)) {}
                    }
                }
            }
            guard world.living == 0 else { fatalError("a group was left before its children had ended") }
            _ = try [1, 2, 3].concurrentMap(limit: 2) { number in
                try Tasklet.sleep(for: .seconds(number))
                return world.object()
            }
        },
        SweptProgram("a job that fails") { world in
            do {
                try withTaskletGroup(of: Tracked.self, limit: 3) { group in
                    for number in 0..<5 {
                        try group.add {
                            try world.tracked {
                                // Cleanup that waits.
                                defer { try? withCancellationShield { try Tasklet.schedule() } }
                                try Tasklet.sleep(for: .seconds(number))
                                if number == 2 { throw Failure() }
                                return world.object()
                            }()
                        }
                    }
                    while try group.next() != nil {}
                }
            } catch is Failure {}
            guard world.living == 0 else { fatalError("a group was left before its children had ended") }
        },
    ]
}
