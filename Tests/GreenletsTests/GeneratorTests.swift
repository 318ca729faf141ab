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
