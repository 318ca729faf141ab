/// What the user wants to be shown next.
enum Wish {
    /// The step after the one that is shown.
    case next
    /// The step before it, of a recorded run.
    case previous
    /// Another one of a recorded run's states.
    case state(Int)
    /// The run from its beginning.
    case restart
    /// Nothing more.
    case end

    /// True for the step after the one that is shown.
    var isNext: Bool {
        if case .next = self { true } else { false }
    }
}
