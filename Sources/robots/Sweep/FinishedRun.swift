/// What is left of a run of an experiment.
struct FinishedRun {
    /// Why it has ended.
    enum Ending: String, CaseIterable {
        /// It has made all of its steps.
        case steps
        /// What ends runs earlier has come true.
        case until
        /// Its time was up.
        case limit
        /// An error has come out of it.
        case failed
    }

    let ending: Ending
    let rows: [Row]

    /// What was measured at a step.
    struct Row: Equatable {
        let step: Int
        /// Nil where there was nothing to measure.
        let values: [Double?]
        /// Empty when the run has made no step.
        let digest: String

        init(step: Int, values: [Double?], digest: String) {
            self.step = step
            self.values = values
            self.digest = digest
        }

        /// Reads a row as it was written.
        init?(_ text: Substring) {
            let fields = text.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count >= 2, let step = Int(fields[0]) else { return nil }
            self.init(
                step: step,
                values: fields[1..<fields.count - 1].map { Double($0) },
                digest: String(fields[fields.count - 1])
            )
        }

        /// The values as a table has them.
        var cells: [String] { values.map { $0.map(Row.text) ?? "" } }

        /// The row as it is kept.
        var text: String { ([String(step)] + cells + [digest]).joined(separator: ",") }

        /// A number as short as it can be read again, and without a fraction when it has none.
        static func text(_ number: Double) -> String {
            if abs(number) < 1e15, let whole = Int(exactly: number) { return String(whole) }
            return "\(number)"
        }
    }
}
