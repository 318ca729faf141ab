import Foundation
import Testing

/// A piece of Swift in an article or the README. What stands in a comment directly in front of it, `<!-- context … -->`, is
/// compiled with it and not shown: before it, or around it where the comment has a line `…`.
struct Snippet {
    let file: String
    let line: Int
    let context: String
    let code: String
    /// What the text says that it prints: the block behind it with `<!-- prints -->` in front.
    let output: String?

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

    /// What snippets may import, but for the testing libraries.
    static let imports =
        ["Channels", "Foundation", "Greenlets", "Hub", "Sync", "TaskletKit", "Tasklets"]

    /// Those, and what is only compiled.
    static var allImports: [String] {
        imports + ["Actors", "Exploration", "RobotWorld", "Testing", "XCTest"] + traits.values.joined().sorted()
    }

    /// All that can be compiled: parts of a manifest are not among them. DependentTests builds with those.
    static func all() throws -> [Snippet] {
        let sources = package.appending(path: "Sources")
        let found = try #require(FileManager.default.enumerator(atPath: sources.path))
        let articles = found.compactMap { $0 as? String }.filter { $0.hasSuffix(".md") }
        let compiled = articles.filter { article in traits[String(article.prefix { $0 != "/" })]?.isEmpty != true }
        let files = compiled.sorted().map { "Sources/\($0)" } + ["README.md"]
        return try files.flatMap(snippets).filter { snippet in
            !snippet.code.contains("swift-tools-version") && !snippet.code.hasPrefix(".package(")
        }
    }

    private static func snippets(of file: String) throws -> [Snippet] {
        let text = try String(contentsOf: package.appending(path: file), encoding: .utf8)
        let piece =
            #/(?:<!-- context\n((?s).*?)-->\n)?```swift\n((?s).*?)\n```(?:\n\n<!-- prints -->\n```text\n((?s).*?)\n```)?/#
        return text.matches(of: piece).map { match in
            Snippet(
                file: file,
                line: text[..<match.2.startIndex].count { $0 == "\n" } + 1,
                context: String(match.1 ?? ""),
                code: String(match.2),
                output: match.3.map(String.init)
            )
        }
    }

    /// As a function of its own, or as a suite if it has tests. Imports are at the top of the file; their lines stay, so that
    /// errors tell the right ones.
    func function(_ number: Int) -> String {
        let parts = context.split(separator: #/(?m)^…$/#, maxSplits: 1, omittingEmptySubsequences: false)
        let head = code.contains("@Test") ? "struct Snippet\(number)" : "func snippet\(number)() throws"
        return """
            \(head) {
            \(parts[0])
            #sourceLocation(file: "\(file)", line: \(line))
            \(code.replacing(#/(?m)^import \w+$/#, with: ""))
            #sourceLocation()
            \(parts.count > 1 ? parts[1] : "")
            }
            """
    }
}
