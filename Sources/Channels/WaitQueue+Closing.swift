import Tasklets

extension WaitQueue {
    /// Closed, and no sender waits: there is nothing left to receive.
    @usableFromInline
    var isDrained: Bool {
        inside { unsafe fields.pointee.isClosing && fields.pointee.balance <= 0 }
    }

    /// Closes and wakes the waiting receivers with `ChannelError.closed`.
    func finish() {
        let core = SchedulerCore.current
        _ = enter(core)
        unsafe fields.pointee.isClosing = true
        while let receiver = partner(whenSending: true) {
            unlinkFirst(receiver)
            receiver.error = ChannelError.closed
            if receiver.scheduler == core {
                core.append(receiver)
            } else {
                receiver.scheduler.post(receiver)
            }
        }
        leave(core)
    }
}
