import Foundation
import Testing

/// What the manual of experiments shows is what the program does.
@Suite struct ExperimentManualTests {
    let program: RobotsProgram
    private static let docs = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs")

    init() throws {
        program = try RobotsProgram()
    }

    /// The blocks of code in the manual that are in a language.
    private func blocks(_ language: String) throws -> [String] {
        let manual = try String(contentsOf: Self.docs.appending(path: "Experiments.md"), encoding: .utf8)
        return manual.components(separatedBy: "\n```\(language)\n").dropFirst().map { block in
            block.components(separatedBy: "\n```")[0]
        }
    }

    @Test func theFirstExample() throws {
        let files = try blocks("json")
        try program.write(files[0], to: "small.json")
        try program.write(files[1], to: "sweep.json")
        let examples = try blocks("console")
        // Each command is run as it is there, and what it prints is what follows.
        let steps = "\n\(examples[0])".components(separatedBy: "\n$ ").dropFirst().map { step in
            let lines = step.split(separator: "\n", maxSplits: 1)
            return (command: String(lines[0]), output: "\(lines[1])\n")
        }
        try #require(steps.count == 3)
        for step in steps {
            let result = try program.runScript("robots() { \"$robots\" \"$@\"; }; \(step.command)")
            #expect(result.exitCode == 0 && result.output == step.output, "\(step.command): \(result.errors)")
        }
        let picture = try String(contentsOf: Self.docs.appending(path: "experiment.svg"), encoding: .utf8)
        #expect(try program.text("collisions.svg") == picture)

        // How long a run takes differs.
        func withoutTimes(_ line: some StringProtocol) -> String {
            String(line).replacing(#/seconds [^d]*per second [0-9.]*, messages per second [0-9.]*/#, with: "")
        }
        let lines = try program.runWell(["--sweep", "sweep.json"]).output.split(separator: "\n")
        let shown = examples[1].split(separator: "\n")
        try #require(shown.count == 4 && shown[0] == "$ robots --sweep sweep.json" && shown[3] == "…")
        #expect(shown[1...2].map(withoutTimes) == lines[..<2].map(withoutTimes))
        #expect(!withoutTimes(shown[1]).contains("second") && withoutTimes(shown[1]).contains(", digest "))

        let object = try program.runWell(["--sweep", "sweep.json", "--table", "results.csv", "--summary-json"]).output
        #expect(object == "\(files[2])\n")
    }

    /// The experiment that the manual has pandas read.
    @Test func pandas() throws {
        let files = try blocks("json")
        try program.write(files[0], to: "small.json")
        try program.write(files[1], to: "sweep.json")
        try program.runWell(["--sweep", "sweep.json", "--table", "results.csv"])
        let lines = try program.python(blocks("python")[0])
        let means = try program.table("results.csv").filter { $0["step"] == "300" }.reduce(into: [:]) { means, row in
            means["\(row["robots_0_count"]!) \(row["world_width"]!)", default: 0] += Double(row["collisions"]!)! / 5
        }
        #expect(means.count == 9)
        for (key, mean) in means {
            let width = key.split(separator: " ")[1]
            let text = "\((mean * 10).rounded() / 10)"
            #expect(
                lines.contains { $0.contains("\(width) ") && $0.hasSuffix(" \(text)") },
                "\(key): \(mean), \(lines)"
            )
        }
    }
}
