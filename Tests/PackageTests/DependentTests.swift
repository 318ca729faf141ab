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
        // Nothing that only the robots, HTTP or TLS need has been fetched or compiled.
        let mine = folder.url.appending(path: "mine")
        let fetched =
            (try? FileManager.default.contentsOfDirectory(atPath: mine.appending(path: ".build/checkouts").path)) ?? []
        #expect(fetched.filter { $0 != "swift-tasklets" } == [], sourceLocation: sourceLocation)
        let products = mine.appending(path: ".build/debug").resolvingSymlinksInPath()
        let objects = try FileManager.default.subpathsOfDirectory(atPath: products.path).filter { $0.hasSuffix(".o") }
        let modules = Set(objects.compactMap { $0.wholeMatch(of: #/(\w+)\.build\/.*/#).map { String($0.1) } })
        #expect(
            modules == ["CTasklets", "Channels", "Greenlets", "Hub", "MyProgram", "Sync", "TaskletKit", "Tasklets"],
            sourceLocation: sourceLocation
        )
    }

    @Test(arguments: ["swift-tasklets", "another name"])
    func byPath(name: String) throws {
        try folder.copyPackage(to: name)
        #expect(manifest.contains("\"../swift-tasklets\""))
        try expectToRun(manifest.replacing("\"../swift-tasklets\"", with: "\"../\(name)\""))
    }

    /// The minimum version of Swift is said once, by the tools version.
    @Test func theVersionOfSwift() throws {
        let package = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Package.swift")
        let head = try #require(try String(contentsOf: package, encoding: .utf8).split(separator: "\n").first)
        let version = try #require(head.wholeMatch(of: #/// swift-tools-version: (\d+\.\d+)/#)?.1)
        #expect(manifest.hasPrefix("// swift-tools-version: \(version)\n"))
        let sentences = readme.text.matches(of: #/Swift (\d+\.\d+) or later/#).map(\.1)
        #expect(sentences == [version])
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
        let byPath = "\n        .package(name: \"swift-tasklets\", path: \"../swift-tasklets\", traits: [])\n"
        let byURL = try #require(try readme.blocks("swift", after: "In a package").dropFirst().first)
        let url = folder.url.appending(path: "swift-tasklets.git").absoluteString
        #expect(manifest.contains(byPath) && byURL.contains("https://example.org/swift-tasklets.git"))
        let line = byURL.replacing("https://example.org/swift-tasklets.git", with: url)
        try expectToRun(manifest.replacing(byPath, with: "\n\(line)\n"))
    }
}
