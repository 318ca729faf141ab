import Foundation
import Testing

/// Every piece of Swift in the articles and the README compiles, and prints what the text says that it prints.
struct SnippetTests {
    @Test func snippetsCompile() throws {
        let snippets = try Snippet.all()
        #expect(snippets.count > 15)
        let folder = try Folder()
        let functions = snippets.enumerated().map { $0.element.function($0.offset) }
        let imports = Snippet.allImports.map { "import \($0)" }
        try folder.write((imports + functions).joined(separator: "\n") + "\n", to: "snippets.swift")
        let result = try folder.typecheck("snippets.swift")
        #expect(result.exitCode == 0, "\(result.text)")
    }

    @Test func snippetsPrint() throws {
        let snippets = try Snippet.all().filter { $0.output != nil }
        #expect(snippets.count > 10)
        let folder = try Folder()
        let functions = snippets.enumerated().map { $0.element.function($0.offset) }
        let cases = snippets.indices.map { "case \"\($0)\": try snippet\($0)()" }
        let main = ["switch CommandLine.arguments[1] {"] + cases + ["default: fatalError()", "}"]
        let lines = Snippet.imports.map { "import \($0)" } + functions + main
        try folder.write(lines.joined(separator: "\n") + "\n", to: "main.swift")
        let program = try folder.build("main.swift")
        for (number, snippet) in snippets.enumerated() {
            let place = "\(snippet.file):\(snippet.line)"
            let result = try folder.run([program.path, "\(number)"])
            #expect(result.output == snippet.output! + "\n", "\(place)")
            #expect(result.errors == "", "\(place)")
            #expect(result.exitCode == 0, "\(place)")
        }
    }
}
