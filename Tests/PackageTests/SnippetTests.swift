import Foundation
import Testing

/// Every piece of Swift in the articles and the README compiles.
struct SnippetTests {
    /// One piece. What stands in a comment directly in front of it, `<!-- context … -->`, is compiled with it and not shown:
    /// before it, or around it where the comment has a line `…`.
    private struct Snippet {
        let file: String
        let line: Int
        let context: String
        let code: String
    }

    private static let package = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardized

    /// The products behind traits, whose articles can be compiled only where these are on.
    private static let traits: [String: [String]] = {
        var traits = ["HTTP": [], "TLS": []] as [String: [String]]
        #if HTTP
        traits["HTTP"] = ["HTTP", "HTTPTypes"]
        #endif
        #if TLS
        traits["TLS"] = ["TLS"]
        #endif
        return traits
    }()

    private static let imports = [
        "Actors", "Channels", "Exploration", "Greenlets", "Hub", "RobotWorld", "Sync", "Tasklets", "Foundation",
        "Testing",
        "XCTest",
    ]

    private func files() throws -> [String] {
        let sources = Self.package.appending(path: "Sources")
        let found = try #require(FileManager.default.enumerator(atPath: sources.path))
        let articles = found.compactMap { $0 as? String }.filter { $0.hasSuffix(".md") }
        let compiled = articles.filter { article in Self.traits[String(article.prefix { $0 != "/" })]?.isEmpty != true }
        return compiled.sorted().map { "Sources/\($0)" } + ["README.md"]
    }

    private func snippets(of file: String) throws -> [Snippet] {
        let text = try String(contentsOf: Self.package.appending(path: file), encoding: .utf8)
        return text.matches(of: #/(?:<!-- context\n((?s).*?)-->\n)?```swift\n((?s).*?)\n```/#).map { match in
            let line = text[..<match.2.startIndex].count { $0 == "\n" } + 1
            return Snippet(file: file, line: line, context: String(match.1 ?? ""), code: String(match.2))
        }
    }

    /// As a function of its own, or as a suite if it has tests. Imports are at the top of the file; their lines stay, so that
    /// errors tell the right ones.
    private func function(_ number: Int, _ snippet: Snippet) -> String {
        let parts = snippet.context.split(separator: #/(?m)^…$/#, maxSplits: 1, omittingEmptySubsequences: false)
        let head = snippet.code.contains("@Test") ? "struct Snippet\(number)" : "func snippet\(number)() throws"
        return """
            \(head) {
            \(parts[0])
            #sourceLocation(file: "\(snippet.file)", line: \(snippet.line))
            \(snippet.code.replacing(#/(?m)^import \w+$/#, with: ""))
            #sourceLocation()
            \(parts.count > 1 ? parts[1] : "")
            }
            """
    }

    @Test func snippetsCompile() throws {
        let snippets = try files().flatMap { try self.snippets(of: $0) }.filter { snippet in
            // Parts of a manifest; DependentTests builds with those.
            !snippet.code.contains("swift-tools-version") && !snippet.code.hasPrefix(".package(")
        }
        #expect(snippets.count > 15)
        let folder = try Folder()
        let functions = snippets.enumerated().map { function($0.offset, $0.element) }
        let imports = (Self.imports + Self.traits.values.joined().sorted()).map { "import \($0)" }
        try folder.write((imports + functions).joined(separator: "\n") + "\n", to: "snippets.swift")
        let result = try folder.typecheck("snippets.swift")
        #expect(result.exitCode == 0, "\(result.text)")
    }
}
