import Foundation
import Sync
import Tasklets
import TestSupport
import Testing

/// Each of the `SweptProgram`s is ended at each of its moments: a tasklet that has just begun to wait or give way, or the one
/// that goes on then, which may just have been handed something. Nothing leaks, everything ends, and all that was taken has been
/// given back.
struct SweepTests {
    /// What is done, to the one that has stopped or to the one that goes on.
    private enum Deed: CaseIterable {
        case cancel, kill, raise

        func perform(on tasklet: Tasklet) {
            switch self {
            case .cancel: tasklet.cancel()
            // Nothing may switch here.
            case .kill: try? tasklet.kill(pending: true)
            case .raise: try? tasklet.raise(SweptProgram.Failure(), pending: true)
            }
        }
    }

    /// Runs the program, and does the deed at the moment of that number.
    ///
    /// - Returns: whether the program has as many moments.
    private static func run(_ program: SweptProgram, _ deed: Deed, hitsNext: Bool, moment: Int) throws -> Bool {
        let counter = Tracked.Counter()
        var world: SweepWorld? = SweepWorld(counter)
        var isDone = false
        var left = moment
        var faults: [String] = []
        do {
            try Scheduler.scope(clock: .virtual) {
                Scheduler.current.scheduleCallback = { previous, next in
                    let target = hitsNext ? next : previous
                    if isDone || !target.isAlive { return }
                    left -= 1
                    if left > 0 { return }
                    isDone = true
                    deed.perform(on: target)
                }
                do { try program.run(world!) } catch {}
                // The others go on; errors of theirs come out here. Main may have been cancelled.
                var attempts = 0
                while attempts < 20 {
                    attempts += 1
                    do {
                        try Tasklet.runUntilDone()
                        break
                    } catch is DeadlockError {
                        break
                    } catch {}
                }
                Scheduler.current.scheduleCallback = nil
                faults = SchedulerCore.current.validate()
            }
        } catch {
            // What was thrown at main, or an error that came at the end.
        }
        faults += world!.check()
        if world!.living > 0 { faults.append("\(world!.living) have not ended") }
        world = nil
        if counter.count > 0 { faults.append("\(counter.count) objects are left") }
        #expect(
            faults.isEmpty,
            "\(program.name), \(deed) of the \(hitsNext ? "next" : "previous") one at moment \(moment)"
        )
        return isDone
    }

    @Test(arguments: SweptProgram.all.map(\.name)) func itIsEndedAtEachMoment(name: String) async {
        await #expect(processExitsWith: .success) { [name] in
            setHangAlarm()
            let program = SweptProgram.all.first { $0.name == name }!
            for deed in Deed.allCases {
                for hitsNext in [false, true] {
                    var moment = 1
                    while try SweepTests.run(program, deed, hitsNext: hitsNext, moment: moment) { moment += 1 }
                    #expect(moment > 5, "the program has fewer moments than it should")
                }
            }
        }
    }
}
