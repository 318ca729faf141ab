import Foundation
import Testing

/// How long a test waits for something. It is for a machine that is busy with much else; on others it is never used up.
let patience = Duration.seconds(600)

/// Looks again and again, with pauses, until something is so.
func wait(
    for what: @autoclosure () -> String,
    sourceLocation: SourceLocation = #_sourceLocation,
    until isSo: () throws -> Bool
) throws {
    let deadline = ContinuousClock.now.advanced(by: patience)
    while try !isSo() {
        try #require(.now < deadline, "never so: \(what())", sourceLocation: sourceLocation)
        usleep(2000)
    }
}

extension RobotsProgram.Running {
    /// Waits until something is so, or the program has ended: how it has is for the test to say.
    func wait(
        for what: @autoclosure () -> String,
        sourceLocation: SourceLocation = #_sourceLocation,
        until isSo: () throws -> Bool
    ) throws {
        try RobotsProgramTests.wait(for: what(), sourceLocation: sourceLocation) {
            try isSo() || !process.isRunning
        }
    }
}
