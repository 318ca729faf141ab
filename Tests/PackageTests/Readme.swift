import Foundation
import Testing

/// The README, and its code blocks.
struct Readme {
    let text: String

    init() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../README.md")
        text = try String(contentsOf: file, encoding: .utf8)
    }

    /// The blocks of one language from a heading on, the first of README without one.
    func blocks(_ language: String, after heading: String = "") throws -> [String] {
        let rest =
            heading.isEmpty ? text[...] : text[try #require(text.range(of: "\n## \(heading)\n")).upperBound...]
        return rest.components(separatedBy: "\n```\(language)\n").dropFirst().compactMap {
            $0.components(separatedBy: "\n```").first
        }
    }
}
