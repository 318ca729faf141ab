import Channels
import Foundation
import Synchronization
import Tasklets
import TestSupport
import Testing

/// A thread sleeps; whatever another one does to one of its tasklets wakes it.
struct WakingTests {
    /// A thread that sleeps, and one tasklet of each kind. The first that runs again says so.
    private struct Sleeper: Sendable {
        let blocked: Tasklet
        let paused: Tasklet
        let neverStarted: Tasklet
        let unbound: Tasklet
        let main: Tasklet
        /// Where the system tells of the thread.
        let folder: String

        init(jobs: Channel<Int>, wakes: Channel<Int>) {
            func wake() { try? wakes.send(1) }
            blocked = Tasklet {
                do { _ = try jobs.next() } catch {}
                wake()
            }
            paused = Tasklet {
                do { try Tasklet.scheduleRemove() } catch {}
                wake()
            }
            neverStarted = Tasklet(scheduled: false) { wake() }
            unbound = Tasklet()
            try! unbound.bind { wake() }
            main = Tasklet.current
            folder = try! "/proc/" + FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
        }

        /// Whether the thread sleeps: not while it only looks for a moment whether something comes.
        var isAsleep: Bool {
            guard main.isBlocked else { return false }
            let file = open("\(folder)/stat", O_RDONLY)
            guard file >= 0 else { return false }
            defer { close(file) }
            var bytes = [UInt8](repeating: 0, count: 1024)
            let count = read(file, &bytes, bytes.count)
            guard count > 0 else { return false }
            let text = String(decoding: bytes.prefix(count), as: UTF8.self)
            // Behind the name of the program, in which anything may stand.
            return text[(text.lastIndex(of: ")") ?? text.startIndex)...].hasPrefix(") S")
        }

        func act(_ way: Way, _ jobs: Channel<Int>) throws {
            struct Failure: Error {}
            switch way {
            case .send: try jobs.send(1)
            case .sendError: try jobs.send(throwing: Failure())
            case .finish: jobs.finish()
            case .kill: try blocked.kill()
            case .raise: try blocked.raise(Failure())
            case .cancel: blocked.cancel()
            case .killPaused: try paused.kill()
            case .cancelPaused: paused.cancel()
            case .insert: try paused.insert()
            case .insertNeverStarted: try neverStarted.insert()
            case .run: try paused.run()
            case .setup: try unbound.setup()
            }
        }
    }

    enum Way: String, CaseIterable, Codable {
        case send, sendError, finish, kill, raise, cancel, killPaused, cancelPaused
        case insert, insertNeverStarted, run, setup
    }

    @Test(arguments: Way.allCases) func everyOperationFromOutsideWakesAThread(way: Way) async {
        await #expect(processExitsWith: .success) { [way] in
            setHangAlarm()
            let jobs = Channel<Int>(name: "jobs")
            let wakes = Channel<Int>(name: "wakes")
            wakes.share()
            let made = Locked<Sleeper?>(nil)
            let isMade = Signal()
            let woken = Atomic<Int>(0)
            try withExtendedLifetime(woken) {
                let thread = TestThread {
                    made.withLock { $0 = Sleeper(jobs: jobs, wakes: wakes) }
                    // Begins those that wait.
                    try! Tasklet.schedule()
                    isMade.give()
                    woken.store((try? wakes.receive()) ?? 0, ordering: .relaxed)
                    wakes.close()
                }
                isMade.wait()
                let sleeper = made.withLock { $0! }
                while !sleeper.isAsleep { sched_yield() }
                try sleeper.act(way, jobs)
                thread.join()
                guard woken.load(ordering: .relaxed) == 1 else { fatalError("not woken by a tasklet") }
            }
        }
    }
}
