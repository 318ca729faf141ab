import Sync
import Tasklets

/// What is known of a child until it has ended, also when nobody keeps its ``ChildProcess``.
///
/// A tasklet of the hub waits for the end, as a daemon, and asks the system how it was: so no zombie stays, whoever waits or does
/// not. All others wait for an event.
package final class ChildCore {
    let hub: HubCore
    let number: Int32
    let hasGroup: Bool
    /// The program, for reports.
    let program: String
    private let process: Handle
    /// Who waits for its end.
    private var reaper: Tasklet?
    /// Set when it has ended. Waits at it are kept by the promise that this will happen, until it has: `run()` waits for them.
    let ended: Event
    /// How it has ended.
    private(set) var outcome: Result<ChildStatus, SystemError>?
    /// Whether the rest of its group ends with it.
    var endsGroup = false

    init(_ hub: HubCore, _ call: ChildCall) throws {
        self.hub = hub
        program = call.arguments[0]
        hasGroup = call.hasGroup
        let started = try hub.ports.start(call)
        number = started.number
        process = started.process
        ends = started.ends
        ended = Event(name: "end of child \(started.number) (\(program))")
        ended.share()
        hub.children[number] = self
        startReaper()
    }

    /// Our ends of its streams.
    private(set) var ends: [Handle?]

    /// Gives an end away.
    func takeEnd(_ index: Int) -> Socket? {
        defer { ends[index] = nil }
        return ends[index].map { Socket(hub, $0) }
    }

    private func startReaper() {
        reaper = Tasklet(name: "child \(number) (\(program))") { [self] in
            if reap() { return }
            // A program may kill all the tasklets that it finds: then another one goes on. At the end of the scheduler this is
            // cleanup, for others that end their children then; it may wait for a time.
            if hub.isEnding { _ = reap() } else { startReaper() }
        }
    }

    /// Waits until it has ended.
    func waitForEnd() throws {
        // At the end of the scheduler those that have not begun are dropped.
        if outcome == nil {
            _ = hub.checkedPorts
            if reaper?.isAlive != true { startReaper() }
        }
        try ended.wait()
    }

    /// False when something else has ended the wait.
    private func reap() -> Bool {
        do {
            let status = try hub.perform(.read, at: process, isDaemon: true) {
                try $0.takeEnd(of: process, killing: groupToKill)
            }
            finish(.success(status))
        } catch let error as SystemError {
            // Others have taken it: the program ignores SIGCHLD, or a library waits for all children there are.
            finish(.failure(SystemError(error.code, "wait for child \(number) (\(program))")))
        } catch {
            return false
        }
        return true
    }

    private var groupToKill: Int32? { hasGroup && endsGroup ? number : nil }

    private func finish(_ outcome: Result<ChildStatus, SystemError>) {
        self.outcome = outcome
        reaper = nil
        hub.ports.close(process)
        hub.children[number] = nil
        ended.set()
    }

    func signal(_ signal: SystemSignal, toGroup: Bool) throws {
        if outcome != nil { return }
        try hub.checkedPorts.signal(process, group: toGroup && hasGroup ? number : nil, signal)
    }

    // MARK: The end of the scheduler

    /// Asks it to end, if it has not ended already. Returns whether it was asked.
    func beginEnd() -> Bool {
        if hub.ports.blockUntilEnd(of: process, atMost: 0) { return false }
        endsGroup = true
        // It may be somebody else's by now, as a program that runs as another user.
        try? hub.ports.signal(process, group: hasGroup ? number : nil, .terminate)
        try? hub.ports.signal(process, group: hasGroup ? number : nil, .continue)
        return true
    }

    /// Takes its end; kills it before if the time is up.
    func finishEnd(until deadline: Int64) {
        if !hub.ports.blockUntilEnd(of: process, atMost: max(deadline - hub.core.now, 0)) {
            try? hub.ports.signal(process, group: hasGroup ? number : nil, .kill)
            guard hub.ports.blockUntilEnd(of: process, atMost: 1_000_000_000) else {
                return report("Child \(number) (\(program)) does not end, although it was killed.")
            }
        }
        do {
            if let status = try hub.ports.takeEnd(of: process, killing: groupToKill) { finish(.success(status)) }
        } catch {
            finish(.failure(error))
        }
    }
}

extension HubCore {
    /// How long children have that are left at the end of the scheduler.
    private static let graceAtEnd: Int64 = 500_000_000

    /// Ends the children that are left. All tasklets have ended: the thread waits.
    func endChildren() {
        if children.isEmpty { return }
        let left = children.values.sorted { $0.number < $1.number }
        for child in left where child.beginEnd() {
            report("Child \(child.number) (\(child.program)) still ran at the end of its scheduler, and was ended.")
        }
        let deadline = core.now + Self.graceAtEnd
        for child in left { child.finishEnd(until: deadline) }
    }
}
