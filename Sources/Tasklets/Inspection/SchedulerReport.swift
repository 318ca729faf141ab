import CTasklets

/// What the tasklets of a scheduler do at one moment.
///
/// Taken inside the gate, written as text outside: looking up names of functions takes its time.
struct SchedulerReport {
    let thread: Int32
    let isAsleep: Bool
    let presence: SchedulerRegistry.Presence
    /// By how much a wait may be shorter than it says, in nanoseconds.
    let clockError: Int64
    /// How many functions are listed for each tasklet.
    let frameLimit: Int
    let tasklets: [TaskletReport]

    /// More functions than any wait has between the program's function and the switch, in a debug build.
    private static let kernelDepth = 20
    fileprivate static let stateOfRunning = "is running"

    struct TaskletReport {
        let origin: Origin
        let state: String
        /// Nanoseconds; `nil` when the tasklet is not blocked.
        let waitTime: Int64?
        let stackUse: StackUse?
        /// Where its functions go on, those of the kernel too.
        let frames: [UInt]
        /// Instead of those, of one that another thread runs.
        let sample: StackSample?
        /// Whether that thread was asked, and did not answer in time, or is not on the tasklet's stack.
        let isUnanswered: Bool
    }

    /// `nil` when the scheduler has ended.
    ///
    /// - Parameters:
    ///   - frames: how many functions are listed for each tasklet.
    ///   - here: where the calling thread is; looked at if it is the scheduler's own.
    init?(_ core: SchedulerCore, frames: Int, here: stack_context?) {
        // Its thread changes that under the registry's lock, not inside the gate.
        let presence = SchedulerRegistry.presence(of: core)
        let report = core.insideGate { isForeign in
            unsafe SchedulerReport(insideGateOf: core, presence, frames: frames, here: isForeign ? nil : here)
        }
        guard let report else { return nil }
        self = report
    }

    private init?(
        insideGateOf core: SchedulerCore,
        _ presence: SchedulerRegistry.Presence,
        frames: Int,
        here: stack_context?
    ) {
        if core.isEnded { return nil }
        core.readWaitClock()
        let waitClock = core.fields.waitClock
        clockError = waitClock.error
        thread = core.fields.threadNumber
        isAsleep = unsafe core.fields.sleepContext != nil
        self.presence = presence
        frameLimit = frames
        let isForeign = unsafe here == nil
        let depth = frames > 0 ? min(frames, .max - Self.kernelDepth) + Self.kernelDepth : 0
        var found: [TaskletReport] = []
        core.forEachLiving { tasklet in
            let state = core.describeState(of: tasklet)
            let isToBeAsked = isForeign && depth > 0 && presence == .present && state == Self.stateOfRunning
            let sample = isToBeAsked ? core.sample(of: tasklet) : nil
            found.append(
                TaskletReport(
                    origin: tasklet.origin,
                    state: state,
                    waitTime: tasklet.state == .blocked ? waitClock.time - tasklet.fields.waitStart : nil,
                    stackUse: unsafe core.stackUse(of: tasklet, here: here),
                    frames: unsafe core.frames(of: tasklet, here: here, limit: depth),
                    sample: sample,
                    isUnanswered: isToBeAsked && sample == nil
                )
            )
            return true
        }
        tasklets = found
    }

    func text() -> String {
        var names = FunctionNames()
        var lines = [
            "Scheduler of thread \(thread)\(condition), \(tasklets.count) tasklet\(tasklets.count == 1 ? "" : "s"):"
        ]
        let listed = grouped.map { tasklet, others in
            let frames = tasklet.sample?.addresses(&names) ?? tasklet.frames
            return (tasklet: tasklet, others: others, frames: names.ofProgram(frames, limit: frameLimit))
        }
        names.findLines(of: Set(listed.flatMap(\.frames)))
        for (tasklet, others, frames) in listed {
            lines.append("  " + tasklet.text)
            for frame in frames { lines.append("      " + names[frame]) }
            if tasklet.isUnanswered { lines.append("      where it is could not be told this time") }
            if others > 0 { lines.append("      and \(others) more like this") }
        }
        if clockError > 0, tasklets.contains(where: { $0.waitTime != nil }) {
            lines.append("  A wait may be up to \(secondsText(clockError)) shorter than it says.")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// How many equal tasklets are listed one by one.
    private static let mostEqual = 3

    /// Tasklets that were made at one place, do the same and are in the same functions are equal: of more than a few of them
    /// only the oldest is listed, with the number of the others.
    private var grouped: [(tasklet: TaskletReport, others: Int)] {
        let kinds = tasklets.map(\.kind)
        let counts = Dictionary(kinds.map { ($0, 1) }, uniquingKeysWith: +)
        var listed: Set<TaskletReport.Kind> = []
        return zip(tasklets, kinds).compactMap { tasklet, kind in
            let count = counts[kind]!
            guard kind.place != nil, count > Self.mostEqual else { return (tasklet, 0) }
            return listed.insert(kind).inserted ? (tasklet, count - 1) : nil
        }
    }

    private var condition: String {
        if isAsleep { return ", asleep" }
        switch presence {
        case .present: return ""
        case .suspended: return ", suspended by a scope"
        case .left: return ", left for a while"
        }
    }
}

extension SchedulerReport.TaskletReport {
    /// What equal tasklets have in common.
    struct Kind: Hashable {
        let place: String?
        let state: String
        let frames: [UInt]
    }

    fileprivate var kind: Kind {
        // What they wait at may differ by a number: 'reply 1', 'reply 2'.
        Kind(place: origin.placeIfMade, state: state.replacing(#/\d+/#, with: "0"), frames: frames)
    }

    fileprivate var text: String {
        var text = "\(origin) \(state)"
        if let waitTime { text += " for \(secondsText(waitTime))" }
        if let stackUse {
            text += "; stack: \(stackUse.inUse) of \(stackUse.size) bytes"
            if let highest = stackUse.highest { text += ", \(highest) at most so far" }
        }
        return text
    }
}

extension SchedulerCore {
    /// "waits in receive on channel 'lines'". Inside the gate.
    package func describeState(of tasklet: TaskletRecord) -> String {
        let isAwake = unsafe fields.sleepContext == nil
        if isAwake, isRunning(tasklet) { return SchedulerReport.stateOfRunning }
        let hasBegun = tasklet.isStarted || tasklet == main
        switch tasklet.state {
        case .queued: return hasBegun ? "waits for its turn" : "waits for its first turn"
        case .blocked: return "waits in " + tasklet.describeWait()
        case .paused where tasklet.isInsideRun: return "is inside run()"
        case .paused: return hasBegun ? "is paused" : "is paused and has not begun"
        case .dead: return "has ended"
        }
    }
}

/// Nanoseconds as seconds with three places, rounded up.
func secondsText(_ nanoseconds: Int64) -> String {
    let milliseconds = (nanoseconds + 999_999) / 1_000_000
    let fraction = String(milliseconds % 1000)
    return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction + " s"
}
