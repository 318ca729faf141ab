public import Tasklets

/// A channel operation that is about to begin.
public struct ChannelEvent {
    /// The channel's name.
    public let channel: String?
    /// Who calls the operation.
    public let tasklet: Tasklet
    /// Whether it sends or receives.
    public let isSending: Bool
    /// Whether no partner is waiting.
    public let willBlock: Bool
}

extension Scheduler {
    /// Called before every channel operation of this thread, also one that is going to fail.
    ///
    /// It must not use channels: an operation that would switch throws `TaskletError.switchTrap`.
    public var channelCallback: ((ChannelEvent) -> Void)? {
        get { core.channelCallback }
        set { core.setChannelCallback(newValue) }
    }
}

extension SchedulerCore.Attention {
    /// A channel callback is set.
    static var channelCallback: Self { .module(0) }
}

extension SchedulerCore {
    /// What the module keeps in a scheduler, from the first time that a callback is set.
    private struct Hooks {
        var callback: ((ChannelEvent) -> Void)?
    }

    fileprivate var channelCallback: ((ChannelEvent) -> Void)? {
        unsafe memory(of: Hooks.self)?.pointee.callback
    }

    fileprivate func setChannelCallback(_ callback: ((ChannelEvent) -> Void)?) {
        if isEnded { return }
        setAttention(.channelCallback, callback != nil)
        if let hooks = unsafe memory(of: Hooks.self) {
            unsafe hooks.pointee.callback = callback
            return
        }
        let hooks = UnsafeMutablePointer<Hooks>.allocate(capacity: 1)
        unsafe hooks.initialize(to: Hooks(callback: callback))
        unsafe add(hooks) { [self] end in
            switch end {
            case .begins: setChannelCallback(nil)
            case .fibers, .completes: break
            case .isOver:
                unsafe hooks.deinitialize(count: 1)
                unsafe hooks.deallocate()
            }
        }
    }
}

extension ChannelCore {
    /// Calls the channel callback; inside the gate and the lock, and out of the lock meanwhile.
    func announce(_ core: SchedulerCore, sending isSending: Bool) {
        guard let callback = core.channelCallback else { return }
        let event = ChannelEvent(
            channel: fields.origin.name,
            tasklet: Tasklet.of(core.me),
            isSending: isSending,
            willBlock: partner(whenSending: isSending, isClaimed: false) == nil
        )
        line.unlock(core)
        core.outsideGate(current: core.me) { callback(event) }
        core.leave()
        _ = line.enter(core)
    }
}
