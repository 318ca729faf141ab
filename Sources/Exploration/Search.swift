/// Which schedules of a program are tried.
public enum Search: Sendable {
    /// The default order, once.
    case order
    /// Those with no departure from the default order, then those with one, and so on: so the first that fails is one of the
    /// simplest that do. Up to a number of departures, 0 or more, or all.
    case departures(upTo: Int? = nil)
    /// All, one that is like the former up to the last choice after the other. Costs less than ``departures(upTo:)`` where all
    /// are seen anyway.
    case all
    /// One of each set of schedules that differ only in the order of steps that touch nothing in common. Sound as long as the
    /// tasklets share nothing but what the library offers, and variables that are ``Shared``; a random sample is compared
    /// with it each time.
    case independent
    /// Any candidate at each choice, each with the same chance; `runs` is 1 or more, here and below.
    case random(seed: UInt64, runs: Int)
    /// Each tasklet has a random priority; at `depth - 1` choices of a run that of the running one becomes the lowest. Finds a
    /// failure that needs `depth` steps in a certain order with a chance that does not depend on the rest of the program.
    case priorities(depth: Int, seed: UInt64, runs: Int)
    /// One schedule. It says at which choices there are any, and about time.
    case replay(Schedule)
}

/// When a search ends although there is more to try.
public enum Budget: Sendable {
    /// So many schedules, one or more.
    case schedules(Int)
    /// Seconds, of the system's clock. One schedule is tried in any case.
    case seconds(Double)
}

/// Where another tasklet may run.
public enum Points: Sendable {
    /// At each operation that may switch, whether it does or not. Between two of them no other tasklet can run.
    case operations
    /// Only where the default order switches.
    case switches
}

/// When time passes. It is the time of a virtual clock in any case.
public enum TimeModel: Sendable {
    /// While nobody is runnable.
    case whenIdle
    /// Also when the next timer fires although others could run: for races with a timeout.
    case anytime
}
