import Channels
import Foundation
import Greenlets
import Tasklets
import TestSupport
import Testing

struct GeneratorTests {
    private var naturals: Generator<Int> {
        Generator { yield in for number in 1... { try yield(number) } }
    }

    @Test func sequences() {
        #expect(Array(naturals.prefix(3)) == [1, 2, 3])
        #expect(zip(naturals, "ab").map { "\($0)\($1)" } == ["1a", "2b"])
        #expect(Array(naturals.lazy.map { $0 * $0 }.filter { $0 % 2 == 0 }.prefix(3)) == [4, 16, 36])
        #expect(naturals.first { $0 > 10 } == 11)
        var sum = 0
        for number in naturals {
            if number > 4 { break }
            sum += number
        }
        #expect(sum == 10)
    }

    @Test func onlyWhatIsAskedForIsMade() {
        var log: [String] = []
        let numbers = Generator<Int> { yield in
            log.append("begin")
            for number in 1...2 {
                log.append("make \(number)")
                try yield(number)
            }
            log.append("end")
        }
        #expect(log.isEmpty)
        for number in numbers { log.append("use \(number)") }
        #expect(log == ["begin", "make 1", "use 1", "make 2", "use 2", "end"])
    }

    @Test func anIteratorThatIsOverStaysSo() {
        let iterator = Generator<Int> { yield in try yield(1) }.makeIterator()
        #expect(iterator.next() == 1)
        #expect(!iterator.isEnded)
        #expect(iterator.next() == nil)
        #expect(iterator.isEnded)
        #expect(iterator.next() == nil)
    }

