import CTasklets
import Synchronization

/// How a line comes to be used by several threads. Every wait that is already there is counted anew then.
extension WaitLine {
    /// Makes the line shared. Inside the home's gate nobody is in the middle of an operation on it.
    @usableFromInline
    func shareIfAtHome() {
        if isShared { return }
        let maker = fields.maker
        maker.insideGate { _ in
            // Another thread may have done it meanwhile.
            if isShared { return }
            // Held until those that wait are counted: a third thread may come as soon as the line is shared.
            let lock = unsafe lock_make()
            unsafe lock_acquire(lock)
            unsafe fields.lock = unsafe lock
            unsafe fields.home.store(nil, ordering: .releasing)
            forEachEntry { maker.count($0, reach: .shared) }
            unsafe lock_release(lock)
        }
    }

    /// Whether somebody said that other threads are going to use the line. Asked inside.
    package var isPromised: Bool { fields.isPromised }

    /// Says that other threads are going to use the line, or that they are not any more.
    package func setPromised(_ isPromised: Bool) {
        shareIfAtHome()
        var waiting: [SchedulerCore] = []
        inside {
            fields.isPromised = isPromised
            forEachEntry { entry in
                let core = entry.tasklet.scheduler
                if waiting.contains(core) { return }
                core.borrowClaim()
                waiting.append(core)
            }
        }
        // Counts belong to the schedulers of those who wait: each is changed inside its gate, and no gate is entered
        // while the lock is held.
        for core in waiting {
            core.insideGate { _ in
                unsafe SchedulerCore.acquire(fields.lock.unsafelyUnwrapped)
                let reach: Reach = fields.isPromised ? .promised : .shared
                forEachEntry { if $0.tasklet.scheduler == core { core.count($0, reach: reach) } }
                unsafe lock_release(fields.lock.unsafelyUnwrapped)
                // A thread that sleeps for the promise decides anew.
                core.wake()
            }
            core.dropClaim()
        }
    }
}
