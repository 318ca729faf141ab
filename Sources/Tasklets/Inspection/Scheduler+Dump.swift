import CTasklets
import Synchronization

extension Scheduler {
    /// What every living tasklet is doing, as text: the oldest first, each with its name, where it was made, what it
    /// waits for and for how long, and how much of its stack it uses.
    ///
    /// ```swift
    /// print(Scheduler.current.dump())
    /// ```
    ///
    /// ```text
    /// Scheduler of thread 4711, 3 tasklets:
    ///   tasklet 'main' is running; stack: 3024 of 8388608 bytes
    ///   tasklet 'reader' (made at Demo/main.swift:9) waits in receive on channel 'lines' for 12.204 s; stack: 688 of 262144 bytes
    ///   tasklet 'ticker' (made at Demo/main.swift:14) waits for its turn; stack: 512 of 262144 bytes
    /// ```
    ///
    /// Times are not exact: a wait takes the time of the last look at the clock, and there is a look only after so many
    /// waits, up to some hundred where they follow each other quickly. So a wait may be shorter than the text says, never
    /// longer; the last line tells by how much it may be, if at all.
    ///
    /// May be called on any thread, for the ``Tasklet/scheduler`` of a tasklet of another one. That thread is not stopped:
    /// it waits at its next operation until the dump has been taken. How much stack its running tasklet uses is not known then.
    /// With `frames` it is interrupted by the signal SIGURG, to see which functions it is in: a call to the system may end early,
    /// with `EINTR`. They are missing when the thread blocks signals, as those of Dispatch do;
    /// ``dumpOnSignal(_:frames:)`` lets the threads that come after it take this one.
    ///
    /// Of more than three tasklets that were made at one place and do the same, the oldest is listed, with the number of the others.
    ///
    /// - Parameter frames: how many of the program's functions are listed for each tasklet, the innermost first, with file and
    ///   line where the debug information tells.
    public func dump(frames: Int = 0) -> String {
        var here = unsafe stack_context()
        unsafe stack_here(&here)
        let report = unsafe SchedulerReport(core, frames: frames, here: here)
        return report?.text() ?? "The scheduler has ended.\n"
    }

    /// Makes the process write a ``dump(frames:)`` of all its schedulers to standard error whenever it gets `signal`.
    ///
    /// ```swift
    /// Scheduler.dumpOnSignal(SIGUSR1, frames: 8)  // then, in a shell: kill -USR1 4711
    /// ```
    ///
    /// The text is written by a thread that waits for the signal and does nothing else. So it also comes when a tasklet
    /// never gives way or a thread sleeps, and nobody is disturbed in what he does. Calls may be repeated for other
    /// signals; the last `frames` counts. A signal has one handler: the program must not handle this one in another way, as by
    /// the hub's `Hub.signals`.
    ///
    /// Traps for a signal that no program may handle. When the system has no thread left, a line on standard error says so,
    /// and the program goes on without.
    public static func dumpOnSignal(_ signal: Int32, frames: Int = 0) {
        SignalDump.frames.store(frames, ordering: .relaxed)
        StackSample.areWanted.store(true, ordering: .relaxed)
        switch signal_watch(signal, { SignalDump.write() }) {
        case SIGNAL_WATCHED: break
        case SIGNAL_NO_THREAD:
            report("Scheduler.dumpOnSignal: the system has no thread for it; signal \(signal) is not watched.")
        default:
            fatalError("Scheduler.dumpOnSignal: the system does not let the program handle signal \(signal).")
        }
    }
}

private enum SignalDump {
    static let frames = Atomic(0)

    static func write() {
        let frames = frames.load(ordering: .relaxed)
        let cores = SchedulerRegistry.claimAll()
        if cores.isEmpty { report("No thread uses tasklets.") }
        for core in cores {
            var text = unsafe SchedulerReport(core, frames: frames, here: nil)?.text() ?? ""
            core.dropClaim()
            if !text.isEmpty { text += "\n" }
            // One call for each scheduler, so that other output does not come in between.
            text.withUTF8 { bytes in
                if let start = bytes.baseAddress { unsafe report_bytes(start, bytes.count) }
            }
        }
    }
}