    @Test func elementsOfAnyType() {
        let texts = Generator<String?> { yield in
            try yield("a string that is too long to be kept without an allocation")
            try yield(nil)
            try yield("")
        }
        #expect(Array(texts).count == 3)
        let large = Generator<(Int, Double, String, [Int])> { yield in try yield((1, 2, "3", [4])) }
        for (number, _, text, array) in large { #expect(number == 1 && text == "3" && array == [4]) }
    }

    @Test func fromAnyDepth() {
        func walk(_ depth: Int, _ yield: Generator<Int>.Yield) throws {
            if depth == 0 { return }
            try walk(depth - 1, yield)
            try yield(depth)
            try walk(depth - 1, yield)
        }
        #expect(Array(Generator { try walk(4, $0) }) == [1, 2, 1, 3, 1, 2, 1, 4, 1, 2, 1, 3, 1, 2, 1])
        let mapped = Generator<Int> { yield in
            let sum = try [1, 2, 3].map { number in
                try yield(number)
                return number * 10
            }.reduce(0, +)
            try yield(sum)
        }
        #expect(Array(mapped) == [1, 2, 3, 60])
    }

    @Test func nested() {
        func below(_ count: Int) -> Generator<Int> {
            Generator { yield in
                if count == 0 { return }
                for number in below(count - 1) { try yield(number) }
                try yield(count)
            }
        }
        #expect(Array(below(20)) == Array(1...20))
    }

    /// The inner body hands values to the consumer of the outer one, which goes on in there.
    @Test func yieldingFromTheOuterGeneratorInsideTheInnerOne() {
        var seen: [String] = []
        let outer = Generator<Int> { outer in
            let inner = Generator<Int> { inner in
                for number in 1...3 {
                    try inner(number)
                    try outer(number * number)
                }
            }
            for number in inner { seen.append("inner \(number)") }
        }
        for number in outer { seen.append("outer \(number)") }
        #expect(seen == ["inner 1", "outer 1", "inner 2", "outer 4", "inner 3", "outer 9"])
    }

    // MARK: Errors

    private struct Typo: Error {}

    @Test func anErrorComesOutAtTheConsumer() throws {
        let iterator = Generator<Int> { yield in
            try yield(1)
            throw Typo()
        }.makeIterator()
        #expect(try iterator.tryNext() == 1)
        #expect(throws: Typo.self) { try iterator.tryNext() }
        #expect(try iterator.tryNext() == nil)
    }

    @Test func anErrorInALoopThatCannotThrowEndsTheProgram() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try synchronously { for _ in Generator<Int>(name: "broken", { _ in throw GreenletExitStandIn() }) {} }
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("The generator 'broken' (made at GreenletsTests/GeneratorTests.swift:"))
        #expect(
            text.contains("failed in a loop that cannot throw; use tryNext() there. The error: GreenletExitStandIn()")
        )
    }

    @Test func advancedFromInsideItself() throws {
        var iterator: Generator<Int>.Iterator?
        var refused: (any Error)?
        iterator = Generator<Int> { yield in
            do { _ = try iterator!.tryNext() } catch { refused = error }
            try yield(1)
        }.makeIterator()
        #expect(try iterator!.tryNext() == 1)
        #expect(refused as? GreenletError == .generatorIsRunning)
        iterator = nil
    }

    @Test func yieldWhereItsGeneratorDoesNotRun() throws {
        var escaped: Generator<Int>.Yield?
        let iterator = Generator<Int> { yield in
            escaped = yield
            try yield(1)
        }.makeIterator()
        #expect(iterator.next() == 1)
        #expect(throws: GreenletError.yieldOutside) { try escaped!(2) }
        #expect(iterator.next() == nil)
        #expect(throws: GreenletError.yieldOutside) { try escaped!(2) }
    }

    @Test func onAnotherThread() throws {
        let iterator = naturals.makeIterator()
        #expect(iterator.next() == 1)
        let smuggled = Smuggled(value: iterator)
        nonisolated(unsafe) var refused: (any Error)?
        let thread = TestThread {
            do { _ = try smuggled.value.tryNext() } catch { refused = error }
        }
        thread.join()
        #expect(refused as? GreenletError == .otherThread)
        #expect(iterator.next() == 2)
    }

    // MARK: Ends

    @Test func droppedHalfWay() {
        let counter = Tracked.Counter()
        var cleanups = 0
        let numbers = Generator<Int> { yield in
            let tracked = Tracked(counter)
            defer { cleanups += 1 }
            try withExtendedLifetime(tracked) {
                while true { try yield(1) }
            }
        }
        for _ in 0..<1000 {
            for _ in numbers { break }
        }
        #expect(cleanups == 1000)
        #expect(counter.count == 0)
    }

    @Test func oneThatCatchesTheExitGetsItAgain() {
        var caught = 0
        var iterator: Generator<Int>.Iterator? = Generator<Int> { yield in
            for _ in 0..<5 {
                do { try yield(1) } catch { caught += 1 }
            }
        }.makeIterator()
        #expect(iterator!.next() == 1)
        iterator = nil
        #expect(caught == 5)
    }

    @Test func onAnotherThreadDroppedOnItsOwn() throws {
        let counter = Tracked.Counter()
        try Scheduler.scope { () throws in
            nonisolated(unsafe) var iterator: Generator<Int>.Iterator? = Generator<Int> { yield in
                let tracked = Tracked(counter)
                try withExtendedLifetime(tracked) { while true { try yield(1) } }
            }.makeIterator()
            #expect(iterator!.next() == 1)
            let thread = TestThread { iterator = nil }
            thread.join()
            #expect(counter.count == 1)
            try Tasklet.schedule()
            #expect(counter.count == 0)
        }
    }

    @Test func withItsThread() {
        let counter = Tracked.Counter()
        nonisolated(unsafe) var iterator: Generator<Int>.Iterator?
        let thread = TestThread {
            iterator = Generator<Int> { yield in
                let tracked = Tracked(counter)
                try withExtendedLifetime(tracked) { while true { try yield(1) } }
            }.makeIterator()
            _ = iterator!.next()
        }
        thread.join()
        #expect(counter.count == 0)
        #expect(iterator!.isEnded)
    }

    @Test func droppingInsideOut() {
        var log: [String] = []
        let outer = Generator<Int> { yield in
            defer { log.append("outer") }
            for number in Generator<Int>({ inner in
                defer { log.append("inner") }
                while true { try inner(1) }
            }) {
                try yield(number)
            }
        }
        for _ in outer { break }
        #expect(log == ["inner", "outer"])
    }

    @Test func oneThatCatchesTheExitToTheEndOfItsCollectionEnds() {
        let counter = Tracked.Counter()
        let numbers = Generator<Int> { yield in
            let tracked = Tracked(counter)
            withExtendedLifetime(tracked) { for number in 1...50_000 { try? yield(number) } }
        }
        for _ in numbers { break }
        #expect(counter.count == 0)
    }

    @Test(
        .disabled(if: ProcessInfo.processInfo.environment["SANITIZER"] == "address", "it leaks, as it says"),
        arguments: [false, true],
        [false, true]
    )
    func oneThatNeverLetsGoIsGivenUp(isDropped: Bool, isInGreenlet: Bool) async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            [isDropped, isInGreenlet] in
            setHangAlarm()
            try synchronously {
                let counter = Tracked.Counter()
                try Scheduler.scope { () throws in
                    let stubborn = Generator<Int>(name: "stubborn") { yield in
                        let tracked = Tracked(counter)
                        func yieldForEver() { withExtendedLifetime(tracked) { while true { try? yield(1) } } }
                        if isInGreenlet {
                            try Greenlet<Int> { _ in
                                yieldForEver()
                                return 0
                            }.switch(0)
                        } else {
                            yieldForEver()
                        }
                    }
                    var iterator: Generator<Int>.Iterator? = stubborn.makeIterator()
                    precondition(iterator!.next() == 1)
                    // Otherwise it ends with its scheduler.
                    if isDropped { iterator = nil }
                    // The consumer goes on, with generators and greenlets of its own.
                    precondition(Array(Generator<Int> { for number in 1...3 { try $0(number) } }) == [1, 2, 3])
                    let two = try Greenlet<Int> { $0 + 1 }.switch(1)
                    precondition(two == 2)
                    try withExtendedLifetime(iterator) { try Tasklet.schedule() }
                }
                precondition(counter.count == 1)
                var isAliveAgain = false
                try Scheduler.scope { isAliveAgain = Array(Generator<Int> { try $0(1) }) == [1] }
                precondition(isAliveAgain)
            }
        }
        let lines = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 1)
        #expect(lines.first?.contains("generator 'stubborn' (made at GreenletsTests/GeneratorTests.swift:") == true)
        #expect(lines.first?.hasSuffix("caught GreenletExit every time; its stack is never freed.") == true)
    }

    @Test(
        .disabled(if: ProcessInfo.processInfo.environment["SANITIZER"] == "address", "it leaks, as it says"),
        arguments: [false, true]
    )
    func greenletsThatWaitInOneThatIsGivenUpAreEnded(isPatientFirst: Bool) async {
        await #expect(processExitsWith: .success) { [isPatientFirst] in
            setHangAlarm()
            try synchronously {
                var cleanups = 0
                let stubborn = Generator<Int> { yield in
                    let main = Greenlet<Int>.current
                    let patient = Greenlet<Int> { _ in
                        defer { cleanups += 1 }
                        return try main.switch(0)
                    }
                    // Kept by its own stack, and ended at the end of the tree.
                    let greedy = Greenlet<Int> { _ in
                        do { _ = try main.switch(0) } catch { cleanups += 1 }
                        while true { try? yield(2) }
                    }
                    for greenlet in isPatientFirst ? [patient, greedy] : [greedy, patient] { try greenlet.switch(0) }
                    withExtendedLifetime((patient, greedy)) { while true { try? yield(1) } }
                }
                for _ in stubborn { break }
                precondition(cleanups == 2)
                precondition(Array(Generator<Int> { try $0(1) }) == [1])
            }
        }
    }

    // MARK: With tasklets and greenlets

    @Test func inSeveralTasklets() throws {
        try Scheduler.scope { () throws in
            let iterator = naturals.makeIterator()
            var log: [String] = []
            for name in ["a", "b"] {
                Tasklet {
                    for _ in 0..<2 {
                        log.append("\(name)\(iterator.next()!)")
                        try Tasklet.schedule()
                    }
                }
            }
            try Tasklet.run()
            #expect(log == ["a1", "b2", "a3", "b4"])
        }
    }

    @Test func outlivesTheTaskletThatMadeIt() throws {
        try Scheduler.scope { () throws in
            var iterator: Generator<Int>.Iterator?
            Tasklet {
                iterator = naturals.makeIterator()
                #expect(iterator!.next() == 1)
            }
            try Tasklet.run()
            #expect(iterator!.next() == 2)
        }
    }

    @Test func aBodyThatBlocksLetsTheConsumersTaskletWait() throws {
        try Scheduler.scope { () throws in
            let numbers = Channel<Int>()
            var log: [String] = []
            let doubled = Generator<Int> { yield in
                while let number = try numbers.next() { try yield(2 * number) }
            }
            Tasklet { for number in doubled { log.append("use \(number)") } }
            Tasklet {
                for number in 1...2 {
                    log.append("send \(number)")
                    try numbers.send(number)
                }
                numbers.finish()
            }
            try Tasklet.run()
            #expect(log == ["send 1", "use 2", "send 2", "use 4"])
        }
    }

    @Test func whileItBlocksNobodyElseMayAdvanceIt() throws {
        try Scheduler.scope { () throws in
            let never = Channel<Int>()
            let iterator = Generator<Int> { yield in try yield(try never.receive()) }.makeIterator()
            Tasklet { _ = try iterator.tryNext() }
            try Tasklet.schedule()
            #expect(throws: GreenletError.generatorIsRunning) { try iterator.tryNext() }
        }
    }

    @Test func aKilledConsumerEndsTheBody() throws {
        try Scheduler.scope { () throws in
            let never = Channel<Int>()
            var log: [String] = []
            let numbers = Generator<Int> { yield in
                defer { log.append("body") }
                try yield(try never.receive())
            }
            let tasklet = Tasklet {
                defer { log.append("tasklet") }
                for _ in numbers {}
                try Tasklet.schedule()
                log.append("not reached")
            }
            try Tasklet.run()
            try tasklet.kill()
            try Tasklet.run()
            #expect(log == ["body", "tasklet"])
        }
    }

    /// A loop cannot throw: it ends early, and the next wait throws.
    @Test func whatEndsTheWaitOfABodyEndsTheLoop() throws {
        try Scheduler.scope(clock: .virtual) { () throws in
            let slow = Generator<Int> { yield in
                for number in 1...5 {
                    try Tasklet.sleep(for: .seconds(1))
                    try yield(number)
                }
            }
            func sum() -> Int { slow.reduce(0, +) }
            var log: [String] = []
            let cancelled = Tasklet {
                log.append("cancelled \(sum())")
                #expect(throws: CancellationError.self) { try Tasklet.sleep(for: .seconds(1)) }
            }
            try Tasklet.sleep(for: .milliseconds(2500))
            cancelled.cancel()
            #expect(throws: TimeoutError.self) {
                try withTimeout(.milliseconds(1500)) {
                    log.append("late \(sum())")
                    try Tasklet.sleep(for: .seconds(1))
                }
            }
            struct Enough: Error {}
            #expect(throws: Enough.self) {
                try withTimeout(.milliseconds(2500), throwing: Enough()) {
                    log.append("enough \(sum())")
                    try Tasklet.sleep(for: .seconds(1))
                }
            }
            // By tryNext it is heard at once.
            #expect(throws: TimeoutError.self) {
                try withTimeout(.milliseconds(500)) { try slow.makeIterator().tryNext() }
            }
            try Tasklet.runUntilDone()
            #expect(log == ["cancelled 3", "late 1", "enough 3"])
        }
    }

    /// The error that is on its way may be another one than the next wait would throw.
    @Test func theReasonsOfTheEndOfALoopMayChange() throws {
        try Scheduler.scope(clock: .virtual) { () throws in
            struct Late: Error {}
            var reached: [String] = []
            /// With cleanup that takes a second.
            func loop() {
                for _ in Generator<Int>({ yield in
                    defer { withCancellationShield { try? Tasklet.sleep(for: .seconds(1)) } }
                    try Tasklet.sleep(for: .seconds(1000))
                    try yield(1)
                }) {}
            }
            // Cancelled in the cleanup after the time was up.
            let first = Tasklet {
                try withTimeout(.seconds(1), orElse: ()) {
                    loop()
                    reached.append("first")
                    try Tasklet.sleep(for: .seconds(1000))
                }
            }
            // The time of the outer block is up in the cleanup after that of the inner one.
            Tasklet {
                try withTimeout(.milliseconds(1500), throwing: Late()) {
                    try withTimeout(.seconds(1)) {
                        loop()
                        reached.append("second")
                        try Tasklet.sleep(for: .seconds(1000))
                    }
                }
            }
            try Tasklet.sleep(for: .milliseconds(1500))
            first.cancel()
            #expect(throws: Late.self) { try Tasklet.runUntilDone() }
            try Tasklet.runUntilDone()
            #expect(reached == ["first", "second"])
        }
    }

    /// It does not ask a scheduler that is not the thread's.
    @Test func aLoopAfterTheEndOfItsScopeSaysSo() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            setHangAlarm()
            try synchronously {
                var iterator: Generator<Int>.Iterator?
                try Scheduler.scope {
                    iterator = Generator<Int> { yield in try yield(1) }.makeIterator()
                }
                _ = iterator!.next()
            }
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("in a loop that cannot throw") && text.contains("thread"), "\(text)")
    }

    @Test func greenletsInsideABodyWaitWithIt() throws {
        try Scheduler.scope { () throws in
            let numbers = Generator<Int> { yield in
                let main = Greenlet<Int>.current
                #expect(main.isMain)
                let helper = Greenlet<Int> { number in
                    var number = number
                    while true {
                        try yield(number)
                        number = try main.switch(number)
                    }
                }
                for number in 1...3 { try helper.switch(number * 10) }
            }
            let iterator = numbers.makeIterator()
            #expect(try iterator.tryNext() == 10)
            // A tree outside is another one.
            #expect(try Greenlet<Int> { $0 + (iterator.next() ?? 0) }.switch(1) == 21)
            #expect(try iterator.tryNext() == 30)
            #expect(try iterator.tryNext() == nil)
        }
    }
}

