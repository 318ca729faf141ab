import CTestFunctions
import Foundation
import Tasklets
import TestSupport
import Testing

/// The two forms of a guard: gaps of a megabyte, which split the mapping, and markers inside the mapping, as newer kernels
/// have it, for the stacks of a crowd. `TASKLETS_GUARDS=mprotect` asks for gaps alone, as on older kernels.
struct GuardTests {
    @Test(arguments: [nil, "mprotect"])
    func anOverflowIsCaught(form: String?) async {
        let ending: ExitTest.Condition = Sanitizer.current == nil ? .signal(SIGSEGV) : .failure
        let result = await #expect(processExitsWith: ending, observing: [\.standardErrorContent]) { [form] in
            try synchronously {
                if let form { setenv("TASKLETS_GUARDS", form, 1) }
                // The stack below is in use, too: without a guard the overflow would run into it.
                let neighbour = Tasklet(name: "neighbour") { try Tasklet.scheduleRemove() }
                Tasklet(name: "deep") { _ = try useStack(ofKibibytes: 1000) }
                try Tasklet.run()
                withExtendedLifetime(neighbour) {}
            }
        }
        #expect(result.says("Stack overflow: tasklet 'deep' (made at TaskletsTests/GuardTests.swift:"))
    }

    /// The frame is larger than what is left, and nothing but its far end is touched. A neighbour is parked where that
    /// would be without a guard.
    @Test(
        .disabled(if: Sanitizer.current != nil, "a sanitizer has guards of its own"),
        arguments: [nil, "mprotect"],
        [1, 4096, 16_000, 81_632, 200_000, 600_000, 1 << 20]
    )
    func aFrameUpToAMegabyteBeyondTheEndIsCaught(form: String?, beyond: Int) async {
        let result = await #expect(
            processExitsWith: .signal(SIGSEGV),
            observing: [\.standardErrorContent]
        ) { [form, beyond] in
            try synchronously {
                if let form { setenv("TASKLETS_GUARDS", form, 1) }
                for size in [Tasklet.minimumStackSize, Tasklet.defaultStackSize] {
                    let neighbours = (0..<8).map { _ in Tasklet(stackSize: size) { try Tasklet.scheduleRemove() } }
                    try Tasklet.run()
                    try neighbours[7].kill()
                    if size == Tasklet.minimumStackSize { continue }
                    Tasklet(name: "wide") { touch_far_end_of_frame(size + beyond) }
                    try Tasklet.run()
                    withExtendedLifetime(neighbours) {}
                }
            }
        }
        #expect(result.says("Stack overflow: tasklet 'wide' (made at TaskletsTests/GuardTests.swift:"))
    }

    /// Swift writes to such a frame from its low end to its high end: the first that does not bear it may be anybody's.
    @Test(.disabled(if: Sanitizer.current != nil, "a sanitizer has guards of its own"), arguments: [0, 5000])
    func aLargeValueIsCaught(parked: Int) async {
        let result = await #expect(processExitsWith: .signal(SIGSEGV), observing: [\.standardErrorContent]) {
            [parked] in
            try synchronously {
                let others = (0..<parked).map { _ in Tasklet { try Tasklet.scheduleRemove() } }
                Tasklet(name: "wide") { print(sumOfLargeValue()) }
                try Tasklet.run()
                withExtendedLifetime(others) {}
            }
        }
        #expect(result.says("Stack overflow: tasklet 'wide' (made at TaskletsTests/GuardTests.swift:"))
    }

    @Test(.disabled(if: Sanitizer.current != nil, "a sanitizer has guards of its own"))
    func anOverflowInACrowdIsCaught() async {
        let result = await #expect(processExitsWith: .signal(SIGSEGV), observing: [\.standardErrorContent]) {
            try synchronously {
                let others = (0..<6000).map { _ in Tasklet { try Tasklet.scheduleRemove() } }
                Tasklet(name: "deep") { _ = try useStack(ofKibibytes: 1000) }
                try Tasklet.run()
                withExtendedLifetime(others) {}
            }
        }
        #expect(result.says("Stack overflow: tasklet 'deep' (made at TaskletsTests/GuardTests.swift:"))
    }

    /// The callback runs on the stack of the one that is left, when the next one is the current one already.
    @Test(.disabled(if: Sanitizer.current != nil, "a sanitizer has guards of its own"))
    func anOverflowInACallbackIsThatOfItsStack() async {
        let result = await #expect(processExitsWith: .signal(SIGSEGV), observing: [\.standardErrorContent]) {
            try synchronously {
                Tasklet(name: "first") {
                    Scheduler.current.scheduleCallback = { _, _ in _ = try! useStack(ofKibibytes: 1000) }
                    try Tasklet.schedule()
                }
                Tasklet(name: "second") {}
                try Tasklet.run()
            }
        }
        #expect(result.says("Stack overflow: tasklet 'first'"))
    }

    /// The last bytes are needed in the middle of a switch, when the next one is the current one already: beginning a
    /// tasklet takes more of the stack than what comes before it.
    @Test(.disabled(if: Sanitizer.current != nil, "a sanitizer has guards of its own"))
    func anOverflowInASwitchIsThatOfTheOneThatIsLeft() async {
        let result = await #expect(processExitsWith: .signal(SIGSEGV), observing: [\.standardErrorContent]) {
            try synchronously {
                let fresh = (0..<5000).map { _ in
                    Tasklet(name: "fresh", scheduled: false) { try Tasklet.scheduleRemove() }
                }
                Tasklet(name: "deep", stackSize: Tasklet.minimumStackSize) { _ = try beginAll(of: fresh, from: 0) }
                try Tasklet.run()
            }
        }
        #expect(result.says("Stack overflow: tasklet 'deep'"))
    }

    @Test(.disabled(if: Sanitizer.current != nil, "a sanitizer has mappings of its own"))
    func theFormsDifferInTheNumberOfMappings() async {
        await #expect(processExitsWith: .success) {
            // The first 224 stacks have gaps.
            let few = try mappingsOfParkedTasklets(10_000)
            guard few > 2 * 200, few < 2 * 300 else { fatalError("\(few) mappings") }
        }
        await #expect(processExitsWith: .success) {
            setenv("TASKLETS_GUARDS", "mprotect", 1)
            let many = try mappingsOfParkedTasklets(10_000)
            guard many > 19_000 else { fatalError("\(many) mappings: the variable has had no effect") }
        }
    }

    @Test func anUnknownFormIsReported() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            try synchronously {
                setenv("TASKLETS_GUARDS", "mprotekt", 1)
                Tasklet {}
                try Tasklet.run()
            }
        }
        #expect(
            result.says("Tasklets: TASKLETS_GUARDS=mprotekt is not known and has no effect: it may be \"mprotect\".")
        )
    }

    /// Two mappings for each stack, and the system allows 65,530 of them if nobody has changed that: nobody gets a stack
    /// without a guard, the others go on, and room that comes back is used.
    @Test(.disabled(if: Sanitizer.current != nil, "a sanitizer has mappings of its own"))
    func whoGetsNoGuardEndsAndTheOthersGoOn() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                setenv("TASKLETS_GUARDS", "mprotect", 1)
                let before = try mappings()
                let text = try String(contentsOfFile: "/proc/sys/vm/max_map_count", encoding: .utf8)
                let limit = Int(text.trimmingCharacters(in: .newlines))!
                let count = 45_000
                var ended = 0
                var refused = 0
                func park(_ count: Int) throws -> [Tasklet] {
                    let tasklets = (0..<count).map { number in
                        Tasklet(name: "\(number)") {
                            defer { ended += 1 }
                            try Tasklet.scheduleRemove()
                            try Tasklet.scheduleRemove()
                        }
                    }
                    while Tasklet.runCount > 1 {
                        do {
                            try Tasklet.run()
                        } catch TaskletError.outOfMemory {
                            refused += 1
                        }
                    }
                    return tasklets.filter(\.isPaused)
                }
                var parked = try park(count)
                let room = (limit - before) / 2
                guard parked.count + refused == count, parked.count > min(room, count) - 1000, parked.count <= room
                else {
                    fatalError("\(parked.count) parked, \(refused) refused, room for \(room)")
                }
                guard try mappings() >= 2 * parked.count else { fatalError("a stack has no guard") }

                // At the limit those that have a stack go on.
                for tasklet in parked { try tasklet.insert() }
                try Tasklet.run()
                guard parked.allSatisfy(\.isPaused) else { fatalError("somebody has ended") }

                // Room that comes back is used.
                for tasklet in parked.prefix(20_000) { try tasklet.kill() }
                parked.removeFirst(20_000)
                let refusedBefore = refused
                parked += try park(20_000)
                guard refused == refusedBefore else {
                    fatalError("\(refused - refusedBefore) refused, with room for them")
                }

                for tasklet in parked { try tasklet.kill() }
                guard ended == count - refused + 20_000 else { fatalError("\(ended) have ended") }
                parked.removeAll()
                // A region of 1,024 stacks is kept for the next ones, another one for the stack that was left last.
                let left = try mappings() - before
                guard left < 2 * 2 * 1024 + 200 else { fatalError("\(left) mappings are left") }
            }
        }
    }
}

