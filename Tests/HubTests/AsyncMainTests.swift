import Foundation
import TestSupport
import Testing

@Suite(.hangAlarm) struct AsyncMainTests {
    /// The tests have no main thread of their own, so a program does it.
    @Test func functionsOfTheMainActor() throws {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "AsyncProgram")
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(text == "added 100\nslowly 101\ndetached 102\nleft 104\n")
        #expect(process.terminationStatus == 0)
    }
}
