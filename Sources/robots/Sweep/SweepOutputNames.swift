/// Where the results of an experiment go.
struct SweepOutputNames {
    let table: String?
    let statistics: String?
    let plot: String?

    /// Those that the user wants, by their options.
    var given: [(option: String, path: String)] {
        [("table", table), ("statistics", statistics), ("plot", plot)].compactMap { option, path in
            path.map { (option, $0) }
        }
    }

    /// Where the finished runs are kept until all of them are; nil when no output is a file that they could lie beside.
    var runs: String? { besideRuns.map { "\($0.path).runs" } }

    /// The file that says what the columns of the table are; nil for a table that is no file.
    var metadata: String? {
        table.flatMap { SweepOutputNames.isFile($0) ? "\($0)-metadata.json" : nil }
    }

    /// All that is written, by the options that it comes from.
    var all: [(option: String, path: String?)] {
        [
            ("table", table), ("statistics", statistics), ("plot", plot), ("table", metadata),
            (besideRuns?.option ?? "table", runs),
        ]
    }

    private var besideRuns: (option: String, path: String)? { given.first { SweepOutputNames.isFile($0.path) } }

    private static func isFile(_ path: String) -> Bool {
        if case .file = try? OutputPlace(path: path) { true } else { false }
    }
}