/// The mappings of the process.
private func mappings() throws -> Int {
    // Line by line: a file of the system has no size, and reading it as a whole may end early.
    guard let file = fopen("/proc/self/maps", "r") else { throw CocoaError(.fileReadUnknown) }
    defer { fclose(file) }
    var count = 0
    while case let byte = getc(file), byte != EOF { if byte == UInt8(ascii: "\n") { count += 1 } }
    return count
}

/// How many mappings so many tasklets take that have run and wait.
private func mappingsOfParkedTasklets(_ count: Int) throws -> Int {
    let before = try mappings()
    let tasklets = (0..<count).map { _ in Tasklet { try Tasklet.scheduleRemove() } }
    try Tasklet.run()
    return try withExtendedLifetime(tasklets) { try mappings() - before }
}

/// More than a stack of the usual size has.
@inline(never)
private func sumOfLargeValue() -> Int {
    var value = InlineArray<600_000, UInt8>(repeating: 1)
    value[Int.random(in: 0..<600_000)] = 2
    var sum = 0
    for index in value.indices { sum += Int(value[index]) }
    return sum
}

/// Calls itself until there is no more stack, and begins a tasklet each time.
@inline(never)
private func beginAll(of fresh: [Tasklet], from first: Int) throws -> Int {
    try fresh[first].run()
    return try beginAll(of: fresh, from: first + 1) + first
}
