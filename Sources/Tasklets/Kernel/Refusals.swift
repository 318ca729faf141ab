/// Why a tasklet may not wait. One byte in its record, which every wait looks at.
///
/// A refusal is a level and no event: it holds until it is taken back. A tasklet that catches the error and waits again is
/// refused again. Each refused wait of a cancelled or ending tasklet gives way once, so that the others run although a
/// loop swallows the error.
@usableFromInline
package struct Refusals: OptionSet {
    @usableFromInline package let rawValue: UInt8

    @inlinable
    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// `Tasklet.blockTrap`.
    @inlinable package static var blockTrap: Refusals { Refusals(rawValue: 1) }
    /// `Tasklet.cancel()`.
    @inlinable package static var cancelled: Refusals { Refusals(rawValue: 2) }
    /// The scheduler ends, and the time for cleanup that waits is over.
    @inlinable package static var ending: Refusals { Refusals(rawValue: 4) }
    /// A cancellation is held off; no refusal by itself.
    @inlinable package static var shielded: Refusals { Refusals(rawValue: 8) }
    /// An error was thrown in the tasklet while it was in the ring: by another thread while it ran, for one.
    @inlinable package static var error: Refusals { Refusals(rawValue: 16) }
    /// The time of a block is up (`TimeLimit`).
    @inlinable package static var expired: Refusals { Refusals(rawValue: 32) }
    /// A child of a group has failed, and the tasklet is in the block of that group.
    @inlinable package static var groupFailed: Refusals { Refusals(rawValue: 64) }

    /// Whether a cancellation is in force.
    var isCancelled: Bool {
        !isDisjoint(with: [.cancelled, .groupFailed]) && !contains(.shielded)
    }
}

/// Why a wait is refused.
package enum Refusal {
    case trap(TaskletError)
    /// An error that was thrown in the tasklet: once.
    case sent(any Error)
    /// Each wait is refused.
    case level(any Error)

    var isTrap: Bool { if case .trap = self { true } else { false } }
}

extension SchedulerCore {
    /// Whether a wait of the running tasklet may be refused. To be asked before it begins.
    @inlinable @inline(__always)
    package func mayRefuse(_ me: TaskletRecord) -> Bool {
        !me.fields.refusals.isEmpty || !attention.isDisjoint(with: [.trap, .callback])
    }

    /// Whether an error is one that ends the waits of the running tasklet as long as it is cancelled, or the time of a block is up:
    /// who drops it loses nothing, since the next wait throws, too. The reasons may change while the error is on its way.
    package func throwsAgain(insteadOf error: any Error) -> Bool {
        _ = enter()
        defer { leave() }
        let refusals = me.fields.refusals
        guard refusals.isCancelled || refusals.contains(.expired) else { return false }
        return error is CancellationError || isErrorOfLimit(error, of: me)
    }

    /// Inside the gate: why the running tasklet gets an error instead of a wait; `nil` when it may wait.
    ///
    /// The caller goes out of the gate, then throws what `refused(by:)` makes of it.
    package func refusal(of me: TaskletRecord) -> Refusal? {
        let refusals = me.fields.refusals
        if attention.contains(.callback) { return .trap(.switchTrap) }
        if refusals.contains(.error), let error = me.takeError() { return .sent(error) }
        if refusals.contains(.ending) { return .level(TaskletExit()) }
        if refusals.isCancelled { return .level(CancellationError()) }
        if refusals.contains(.expired), let error = errorOfExpired(me) { return .level(error) }
        if refusals.contains(.blockTrap) {
            return .trap(SchedulerCore.isMainOfWorker(me) ? .offloaded : .blockTrap)
        }
        // Waiting switches to another tasklet. A certain deadlock does not.
        if attention.contains(.trap), !isParkingHopeless {
            return .trap(.switchTrap)
        }
        return nil
    }

    /// Inside the gate; out of it when it throws.
    ///
    /// - Throws: what refuses the running tasklet a wait.
    func checkMayWait(_ me: TaskletRecord) throws {
        guard mayRefuse(me), let refusal = refusal(of: me) else { return }
        leave()
        throw refused(by: refusal)
    }

    private var isParkingHopeless: Bool {
        isAlone(me) && !isKept && (waker == me || waker.state == .blocked)
    }

    /// Out of the gate: what a refused wait throws. A refusal that is a level gives way first, and what is sent to the
    /// caller meanwhile counts more.
    package func refused(by refusal: Refusal) -> any Error {
        switch refusal {
        case .trap(let error): return error
        case .sent(let error): return error
        case .level(let error):
            do {
                if error is TaskletExit { try countRefusalAtEnd() } else { try schedule() }
                return error
            } catch let newer {
                return newer
            }
        }
    }
}
