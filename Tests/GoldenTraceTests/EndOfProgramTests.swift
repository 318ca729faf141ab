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
        #expect(try output(of: ending) == golden.trace)
    }

    /// The latest ends first; whoever is inside of one ends that one after those that are left.
    @Test(arguments: [("left", [3, 2, 1]), ("left-inside", [3, 1, 2])])
    func schedulersThatAreLeftEndToo(ending: String, order: [Int]) throws {
        let lines = order.flatMap { ["L\($0) TaskletExit", "L\($0) finally"] }
        #expect(try output(of: ending) == ["main ends"] + lines)
    }

    /// The lines that the program writes.
    private func output(of ending: String) throws -> [String] {
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
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
