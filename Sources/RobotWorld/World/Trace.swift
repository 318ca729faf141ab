/// Who is told of what the actors of a world do.
package final class Trace {
    /// Told of every event, one line each; nil when nobody listens, and then no line is ever made.
    var listener: ((String) throws -> Void)?

    package init(listener: ((String) throws -> Void)? = nil) {
        self.listener = listener
    }
}
