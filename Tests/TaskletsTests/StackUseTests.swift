import Tasklets
import Testing

struct StackUseTests {
    /// Frames are large in debug builds and under sanitizers.
    private let size = 1 << 20

    @Test func whatIsInUseNow() throws {
        try Scheduler.scope {
            let shallow = Tasklet { try Tasklet.scheduleRemove() }
            let deep = Tasklet(stackSize: size) { try touch(kibibytes: 40) { try Tasklet.scheduleRemove() } }
            #expect(shallow.stackUse == nil)
            try Tasklet.run()
            let small = try #require(shallow.stackUse)
            let large = try #require(deep.stackUse)
            #expect(small.size == Tasklet.defaultStackSize)
            #expect(large.size == size)
            #expect((100...8192).contains(small.inUse), "\(small)")
            #expect((40 * 1024...400 * 1024).contains(large.inUse), "\(large)")
            #expect(small.highest == nil)
            #expect(large.highest == nil)
            try deep.kill()
            #expect(deep.stackUse == nil)
        }
    }

    @Test func ofTheCurrentTaskletAndOfMain() throws {
        try Scheduler.scope {
            var uses: [StackUse?] = []
            Tasklet(stackSize: size) {
                uses.append(Tasklet.current.stackUse)
                try touch(kibibytes: 40) { uses.append(Tasklet.current.stackUse) }
                uses.append(Tasklet.main.stackUse)
            }
            try Tasklet.run()
            uses.append(Tasklet.current.stackUse)
            let found = uses.compactMap { $0 }
            #expect(found.count == 4)
            #expect(found[1].inUse - found[0].inUse >= 40 * 1024)
            // main stands inside run(), deeper than here.
            #expect(found[2].size == found[3].size)
            #expect(found[2].inUse < found[2].size)
        }
    }

    @Test func theMarkStaysWhenTheStackIsLeft() throws {
        try Scheduler.scope {
            Scheduler.current.marksStacks = true
            #expect(Scheduler.current.marksStacks)
            let tasklet = Tasklet(stackSize: size) {
                try touch(kibibytes: 100) {}
                try Tasklet.scheduleRemove()
            }
            try Tasklet.run()
            let use = try #require(tasklet.stackUse)
            let highest = try #require(use.highest)
            #expect(use.inUse < 20 * 1024)
            #expect((100 * 1024..<size).contains(highest), "\(use)")
            let text = Scheduler.current.dump()
            #expect(text.contains("; stack: \(use.inUse) of \(size) bytes, \(highest) at most so far\n"), "\(text)")
        }
    }

    /// Stacks are used again, and what the one before has left there is not counted.
    @Test(arguments: [false, true])
    func whatOthersHaveTouchedDoesNotCount(madeAtOnce: Bool) throws {
        try Scheduler.scope {
            for isMarked in [false, true] {
                Scheduler.current.marksStacks = isMarked
                for _ in 0..<3 {
                    // The one made at once begins on the stack of the one before, as soon as that has ended.
                    var shallow: Tasklet?
                    Tasklet(stackSize: size) { try touch(kibibytes: 150) {} }
                    if madeAtOnce { shallow = Tasklet(stackSize: size) { try Tasklet.scheduleRemove() } }
                    try Tasklet.run()
                    if !madeAtOnce {
                        shallow = Tasklet(stackSize: size) { try Tasklet.scheduleRemove() }
                        try Tasklet.run()
                    }
                    let use = try #require(shallow?.stackUse)
                    if isMarked {
                        #expect(try #require(use.highest) < 20 * 1024)
                    } else {
                        #expect(use.highest == nil)
                    }
                }
            }
        }
    }

    @Test func marksGoWhenTheyAreSwitchedOff() throws {
        try Scheduler.scope {
            let before = Tasklet { try Tasklet.scheduleRemove() }
            try Tasklet.run()
            Scheduler.current.marksStacks = true
            let marked = Tasklet { try Tasklet.scheduleRemove() }
            try Tasklet.run()
            #expect(before.stackUse?.highest == nil)
            #expect(marked.stackUse?.highest != nil)
            Scheduler.current.marksStacks = false
            #expect(!Scheduler.current.marksStacks)
            #expect(marked.stackUse?.highest == nil)
            let after = Tasklet { try Tasklet.scheduleRemove() }
            try Tasklet.run()
            #expect(after.stackUse?.highest == nil)
        }
    }

    /// A record is used again as well: its mark ends with the tasklet.
    @Test func aTaskletThatIsSetUpAgain() throws {
        try Scheduler.scope {
            Scheduler.current.marksStacks = true
            let tasklet = Tasklet(stackSize: size) { try touch(kibibytes: 100) {} }
            try Tasklet.run()
            try tasklet.bind { try Tasklet.scheduleRemove() }
            try tasklet.setup()
            try Tasklet.run()
            #expect(try #require(tasklet.stackUse?.highest) < 20 * 1024)
        }
    }
}

/// Writes to that much of the stack, then calls `body` with it still in use.
@inline(never)
private func touch(kibibytes: Int, _ body: () throws -> Void) throws {
    try withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 16) { memory in
        memory.initializeMemory(as: UInt8.self, repeating: 1)
        try kibibytes <= 1 ? body() : touch(kibibytes: kibibytes - 1, body)
        guard memory.allSatisfy({ $0 == 1 }) else { fatalError("overwritten") }
    }
}
