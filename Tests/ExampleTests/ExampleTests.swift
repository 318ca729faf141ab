import Foundation
import Testing

@Suite struct ExampleTests {
    @Test func examplesAreFound() {
        #expect(Example.all.count >= 8)
    }

    @Test(arguments: Example.all)
    func prints(_ example: Example) throws {
        let expected = try example.expectation()
        #expect(try example.run() == expected)
    }

    /// The first block of the README is an example, and the next one what it prints.
    @Test func readmeShowsAnExample() throws {
        let readme = try String(contentsOf: Example.package.appending(path: "README.md"), encoding: .utf8)
        let parts = readme.components(separatedBy: "\n```")
        try #require(parts.count > 3)
        let shown = Example(name: "ServerAndClients")
        #expect(parts[1] + "\n" == "swift\n" + (try shown.text("main.swift")))
        #expect(parts[3] + "\n" == "text\n" + (try shown.text("expected.txt")))
    }

    /// What is printed in the article about exploration is what its examples print.
    @Test func theArticleShowsExamples() throws {
        let article = try String(
            contentsOf: Example.package.appending(path: "Sources/Exploration/Exploration.docc/FindTheBug.md"),
            encoding: .utf8
        )
        let printed = try ["OverdrawnAccount", "LateReply"].map { name in
            let expected = try Example(name: name).expectation()
            return expected.output + expected.errors
        }.joined()
        let shown = article.matches(of: #/```text\n((?s).*?)\n```/#).map(\.1)
        #expect(shown.count == 5)
        for text in shown { #expect(printed.contains(text)) }
    }
}
