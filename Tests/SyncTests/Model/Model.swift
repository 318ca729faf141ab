/// What an object of the library should do, written with arrays.
///
/// An operation begins; it is done, or it has to wait: then the tasklet joins a line, and goes on when it has been woken or
/// an error has ended its wait.
class Model {
    enum Outcome {
        case done(String)
        case failed(String)
        case waits
    }

    /// Puts a tasklet that waits at the end of the run queue.
    var wake: (Int) -> Void = { _ in }

    required init(variant: Int) {}

    /// Changes nothing when the outcome is that it has to wait.
    func begin(_ operation: Int, by tasklet: Int, at step: Int) -> Outcome { fatalError("not written") }

    /// The operation waits.
    func join(_ operation: Int, by tasklet: Int, at step: Int) { fatalError("not written") }

    /// An error takes the tasklet out of its line.
    func withdraw(_ tasklet: Int) { fatalError("not written") }

    /// The turn of a tasklet that has waited.
    ///
    /// - Parameter error: what is thrown at it.
    func goOn(_ tasklet: Int, error: String?) -> Outcome { fatalError("not written") }

    /// Whether the wait of the tasklet is not ended by a cancellation.
    func isShielded(_ tasklet: Int) -> Bool { false }

    func cleanUp(_ tasklet: Int) {}

    var state: String { fatalError("not written") }
}
