import Channels
import Foundation
import Greenlets
import Tasklets
import TestSupport
import Testing

/// The last reference to a suspended greenlet goes.
struct DropTests {
    /// A greenlet that waits for ever, and says when it is cleaned up.
    private func waiting(_ cleanup: @escaping () throws -> Void) throws -> Greenlet<Int> {
        let main = Greenlet<Int>.current
        let greenlet = Greenlet<Int> { value in
            do {
                return try main.switch(value)
            } catch let exit as GreenletExit {
                try cleanup()
                throw exit
            }
        }
        try greenlet.switch(0)
        return greenlet
    }

    @Test func whatItHoldsIsReleased() throws {
        let counter = Tracked.Counter()
        try Scheduler.scope { () throws in
            for _ in 0..<1000 {
                let main = Greenlet<Void>.current
                let greenlet = Greenlet {
                    let tracked = Tracked(counter)
                    try withExtendedLifetime(tracked) { try main.switch() }
                }
                try greenlet.switch()
                #expect(counter.count == 1)
            }
            #expect(counter.count == 0)
        }
    }

    @Test func whoeverDropsItRunsItsCleanup() throws {
        try Scheduler.scope { () throws in
            var log: [String] = []
            var greenlet: Greenlet<Int>? = try waiting { log.append("cleanup in \(Tasklet.current.name)") }
            Tasklet(name: "other") {
                withExtendedLifetime(greenlet) {}
                greenlet = nil
                log.append("dropped")
            }
            try Tasklet.run()
            #expect(log == ["cleanup in other", "dropped"])
        }
    }

    @Test func cleanupMaySwitchWhileItDies() throws {
        try Scheduler.scope { () throws in
            var log: [String] = []
            var greenlet: Greenlet<Int>? = try waiting {
                let helper = Greenlet<Int> { value in
                    log.append("helped")
                    return value + 1
                }
                log.append("\(try helper.switch(1))")
            }
            withExtendedLifetime(greenlet) {}
            greenlet = nil
            log.append("after")
            #expect(log == ["helped", "2", "after"])
        }
    }

    /// What it switches to ends in main, which waits in the drop: the value is for nobody, and the one that should die and
    /// did not gets the exit again.
    @Test func cleanupMaySwitchAwayWhileItDies() throws {
        try Scheduler.scope { () throws in
            var log: [String] = []
            let helper = Greenlet<Int> { value in
                log.append("helped")
                return value + 1
            }
            var greenlet: Greenlet<Int>? = try waiting {
                defer { log.append("cleanup ends") }
                log.append("\(try helper.switch(1))")
            }
            withExtendedLifetime(greenlet) {}
            greenlet = nil
            log.append("after")
            #expect(log == ["helped", "cleanup ends", "after"])
        }
    }

    @Test func cleanupMayBlock() throws {
        try Scheduler.scope { () throws in
            let numbers = Channel<Int>()
            var log: [String] = []
            Tasklet { try numbers.send(3) }
            var greenlet: Greenlet<Int>? = try waiting { log.append("received \(try numbers.receive())") }
            withExtendedLifetime(greenlet) {}
            greenlet = nil
            #expect(log == ["received 3"])
        }
    }

    @Test func onAnotherThreadItIsLeftToItsOwn() throws {
        try Scheduler.scope { () throws in
            var log: [String] = []
            nonisolated(unsafe) var greenlet: Greenlet<Int>? = try waiting { log.append("cleanup") }
            #expect(greenlet!.isActive)
            let thread = TestThread { greenlet = nil }
            thread.join()
            #expect(log.isEmpty)
            try Greenlet<Int> { $0 }.switch(1)
            #expect(log == ["cleanup"])
        }
    }

    @Test func anUnstartedOneOfAnotherThread() throws {
        try Scheduler.scope { () throws in
            let counter = Tracked.Counter()
            nonisolated(unsafe) var greenlet: Greenlet<Int>?
            do {
                let tracked = Tracked(counter)
                greenlet = Greenlet { value in withExtendedLifetime(tracked) { value } }
            }
            #expect(!greenlet!.isActive)
            #expect(counter.count == 1)
            let thread = TestThread { greenlet = nil }
            thread.join()
            // Its own thread lets go of it.
            try Greenlet<Int> { $0 }.switch(1)
            #expect(counter.count == 0)
        }
    }

    /// The result lies above the first frame of the stack that has been left.
    @Test func aLargeResultReachesAParentThatHasToStart() throws {
        try Scheduler.scope { () throws in
            let numbers = SIMD16<Double>(repeating: 3)
            let parent = Greenlet<SIMD16<Double>> { $0 * 2 }
            let child = Greenlet(parent: parent) { $0 + 1 }
            #expect(try child.switch(numbers) == SIMD16(repeating: 8))
        }
    }

    /// A parent that never started, and its child.
    private func family(_ counter: Tracked.Counter) -> [Greenlet<Int>] {
        let tracked = Tracked(counter)
        let parent = Greenlet<Int> { value in withExtendedLifetime(tracked) { value } }
        return [parent, Greenlet<Int>(parent: parent) { $0 }]
    }

    @Test func anUnstartedParentGoesWithItsLastChild() throws {
        let counter = Tracked.Counter()
        try Scheduler.scope {
            var child = family(counter).last
            #expect(child?.parent != nil && counter.count == 1)
            child = nil
            #expect(counter.count == 0)
        }
    }

