import Foundation
import Testing

/// A package that depends on this one, made from README's very lines.
@Suite(.serialized) struct DependentTests {
    private let folder: Folder
    private let manifest: String
    private let readme: Readme

    init() throws {
        folder = try Folder()
        readme = try Readme()
        manifest = try #require(try readme.blocks("swift", after: "In a package").first)
    }

    /// Builds the package with README's first program in it, and runs that.
    private func expectToRun(_ manifest: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        try folder.write(manifest, to: "mine/Package.swift")
        try folder.write(#require(try readme.blocks("swift").first), to: "mine/Sources/MyProgram/main.swift")
        let result = try folder.runWell("swift", "run", "MyProgram", in: "mine", sourceLocation: sourceLocation)
        let expected = try #require(try readme.blocks("text").first)
        #expect(result.output == expected + "\n", sourceLocation: sourceLocation)
        #expect(!result.text.lowercased().contains("warning:"), "\(result.text)", sourceLocation: sourceLocation)
    }

    @Test(arguments: ["swift-tasklets", "another name"])
    func byPath(name: String) throws {
        try folder.copyPackage(to: name)
        #expect(manifest.contains("\"../swift-tasklets\""))
        try expectToRun(manifest.replacing("\"../swift-tasklets\"", with: "\"../\(name)\""))
    }

    @Test func byURL() throws {
        try folder.copyPackage(to: "sources")
        try folder.runWell("git", "init", "--quiet", "--initial-branch", "main", in: "sources")
        try folder.runWell("git", "add", "--all", in: "sources")
        try folder.runWell(
            "git",
            "-c",
            "user.name=Test",
            "-c",
            "user.email=test@example.org",
            "commit",
            "--quiet",
            "--message",
            "All",
            in: "sources"
        )
        try folder.runWell("git", "clone", "--quiet", "--bare", "sources", "swift-tasklets.git")
        let byPath = "\n        .package(name: \"swift-tasklets\", path: \"../swift-tasklets\")\n"
        let byURL = try #require(try readme.blocks("swift", after: "In a package").dropFirst().first)
        let url = folder.url.appending(path: "swift-tasklets.git").absoluteString
        #expect(manifest.contains(byPath) && byURL.contains("https://example.org/swift-tasklets.git"))
        let line = byURL.replacing("https://example.org/swift-tasklets.git", with: url)
        try expectToRun(manifest.replacing(byPath, with: "\n\(line)\n"))
    }
}
