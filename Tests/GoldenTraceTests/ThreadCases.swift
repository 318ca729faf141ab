import Channels
import Foundation
import Tasklets
import TestSupport
import Testing

/// The golden cases written in prose, acted out on real threads.
///
/// The thread that calls a case is "main". A thread counts as existing from its first use of the library: so the
/// second one uses the channels it is going to use before it reports that it is ready, and main goes on only then.
enum ThreadCases {
    typealias Case = @Sendable (_ log: ThreadLog) throws -> Void

    static let all: [String: Case] = [
        "thread_deadlock_last_thread_gets_error": deadlockLastThreadGetsError,
        "thread_end_kills_its_tasklets": endKillsItsTasklets,
        "thread_insert_wakes_blocked_thread": insertWakesBlockedThread,
        "thread_kill_foreign_blocked_tasklet": killForeignBlockedTasklet,
        "thread_last_tasklet_blocks_waits": lastTaskletBlocksWaits,
        "thread_main_receive_waits_for_other_thread": mainReceiveWaits,
        "thread_main_send_waits_for_other_thread": mainSendWaits,
        "thread_own_scheduler": ownScheduler,
        "thread_ping_pong": pingPong,
        "thread_receive_from_waiting_sender": receiveFromWaitingSender,
        "thread_run_and_switch_foreign_tasklet": runAndSwitchForeignTasklet,
        "thread_run_returns_although_other_thread_alive": runReturnsAlthoughOtherThreadAlive,
        "thread_send_to_waiting_receiver": sendToWaitingReceiver,
        "thread_tasklet_end_still_fails_main": taskletEndStillFailsMain,
        "thread_uncaught_error_goes_to_own_main": uncaughtErrorGoesToOwnMain,
    ]

    /// What a case logs. Ends the process if it takes more than a minute: what hangs cannot be stopped otherwise.
    static func log(of body: Case) -> [String] {
        setHangAlarm()
        let log = ThreadLog()
        do {
            try body(log)
        } catch {
            log("main ended with \(errorKind(error))")
        }
        return log.all
    }

    /// Waits, without using the thread's scheduler, until so many tasklets wait on a channel.
    static func wait<Element>(until balance: Int, of channel: Channel<Element>) {
        while channel.balance != balance { sched_yield() }
    }
}

/// Tasklets by name, for one thread to find those of another.
final class TaskletTable: Sendable {
    private let tasklets = Locked<[String: Tasklet]>([:])

    subscript(name: String) -> Tasklet {
        get throws { try #require(tasklets.withLock { $0[name] }) }
    }

    func keep(_ tasklet: Tasklet) {
        tasklets.withLock { $0[tasklet.name] = tasklet }
    }
}

@Suite("Cases with threads")
struct ThreadCaseTests {
    /// In a process of its own, since every other thread that uses the library changes what a deadlock is.
    @Test("A case with threads gives the golden trace", arguments: ThreadCases.all.keys.sorted())
    func threadCase(_ name: String) async {
        await #expect(processExitsWith: .success) { [name] in
            let golden = try TraceLibrary.fixture(named: name)
            #expect(ThreadCases.log(of: try #require(ThreadCases.all[name])) == golden.trace)
        }
    }

    @Test("The end of its last tasklet leaves main waiting for a thread that uses the channel")
    func taskletEndLeavesMainWaiting() async {
        await #expect(processExitsWith: .success) {
            #expect(ThreadCases.log(of: ThreadCases.taskletEndLeavesMainWaiting) == ["A ends", "main got 1"])
        }
    }
}