struct GreenletExitStandIn: Error {}

struct CoroutineTests {
    @Test func talks() throws {
        let average = Coroutine<Double, Double> { first, yield in
            var (sum, count) = (first, 1.0)
            while true {
                sum += try yield(sum / count)
                count += 1
            }
        }
        #expect(try average.resume(10) == 10)
        #expect(try average.resume(20) == 15)
        #expect(try average.resume(60) == 30)
    }

    @Test func ends() throws {
        var heard: [String] = []
        let coroutine = Coroutine<String, Int> { first, yield in
            heard.append(first)
            heard.append(try yield(1))
            heard.append(try yield(2))
        }
        #expect(try coroutine.resume("a") == 1)
        #expect(try coroutine.resume("b") == 2)
        #expect(!coroutine.isEnded)
        #expect(try coroutine.resume("c") == nil)
        #expect(coroutine.isEnded)
        #expect(try coroutine.resume("d") == nil)
        #expect(heard == ["a", "b", "c"])
    }

    @Test func valuesAreReleased() throws {
        let counter = Tracked.Counter()
        do {
            let coroutine = Coroutine<Tracked, Tracked> { first, yield in
                var present = first
                while true { present = try yield(present) }
            }
            for _ in 0..<100 { _ = try coroutine.resume(Tracked(counter)) }
            #expect(counter.count <= 2)
            _ = Coroutine<Tracked, Tracked> { _, _ in }
        }
        #expect(counter.count == 0)
    }
}
