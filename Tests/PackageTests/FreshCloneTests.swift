import Foundation
import TestSupport
import Testing

/// What works in a folder in which nothing has been built.
struct FreshCloneTests {
    @Test func theDocumentation() throws {
        let folder = try Folder()
        try folder.copyPackage(to: "fresh")
        try folder.runWell("make", "docs", in: "fresh")
        let built = folder.url.appending(path: "fresh/.build/documentation")
        let archives = try FileManager.default.contentsOfDirectory(atPath: built.appending(path: "archives").path)
        let catalogues = try FileManager.default.subpathsOfDirectory(
            atPath: folder.url.appending(path: "fresh/Sources").path
        )
        .filter { $0.hasSuffix(".docc") }.map { "\($0.prefix { $0 != "/" }).doccarchive" }
        #expect(catalogues.count >= 10)
        #expect(archives.sorted() == catalogues.sorted())
        // In the site are a page of a symbol, and articles of two modules, as a web server serves them.
        for page in ["tasklets/tasklet/schedule()", "tasklets/whorunswhen", "taskletkit/threads"] {
            let file = built.appending(path: "site/data/documentation/\(page).json")
            #expect(FileManager.default.fileExists(atPath: file.path), "\(page)")
            let html = built.appending(path: "site/documentation/\(page)/index.html")
            #expect(FileManager.default.fileExists(atPath: html.path), "\(page)")
        }
    }

    /// A test that needs a program which is not there fails, and says which Debian package has it.
    @Test(arguments: [
        ("WindowPointerTests/clickAddsARobot", "xvfb"), ("PictureFileTests/trailsAreThePaths", "librsvg2-bin"),
        ("ObservationTests/theDebuggerShowsATaskletDownToItsEntry", "gdb"),
    ])
    func aTestNamesWhatItNeeds(test: String, package: String) throws {
        let tests = Process()
        let output = Pipe()
        // These very tests, once more.
        tests.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        tests.arguments = ["--testing-library", "swift-testing", "--filter", test]
        tests.environment = ProcessInfo.processInfo.environment.merging(["PATH": "/nowhere"]) { $1 }
        tests.standardOutput = output
        tests.standardError = output
        try tests.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        tests.waitUntilExit()
        #expect(tests.terminationStatus != 0, "\(text)")
        #expect(text.contains("install the Debian package \(package)"), "\(text)")
    }
}
