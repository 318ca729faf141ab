import Foundation
import Testing

/// Every link to a file of the package, in README and the other texts that docc does not check, leads to one; and every
/// example is in README.
struct LinkTests {
    private static let package = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardized

    private static let texts: [String] = {
        let docs = (try? FileManager.default.contentsOfDirectory(atPath: package.appending(path: "docs").path)) ?? []
        return ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
            + docs.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
    }()

    @Test(arguments: texts) func linksLeadSomewhere(file: String) throws {
        let text = try String(contentsOf: Self.package.appending(path: file), encoding: .utf8)
        let folder = Self.package.appending(path: file).deletingLastPathComponent()
        for match in text.matches(of: #/\]\(([^)]+)\)/#) where !match.1.contains("://") {
            let parts = match.1.split(separator: "#", omittingEmptySubsequences: false)
            let target =
                parts[0].isEmpty ? Self.package.appending(path: file) : folder.appending(path: String(parts[0]))
            #expect(FileManager.default.fileExists(atPath: target.path), "\(file): \(match.1)")
            guard parts.count > 1, target.pathExtension == "md" else { continue }
            let headings = try String(contentsOf: target, encoding: .utf8).matches(of: #/(?m)^#+ (.*)$/#).map {
                // As pages on the web name them.
                $0.1.lowercased().filter { $0.isLetter || $0.isNumber || " -".contains($0) }
                    .replacing(" ", with: "-")
            }
            #expect(headings.contains(parts[1].lowercased()), "\(file): \(match.1)")
        }
    }

    @Test func everyExampleIsInTheReadme() throws {
        let examples = try FileManager.default.contentsOfDirectory(
            atPath: Self.package.appending(path: "Examples").path
        )
        #expect(examples.count >= 50)
        let readme = try Readme().text
        for example in examples {
            #expect(readme.contains("](Examples/\(example)/main.swift)"), "\(example)")
        }
    }
}
