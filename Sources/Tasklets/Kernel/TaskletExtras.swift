import CTasklets
import Synchronization

/// What few tasklets have: values of locals, somebody who takes what the body ends with, something to be called at the end.
/// The record of any other one has none, so it pays for a look at one field when it is made and when it ends.
///
/// Belongs to the tasklet's thread.
class TaskletExtras {
    /// The innermost of the bindings that the tasklet sees; see `TaskletLocal`.
    final var locals: LocalBinding?
    final var endHandlers: [() -> Void] = []

    /// Keeps the error that has ended the tasklet, or has kept it from beginning. False when it is to go the way of
    /// uncaught errors. Not asked about an end that is quiet. Maybe inside the gate.
    func keep(_ error: any Error) -> Bool { false }

    /// An error that nobody has taken yet counts as taken from now on. Its number tells which was first.
    func takeUntakenError() -> (number: UInt64, error: LostError)? { nil }

    /// The tasklet has ended, or never begins any more. Called once, outside the gate, where nothing may switch.
    func taskletHasEnded() {}

    final func end() {
        taskletHasEnded()
        var handlers: [() -> Void] = []
        swap(&handlers, &endHandlers)
        for handler in handlers { handler() }
    }
}

/// The end of a tasklet that never ran: its function and its error go, then its extras are told. An object, since what the
/// kernel lets go of inside the gate is released later.
final class NeverRun {
    private var function: (() throws -> Void)?
    private var error: (any Error)?
    private let extras: TaskletExtras
    private let scheduler: SchedulerCore

    init(function: (() throws -> Void)?, error: (any Error)?, extras: TaskletExtras, scheduler: SchedulerCore) {
        self.function = function
        self.error = error
        self.extras = extras
        self.scheduler = scheduler
    }

    deinit {
        function = nil
        error = nil
        scheduler.end(extras)
    }
}

extension TaskletRecord {
    /// The extras of the tasklet, made when it has none. Inside the gate.
    var madeExtras: TaskletExtras {
        if let extras = fields.extras { return extras }
        let extras = TaskletExtras()
        fields.extras = extras
        return extras
    }

    /// A tasklet that was just made sees what its maker sees.
    @inline(never)
    func inheritLocals(from maker: TaskletExtras) {
        if let locals = maker.locals { madeExtras.locals = locals }
    }

    /// The main tasklet of a scope stands for the caller.
    func inheritLocals(fromCurrentOf outer: SchedulerCore) {
        if let extras = outer.insideGate({ _ in outer.visibleCurrent.fields.extras }) { inheritLocals(from: extras) }
    }
}

extension SchedulerCore {
    /// Calls the extras of the running tasklet, which has ended but is still the first of the ring: those made ready
    /// join the end. Inside the gate.
    @inline(never)
    func endExtras(of me: TaskletRecord) {
        var extras = me.fields.extras.take()
        outsideGate(current: me) {
            extras?.end()
            // What it holds may be the program's.
            extras = nil
        }
    }

    /// The same for a tasklet that never ran: at once, or on its own thread if the caller is another one. Outside the gate.
    func end(_ extras: TaskletExtras) {
        if SchedulerCore.currentIfAny == self { return withoutSwitching { extras.end() } }
        // Belongs to that thread from now on.
        nonisolated(unsafe) let extras = extras
        let isPosted = post {
            if self.takesNoMore {
                unsafe self.discard(EndLater(extras: extras))
            } else {
                self.addTasklet(name: "end") { unsafe extras.end() }
            }
        }
        if !isPosted { unsafe extras.end() }
    }

    /// Runs `body` where what would switch throws, as in a callback. Outside the gate, on the own thread.
    package func withoutSwitching(_ body: () -> Void) {
        // A callback runs already; or the scheduler has ended, and nobody is left to switch to.
        if attention.contains(.callback) || head == nil { return body() }
        _ = enter()
        outsideGate(current: me, body)
        leave()
    }

    /// Whether tasklets that are made now never begin.
    package var takesNoMore: Bool { isEnded || attention.contains(.ending) }
}

/// Calls extras when it is released.
private final class EndLater {
    private let extras: TaskletExtras

    init(extras: TaskletExtras) {
        self.extras = extras
    }

    deinit {
        extras.end()
    }
}

// MARK: - Errors that nobody took

extension SchedulerCore {
    /// Sends an error that nobody took the way of uncaught errors: a tasklet at the end of the run queue throws it. From any
    /// thread; the caller sees to it that the scheduler's memory stays.
    ///
    /// - Parameter origin: of what failed, for reports.
    func passOn(untaken error: any Error, of origin: Origin) {
        guard SchedulerCore.currentIfAny == self else {
            if !post({ self.carry(error, of: origin) }) {
                LostError(error: error, origin: origin).report(at: "its thread")
            }
            return
        }
        // The last reference may go while the kernel is at work.
        if fields.isOccupied.load(ordering: .relaxed) != 0 { return carry(error, of: origin) }
        _ = enter()
        carry(error, of: origin)
        leave()
    }

    /// Inside the gate.
    private func carry(_ error: any Error, of origin: Origin) {
        if takesNoMore { return discard(ReportLater(error: LostError(error: error, origin: origin))) }
        let record = makeRecord(name: nil, stackSize: Tasklet.defaultStackSize, fileID: "", line: 0)
        record.fields.fiber.origin = origin
        record.fields.carriesUntakenError = true
        record.setBody(TaskletBody {})
        record.setError(error)
        linkLiving(record)
        append(record)
    }
}

extension SchedulerCore {
    /// Remembers until the end of the scheduler who keeps an error, if it still does. On any thread.
    func note(untakenErrorOf keeper: TaskletExtras, ifStill isUntaken: () -> Bool) {
        unsafe lock_acquire(fields.inboxLock)
        defer { unsafe lock_release(fields.inboxLock) }
        if fields.isInboxClosed || !isUntaken() { return }
        unsafe fields.untakenErrors[ObjectIdentifier(keeper)] = Unmanaged.passUnretained(keeper)
    }

    func forget(untakenErrorOf keeper: TaskletExtras) {
        unsafe lock_acquire(fields.inboxLock)
        defer { unsafe lock_release(fields.inboxLock) }
        unsafe fields.untakenErrors[ObjectIdentifier(keeper)] = nil
    }

    /// The errors that nobody has taken, the first one first.
    func takeUntakenErrors() -> [LostError] {
        unsafe lock_acquire(fields.inboxLock)
        // Released outside the lock: the last reference may be one of these, and what it holds is the program's.
        let keepers = unsafe fields.untakenErrors.values.map { unsafe $0.takeUnretainedValue() }
        unsafe fields.untakenErrors = [:]
        unsafe lock_release(fields.inboxLock)
        return keepers.compactMap { $0.takeUntakenError() }.sorted { $0.number < $1.number }.map(\.error)
    }
}

/// An error that nobody is left to throw to.
struct LostError {
    let error: any Error
    /// Whose error it is; `nil` when that is not known.
    let origin: Origin?

    /// - Parameter place: what has ended.
    func report(at place: String) {
        let whose = origin.map { "The error of \($0)" } ?? "An error"
        Tasklets.report("\(whose) was lost at the end of \(place): \(error)")
    }
}

/// Tells of an error when it is released, since the error's description is the program's code.
private final class ReportLater {
    private let error: LostError

    init(error: LostError) {
        self.error = error
    }

    deinit {
        error.report(at: "its thread")
    }
}
