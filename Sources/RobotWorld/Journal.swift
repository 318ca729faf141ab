/// What is counted while a world runs, and who is told of its events. One per world, shared by its actors.
package final class Journal {
    /// Told of every event, one line each; nil when nobody listens, and then no line is ever made.
    var trace: ((String) throws -> Void)?
    var messages = 0
    var collisions = 0
    var updates = 0

    package init(trace: ((String) throws -> Void)? = nil) {
        self.trace = trace
    }
}
