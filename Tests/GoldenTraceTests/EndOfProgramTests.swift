import Foundation
import Testing

/// What still lives when the program ends is killed after main's last statement.
///
/// The program `EndOfProgram` is run from outside, since this is about the main thread of a process.
struct EndOfProgramTests {
    static let caseName = "end_of_program_kills_tasklets"

    @Test("The end of the program gives the golden trace", arguments: ["return", "exit"])
    func endOfProgram(ending: String) throws {
        let golden = try TraceLibrary.fixture(named: Self.caseName)
        let process = Process()
        // The programs of the package stand beside the bundle with the resources of its tests.
        process.executableURL = Bundle.module.bundleURL.deletingLastPathComponent().appending(path: "EndOfProgram")
        process.arguments = [ending]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 0)
        #expect(String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init) == golden.trace)
    }
}
