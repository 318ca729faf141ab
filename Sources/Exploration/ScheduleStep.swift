/// A point of a run at which another tasklet might go on: who comes to it by what, and who goes on.
public struct ScheduleStep: Sendable, Hashable {
    /// The tasklet that comes to the point, by its name.
    public let tasklet: String
    /// "waits: send on channel 'lines'".
    public let what: String
    /// The tasklet that goes on; of a timer that fires "the clock".
    public let next: String
    /// The number of the choice, which candidate was taken, and of how many; `nil` where there was none to make.
    public let choice: Int?
    public let candidate: Int
    public let count: Int
}

extension ScheduleStep: CustomStringConvertible {
    public var description: String {
        let mark = candidate > 0 ? choice.map { "   <== \($0):\(candidate) of \(count)" } ?? "" : ""
        return "\(tasklet) \(what) -> \(next)\(mark)"
    }

    /// The most steps that are told.
    static let most = 200

    static func text(of steps: [ScheduleStep], isEndless: Bool) -> String {
        var lines = steps.map(\.description)
        var rest = ""
        if isEndless, let cycle = firstCycle(of: steps) {
            lines = Array(lines[..<cycle.upperBound])
            rest = "\n… and the last \(cycle.count == 1 ? "step" : "\(cycle.count) steps") again and again"
        } else if lines.count > most {
            rest = "\n… and \(lines.count - most) steps more"
            lines = Array(lines[..<most])
        }
        return lines.joined(separator: "\n") + rest
    }

    /// Steps that are repeated from there on to the end.
    private static func firstCycle(of steps: [ScheduleStep]) -> Range<Int>? {
        func isSame(_ first: Int, _ second: Int) -> Bool {
            steps[first].description == steps[second].description
        }
        for length in 1...max(1, min(50, steps.count / 4)) where steps.count >= 4 * length {
            var start = steps.count - length
            while start > 0, isSame(start - 1, start - 1 + length) { start -= 1 }
            if steps.count - start >= 4 * length { return start..<start + length }
        }
        return nil
    }
}
