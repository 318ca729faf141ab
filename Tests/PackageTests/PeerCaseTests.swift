import Foundation
import Testing

/// Every test that docs/PeerCases.md names is there.
struct PeerCaseTests {
    private static let package = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardized

    /// A name of the second column: a suite, or a test of one. In front of it may be the module, where two have such a suite.
    private struct Name: Hashable {
        let module: String?
        let suite: String
        let test: String?

        init?(_ text: Substring, section: String?) {
            var parts = text.split(separator: ".").map(String.init)
            test = parts.last?.first?.isLowercase ?? false ? parts.popLast() : nil
            guard let suite = parts.popLast() ?? section else { return nil }
            self.suite = suite
            module = parts.popLast()
        }
    }

    /// The text of all tests, by path.
    private func sources() throws -> [String: String] {
        let tests = Self.package.appending(path: "Tests")
        let paths = try #require(FileManager.default.enumerator(atPath: tests.path)).compactMap { $0 as? String }
        return try Dictionary(
            uniqueKeysWithValues: paths.filter { $0.hasSuffix(".swift") }.map {
                ($0, try String(contentsOf: tests.appending(path: $0), encoding: .utf8))
            }
        )
    }

    @Test func namedTestsAreThere() throws {
        let list = try String(contentsOf: Self.package.appending(path: "docs/PeerCases.md"), encoding: .utf8)
        let sources = try sources()
        var section: String?
        var names: Set<Name> = []
        for line in list.split(separator: "\n") {
            if line.hasPrefix("#") { section = nil }
            if let match = line.firstMatch(of: #/[Tt]he suite is `(\w+)`/#) { section = String(match.1) }
            guard line.hasPrefix("| ") else { continue }
            let column = line.split(separator: " | ")[1]
            for match in column.matches(of: #/`([\w.]+)`/#) {
                names.insert(try #require(Name(match.1, section: section), "\(line)"))
            }
        }
        #expect(names.count > 150)
        for name in names {
            let isThere = sources.contains { path, text in
                (name.module.map { path.hasPrefix($0 + "/") } ?? true)
                    && ["struct", "extension", "class"].contains { text.contains("\($0) \(name.suite) ") }
                    && (name.test.map { text.contains("func \($0)(") } ?? true)
            }
            #expect(isThere, "\(name.suite) \(name.test ?? "")")
        }
    }
}
