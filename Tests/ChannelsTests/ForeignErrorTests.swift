import Channels
import Foundation
import Synchronization
import Tasklets
import TestSupport
import Testing

/// An error that another thread throws in a tasklet while that runs: its next wait throws it, whatever it waits for.
@Suite(.hangAlarm) struct ForeignErrorTests {
    @Test func theNextReceiveThrowsIt() async {
        await #expect(processExitsWith: .success) {
            try expectThrown { _ = try Channel<Int>().receive() }
        }
    }

    @Test func theNextSleepThrowsIt() async {
        await #expect(processExitsWith: .success) {
            try expectThrown { try Tasklet.sleep(for: .seconds(3600)) }
        }
    }

    @Test func theNextWaitAtSeveralPlacesThrowsIt() async {
        await #expect(processExitsWith: .success) {
            try expectThrown { _ = try Turnstile.pass(firstOf: [Turnstile(), Turnstile()]) }
        }
    }

    @Test func givingWayThrowsIt() async {
        await #expect(processExitsWith: .success) {
            try expectThrown { try Tasklet.schedule() }
        }
    }
}

private struct Mine: Error {}

private func expectThrown(in wait: @escaping () throws -> Void) throws {
    /// 1: the tasklet runs; 2: the error has been thrown.
    let stage = Atomic(0)
    try withExtendedLifetime(stage) {
        let main = Tasklet.current
        let thread = TestThread {
            while stage.load(ordering: .acquiring) < 1 { sched_yield() }
            try! main.raise(Mine(), pending: true)
            stage.store(2, ordering: .releasing)
        }
        // Somebody else who could run, or the wait would be a deadlock and end by that.
        Tasklet { while true { try Tasklet.schedule() } }
        stage.store(1, ordering: .releasing)
        while stage.load(ordering: .acquiring) < 2 { sched_yield() }
        do {
            try wait()
            fatalError("no error")
        } catch is Mine {
        }
        thread.join()
    }
}
