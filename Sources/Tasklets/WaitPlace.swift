/// Something that tasklets wait at in a line: a channel, and whatever else parks tasklets.
///
/// The kernel knows of a wait place only what it needs to end a wait from outside and to report it.
package protocol WaitPlace: AnyObject {
    /// Takes a blocked tasklet out of the line; false when a partner on another thread was faster and the tasklet
    /// is on its way to its run queue.
    func withdraw(_ tasklet: TaskletRecord) -> Bool

    /// Runs `body` while nobody changes the line.
    func reading<Result>(_ body: () -> Result) -> Result

    /// What the tasklet waits for, as in "receive on channel 'jobs'".
    func describeWait(of tasklet: TaskletRecord) -> String

    /// Whether another scheduler may end a wait here.
    var reach: Reach { get }
}

/// Who may end a wait.
package enum Reach {
    /// Only tasklets of the same scheduler.
    case home
    /// Schedulers of other threads, which have used the place.
    case shared
    /// Also threads that the library does not know yet: somebody said that they will come.
    case promised
}
