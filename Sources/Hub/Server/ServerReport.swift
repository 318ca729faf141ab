/// What a ``Server`` did until it stopped.
public struct ServerReport: CustomStringConvertible {
    /// How many connections were handled, those with errors included.
    public internal(set) var connections = 0
    /// How many handlers ended by an error.
    public internal(set) var failures = 0
    /// The connections whose handlers had not ended when the grace was over, as text, and what each waited for.
    public internal(set) var cut: [String] = []

    public var description: String {
        let ends = cut.isEmpty ? "" : "; cut after the grace:\n" + cut.map { "  \($0)" }.joined(separator: "\n")
        return "\(connections) connection\(connections == 1 ? "" : "s"), \(failures) failed" + ends
    }
}
