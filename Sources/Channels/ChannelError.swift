/// What a channel refuses.
public enum ChannelError: Error, Equatable, CustomStringConvertible {
    /// The operation would block, and the channel is closed.
    case closed

    public var description: String {
        "The channel is closed: nobody is going to be on the other side."
    }
}
