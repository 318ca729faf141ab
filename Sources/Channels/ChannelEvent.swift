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

extension SchedulerCore {
    var channelCallback: ((ChannelEvent) -> Void)? { channelCallbackSlot as! ((ChannelEvent) -> Void)? }
}