    @Test func anUnstartedParentGoesAfterTheEndOfItsScheduler() throws {
        let counter = Tracked.Counter()
        var greenlets: [Greenlet<Int>] = []
        try Scheduler.scope { greenlets = family(counter) }
        #expect(counter.count == 1)
        withExtendedLifetime(greenlets) {}
        greenlets = []
        #expect(counter.count == 0)
    }

    @Test func anUnstartedParentWhoseChildIsDroppedOnAnotherThread() throws {
        let counter = Tracked.Counter()
        try Scheduler.scope { () throws in
            nonisolated(unsafe) var child = family(counter).last
            #expect(child?.parent != nil && counter.count == 1)
            TestThread { child = nil }.join()
            // Its own thread lets go of it.
            try Greenlet<Int> { $0 }.switch(1)
            #expect(counter.count == 0)
        }
    }

    @Test func whatACallbackLeavesInATaskletThatEnds() throws {
        let counter = Tracked.Counter()
        try Scheduler.scope { () throws in
            var waiting: [Greenlet<Int>] = []
            Scheduler.current.scheduleCallback = { previous, _ in
                if previous.isMain { return }
                let main = Greenlet<Int>.current
                let greenlet = Greenlet<Int> { value in
                    let tracked = Tracked(counter)
                    return try withExtendedLifetime(tracked) { try main.switch(value) }
                }
                if (try? greenlet.switch(1)) == 1 { waiting.append(greenlet) }
            }
            Tasklet {}
            try Tasklet.run()
            Scheduler.current.scheduleCallback = nil
            // It is held, and has ended with its tasklet all the same.
            #expect(waiting.count == 1 && waiting[0].isDead)
            #expect(counter.count == 0)
        }
    }

    @Test func whoDropsItselfEndsWhenItSwitchesAway() throws {
        try Scheduler.scope { () throws in
            var log: [String] = []
            var greenlet: Greenlet<Int>?
            let main = Greenlet<Int>.current
            greenlet = Greenlet { value in
                defer { log.append("cleanup") }
                greenlet = nil
                log.append("runs on")
                return try main.switch(value + 1)
            }
            let value = try greenlet!.switch(1)
            #expect(value == 2)
            try Greenlet<Int> { $0 }.switch(0)
            #expect(log == ["runs on", "cleanup"])
        }
    }

    @Test func oneThatIsStoredMeanwhileLivesOn() throws {
        try Scheduler.scope { () throws in
            var kept: Greenlet<Int>?
            let main = Greenlet<Int>.current
            var greenlet: Greenlet<Int>? = Greenlet { _ in
                do {
                    return try main.switch(0)
                } catch {
                    kept = .current
                    return try main.switch(0)
                }
            }
            try greenlet!.switch(0)
            greenlet = nil
            #expect(kept!.isActive)
            #expect(kept!.parent == main)
            #expect(try kept!.switch(9) == 9)
            #expect(kept!.isDead)
        }
    }

    @Test(.disabled(if: ProcessInfo.processInfo.environment["SANITIZER"] == "address", "it leaks, as it says"))
    func oneThatNeverLetsGoIsGivenUp() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            try synchronously {
                var asked = 0
                let main = Greenlet<Int>.current
                var greenlet: Greenlet<Int>? = Greenlet(name: "stubborn") { _ in
                    while true {
                        do { try main.switch(0) } catch { asked += 1 }
                    }
                }
                try greenlet!.switch(0)
                greenlet = nil
                precondition(asked == 10)
            }
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("greenlet 'stubborn' (made at GreenletsTests/DropTests.swift:"))
        #expect(text.contains("caught GreenletExit every time; its stack is never freed."))
    }

    @Test func aParentIsKeptByItsChildren() throws {
        try Scheduler.scope { () throws in
            final class Counting: Greenlet<Int> {
                override func run(_ value: Int) throws -> Int { value + 100 }
            }
            let child = Greenlet<Int>(parent: Counting()) { $0 + 1 }
            #expect(child.parent is Counting)
            #expect(try child.switch(1) == 102)
        }
    }

    @Test func aSubclassKeepsItsPropertiesAndEndsWithItsTasklet() throws {
        final class Counting: Greenlet<Int> {
            var count = 0
            let tracked: Tracked

            init(_ counter: Tracked.Counter) {
                tracked = Tracked(counter)
                super.init(name: "counting")
            }

            override func run(_ value: Int) throws -> Int {
                var step = value
                while true {
                    count += step
                    step = try Greenlet<Int>.current.parent!.switch(count)
                }
            }
        }
        let counter = Tracked.Counter()
        try Scheduler.scope { () throws in
            let counting = Counting(counter)
            #expect(try counting.switch(1) == 1)
            #expect(try counting.switch(10) == 11)
            #expect(counting.count == 11)
        }
        #expect(counter.count == 0)
    }

    @Test func outOfADeinit() throws {
        final class AtDeinit {
            let action: () -> Void
            init(_ action: @escaping () -> Void) { self.action = action }
            deinit { action() }
        }
        try Scheduler.scope { () throws in
            var log: [String] = []
            let greenlet = Greenlet<Int> { value in
                log.append("switched to")
                return value + 1
            }
            var object: AtDeinit? = AtDeinit { log.append("got \((try? greenlet.switch(1)) ?? 0)") }
            withExtendedLifetime(object) {}
            object = nil
            log.append("released")
            #expect(log == ["switched to", "got 2", "released"])
        }
    }
}
