import CTestFunctions
import Foundation
import Tasklets
import TestSupport
import Testing

/// What free stacks keep: memory after a peak, and addresses.
@Suite(.disabled(if: Sanitizer.current != nil, "a sanitizer's own memory counts too"))
struct StackMemoryTests {
    /// A survivor in each region keeps it from being given back as a whole.
    @Test(arguments: [0, 1, 31])
    func theMemoryOfAPeakIsGivenBack(survivorsOfThousand: Int) async {
        await #expect(processExitsWith: .success) { [survivorsOfThousand] in
            try synchronously {
                let before = try residentMegabytes()
                let tasklets = (0..<4000).map { _ in
                    Tasklet {
                        fill_frame(190_000)
                        try Tasklet.scheduleRemove()
                    }
                }
                try Tasklet.run()
                let peak = try residentMegabytes() - before
                guard peak > 700 else { fatalError("the tasklets have touched \(peak) MB only") }
                for (number, tasklet) in tasklets.enumerated() where number % 1000 >= survivorsOfThousand {
                    try tasklet.kill()
                }
                let left = try residentMegabytes() - before
                let needed = Double(survivorsOfThousand) * 4 * 0.2
                guard left - needed < peak * 0.08 else {
                    fatalError("\(left) of \(peak) MB are left, \(needed) are needed")
                }
                try withExtendedLifetime(tasklets) {
                    for tasklet in tasklets where tasklet.isAlive { try tasklet.kill() }
                }
            }
        }
    }

    /// In no order: all regions have stacks in use until the end is near.
    @Test func theMemoryOfAPeakIsGivenBackInAnyOrder() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                let before = try residentMegabytes()
                let tasklets = (0..<4000).map { _ in
                    Tasklet {
                        fill_frame(190_000)
                        try Tasklet.scheduleRemove()
                    }
                }
                try Tasklet.run()
                let peak = try residentMegabytes() - before
                for tasklet in tasklets.shuffled().dropLast(20) { try tasklet.kill() }
                let left = try residentMegabytes() - before
                guard left < peak * 0.08 else { fatalError("\(left) of \(peak) MB are left") }
            }
        }
    }

    @Test func stacksOfOtherSizesAreGivenBackBeforeAnybodyIsRefused() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                var limit = rlimit()
                getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
                limit.rlim_cur = rlim_t(try mappedMegabytes() * 1e6) + 500_000_000
                setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
                var ended = 0
                // From 64 KiB to 200 MiB.
                for number in 0..<1000 {
                    Tasklet(stackSize: 65_536 + number * number * 200) { ended += 1 }
                    try Tasklet.run()
                    // A scope has stacks of its own, and those of the schedulers around it are not in use.
                    try Scheduler.scope {
                        Tasklet(stackSize: 65_536 + number * number * 200) { ended += 1 }
                        try Tasklet.run()
                    }
                }
                guard ended == 2000 else { fatalError("\(ended) have ended") }
            }
        }
    }

    @Test func manySizesReserveFewAddresses() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                let before = try mappedMegabytes()
                var ended = 0
                for number in 0..<2000 {
                    Tasklet(stackSize: 65_536 + number * 4096) { ended += 1 }
                    try Tasklet.run()
                }
                let used = try mappedMegabytes() - before
                guard ended == 2000, used < 5000 else { fatalError("\(used) MB are reserved") }
            }
        }
    }

    @Test func aStackIsAtMostAQuarterLargerThanAskedFor() throws {
        try Scheduler.scope {
            for asked in [65_536, 65_537, 100_000, 262_144, 262_145, 1_000_000, 12_345_678] {
                Tasklet(stackSize: asked) {
                    let size = try #require(Tasklet.current.stackUse).size
                    #expect(size >= asked && size <= asked + asked / 4 + 4096)
                }
            }
            try Tasklet.run()
        }
    }
}
