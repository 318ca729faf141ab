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
        get { channelCallbackSlot as! ((ChannelEvent) -> Void)? }
        set { channelCallbackSlot = newValue }
    }
}

extension ChannelCore {
    /// Calls the channel callback; inside the gate and the lock, and out of the lock meanwhile.
    func announce(_ core: SchedulerCore, sending isSending: Bool) {
        guard let callback = core.channelCallbackSlot as! ((ChannelEvent) -> Void)? else { return }
        let event = ChannelEvent(
            channel: fields.name,
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
